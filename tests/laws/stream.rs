//! F. Stream socket: bytes, both ways, connected.

use postroom::{
    Access, Call, Error, Handle, Kind, Listener, Outcome, Peer, Readiness, Result, Rights, Sizes,
    Stream, Sys, TaskId, Ticks, Value, Wait,
    param::{HANDLES, PIPE_BUF},
};

use crate::hand::{DONE, Hand, RING, counted, nothing, refused};
use crate::program::{Program, roomy};

const FOUR: Sizes = Sizes::Bytes(4);
const STREAM: (Kind, Sizes) = (Kind::Stream, FOUR);
const MESSAGES: Sizes = Sizes::Messages { most: 1, longest: 4 };

const END_OF_FILE: Outcome = counted(0);
const RESET: Outcome = refused(Error::ConnectionReset);

/// Two tasks by hand, and a stream between them.
struct Connection {
    hand: Hand,
    alice: TaskId,
    hers: Handle,
    bob: TaskId,
    his: Handle,
}

impl Connection {
    /// Each of the two sockets holds so many bytes of what the other one sends.
    fn new(capacity: usize) -> Self {
        let mut hand = Hand::new();
        let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
        let [hers, his] = hand.pair([alice, bob], Kind::Stream, Sizes::Bytes(capacity));
        Self { hand, alice, hers, bob, his }
    }

    fn alice_writes(&mut self, bytes: &[u8], wait: Wait) -> Outcome {
        self.hand.write(self.alice, self.hers, bytes, wait)
    }

    fn alice_reads(&mut self, wait: Wait) -> (Outcome, Vec<u8>) {
        self.hand.read(self.alice, self.hers, 8, wait)
    }

    fn bob_writes(&mut self, bytes: &[u8], wait: Wait) -> Outcome {
        self.hand.write(self.bob, self.his, bytes, wait)
    }

    fn bob_reads(&mut self, wait: Wait) -> (Outcome, Vec<u8>) {
        self.hand.read(self.bob, self.his, 8, wait)
    }

    fn bob_closes(&mut self) {
        self.hand.close(self.bob, self.his);
    }

    fn bob_shuts_down(&mut self, rights: Rights) {
        let call = Call::Shutdown { handle: self.his, rights };
        assert_eq!(self.hand.answer(self.bob, call), Ok(Value::Unit));
    }

    fn readiness(&mut self, task: TaskId, handle: Handle) -> Readiness {
        match self.hand.answer(task, Call::Readiness { handle }) {
            Ok(Value::Readiness(readiness)) => readiness,
            other => panic!("{other:?}"),
        }
    }
}

/// What a read returns that got these bytes.
fn got(bytes: &[u8]) -> (Outcome, Vec<u8>) {
    (counted(bytes.len()), bytes.to_vec())
}

/// A client that is connected, whether it has been accepted or not.
fn client(hand: &mut Hand, task: TaskId, to: &str) -> Handle {
    let handle = hand.socket(task, Kind::Stream, FOUR);
    assert_eq!(hand.connect(task, handle, to, Wait::Try), DONE);
    handle
}

async fn listen<'k>(sys: &Sys<'k>, name: &str, backlog: usize) -> Result<Listener<'k>> {
    let socket = sys.stream(4).await?;
    socket.bind(name).await?;
    socket.listen(backlog).await
}

/// All that comes until the end of file.
async fn rest(stream: &Stream<'_>) -> Result<Vec<u8>> {
    let (mut all, mut buffer) = (vec![], [0; 3]);
    while let count @ 1.. = stream.read(&mut buffer).await? {
        all.extend(&buffer[..count]);
    }
    Ok(all)
}

#[test]
fn law_46_a_name_that_something_has_is_an_address_in_use() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.pipe(alice, Some("pipe"), 4);
    let bound = hand.socket(alice, Kind::Stream, FOUR);
    hand.bind(alice, bound, "name");

    let handle = hand.socket(alice, Kind::Stream, FOUR);
    let mut refusal =
        |handle, name| hand.refusal(alice, Call::Bind { handle, name, access: Access::Everyone });
    assert_eq!(refusal(handle, "name"), Error::AddressInUse);
    assert_eq!(refusal(handle, "pipe"), Error::AddressInUse);
    assert_eq!(refusal(handle, "alice"), Error::AddressInUse);
    assert_eq!(refusal(handle, ""), Error::BadName);
    assert_eq!(refusal(handle, "abcdefghijklmnopqrstuvwx"), Error::NameTooLong);
    // A socket has one name at the most.
    assert_eq!(refusal(bound, "another"), Error::BadArgument);
}

