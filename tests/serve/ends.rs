//! How a server begins and ends.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::mqueue::{MQ_OFlag, mq_close, mq_open, mq_unlink};
use nix::sys::stat::Mode;
use rustix::process::Signal;

use crate::{Ended, POSTROOM, Server, eventually, run, text};

#[test]
fn each_signal_to_end_ends_it_in_order_with_its_clients_there() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for name in ["unix:./s", "tcp:127.0.0.1:PORT", "unix-seqpacket:./s", "unix-datagram:./s"] {
            let server = Server::start(name, &["--echo"]);
            let mut clients = Vec::new();
            if name.starts_with("unix:") {
                clients.extend((0..10).map(|_| server.connect()));
                for client in &mut clients {
                    client.write_all(b"hello\nhalf").unwrap();
                    client.read_exact(&mut [0; 10]).unwrap();
                }
            }
            let Ended { status, notes, .. } = server.end(signal);
            assert_eq!(status.code(), Some(0), "{notes}");
            assert!(notes.contains("\nServed "), "{notes}");
            for mut client in clients {
                let mut rest = Vec::new();
                client.read_to_end(&mut rest).unwrap();
                assert!(rest.is_empty());
            }
        }
    }
}

/// Starts a command that goes on for ever, ends it with a signal when it has printed something, and
/// returns its exit code as a shell tells it.
fn ended_by(signal: Signal, arguments: &[&str]) -> Option<i32> {
    let mut child = Command::new(POSTROOM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its input stays open: it is dropped with the child.
    if arguments[0] != "run" {
        child.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
    }
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
    let input = child.stdin.take();
    let mut status = None;
    crate::eventually("a signal that is not ignored ends it", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    drop(input);
    let status = status.unwrap();
    status.code().or(status.signal().map(|signal| 128 + signal))
}

#[test]
fn every_command_but_serve_that_a_signal_ends_tells_128_and_its_number() {
    let streams = Server::start("tcp:127.0.0.1:PORT", &["--echo"]);
    let letters = Server::start("unix-datagram:./s", &["--echo"]);
    let letters_name = format!("unix-datagram:{}", letters.path().display());
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        for name in [&streams.name, &letters_name] {
            assert_eq!(ended_by(signal, &["connect", name]), Some(code), "connect {name}");
        }
        for on in ["kernel", "os", "processes"] {
            assert_eq!(ended_by(signal, &["cat", "--on", on]), Some(code), "cat on {on}");
        }
        for on in ["kernel", "threads", "os", "processes"] {
            let run = ["run", "queue", "--items", "100000000", "--quiet", "--on", on];
            assert_eq!(ended_by(signal, &run), Some(code), "run on {on}");
        }
    }
    // One that says a word and then nothing more.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("tcp:{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        client.write_all(b"wait!\n").unwrap();
        client
    });
    let send = ["send", &name, "hello", "--wait", "1000"];
    assert_eq!(ended_by(Signal::TERM, &send), Some(143));
    drop(server.join().unwrap());
    streams.done();
    letters.done();
}

#[test]
fn the_exit_codes_are_in_the_readme_and_in_the_help_of_each_command() {
    let readme = include_str!("../../README.md");
    assert!(
        readme.contains("\nExit codes:\n") && readme.contains("\n| 128 + N | signal N ended it")
    );
    for command in ["run", "cat", "serve", "connect", "send"] {
        let mut help = Command::new(POSTROOM);
        help.args([command, "--help"]);
        let help = run(help, b"");
        // Lines are broken where the terminal ends.
        let help = text(&help.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        let signals = if command == "serve" {
            "Exit codes: 0 ended by one of these signals"
        } else {
            "128 + N signal N ended it (130 for Ctrl-C)"
        };
        if command == "serve" {
            let removed = "a socket file, or a message queue that it made, is removed";
            assert!(help.contains(removed), "{help}");
        }
        assert!(help.contains("Exit codes: 0 ") && help.contains(signals), "{command}: {help}");
    }
}

#[test]
fn a_stale_socket_file_is_replaced_and_a_live_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for scheme in ["unix", "unix-seqpacket", "unix-datagram"] {
        let path = folder.path().join("s");
        let name = format!("{scheme}:{}", path.display());
        let server = Server::start(&name, &[]);
        let mut second = Command::new(POSTROOM);
        second.args(["serve", &name]);
        let output = run(second, b"");
        assert_eq!(output.status.code(), Some(1));
        let expected = format!("error: cannot serve {name}: the address is in use: ");
        assert!(text(&output.stderr).starts_with(&expected), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr).lines().count(), 1);

        // Killed like this, it can remove nothing.
        server.end(Signal::KILL);
        assert!(path.exists());
        Server::start(&name, &[]).done();
        assert!(!path.exists());
    }
}

#[test]
fn a_queue_that_a_server_made_is_removed_at_its_end_and_one_that_it_found_is_not() {
    let queue = format!("/postroom-ends-{}", std::process::id());
    let name = format!("mq:{queue}");
    Server::start(&name, &[]).done();
    assert_eq!(mq_unlink(queue.as_str()), Err(nix::Error::ENOENT));

    let how = MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL | MQ_OFlag::O_RDWR;
    mq_close(mq_open(queue.as_str(), how, Mode::S_IRUSR | Mode::S_IWUSR, None).unwrap()).unwrap();
    Server::start(&name, &[]).done();
    assert_eq!(mq_unlink(queue.as_str()), Ok(()));
}

