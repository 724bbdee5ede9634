//! Names that cannot be served, connected to or sent to: one line says what was wrong with which.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::getuid;

use crate::{POSTROOM, run, text};

fn command(what: &[&str]) -> Command {
    let mut command = Command::new(POSTROOM);
    command.args(what);
    command
}

/// What a command says about a name, in one line.
fn said(mut command: Command, what: &[&str]) -> String {
    command.args(what);
    let output = run(command, b"");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{what:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{what:?}: {said}");
    assert!(said.contains(what[1]), "{what:?}: {said}");
    assert!(output.stdout.is_empty(), "{what:?}");
    said.to_owned()
}

#[test]
fn each_bad_name_is_told_in_one_line_for_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let path = |scheme: &str, path: &std::path::Path| format!("{scheme}:{}", path.display());
    let long = format!("unix:{}", "x".repeat(200));
    let (directory, file) = (path("unix", folder.path()), path("unix-seqpacket", &file));
    let none = path("unix-datagram", &folder.path().join("none/s"));
    let port = crate::free_port();
    let closed = format!("tcp:127.0.0.1:{port}");
    let cases = [
        ("tcp:nowhere", "it is written tcp:HOST:PORT"),
        ("udp:127.0.0.1:70000", "it is written udp:HOST:PORT"),
        ("unix:", "it is written unix:PATH"),
        (&long, "the path has 200 bytes; that of a socket has 107 at the most"),
        (&directory, "this is a directory"),
        (&file, "this is a file, and no socket"),
        (&none, "no such file or directory"),
        ("tcp:no.such.host.invalid:70", "no such host is known here"),
        ("gopher:x", "no server's is `gopher:`"),
        ("pipe:x", "no server's is `pipe:`"),
        ("fd:3", "no server's is `fd:`"),
        ("mailBox", "a name begins with what it is, as unix:PATH"),
        (":x", "a name begins with what it is"),
        ("", "``: a name begins with what it is"),
        ("tcp::80", "it is written tcp:HOST:PORT"),
        ("tcp:127.0.0.1:", "it is written tcp:HOST:PORT"),
    ];
    for (name, reason) in cases {
        for (verb, what) in [
            ("serve", &["serve", name][..]),
            ("connect to", &["connect", name]),
            ("send to", &["send", name, "x"]),
        ] {
            let said = said(Command::new(POSTROOM), what);
            assert!(said.starts_with(&format!("error: cannot {verb} ")), "{what:?}: {said}");
            assert!(said.contains(reason), "{what:?}: {said}");
        }
    }
    for name in ["mq:noslash", "mq:", "mq:/", "mq:/a/b"] {
        for what in [&["serve", name][..], &["send", name, "x"]] {
            assert!(said(Command::new(POSTROOM), what).contains("mq:/NAME, with one slash"));
        }
    }
    assert!(said(Command::new(POSTROOM), &["connect", "mq:/s"]).contains("has no way back"));
    for what in [&["connect", &closed][..], &["send", &closed, "x"]] {
        assert!(said(Command::new(POSTROOM), what).contains("connection refused"));
    }
    said(Command::new(POSTROOM), &["send", "mq:/pr-none-of-this-name", "x"]);
}

#[test]
fn a_name_is_told_in_one_line_whatever_is_in_it() {
    for name in ["unix:a\nb", "mq:/a\nb", "a\nb:c"] {
        for what in [&["serve", name][..], &["send", name, "x"]] {
            let output = run(command(what), b"");
            let said = text(&output.stderr);
            assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
            assert!(said.contains("a\\nb"), "{said}");
        }
    }
}

#[test]
fn a_port_in_use_is_told() {
    let (tcp, udp) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    for name in
        [format!("tcp:{}", tcp.local_addr().unwrap()), format!("udp:{}", udp.local_addr().unwrap())]
    {
        assert!(said(Command::new(POSTROOM), &["serve", &name]).contains("the address is in use"));
    }
}

#[test]
fn where_one_may_not_write_permission_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("postroom");
    // By a program of its own: a child of another test would inherit this one's descriptor, and
    // nothing that is open for writing is run ("text file busy").
    assert!(Command::new("cp").arg(POSTROOM).arg(&program).status().unwrap().success());
    let name = format!("unix:{}", folder.path().join("s").display());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = Command::new(&program);
    if getuid().is_root() {
        // Who may do everything becomes somebody who may not.
        command.uid(65_534).gid(65_534);
    }
    assert!(said(command, &["serve", &name]).ends_with(": permission denied\n"));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for what in [
        &["serve"][..],
        &["serve", "unix:./s", "--max-clients", "0"],
        &["serve", "unix:./s", "--max-clients", "1001"],
        &["serve", "mq:/s", "--echo"],
        &["send", "unix:./s"],
        &["send", "unix:./s", "x", "--priority", "1"],
        &["send", "mq:/s", "x", "--priority", "32"],
        &["send", "mq:/s", "x", "--priority", "high"],
        &["send", "unix:./s", "x", "--wait", "-1"],
        &["serve", "unix:./s", "--loud"],
        &["connect"],
    ] {
        let output = run(command(what), b"");
        assert_eq!(output.status.code(), Some(2), "{what:?}");
        assert!(text(&output.stderr).starts_with("error: "), "{what:?}");
    }
    for command in ["serve", "connect", "send", "cat"] {
        let mut help = Command::new(POSTROOM);
        help.args([command, "--help"]);
        let output = run(help, b"");
        assert!(text(&output.stdout).contains(&format!("\nExamples:\n  postroom {command} ")));
    }
}
