//! Clients that misbehave, and a system that has nothing left.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use rustix::process::Signal;

use crate::{POSTROOM, Server, eventually, is_installed, python};

fn says(stream: &mut UnixStream, line: &[u8]) {
    stream.write_all(line).unwrap();
    let mut echo = vec![0; line.len()];
    stream.read_exact(&mut echo).unwrap();
    assert!(echo == line);
}

/// What the server has in memory, in KiB.
fn resident(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn one_that_says_nothing_and_one_that_leaves_in_the_middle_of_a_line_disturb_nobody() {
    let server = Server::start("unix:./s", &["--echo"]);
    let silent = server.connect();
    let mut half = server.connect();
    half.write_all(b"whole\nhal").unwrap();
    drop(half);
    says(&mut server.connect(), b"hello\n");
    eventually("the half is printed", || server.printed().contains("[client 2] hal\n"));
    drop(silent);
    let (lines, _) = server.done();
    assert!(lines.contains(&"[client 2] whole".to_owned()));
    assert!(!lines.iter().any(|line| line.starts_with("[client 1]")));
}

#[test]
fn what_one_says_who_leaves_without_reading_the_answers_is_printed() {
    let server = Server::start("unix:./s", &["--echo"]);
    for _ in 0..20 {
        let mut client = server.connect();
        let said: String = (0..1000).map(|i| format!("line {i}\n")).collect();
        client.write_all(said.as_bytes()).unwrap();
    }
    eventually("all is printed", || server.printed().matches("] line 999\n").count() == 20);
    let (lines, notes) = server.done();
    assert_eq!(lines.len(), 20_000, "{notes}");
}

#[test]
fn one_that_never_reads_blocks_its_own_task_only_and_memory_stays_bounded() {
    let server = Server::start("unix:./s", &["--echo"]);
    let mut deaf = server.connect();
    let mut good = server.connect();
    deaf.set_nonblocking(true).unwrap();
    let before = resident(&server);
    let piece = [b'x'; 65_536];
    let mut taken = 0;
    for i in 0..2000 {
        // As much as anybody takes.
        loop {
            match deaf.write(&piece) {
                Ok(count) => taken += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        says(&mut good, format!("message {i}\n").as_bytes());
    }
    // The buffers of two sockets, and what the task has in its hands.
    assert!(taken < 4 << 20, "{taken} bytes were taken");
    assert!(resident(&server) < before + 8192, "{} KiB, then {}", before, resident(&server));
    drop((deaf, good));
    server.done();
}

#[test]
fn datagrams_to_one_that_never_reads_are_lost_to_it_alone() {
    let server = Server::start("unix-datagram:./s", &["--echo"]);
    let program = "
import socket
def own(name):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.settimeout(60)
    s.bind(name)
    return s
deaf, good = own('./deaf'), own('./good')
for i in range(1000):
    deaf.sendto(b'x' * 900, './s')
    if i % 10 == 0:
        good.sendto(b'%d' % i, './s')
        assert good.recv(10) == b'%d' % i
import os
os.unlink('./deaf'); os.unlink('./good')
";
    if python(&server, program, &[]).is_none() {
        return;
    }
    let (lines, notes) = server.done();
    assert_eq!(lines.len(), 1100);
    assert!(notes.contains("deaf does not read"), "{notes}");
}

#[test]
fn one_that_is_killed_in_the_middle_of_a_message_is_gone_like_any_other() {
    if !is_installed("python3") {
        return;
    }
    for scheme in ["unix", "unix-seqpacket"] {
        let server = Server::start(&format!("{scheme}:./s"), &["--echo"]);
        let kind = if scheme == "unix" { "SOCK_STREAM" } else { "SOCK_SEQPACKET" };
        let program = format!(
            "
import socket, struct, time
s = socket.socket(socket.AF_UNIX, socket.{kind})
s.connect('./s')
s.send(struct.pack('!i', 1000) + b'the first of a thousand')
print('said', flush=True)
while True: s.recv(1) or time.sleep(1)
"
        );
        for _ in 0..10 {
            let mut client = Command::new("python3")
                .args(["-c", &program])
                .current_dir(server.dir.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            client.stdout.as_mut().unwrap().read_exact(&mut [0; 5]).unwrap();
            client.kill().unwrap();
            client.wait().unwrap();
        }
        let all = || server.printed().matches("the first of a thousand").count() == 10;
        eventually("what they said is printed", all);
        let output = server.ours("send", &["hello"], b"");
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"hello\n"[..]));
        let (_, notes) = server.done();
        assert!(notes.contains("11 clients, 11 messages"), "{notes}");
    }
}

#[test]
fn without_descriptors_clients_are_told_so_and_serving_goes_on() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 32; exec \"$0\" \"$@\"", POSTROOM]);
    let server = Server::start_with(limited, "unix:./s", &["--echo"]);
    let (mut served, mut refused) = (Vec::new(), 0);
    for _ in 0..100 {
        let mut client = server.connect();
        // It may be closed already.
        let _ = client.write_all(b"hello\n");
        let mut answer = [0; 6];
        client.read_exact(&mut answer).unwrap();
        if &answer == b"hello\n" {
            served.push(client);
        } else {
            let mut rest = String::new();
            // Then comes a reset, if it had not read what was said.
            let _ = client.read_to_string(&mut rest);
            assert_eq!(rest, "om: the server has no descriptors left, come back later\n");
            refused += 1;
        }
    }
    assert!(served.len() > 10 && served.len() + refused == 100, "{} served", served.len());
    served.iter_mut().for_each(|client| says(client, b"still here\n"));
    drop(served);
    let mut more = 0;
    eventually("there are descriptors again", || {
        let mut client = server.connect();
        let _ = client.write_all(b"hello\n");
        let mut answer = [0; 6];
        more += 1;
        client.read_exact(&mut answer).is_ok() && &answer == b"hello\n"
    });
    let (_, notes) = server.done();
    assert!(notes.contains("the server has no descriptors left (ulimit -n)"), "{notes}");
    assert!(notes.contains(&format!("{} refused", refused + more - 1)), "{notes}");
}

