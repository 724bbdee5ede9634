//! Clients that no one here wrote: Python's sockets, netcat, socat, and a queue that Python fills.

use std::fmt::Write;

use crate::{Server, python, stranger};

/// Opens a socket of any family and kind: `family kind address`.
const SOCKET: &str = "
import socket, sys, os, struct
def dial(own=None):
    family, kind, address = sys.argv[1:4]
    family, kind = getattr(socket, family), getattr(socket, kind)
    if family == socket.AF_INET: address = ('127.0.0.1', int(address))
    s = socket.socket(family, kind)
    s.settimeout(60)
    if own: s.bind(own)
    s.connect(address)
    return s
def exactly(s, n):
    data = b''
    while len(data) < n:
        piece = s.recv(n - len(data))
        assert piece, 'the end came after %d of %d' % (len(data), n)
        data += piece
    return data
";

fn with_socket(program: &str) -> String {
    format!("{SOCKET}{program}")
}

/// Streams over both families, and what Python calls them.
fn streams(arguments: &[&str]) -> [(Server, Vec<String>); 2] {
    [("unix:./s", "AF_UNIX"), ("tcp:127.0.0.1:PORT", "AF_INET")].map(|(name, family)| {
        let server = Server::start(name, arguments);
        let address = server.name.rsplit(':').next().unwrap().to_owned();
        (server, vec![family.to_owned(), "SOCK_STREAM".to_owned(), address])
    })
}

fn refs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn three_messages_of_a_python_client_appear() {
    for (server, arguments) in streams(&[]) {
        let program = "
s = dial()
for i in 1, 2, 3: s.sendall(b'Message %d\\n' % i)
s.shutdown(socket.SHUT_WR)
assert s.recv(1) == b''
";
        if python(&server, &with_socket(program), &refs(&arguments)).is_none() {
            return;
        }
        let (lines, notes) = server.done();
        let expected = ["[client 1] Message 1", "[client 1] Message 2", "[client 1] Message 3"];
        assert_eq!(lines, expected);
        assert!(notes.ends_with(": 1 client, 3 messages, 30 bytes\n"), "{notes}");
    }
}

#[test]
fn ten_thousand_lines_come_back_in_order_over_streams() {
    for (server, arguments) in streams(&["--echo"]) {
        let program = "
s = dial()
lines = [b'line %d\\n' % i for i in range(10000)]
if not os.fork():
    for line in lines: s.sendall(line)
    s.shutdown(socket.SHUT_WR)
    os._exit(0)
everything = b''.join(lines)
assert exactly(s, len(everything)) == everything
assert s.recv(1) == b''
assert os.wait()[1] == 0
";
        if python(&server, &with_socket(program), &refs(&arguments)).is_none() {
            return;
        }
        let (lines, notes) = server.done();
        assert_eq!(lines.len(), 10_000);
        assert!(lines.iter().enumerate().all(|(i, it)| *it == format!("[client 1] line {i}")));
        assert!(notes.contains("10000 messages"), "{notes}");
    }
}

/// As `multiprocessing.connection` writes them: the length first, in four bytes, then the message.
#[test]
fn messages_with_a_length_before_them_come_back_whole() {
    for (server, arguments) in streams(&["--echo"]) {
        let program = "
s = dial()
for message in b'', b'hello', 'gr\\u00fc\\u00dfe'.encode(), bytes(range(256)), os.urandom(65536):
    s.sendall(struct.pack('!i', len(message)) + message)
    length, = struct.unpack('!i', exactly(s, 4))
    assert exactly(s, length) == message
";
        if python(&server, &with_socket(program), &refs(&arguments)).is_none() {
            return;
        }
        let (lines, _) = server.done();
        // Whatever the bytes were, they do not reach a terminal as they are.
        let is_shown = |it: &String| !it.contains(|it: char| it.is_control() && it != '\t');
        assert!(lines.iter().all(is_shown));
    }
}

