//! Many clients at once.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::Barrier;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{DEADLINE, POSTROOM, Server};

const CLIENTS: usize = 1000;
const THREADS: usize = 8;
const MESSAGES: usize = 100;

/// As many descriptors as this process may have: for this side of the connections.
fn raise_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

fn speak<S: Read + Write>(
    server: &Server,
    connect: impl Fn(&Server) -> S + Sync,
    close: impl Fn(&S) + Sync,
) {
    let everyone_is_there = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (connect, close, everyone_is_there) = (&connect, &close, &everyone_is_there);
            scope.spawn(move || {
                let mine = (0..CLIENTS).filter(|i| i % THREADS == thread);
                let mut mine: Vec<_> = mine.map(|i| (i, connect(server))).collect();
                everyone_is_there.wait();
                for message in 0..MESSAGES {
                    for (i, stream) in &mut mine {
                        stream.write_all(format!("{i} says {message}\n").as_bytes()).unwrap();
                    }
                }
                for (i, stream) in &mut mine {
                    close(stream);
                    let mut echo = String::new();
                    stream.read_to_string(&mut echo).unwrap();
                    let said: String =
                        (0..MESSAGES).map(|message| format!("{i} says {message}\n")).collect();
                    assert_eq!(echo, said);
                }
            });
        }
    });
}

/// Each message of each client was printed once, and those of one client in their order.
fn check(server: Server) {
    let (lines, notes) = server.done();
    assert!(notes.contains("1000 clients, 100000 messages"), "{notes}");
    assert_eq!(lines.len(), CLIENTS * MESSAGES);
    let mut next: HashMap<&str, (&str, usize)> = HashMap::new();
    for line in &lines {
        let (label, said) = line.split_once("] ").unwrap();
        let (who, message) = said.split_once(" says ").unwrap();
        let (name, count) = next.entry(label).or_insert((who, 0));
        assert_eq!((*name, count.to_string()), (who, message.to_owned()), "{line}");
        *count += 1;
    }
    assert_eq!(next.len(), CLIENTS);
}

#[test]
fn a_thousand_clients_say_a_hundred_messages_each_and_nothing_is_lost() {
    raise_limit();
    let server = Server::start("unix:./s", &["--echo", "--max-clients", "1000"]);
    speak(&server, Server::connect, |it: &UnixStream| it.shutdown(Shutdown::Write).unwrap());
    check(server);

    let server = Server::start("tcp:127.0.0.1:PORT", &["--echo", "--max-clients", "1000"]);
    let connect = |server: &Server| {
        let stream = TcpStream::connect(server.name.strip_prefix("tcp:").unwrap()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    };
    speak(&server, connect, |it: &TcpStream| it.shutdown(Shutdown::Write).unwrap());
    check(server);
}

#[test]
fn clients_beyond_the_most_are_told_and_closed_and_a_free_place_is_given_again() {
    let server = Server::start("unix:./s", &["--echo", "--max-clients", "2"]);
    let greet = |stream: &mut UnixStream| {
        stream.write_all(b"hello\n").unwrap();
        let mut echo = [0; 6];
        stream.read_exact(&mut echo).map(|()| assert_eq!(&echo, b"hello\n"))
    };
    let (mut first, mut second) = (server.connect(), server.connect());
    greet(&mut first).unwrap();
    greet(&mut second).unwrap();
    for _ in 0..100 {
        let mut told = String::new();
        server.connect().read_to_string(&mut told).unwrap();
        assert_eq!(told, "postroom: 2 clients are here already, come back later\n");
    }
    let output = server.ours("send", &["is anybody there?"], b"");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    drop(first);
    crate::eventually("there is a place", || {
        let mut third = server.connect();
        let mut answer = [0; 6];
        // It may be closed before or after it has been told.
        let _ = third.write_all(b"hello\n");
        third.read_exact(&mut answer).is_ok() && &answer == b"hello\n"
    });
    greet(&mut second).unwrap();
    drop(second);
    let (_, notes) = server.done();
    assert!(notes.contains("clients are refused: 2 clients are here already\n"), "{notes}");
}

#[test]
fn lines_of_many_clients_do_not_mix_in_a_pipe_that_is_always_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut server = Command::new(POSTROOM);
    server.args(["serve", &format!("unix:{}", path.display())]).stdout(Stdio::piped());
    let mut server = server.spawn().unwrap();
    crate::eventually("it serves", || UnixStream::connect(&path).is_ok());
    let output = BufReader::with_capacity(100, server.stdout.take().unwrap());
    std::thread::scope(|scope| {
        for letter in b'a'..=b'z' {
            let path = &path;
            scope.spawn(move || {
                let mut stream = UnixStream::connect(path).unwrap();
                let line = [vec![letter; 900], b"\n".to_vec()].concat();
                stream.write_all(&line.repeat(100)).unwrap();
            });
        }
        for line in output.lines().take(26 * 100) {
            let line = line.unwrap();
            let said = line.split_once("] ").unwrap().1;
            assert!(said.len() == 900 && said.bytes().all(|it| it == said.as_bytes()[0]), "{line}");
        }
    });
    // Its reader has left by now; the next line ends it.
    let mut last = UnixStream::connect(&path).unwrap();
    last.write_all(b"the last\n").unwrap();
    assert_eq!(server.wait().unwrap().code(), Some(0));
}
