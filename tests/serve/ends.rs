//! How a server begins and ends.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

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
    eventually("it serves", || path.exists());
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
    eventually("it serves", || path.exists());
    let mut client = std::os::unix::net::UnixStream::connect(&path).unwrap();
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