#[test]
fn multiprocessing_itself_talks_to_it() {
    let server = Server::start("unix:./s", &["--echo"]);
    let program = "
from multiprocessing.connection import Client
with Client('./s', family='AF_UNIX') as c:
    for thing in 'text', b'', [1, 2, {'three': 4}], 'x' * 65536:
        c.send(thing)
        assert c.recv() == thing
";
    python(&server, program, &[]);
    server.done();
}

#[test]
fn sequenced_packets_keep_their_boundaries_from_1_byte_to_64_kib() {
    let server = Server::start("unix-seqpacket:./s", &["--echo"]);
    let program = "
s = dial()
for n in 1, 5, 4096, 65536:
    message = b'x' * n
    s.send(message)
    assert s.recv(70000) == message
s.send(b'')
assert s.recv(10) == b''
for i in range(10000):
    s.send(b'message %d' % i)
    assert s.recv(100) == b'message %d' % i
s.shutdown(socket.SHUT_WR)
assert s.recv(10) == b''
";
    let arguments = ["AF_UNIX", "SOCK_SEQPACKET", "./s"];
    if python(&server, &with_socket(program), &arguments).is_none() {
        return;
    }
    let (lines, notes) = server.done();
    assert_eq!(lines[0], "[client 1] x");
    assert!(lines.contains(&"[client 1] ".to_owned()));
    assert_eq!(lines.last().unwrap(), "[client 1] message 9999");
    assert!(notes.contains("1 client, 10005 messages"), "{notes}");
}

#[test]
fn datagrams_come_back_to_the_name_they_came_from() {
    let unix = ("unix-datagram:./s", "AF_UNIX", "'./own'");
    let udp = ("udp:127.0.0.1:PORT", "AF_INET", "('127.0.0.1', 0)");
    for (name, family, own) in [unix, udp] {
        let server = Server::start(name, &["--echo"]);
        let address = server.name.rsplit(':').next().unwrap();
        let most = if family == "AF_INET" { 65507 } else { 65536 };
        let program = format!(
            "
s = dial({own})
for message in b'hello', b'', b'x' * {most}:
    s.send(message)
    assert s.recv(70000) == message
for i in range(10000):
    s.send(b'message %d' % i)
    assert s.recv(100) == b'message %d' % i
if isinstance({own}, str): os.unlink({own})
"
        );
        let arguments = [family, "SOCK_DGRAM", address];
        if python(&server, &with_socket(&program), &arguments).is_none() {
            return;
        }
        let (lines, notes) = server.done();
        assert!(lines[0].ends_with("] hello") && lines[1].ends_with("] "), "{:?}", &lines[..2]);
        assert!(notes.contains("10003 messages"), "{notes}");
    }
}

#[test]
fn a_sender_without_a_name_and_one_who_is_gone_get_no_answer_and_stop_nobody() {
    let server = Server::start("unix-datagram:./s", &["--echo"]);
    let program = "
for i in range(100):
    s = dial() if i % 2 else dial('./own')
    s.send(b'%d' % i)
    s.close()
    if not i % 2: os.unlink('./own')
";
    let arguments = ["AF_UNIX", "SOCK_DGRAM", "./s"];
    if python(&server, &with_socket(program), &arguments).is_none() {
        return;
    }
    let (lines, _) = server.done();
    let texts: Vec<_> = lines.iter().map(|it| it.split_once("] ").unwrap().1).collect();
    assert_eq!(texts, (0..100).map(|i| i.to_string()).collect::<Vec<_>>());
    assert!(lines[1].starts_with("[unnamed] "));
}

#[test]
fn netcat_hears_its_lines_again() {
    let server = Server::start("unix:./s", &["--echo"]);
    let said = "one\n\ntwo\r\nhalf a line";
    let Some(heard) = stranger(&server, "nc", &["-N", "-U", "./s"], said.as_bytes()) else {
        return;
    };
    assert_eq!(heard, said);
    let (lines, _) = server.done();
    assert_eq!(
        lines,
        ["[client 1] one", "[client 1] ", "[client 1] two", "[client 1] half a line"]
    );

    let server = Server::start("tcp:127.0.0.1:PORT", &["--echo"]);
    let port = server.name.rsplit(':').next().unwrap();
    let heard = stranger(&server, "nc", &["-N", "127.0.0.1", port], said.as_bytes());
    assert_eq!(heard.unwrap(), said);
    server.done();
}

