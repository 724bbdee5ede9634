//! The client's side by hand: `connect` and `send`, to our server and to others'.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use crate::{POSTROOM, Server, eventually, is_installed, run, text};

#[test]
fn connect_says_its_input_and_hears_the_answers_over_every_kind() {
    let streams = ["unix:./s", "tcp:127.0.0.1:PORT", "tcp:localhost:PORT"];
    for name in streams {
        let server = Server::start(name, &["--echo"]);
        let bytes: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect();
        let output = server.ours("connect", &[], &bytes);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        assert!(output.stdout == bytes, "{name}");
        server.done();
    }
    for name in ["unix-seqpacket:./s", "unix-datagram:./s", "udp:127.0.0.1:PORT"] {
        let server = Server::start(name, &["--echo"]);
        let output = server.ours("connect", &[], b"one\n\nhalf");
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        let mut lines: Vec<_> = text(&output.stdout).lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["", "half", "one"], "{name}");
        server.done();
    }
}

#[test]
fn connect_ends_when_the_server_does_though_its_input_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let mut child = Command::new(POSTROOM)
        .args(["connect", &format!("unix:{}", path.display())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(b"goodbye\n").unwrap();
    drop(stream);
    let mut heard = String::new();
    child.stdout.take().unwrap().read_to_string(&mut heard).unwrap();
    assert_eq!((heard.as_str(), child.wait().unwrap().code()), ("goodbye\n", Some(0)));
}

#[test]
fn what_connect_has_to_say_reaches_a_server_that_says_nothing_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let bytes = vec![b'x'; 1_000_000];
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        heard
    });
    let mut connect = Command::new(POSTROOM);
    connect.args(["connect", &format!("unix:{}", path.display())]).stdin(Stdio::piped());
    let file = folder.path().join("bytes");
    std::fs::write(&file, &bytes).unwrap();
    connect.stdin(std::fs::File::open(&file).unwrap());
    assert_eq!(connect.status().unwrap().code(), Some(0));
    assert!(server.join().unwrap() == bytes);
}

#[test]
fn connect_over_datagrams_leaves_no_file_whatever_ends_it() {
    let server = Server::start("unix-datagram:./s", &["--echo"]);
    let own = tempfile::tempdir().unwrap();
    let mut child = Command::new(POSTROOM)
        .args(["connect", &server.name])
        .current_dir(server.dir.path())
        .env("TMPDIR", own.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    assert_eq!(own.path().read_dir().unwrap().count(), 1);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(own.path().read_dir().unwrap().count(), 0);
    server.done();
}

#[test]
fn send_says_one_message_and_prints_the_answer() {
    for name in ["unix:./s", "tcp:127.0.0.1:PORT", "unix-seqpacket:./s"] {
        let server = Server::start(name, &["--echo"]);
        let output = server.ours("send", &["Hello", "World!"], b"");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "Hello World!\n"));
        let (lines, _) = server.done();
        assert_eq!(lines, ["[client 1] Hello World!"]);
    }
    for name in ["unix-datagram:./s", "udp:127.0.0.1:PORT"] {
        let server = Server::start(name, &[]);
        for words in [&["Hello", "World!"][..], &[""]] {
            let output = server.ours("send", words, b"");
            assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        }
        eventually("they have come", || server.printed().lines().count() == 2);
        let (lines, _) = server.done();
        assert!(lines[0].ends_with("] Hello World!") && lines[1].ends_with("] "), "{lines:?}");
    }
}

#[test]
fn send_says_more_than_all_buffers_hold_to_a_server_that_answers_at_once() {
    let word = "x".repeat(100_000);
    let words = [word.as_str(); 16];
    let expected = words.join(" ") + "\n";
    for name in ["unix:./s", "tcp:127.0.0.1:PORT"] {
        let server = Server::start(name, &["--echo"]);
        let output = server.ours("send", &words, b"");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{name}");
        assert!(text(&output.stdout) == expected, "{name}: {} bytes", output.stdout.len());
        server.done();
    }
}