#[test]
fn law_46_a_connect_says_why_there_is_no_connection() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.pipe(alice, Some("pipe"), 4);
    hand.queue(alice, "queue", 1, 4);
    let bound = hand.socket(alice, Kind::Stream, FOUR);
    hand.bind(alice, bound, "bound");
    let datagram = hand.socket(alice, Kind::Datagram, MESSAGES);
    hand.bind(alice, datagram, "datagram");
    hand.listener(alice, "sequenced", (Kind::Sequenced, MESSAGES), 1);

    let handle = hand.socket(alice, Kind::Stream, FOUR);
    let mut refusal = |to| {
        let wait = Wait::Forever;
        hand.refusal(alice, Call::Connect { handle, to, wait })
    };
    assert_eq!(refusal("absent"), Error::NoSuchName);
    assert_eq!(refusal(""), Error::BadName);
    assert_eq!(refusal("bound"), Error::ConnectionRefused);
    assert_eq!(refusal("datagram"), Error::WrongKind);
    assert_eq!(refusal("sequenced"), Error::WrongKind);
    assert_eq!(refusal("pipe"), Error::WrongKind);
    assert_eq!(refusal("queue"), Error::WrongKind);
    assert_eq!(refusal("alice"), Error::WrongKind);
}

#[test]
fn law_46_a_connection_is_not_refused_for_good() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let server = sys.stream(4).await?;
        let client = sys.stream(4).await?;
        server.bind("service").await?;
        assert_eq!(client.connect("service").await, Err(Error::ConnectionRefused));
        let listener = server.listen(1).await?;
        assert_eq!(client.connect("service").await, Ok(()));
        drop(listener.accept().await?);
        Ok(())
    });
    program.run();
}

#[test]
fn law_46_what_does_not_fit_the_state_of_a_socket_is_refused_without_effect() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let wait = Wait::Forever;
    let listener = hand.listener(alice, "service", STREAM, 1);
    let connected = client(&mut hand, alice, "service");
    let handle = hand.socket(alice, Kind::Stream, FOUR);

    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: 1 }), Error::BadArgument);
    assert_eq!(hand.refusal(alice, Call::Accept { handle, wait }), Error::BadArgument);
    let to = "service";
    let twice = Call::Connect { handle: connected, to, wait };
    assert_eq!(hand.refusal(alice, twice), Error::Busy);
    let backwards = Call::Connect { handle: listener, to, wait };
    assert_eq!(hand.refusal(alice, backwards), Error::BadArgument);
    let unconnected = Call::Read { handle, buffer: &mut [0; 4], wait };
    assert_eq!(hand.refusal(alice, unconnected), Error::NotConnected);
    let unconnected = Call::Write { handle, bytes: b"a", wait };
    assert_eq!(hand.refusal(alice, unconnected), Error::NotConnected);
    let listening = Call::Read { handle: listener, buffer: &mut [0; 4], wait };
    assert_eq!(hand.refusal(alice, listening), Error::NotConnected);
    let listening = Call::Write { handle: listener, bytes: b"a", wait };
    assert_eq!(hand.refusal(alice, listening), Error::NotConnected);
}

#[test]
fn law_46_what_is_not_a_socket_is_of_the_wrong_kind() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [handle, _] = hand.pipe(alice, None, 4);
    let (wait, name, access) = (Wait::Forever, "name", Access::Everyone);
    assert_eq!(hand.refusal(alice, Call::Accept { handle, wait }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: 1 }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Bind { handle, name, access }), Error::WrongKind);
    let to = "service";
    assert_eq!(hand.refusal(alice, Call::Connect { handle, to, wait }), Error::WrongKind);
    let rights = Rights::READ;
    assert_eq!(hand.refusal(alice, Call::Shutdown { handle, rights }), Error::WrongKind);
}