#[test]
fn socat_speaks_with_every_kind_of_socket() {
    let kinds = [
        ("unix:./s", "UNIX-CONNECT:./s"),
        ("tcp:127.0.0.1:PORT", "TCP:127.0.0.1:PORT"),
        ("unix-seqpacket:./s", "UNIX-CONNECT:./s,socktype=5"),
        ("unix-datagram:./s", "UNIX-SENDTO:./s,bind=./own"),
        ("udp:127.0.0.1:PORT", "UDP:127.0.0.1:PORT"),
    ];
    for (name, address) in kinds {
        let server = Server::start(name, &["--echo"]);
        let port = server.name.rsplit(':').next().unwrap();
        let address = address.replace("PORT", port);
        let said = b"hello from socat\n";
        // It waits for an answer for so long after the end of its input.
        let Some(heard) = stranger(&server, "socat", &["-t", "5", "-", &address], said) else {
            return;
        };
        assert_eq!(heard.as_bytes(), said, "{name}");
        let (lines, _) = server.done();
        assert_eq!(lines.len(), 1, "{name}: {lines:?}");
        assert!(lines[0].ends_with("] hello from socat"), "{name}: {lines:?}");
    }
}

/// The queue's functions in the system's own library.
const QUEUE: &str = "
import ctypes, os, sys
try:
    lib = ctypes.CDLL(None, use_errno=True); lib.mq_open
except AttributeError:
    lib = ctypes.CDLL('librt.so.1', use_errno=True)
class Attr(ctypes.Structure):
    _fields_ = [(n, ctypes.c_long) for n in ('flags', 'most', 'longest', 'now')] + [('rest', ctypes.c_long * 4)]
def check(result):
    assert result != -1, os.strerror(ctypes.get_errno())
    return result
name = sys.argv[1].encode()
";

#[test]
fn a_python_program_fills_and_empties_a_message_queue() {
    let queue = format!("/pr-serve-{}", std::process::id());
    let server = Server::start(&format!("mq:{queue}"), &[]);
    let program = format!(
        "{QUEUE}
q = check(lib.mq_open(name, os.O_WRONLY))
for i in range(1000):
    text = b'message %d' % i
    check(lib.mq_send(q, text, ctypes.c_size_t(len(text)), i % 32))
check(lib.mq_send(q, b'', ctypes.c_size_t(0), 31))
"
    );
    if python(&server, &program, &[&queue]).is_none() {
        return;
    }
    crate::eventually("all messages are printed", || server.printed().lines().count() == 1001);
    let (mut lines, _) = server.done();
    let mut expected = vec!["[urgency 31] ".to_owned()];
    expected.extend((0..1000).map(|i| format!("[urgency {}] message {i}", i % 32)));
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);

    // The other way: Python makes the queue, and reads what we send.
    let server = Server::start("unix:./unused", &[]);
    let mut program = format!("{QUEUE}\nimport subprocess\n");
    let _ = write!(
        program,
        "
q = check(lib.mq_open(name, os.O_RDWR | os.O_CREAT, 0o600, ctypes.byref(Attr(0, 10, 64))))
try:
    def send(*more): return subprocess.run([sys.argv[2], 'send', 'mq:' + sys.argv[1], *more])
    assert send('calm').returncode == 0
    assert send('--priority', '7', 'urgent', 'words').returncode == 0
    assert send('').returncode == 0
    assert send('x' * 65).returncode == 1
    for text, priority in (b'urgent words', 7), (b'calm', 0), (b'', 0):
        buffer, urgency = ctypes.create_string_buffer(64), ctypes.c_uint()
        n = check(lib.mq_receive(q, buffer, ctypes.c_size_t(64), ctypes.byref(urgency)))
        assert (buffer.raw[:n], urgency.value) == (text, priority)
    for i in range(10): assert send('full').returncode == 0
    assert send('--wait', '0', 'one too many').returncode == 1
finally:
    check(lib.mq_unlink(name))
"
    );
    python(&server, &program, &[&queue, crate::POSTROOM]);
    server.done();
}