#[test]
fn send_succeeds_only_if_the_message_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    // Closed without having read it.
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut set = [rustix::event::PollFd::new(&stream, rustix::event::PollFlags::IN)];
        rustix::event::poll(&mut set, None).unwrap();
    });
    let mut send = Command::new(POSTROOM);
    send.args(["send", &format!("unix:{}", path.display()), "hello"]);
    let output = run(send, b"");
    server.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).ends_with(": connection reset by peer\n"));

    // Nobody takes anything from this one.
    let path = folder.path().join("full");
    let full = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let other = std::os::unix::net::UnixDatagram::unbound().unwrap();
    other.set_nonblocking(true).unwrap();
    while other.send_to(b"x", &path).is_ok() {}
    let mut send = Command::new(POSTROOM);
    send.args(["send", &format!("unix-datagram:{}", path.display()), "hello", "--wait", "0"]);
    let output = run(send, b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).ends_with(": it had no room within 0 s\n"));
    drop(full);

    let udp = format!("udp:127.0.0.1:{}", crate::free_port());
    let mut send = Command::new(POSTROOM);
    send.args(["send", &udp, "hello"]);
    assert_eq!(run(send, b"").status.code(), Some(1));
}

#[test]
fn socat_and_netcat_serve_us_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let servers: [(&str, &[&str]); 3] = [
        ("socat", &["UNIX-LISTEN:./s", "PIPE"]),
        ("socat", &["UNIX-LISTEN:./s,socktype=5", "PIPE"]),
        ("nc", &["-N", "-l", "-U", "./s"]),
    ];
    for (at, (program, arguments)) in servers.into_iter().enumerate() {
        if !is_installed(program) {
            continue;
        }
        let mut server = Command::new("timeout")
            .args(["60", program])
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let path = folder.path().join("s");
        eventually("it listens", || path.exists());
        let (mut stdin, mut stdout) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        // netcat is no echo: it says what it is given, until it has heard something.
        let heard = (program == "nc").then(|| {
            std::thread::spawn(move || {
                stdin.write_all(b"hello\n").unwrap();
                let mut heard = [0; 6];
                stdout.read_exact(&mut heard).map(|()| heard)
            })
        });
        let scheme = if at == 1 { "unix-seqpacket" } else { "unix" };
        let name = format!("{scheme}:./s");
        // Between its file and its listening there is a moment.
        let mut output = None;
        eventually("there is a connection", || {
            let mut connect = Command::new(POSTROOM);
            connect.args(["connect", &name]).current_dir(folder.path());
            let tried = run(connect, b"hello\n");
            let is_done = tried.status.success();
            output = Some(tried);
            is_done
        });
        assert_eq!(text(&output.unwrap().stdout), "hello\n", "{program} {arguments:?}");
        if let Some(heard) = heard {
            assert_eq!(&heard.join().unwrap().unwrap(), b"hello\n");
        }
        server.wait().unwrap();
        let _ = std::fs::remove_file(&path);
    }
}

#[test]
fn an_answer_that_cannot_be_printed_is_an_error() {
    let server = Server::start("unix:./s", &["--echo"]);
    let name = format!("unix:{}", server.path().display());
    let output = std::process::Command::new(crate::POSTROOM)
        .args(["send", &name, "hello"])
        .stdout(std::fs::File::create("/dev/full").unwrap())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot write to standard output: "));
    server.done();
}

#[test]
fn what_cannot_be_said_ends_it_though_the_server_stays() {
    let server = Server::start("unix-seqpacket:./s", &["--echo"]);
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long");
    std::fs::write(&long, [b'x'; 300_000]).unwrap();
    for (input, reason) in [
        (folder.path(), "cannot read standard input"),
        (&long, "the message is longer than it takes"),
    ] {
        let mut child = std::process::Command::new(crate::POSTROOM)
            .args(["connect", &format!("unix-seqpacket:{}", server.path().display())])
            .stdin(std::fs::File::open(input).unwrap())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        eventually("it ends", || child.try_wait().unwrap().is_some());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    }
    server.done();
}