/// Signals without a handler interrupt what sleeps only if they stop the process.
#[test]
fn a_server_that_is_stopped_and_continued_all_the_time_loses_nothing() {
    let server = Server::start("unix:./s", &["--echo"]);
    let is_over = AtomicBool::new(false);
    let bytes: Vec<u8> =
        (0..4 << 20).map(|i: u32| b'a' + ((i.wrapping_mul(i) >> 7) % 26) as u8).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                server.signal(Signal::STOP);
                server.signal(Signal::CONT);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let client = server.connect();
        scope.spawn({
            let (mut client, bytes) = (client.try_clone().unwrap(), &bytes);
            move || {
                client.write_all(bytes).unwrap();
                client.shutdown(std::net::Shutdown::Write).unwrap();
            }
        });
        let mut echo = Vec::new();
        let read = { &client }.read_to_end(&mut echo);
        is_over.store(true, Relaxed);
        read.unwrap();
        assert!(echo == bytes);
    });
    server.done();
}

#[test]
fn a_client_with_a_timer_signal_every_millisecond_loses_nothing() {
    let server = Server::start("unix:./s", &["--echo"]);
    let program = "
import os, signal, socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect('./s')
data = os.urandom(1 << 21)
if not os.fork():
    hits = []
    signal.signal(signal.SIGALRM, lambda *_: hits.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    view = memoryview(data)
    while view: view = view[s.send(view[:1000]):]
    s.shutdown(socket.SHUT_WR)
    os._exit(0)
hits = []
signal.signal(signal.SIGALRM, lambda *_: hits.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
back = b''
while True:
    piece = s.recv(100000)
    if not piece: break
    back += piece
signal.setitimer(signal.ITIMER_REAL, 0)
assert back == data and hits
assert os.wait()[1] == 0
";
    python(&server, program, &[]);
    server.done();
}