#[test]
fn law_46_a_socket_that_no_ring_can_hold_is_not_made() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let kind = Kind::Stream;
    let mut refusal = |sizes| hand.refusal(alice, Call::Socket { kind, sizes });
    assert_eq!(refusal(Sizes::Bytes(0)), Error::BadArgument);
    assert_eq!(refusal(Sizes::Bytes(RING + 1)), Error::BadArgument);
    assert_eq!(refusal(MESSAGES), Error::BadArgument);
    let pair = Call::Pair { kind, sizes: Sizes::Bytes(0) };
    assert_eq!(hand.refusal(alice, pair), Error::BadArgument);
    let pipe = Call::Socket { kind: Kind::Pipe, sizes: FOUR };
    assert_eq!(hand.refusal(alice, pipe), Error::BadArgument);
}

#[test]
fn law_47_a_backlog_holds_so_many_connections_that_nobody_has_accepted() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let full = refused(Error::WouldBlock);
    let late = hand.socket(bob, Kind::Stream, FOUR);

    let listener = hand.listener(alice, "one", STREAM, 1);
    client(&mut hand, bob, "one");
    assert_eq!(hand.connect(bob, late, "one", Wait::Try), full);

    hand.listener(alice, "two", STREAM, 2);
    client(&mut hand, bob, "two");
    client(&mut hand, bob, "two");
    assert_eq!(hand.connect(bob, late, "two", Wait::Try), full);

    hand.accept(alice, listener);
    assert_eq!(hand.connect(bob, late, "one", Wait::Try), DONE);
}

#[test]
fn law_47_a_backlog_of_none_or_of_more_than_a_ring_holds_is_a_bad_argument() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let handle = hand.socket(alice, Kind::Stream, FOUR);
    hand.bind(alice, handle, "service");
    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: 0 }), Error::BadArgument);
    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: RING }), Error::BadArgument);
    let most = Call::Listen { handle, backlog: usize::MAX };
    assert_eq!(hand.refusal(alice, most), Error::BadArgument);
    assert_eq!(hand.answer(alice, Call::Listen { handle, backlog: 1 }), Ok(Value::Unit));
    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: 2 }), Error::Busy);
}

#[test]
fn law_47_a_full_backlog_lets_clients_wait_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let listener = listen(&sys, "service", 1).await?;
        sys.sleep_until(Ticks(100)).await?;
        let _first = listener.accept().await?;
        assert_eq!(rest(&listener.accept().await?).await, Ok(b"late".to_vec()));
        Ok(())
    });
    program.task("client", async |sys| {
        let first = sys.stream(4).await?;
        first.connect("service").await?;
        let client = sys.stream(4).await?;
        assert_eq!(client.connect("service").try_now().await, Err(Error::WouldBlock));
        assert_eq!(client.connect("service").within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(client.connect("service").until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(client.connect("service").await, Ok(()));
        assert!(sys.now() >= Ticks(100));
        client.write_all(b"late").await
    });
    program.run();
}

#[test]
fn law_47_the_first_of_the_clients_who_wait_gets_the_free_place() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 1);
    client(&mut hand, alice, "service");
    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Stream, FOUR));
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), Outcome::Blocked);

    hand.accept(alice, listener);
    assert!(hand.is_ready(bob) && hand.is_blocked(carol));
    let late = hand.socket(alice, Kind::Stream, FOUR);
    let passed = hand.connect(alice, late, "service", Wait::Try);
    assert_eq!(passed, refused(Error::WouldBlock));
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), DONE);
    assert!(hand.is_blocked(carol));
}

#[test]
fn law_47_a_client_who_gives_up_lets_the_next_one_in() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 1);
    client(&mut hand, alice, "service");
    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Stream, FOUR));
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), Outcome::Blocked);
    hand.accept(alice, listener);
    assert!(hand.is_ready(bob) && hand.is_blocked(carol));
    assert_eq!(hand.answer(bob, Call::Cancel), Ok(Value::Unit));
    assert!(hand.is_ready(carol));
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), DONE);
}