#[test]
fn an_idle_server_is_not_run_at_all() {
    for name in ["unix:./s", "unix-datagram:./s"] {
        let server = Server::start(name, &["--echo"]);
        let _client = name.starts_with("unix:").then(|| {
            let mut client = server.connect();
            client.write_all(b"hello\n").unwrap();
            client.read_exact(&mut [0; 6]).unwrap();
            client
        });
        let switches = || {
            let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
            let status = |task: fs::DirEntry| fs::read_to_string(task.path().join("status"));
            let all: String = tasks.map(|task| status(task.unwrap()).unwrap()).collect();
            let lines = all.lines().filter(|line| line.contains("ctxt_switches"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        eventually("it sleeps all the time", || {
            let before = switches();
            std::thread::sleep(Duration::from_millis(300));
            switches() == before
        });
        server.done();
    }
}

#[test]
fn a_reader_of_its_output_that_leaves_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let name = format!("unix:{}", path.display());
    let mut server = Command::new(POSTROOM);
    let mut server = server.args(["serve", &name]).stdout(Stdio::piped()).spawn().unwrap();
    eventually("it serves", || UnixStream::connect(&path).is_ok());
    drop(server.stdout.take());
    let mut send = Command::new(POSTROOM);
    send.args(["send", &name, "hello"]);
    run(send, b"");
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(!path.exists());
}

#[test]
fn an_output_that_nobody_reads_stops_the_clients_and_not_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut server = Command::new(POSTROOM);
    server.args(["serve", &format!("unix:{}", path.display())]).stdout(Stdio::piped());
    let mut server = server.spawn().unwrap();
    eventually("it serves", || UnixStream::connect(&path).is_ok());
    let mut client = UnixStream::connect(&path).unwrap();
    client.set_nonblocking(true).unwrap();
    let line = [b"x".repeat(500), b"\n".to_vec()].concat();
    let mut refusals = 0;
    eventually("nothing more is taken", || {
        match client.write(&line) {
            Ok(_) => refusals = 0,
            Err(_) => refusals += 1,
        }
        refusals > 20
    });
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, Signal::INT).unwrap();
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(!path.exists());
}

#[test]
fn strace_shows_the_calls_of_each_client_as_they_end() {
    let server = Server::start("unix:./s", &["--strace", "--echo"]);
    let output = server.ours("send", &["hello"], b"");
    assert_eq!(text(&output.stdout), "hello\n");
    let (_, notes) = server.done();
    let shown = |call: &str| notes.lines().any(|line| line.contains(call));
    assert!(shown("server   accept(h1 unix:./s) = h2"), "{notes}");
    let waits = "read(h0 fd:3, 128) = <blocked: device not ready> ... woken by a device";
    assert!(shown(waits), "{notes}");
    assert!(shown("client 1  read(h0 stream:") && shown(", \"hello\\n\", 4096) = 6"), "{notes}");
}

/// Nobody reads what it prints, so it stands in the middle of a line.
#[test]
fn a_signal_ends_one_whose_output_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Command::new(POSTROOM)
        .args(["serve", "unix-datagram:./s"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let socket = folder.path().join("s");
    eventually("it serves", || socket.exists());
    let client = std::os::unix::net::UnixDatagram::unbound().unwrap();
    client.connect(&socket).unwrap();
    client.set_nonblocking(true).unwrap();
    // More than a pipe holds, until nothing more is taken.
    let mut refused = 0;
    eventually("nothing more is taken", || {
        refused = if client.send(&[b'x'; 8000]).is_ok() { 0 } else { refused + 1 };
        refused > 20
    });
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    eventually("the signal ends it", || server.try_wait().unwrap().is_some());
    assert!(!socket.exists());
    server.wait().unwrap();
}

#[test]
fn notes_that_nobody_can_be_told_stop_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let full = fs::File::create("/dev/full").unwrap();
    let mut server = Command::new(POSTROOM)
        .args(["serve", "unix:./s", "--max-clients", "1"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(full)
        .spawn()
        .unwrap();
    let socket = folder.path().join("s");
    eventually("it serves", || UnixStream::connect(&socket).is_ok());
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    eventually("the signal ends it", || server.try_wait().unwrap().is_some());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(!socket.exists());
}

#[test]
fn a_message_that_was_cut_off_is_not_sent_back() {
    let server = Server::start("unix-datagram:./s", &["--echo"]);
    let folder = tempfile::tempdir().unwrap();
    let client = std::os::unix::net::UnixDatagram::bind(folder.path().join("c")).unwrap();
    client.connect(server.path()).unwrap();
    client.send(&[b'x'; 100_000]).unwrap();
    client.send(b"short").unwrap();
    let mut answer = [0; 100];
    let count = client.recv(&mut answer).unwrap();
    assert_eq!(&answer[..count], b"short");
    let (_, notes) = server.done();
    assert!(notes.contains(", 5 sent back"), "{notes}");
}
