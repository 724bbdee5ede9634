//! Names that cannot be served, connected to or sent to: one line says what was wrong with which.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::getuid;

use crate::{POSTROOM, run, text};

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
        ("gopher:x", "there is no `gopher:`"),
        ("mailBox", "as unix:mailBox"),
    ];
    for (name, reason) in cases {
        for what in [&["serve", name][..], &["connect", name], &["send", name, "x"]] {
            let said = said(Command::new(POSTROOM), what);
            assert!(said.contains(reason), "{what:?}: {said}");
        }
    }
    for what in [&["serve", "mq:noslash"][..], &["send", "mq:noslash", "x"]] {
        assert!(said(Command::new(POSTROOM), what).contains("mq:/NAME, with one slash"));
    }
    for what in [&["connect", &closed][..], &["send", &closed, "x"]] {
        assert!(said(Command::new(POSTROOM), what).contains("connection refused"));
    }
    said(Command::new(POSTROOM), &["send", "mq:/pr-none-of-this-name", "x"]);
}

#[test]
fn a_port_in_use_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("tcp:{}", listener.local_addr().unwrap());
    assert!(said(Command::new(POSTROOM), &["serve", &name]).contains("the address is in use"));
}

#[test]
fn where_one_may_not_write_permission_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("postroom");
    fs::copy(POSTROOM, &program).unwrap();
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
        &["connect"],
    ] {
        let mut command = Command::new(POSTROOM);
        command.args(what);
        let output = run(command, b"");
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