#[test]
fn law_48_data_flows_before_the_connection_is_accepted() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("client", async |sys| {
        let listener = listen(&sys, "service", 1).await?;
        let client = sys.stream(4).await?;
        client.connect("service").await?;
        assert_eq!(client.write(b"ab").await, Ok(2));
        assert_eq!(client.write(b"cd").await, Ok(2));
        assert_eq!(client.write(b"e").try_now().await, Err(Error::WouldBlock));

        let server = listener.accept().await?;
        let mut buffer = [0; 4];
        assert_eq!(server.read(&mut buffer).await, Ok(4));
        assert_eq!(&buffer, b"abcd");
        assert_eq!(server.write(b"f").await, Ok(1));
        assert_eq!(client.read(&mut buffer).await, Ok(1));
        Ok(())
    });
    program.run();
}

#[test]
fn law_48_a_client_that_has_already_left_is_still_accepted() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let listener = listen(&sys, "service", 2).await?;
        sys.receive(&mut []).await?;
        let talked = listener.accept().await?;
        assert_eq!(rest(&talked).await, Ok(b"bye".to_vec()));
        assert_eq!(talked.read(&mut [0; 4]).await, Ok(0));
        assert_eq!(talked.write(b"!").await, Err(Error::BrokenPipe));
        let silent = listener.accept().await?;
        assert_eq!(silent.read(&mut [0; 4]).await, Ok(0));
        Ok(())
    });
    program.task("client", async |sys| {
        let talked = sys.stream(4).await?;
        talked.connect("service").await?;
        talked.write_all(b"bye").await?;
        talked.close().await?;
        let silent = sys.stream(4).await?;
        silent.connect("service").await?;
        silent.close().await?;
        sys.send("server", b"").await
    });
    program.run();
}

#[test]
fn law_49_connections_are_accepted_in_the_order_in_which_they_were_made() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 2);
    let first = client(&mut hand, bob, "service");
    let second = client(&mut hand, carol, "service");
    let third = hand.socket(bob, Kind::Stream, FOUR);
    assert_eq!(hand.connect(bob, third, "service", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.write(carol, second, b"2", Wait::Try), counted(1));

    let accepted = hand.accept(alice, listener);
    assert_eq!(hand.connect(bob, third, "service", Wait::Forever), DONE);
    assert_eq!(hand.write(bob, third, b"3", Wait::Try), counted(1));
    assert_eq!(hand.write(bob, first, b"1", Wait::Try), counted(1));
    assert_eq!(hand.read(alice, accepted, 4, Wait::Try), got(b"1"));
    let accepted = hand.accept(alice, listener);
    assert_eq!(hand.read(alice, accepted, 4, Wait::Try), got(b"2"));
    let accepted = hand.accept(alice, listener);
    assert_eq!(hand.read(alice, accepted, 4, Wait::Try), got(b"3"));
}

#[test]
fn law_49_closing_a_listener_resets_the_connections_that_nobody_has_accepted() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 2);
    let reads = client(&mut hand, bob, "service");
    let writes = client(&mut hand, carol, "service");
    assert_eq!(hand.read(bob, reads, 4, Wait::Forever), nothing(Outcome::Blocked));
    assert_eq!(hand.write(carol, writes, b"abcd", Wait::Try), counted(4));
    assert_eq!(hand.write(carol, writes, b"e", Wait::Forever), Outcome::Blocked);

    hand.close(alice, listener);
    assert!(hand.is_ready(bob) && hand.is_ready(carol));
    assert_eq!(hand.read(bob, reads, 4, Wait::Forever), nothing(RESET));
    assert_eq!(hand.read(bob, reads, 4, Wait::Forever), nothing(END_OF_FILE));
    let broken = refused(Error::BrokenPipe);
    assert_eq!(hand.write(carol, writes, b"e", Wait::Forever), broken);
    assert_eq!(hand.write(carol, writes, b"e", Wait::Forever), broken);
    assert_eq!(hand.read(carol, writes, 4, Wait::Forever), nothing(RESET));
    assert_eq!(hand.read(carol, writes, 4, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_49_closing_a_listener_refuses_those_who_wait_and_those_who_come() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 1);
    client(&mut hand, alice, "service");
    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Stream, FOUR));
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), Outcome::Blocked);

    hand.close(alice, listener);
    assert!(hand.is_ready(bob) && hand.is_ready(carol));
    let closed = refused(Error::ConnectionRefused);
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), closed);
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), closed);
    // The name went with the listener.
    let gone = refused(Error::NoSuchName);
    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), gone);
    // A socket that was refused can be connected elsewhere.
    hand.listener(alice, "another", STREAM, 1);
    assert_eq!(hand.connect(bob, bobs, "another", Wait::Forever), DONE);
}

#[test]
fn law_49_what_was_accepted_survives_its_listener() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let listener = listen(&sys, "service", 1).await?;
        let client = sys.stream(4).await?;
        client.connect("service").await?;
        let server = listener.accept().await?;
        listener.close().await?;
        client.write_all(b"ab").await?;
        client.close().await?;
        assert_eq!(rest(&server).await, Ok(b"ab".to_vec()));
        Ok(())
    });
    program.run();
}

#[test]
fn law_13_a_server_waits_for_a_connection_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let listener = listen(&sys, "service", 1).await?;
        assert_eq!(listener.accept().try_now().await.err(), Some(Error::WouldBlock));
        assert_eq!(listener.accept().within(Ticks(9)).await.err(), Some(Error::TimedOut));
        assert_eq!(listener.accept().until(Ticks(50)).await.err(), Some(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(rest(&listener.accept().await?).await, Ok(b"here".to_vec()));
        assert!(sys.now() >= Ticks(100));
        Ok(())
    });
    program.task("client", async |sys| {
        sys.sleep_until(Ticks(100)).await?;
        let client = sys.stream(4).await?;
        client.connect("service").await?;
        client.write_all(b"here").await
    });
    program.run();
}

#[test]
fn law_49_a_server_that_can_hold_no_more_handles_leaves_the_connection_to_others() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let handle = hand.listener(alice, "service", STREAM, 1);
    while hand.kernel.tasks().any(|it| it.id == alice && it.handles < HANDLES) {
        hand.handle(alice, Call::Duplicate { handle });
    }
    let his = client(&mut hand, bob, "service");
    let wait = Wait::Forever;
    assert_eq!(hand.refusal(alice, Call::Accept { handle, wait }), Error::HandlesFull);
    assert_eq!(hand.write(bob, his, b"a", Wait::Try), counted(1));
}

#[test]
fn law_50_each_direction_is_a_pipe_of_its_own() {
    let mut it = Connection::new(2);
    assert_eq!(it.alice_writes(b"ab", Wait::Try), counted(2));
    assert_eq!(it.alice_writes(b"c", Wait::Try), refused(Error::WouldBlock));
    // Hers is full; his is not.
    assert_eq!(it.bob_writes(b"x", Wait::Try), counted(1));
    assert_eq!(it.bob_writes(b"yz", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(it.alice_reads(Wait::Try), got(b"x"));
    assert_eq!(it.alice_reads(Wait::Try), nothing(refused(Error::WouldBlock)));
    assert_eq!(it.bob_reads(Wait::Try), got(b"ab"));
    assert_eq!(it.bob_reads(Wait::Try), nothing(refused(Error::WouldBlock)));
}

#[test]
fn law_50_a_stream_of_one_byte_carries_any_number_both_ways() {
    carries_both_ways(1);
    carries_both_ways(2);
    carries_both_ways(7);
}

/// Sends a thousand bytes through a stream of this capacity, and gets them back.
fn carries_both_ways(capacity: usize) {
    let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let kernel = roomy();
    let mut program = Program::by_lot(&kernel, 50);
    program.task("server", async |sys| {
        let socket = sys.stream(capacity).await?;
        socket.bind("service").await?;
        let listener = socket.listen(1).await?;
        sys.send("client", b"").await?;
        let server = listener.accept().await?;
        server.write_all(&rest(&server).await?).await
    });
    program.task("client", async |sys| {
        sys.receive(&mut []).await?;
        let client = sys.stream(capacity).await?;
        client.connect("service").await?;
        client.write_all(&bytes).await?;
        client.shutdown(Rights::WRITE).await?;
        assert_eq!(rest(&client).await, Ok(bytes.clone()));
        Ok(())
    });
    program.run();
}

#[test]
fn law_50_a_short_write_is_whole_and_a_long_one_goes_in_as_room_comes() {
    let mut it = Connection::new(600);
    let (short, long) = ([1; PIPE_BUF], [2; PIPE_BUF + 1]);
    assert_eq!(it.alice_writes(&[0; 92], Wait::Try), counted(92));
    assert_eq!(it.alice_writes(&short, Wait::Try), refused(Error::WouldBlock));
    assert_eq!(it.alice_writes(&short, Wait::Forever), Outcome::Blocked);
    assert_eq!(it.hand.read(it.bob, it.his, 3, Wait::Try), got(&[0; 3]));
    assert!(it.hand.is_blocked(it.alice));
    assert_eq!(it.hand.read(it.bob, it.his, 1, Wait::Try), got(&[0]));
    assert!(it.hand.is_ready(it.alice));
    assert_eq!(it.alice_writes(&short, Wait::Forever), counted(PIPE_BUF));

    assert_eq!(it.alice_writes(&long, Wait::Try), refused(Error::WouldBlock));
    assert_eq!(it.hand.read(it.bob, it.his, 88, Wait::Try), got(&[0; 88]));
    assert_eq!(it.alice_writes(&long, Wait::Try), counted(88));
}

#[test]
fn law_50_a_write_whose_reader_leaves_returns_the_count_so_far() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("writer", async |sys| {
        let server = listen(&sys, "service", 1).await?.accept().await?;
        assert_eq!(server.write(&[7; 9]).await, Ok(6));
        assert_eq!(server.write(&[7; 9]).await, Err(Error::BrokenPipe));
        Ok(())
    });
    program.task("reader", async |sys| {
        let client = sys.stream(4).await?;
        client.connect("service").await?;
        assert_eq!(client.read_full(&mut [0; 2]).await, Ok(2));
        sys.yield_now().await?;
        client.close().await
    });
    program.run();
}

#[test]
fn law_50_an_empty_read_or_write_asks_for_nothing() {
    let mut it = Connection::new(1);
    assert_eq!(it.alice_writes(b"a", Wait::Try), counted(1));
    assert_eq!(it.alice_writes(b"", Wait::Forever), counted(0));
    assert_eq!(it.hand.read(it.alice, it.hers, 0, Wait::Forever), got(b""));
    let idle = it.hand.socket(it.alice, Kind::Stream, FOUR);
    assert_eq!(it.hand.write(it.alice, idle, b"", Wait::Forever), counted(0));
}

#[test]
fn law_50_after_a_shutdown_to_write_the_peer_reads_the_rest_and_may_still_write() {
    let mut it = Connection::new(4);
    assert_eq!(it.bob_writes(b"ab", Wait::Try), counted(2));
    it.bob_shuts_down(Rights::WRITE);
    assert_eq!(it.bob_writes(b"c", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(it.alice_reads(Wait::Forever), got(b"ab"));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(it.alice_reads(Wait::Try), nothing(END_OF_FILE));
    assert_eq!(it.alice_writes(b"xyz", Wait::Forever), counted(3));
    assert_eq!(it.bob_reads(Wait::Forever), got(b"xyz"));
}

#[test]
fn law_50_a_shutdown_to_write_wakes_the_reader() {
    let mut it = Connection::new(4);
    assert_eq!(it.alice_reads(Wait::Forever), nothing(Outcome::Blocked));
    it.bob_shuts_down(Rights::WRITE);
    assert!(it.hand.is_ready(it.alice));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_50_after_a_shutdown_to_read_the_peers_write_is_a_broken_pipe() {
    let mut it = Connection::new(2);
    assert_eq!(it.alice_writes(b"ab", Wait::Try), counted(2));
    assert_eq!(it.alice_writes(b"c", Wait::Forever), Outcome::Blocked);
    it.bob_shuts_down(Rights::READ);
    assert!(it.hand.is_ready(it.alice));
    assert_eq!(it.alice_writes(b"c", Wait::Forever), refused(Error::BrokenPipe));
    // What came before can be read, and the other direction goes on.
    assert_eq!(it.bob_reads(Wait::Forever), got(b"ab"));
    assert_eq!(it.bob_reads(Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(it.bob_writes(b"x", Wait::Forever), counted(1));
    assert_eq!(it.alice_reads(Wait::Forever), got(b"x"));
}

#[test]
fn law_50_a_socket_without_a_connection_cannot_be_shut_down() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let listener = hand.listener(alice, "service", STREAM, 1);
    let rights = Rights::READ | Rights::WRITE;
    let idle = hand.socket(alice, Kind::Stream, FOUR);
    let down = |handle| Call::Shutdown { handle, rights };
    assert_eq!(hand.refusal(alice, down(idle)), Error::NotConnected);
    assert_eq!(hand.refusal(alice, down(listener)), Error::NotConnected);
}

#[test]
fn law_50_readiness_is_that_of_the_two_directions() {
    let mut it = Connection::new(2);
    let (alice, hers, bob, his) = (it.alice, it.hers, it.bob, it.his);
    let idle = Readiness { writable: true, ..Readiness::default() };
    assert_eq!(it.readiness(alice, hers), idle);
    assert_eq!(it.alice_writes(b"a", Wait::Try), counted(1));
    assert_eq!(it.readiness(alice, hers), Readiness::default());
    assert_eq!(it.readiness(bob, his), Readiness { readable: true, ..idle });

    it.bob_closes();
    let closed = Readiness { readable: true, hung_up: true, error: true, writable: false };
    assert_eq!(it.readiness(alice, hers), closed);
}

#[test]
fn law_51_closed_with_input_unread_the_peer_reads_its_data_then_a_reset_then_the_end() {
    let mut it = Connection::new(4);
    assert_eq!(it.alice_writes(b"left", Wait::Try), counted(4));
    assert_eq!(it.bob_writes(b"data", Wait::Try), counted(4));
    it.bob_closes();
    assert_eq!(it.alice_reads(Wait::Forever), got(b"data"));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(RESET));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(it.alice_reads(Wait::Try), nothing(END_OF_FILE));
    assert_eq!(it.alice_writes(b"x", Wait::Forever), refused(Error::BrokenPipe));
}

#[test]
fn law_51_closed_with_all_input_read_it_is_a_clean_end() {
    let mut it = Connection::new(4);
    assert_eq!(it.alice_writes(b"ab", Wait::Try), counted(2));
    assert_eq!(it.bob_reads(Wait::Try), got(b"ab"));
    assert_eq!(it.bob_writes(b"data", Wait::Try), counted(4));
    it.bob_closes();
    assert_eq!(it.alice_reads(Wait::Forever), got(b"data"));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_51_one_of_several_readers_is_told_of_the_reset() {
    let mut it = Connection::new(4);
    let carol = it.hand.task("carol");
    let (to, rights) = (Peer::Task(carol), Rights::READ);
    let shared = Call::Give { handle: it.hers, to, rights, keep: true };
    let also_hers = it.hand.handle(it.alice, shared);
    assert_eq!(it.alice_writes(b"ab", Wait::Try), counted(2));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(Outcome::Blocked));
    let carol_reads = |hand: &mut Hand| hand.read(carol, also_hers, 8, Wait::Forever);
    assert_eq!(carol_reads(&mut it.hand), nothing(Outcome::Blocked));

    it.bob_closes();
    assert!(it.hand.is_ready(it.alice) && it.hand.is_blocked(carol));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(RESET));
    assert!(it.hand.is_ready(carol));
    assert_eq!(carol_reads(&mut it.hand), nothing(END_OF_FILE));
}

#[test]
fn law_51_closing_breaks_the_write_that_waits_for_room() {
    let mut it = Connection::new(2);
    assert_eq!(it.alice_writes(b"ab", Wait::Try), counted(2));
    assert_eq!(it.alice_writes(b"c", Wait::Forever), Outcome::Blocked);
    it.bob_closes();
    assert!(it.hand.is_ready(it.alice));
    assert_eq!(it.alice_writes(b"c", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(RESET));
}

#[test]
fn law_51_death_closes_as_well() {
    let mut it = Connection::new(4);
    assert_eq!(it.bob_writes(b"last", Wait::Try), counted(4));
    assert_eq!(it.alice_writes(b"left", Wait::Try), counted(4));
    assert_eq!(it.hand.exit(it.bob), DONE);
    assert_eq!(it.alice_reads(Wait::Forever), got(b"last"));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(RESET));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_52_a_name_is_free_when_its_listener_closes() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let listener = listen(&sys, "service", 1).await?;
        let client = sys.stream(4).await?;
        client.connect("service").await?;
        // The socket that comes of it has no name, and keeps none.
        let _accepted = listener.accept().await?;
        assert_eq!(listen(&sys, "service", 1).await.err(), Some(Error::AddressInUse));
        listener.close().await?;
        assert!(listen(&sys, "service", 1).await.is_ok());
        Ok(())
    });
    program.run();
}

#[test]
fn law_52_a_socket_is_closed_when_its_last_handle_is() {
    let mut it = Connection::new(4);
    let duplicate = it.hand.handle(it.bob, Call::Duplicate { handle: it.his });
    assert_eq!(it.alice_reads(Wait::Forever), nothing(Outcome::Blocked));
    it.bob_closes();
    assert!(it.hand.is_blocked(it.alice));
    it.hand.close(it.bob, duplicate);
    assert!(it.hand.is_ready(it.alice));
    assert_eq!(it.alice_reads(Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_52_each_end_goes_on_its_own_and_the_pair_is_freed_once() {
    let mut it = Connection::new(4);
    let tasks = 2;
    assert_eq!(it.hand.channels(), tasks + 2);
    assert_eq!(it.bob_writes(b"ab", Wait::Try), counted(2));
    it.bob_closes();
    assert_eq!(it.hand.channels(), tasks + 1);
    // The place of his socket has another owner now; hers does not mistake it for him.
    let [read, _] = it.hand.pipe(it.bob, None, 4);
    assert_eq!(it.alice_writes(b"x", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(it.hand.read(it.bob, read, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
    assert_eq!(it.alice_reads(Wait::Forever), got(b"ab"));
    it.hand.close(it.alice, it.hers);
    assert_eq!(it.hand.channels(), tasks + 1);
}

#[test]
fn law_52_nothing_is_left_of_connections_that_came_and_went() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let before = hand.channels();
    // Three times as many as the table has places.
    for round in 0..16 {
        let listener = hand.listener(alice, "service", STREAM, 2);
        let client_first = client(&mut hand, bob, "service");
        let server_last = hand.accept(alice, listener);
        hand.close(bob, client_first);
        hand.close(alice, server_last);
        let client_last = client(&mut hand, bob, "service");
        let server_first = hand.accept(alice, listener);
        hand.close(alice, server_first);
        hand.close(bob, client_last);
        let never_accepted = client(&mut hand, bob, "service");
        hand.close(alice, listener);
        hand.close(bob, never_accepted);
        assert_eq!(hand.channels(), before, "round {round}");
    }
}

#[test]
fn law_52_a_connection_that_finds_no_place_leaves_the_client_as_it_was() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    hand.listener(alice, "service", STREAM, 1);
    let handle = hand.socket(bob, Kind::Stream, FOUR);
    let first = hand.socket(alice, Kind::Stream, FOUR);
    while hand.channels() < 16 {
        hand.socket(alice, Kind::Stream, FOUR);
    }
    let (to, wait) = ("service", Wait::Forever);
    assert_eq!(hand.refusal(bob, Call::Connect { handle, to, wait }), Error::ChannelsFull);
    hand.close(alice, first);
    assert_eq!(hand.connect(bob, handle, to, wait), DONE);
}

#[test]
fn law_52_death_frees_all_that_a_server_has() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", STREAM, 2);
    let accepted = client(&mut hand, bob, "service");
    let pending = client(&mut hand, bob, "service");
    hand.accept(alice, listener);
    assert_eq!(hand.exit(alice), DONE);

    // Bob's mailbox and his two sockets.
    assert_eq!(hand.channels(), 3);
    assert_eq!(hand.read(bob, accepted, 4, Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(hand.read(bob, pending, 4, Wait::Forever), nothing(RESET));
    hand.listener(bob, "service", STREAM, 1);
}
