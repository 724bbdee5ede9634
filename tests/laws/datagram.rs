//! G. Datagram socket, and the message socket that is connected: sequenced packets.

use postroom::{
    Access, Call, Datagram, Destination, Error, Handle, Kind, Outcome, Peer, PollEntry, Result,
    Rights, Sequenced, Sizes, TaskId, Ticks, Value, Wait,
};

use crate::hand::{DONE, Hand, message, nothing, refused};
use crate::program::{Program, roomy};

const ONE: Sizes = Sizes::Messages { most: 1, longest: 4 };
const TWO: Sizes = Sizes::Messages { most: 2, longest: 4 };
const SEQUENCED: (Kind, Sizes) = (Kind::Sequenced, ONE);

const END_OF_FILE: Outcome = Outcome::Complete(Ok(Value::End));
const RESET: Outcome = refused(Error::ConnectionReset);

/// What comes of receiving the first bytes of a message that is longer.
fn cut(bytes: &[u8], length: u32) -> (Outcome, Vec<u8>) {
    let copied = bytes.len() as u32;
    (Outcome::Complete(Ok(Value::Message { copied, length })), bytes.to_vec())
}

/// A datagram socket with a name.
fn bound(hand: &mut Hand, task: TaskId, name: &str, sizes: Sizes) -> Handle {
    let socket = hand.socket(task, Kind::Datagram, sizes);
    hand.bind(task, socket, name);
    socket
}

/// The next message, and the name of the socket that it came from.
async fn next(socket: &Datagram<'_>) -> Result<(Vec<u8>, Option<String>)> {
    let mut buffer = [0; 8];
    let message = socket.receive(&mut buffer).await?.unwrap();
    let name = message.name.map(|name| name.as_str().to_owned());
    Ok((buffer[..message.copied].to_vec(), name))
}

/// The next message of a connection; `None` at the end of file.
async fn next_of(socket: &Sequenced<'_>) -> Result<Option<Vec<u8>>> {
    let mut buffer = [0; 8];
    let message = socket.receive(&mut buffer).await?;
    Ok(message.map(|message| buffer[..message.copied].to_vec()))
}

#[test]
fn law_53_one_send_is_one_receive_and_an_empty_message_is_one() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let inbox = bound(&mut hand, alice, "inbox", Sizes::Messages { most: 3, longest: 4 });
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"ab", Wait::Try), DONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"", Wait::Try), DONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"cd", Wait::Try), DONE);
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b"ab"));
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b""));
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b"cd"));
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
}

#[test]
fn law_53_through_a_socket_of_one_message_nothing_is_lost_and_each_sender_keeps_its_order() {
    all_arrive_in_order(ONE);
    all_arrive_in_order(TWO);
}

/// Two senders of 500 numbered messages each, dispatched by lot, and one receiver.
fn all_arrive_in_order(sizes: Sizes) {
    let Sizes::Messages { most, longest } = sizes else { panic!("a socket for messages") };
    let kernel = roomy();
    let mut program = Program::by_lot(&kernel, 53);
    program.task("receiver", async |sys| {
        let inbox = sys.datagram(most, longest).await?;
        inbox.bind("inbox").await?;
        sys.send("odd", b"").await?;
        sys.send("even", b"").await?;
        let (mut odd, mut even) = (vec![], vec![]);
        for _ in 0..1000 {
            let (bytes, _) = next(&inbox).await?;
            let number = u16::from_le_bytes([bytes[0], bytes[1]]);
            if number % 2 == 1 { odd.push(number) } else { even.push(number) }
        }
        assert!(odd.into_iter().eq((0..1000).filter(|number| number % 2 == 1)));
        assert!(even.into_iter().eq((0..1000).filter(|number| number % 2 == 0)));
        Ok(())
    });
    program.task("odd", async |sys| {
        sys.receive(&mut []).await?;
        let socket = sys.datagram(1, 0).await?;
        for number in (1..1000u16).step_by(2) {
            socket.send_to("inbox", &number.to_le_bytes()).await?;
        }
        Ok(())
    });
    program.task("even", async |sys| {
        sys.receive(&mut []).await?;
        let socket = sys.datagram(1, 0).await?;
        for number in (0..1000u16).step_by(2) {
            socket.send_to("inbox", &number.to_le_bytes()).await?;
        }
        Ok(())
    });
    program.run();
}

#[test]
fn law_54_the_receiver_learns_the_name_of_the_sending_socket_and_can_answer() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let socket = sys.datagram(1, 4).await?;
        socket.bind("service").await?;
        sys.send("client", b"").await?;
        let (question, name) = next(&socket).await?;
        assert_eq!((&question[..], name.as_deref()), (&b"ping"[..], Some("asker")));
        socket.send_to(&name.unwrap(), b"pong").await
    });
    program.task("client", async |sys| {
        sys.receive(&mut []).await?;
        let socket = sys.datagram(1, 4).await?;
        socket.bind("asker").await?;
        socket.send_to("service", b"ping").await?;
        assert_eq!(next(&socket).await, Ok((b"pong".to_vec(), Some("service".to_owned()))));
        Ok(())
    });
    program.run();
}

#[test]
fn law_54_a_socket_without_a_name_cannot_be_answered() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let inbox = sys.datagram(2, 4).await?;
        inbox.bind("inbox").await?;
        let socket = sys.datagram(1, 4).await?;
        socket.send_to("inbox", b"a").await?;
        socket.bind("late").await?;
        socket.send_to("inbox", b"b").await?;
        // It had none when it sent the first one.
        assert_eq!(next(&inbox).await, Ok((b"a".to_vec(), None)));
        assert_eq!(next(&inbox).await, Ok((b"b".to_vec(), Some("late".to_owned()))));
        Ok(())
    });
    program.run();
}

#[test]
fn law_54_the_receiver_also_learns_which_task_sent_it() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("receiver", async |sys| {
        let inbox = sys.datagram(1, 4).await?;
        inbox.bind("inbox").await?;
        sys.send("sender", b"").await?;
        let message = inbox.receive(&mut [0; 4]).await?.unwrap();
        sys.send(message.task, b"").await
    });
    program.task("sender", async |sys| {
        sys.receive(&mut []).await?;
        sys.datagram(1, 4).await?.send_to("inbox", b"a").await?;
        sys.receive_from("receiver", &mut []).await?;
        Ok(())
    });
    program.run();
}

#[test]
fn law_55_a_full_socket_lets_its_senders_wait_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("receiver", async |sys| {
        let inbox = sys.datagram(2, 4).await?;
        inbox.bind("inbox").await?;
        sys.sleep_until(Ticks(100)).await?;
        assert_eq!(next(&inbox).await, Ok((b"a".to_vec(), None)));
        assert_eq!(next(&inbox).await, Ok((b"b".to_vec(), None)));
        assert_eq!(next(&inbox).await, Ok((b"c".to_vec(), None)));
        Ok(())
    });
    program.task("sender", async |sys| {
        let socket = sys.datagram(1, 4).await?;
        socket.send_to("inbox", b"a").await?;
        socket.send_to("inbox", b"b").await?;
        let c = || socket.send_to("inbox", b"c");
        assert_eq!(c().try_now().await, Err(Error::WouldBlock));
        assert_eq!(c().within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(c().until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(c().await, Ok(()));
        assert!(sys.now() >= Ticks(100));
        Ok(())
    });
    program.run();
}

#[test]
fn law_55_taking_one_message_wakes_the_first_of_the_senders() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let inbox = bound(&mut hand, alice, "inbox", ONE);
    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Datagram, ONE));
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"a", Wait::Try), DONE);
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"b", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.post(carol, carols, Some("inbox"), b"c", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b"a"));
    assert!(hand.is_ready(bob) && hand.is_blocked(carol));
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"b", Wait::Forever), DONE);
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b"b"));
    assert_eq!(hand.post(carol, carols, Some("inbox"), b"c", Wait::Forever), DONE);
}

#[test]
fn law_55_those_who_wait_are_refused_when_the_receiver_closes_or_dies() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let inbox = bound(&mut hand, alice, "inbox", ONE);
    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Datagram, ONE));
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"a", Wait::Try), DONE);
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"b", Wait::Forever), Outcome::Blocked);
    hand.close(alice, inbox);
    assert!(hand.is_ready(bob));
    let closed = refused(Error::ConnectionRefused);
    assert_eq!(hand.post(bob, bobs, Some("inbox"), b"b", Wait::Forever), closed);

    bound(&mut hand, alice, "inbox", ONE);
    assert_eq!(hand.post(carol, carols, Some("inbox"), b"a", Wait::Try), DONE);
    assert_eq!(hand.post(carol, carols, Some("inbox"), b"b", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.exit(alice), DONE);
    assert!(hand.is_ready(carol));
    assert_eq!(hand.post(carol, carols, Some("inbox"), b"b", Wait::Forever), closed);
}

#[test]
fn law_55_the_refusal_is_the_answer_to_the_send_that_waited_and_to_no_other() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let inbox = bound(&mut hand, alice, "inbox", ONE);
    let socket = hand.socket(bob, Kind::Datagram, ONE);
    assert_eq!(hand.post(bob, socket, Some("inbox"), b"a", Wait::Try), DONE);
    assert_eq!(hand.post(bob, socket, Some("inbox"), b"b", Wait::Forever), Outcome::Blocked);
    hand.close(alice, inbox);

    // Bob does several things at once, and comes with another one first.
    assert_eq!(hand.send(bob, "alice", b"c", Wait::Try), DONE);
}

#[test]
fn law_13_a_receiver_waits_for_a_datagram_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("receiver", async |sys| {
        let inbox = sys.datagram(1, 4).await?;
        inbox.bind("inbox").await?;
        let mut buffer = [0; 4];
        assert_eq!(inbox.receive(&mut buffer).try_now().await, Err(Error::WouldBlock));
        assert_eq!(inbox.receive(&mut buffer).within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(inbox.receive(&mut buffer).until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(next(&inbox).await, Ok((b"a".to_vec(), None)));
        assert!(sys.now() >= Ticks(100));
        Ok(())
    });
    program.task("sender", async |sys| {
        sys.sleep_until(Ticks(100)).await?;
        sys.datagram(1, 4).await?.send_to("inbox", b"a").await
    });
    program.run();
}

#[test]
fn law_56_too_long_is_said_at_once_whatever_the_state_of_the_queue() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let inbox = bound(&mut hand, alice, "inbox", ONE);
    let socket = hand.socket(alice, Kind::Datagram, Sizes::Messages { most: 1, longest: 9 });
    let too_long = refused(Error::MessageTooLong);
    // The limit is that of the socket that it goes to.
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"abcde", Wait::Forever), too_long);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"abcd", Wait::Try), DONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"abcde", Wait::Forever), too_long);
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), message(b"abcd"));
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
}

#[test]
fn law_56_a_short_buffer_gets_the_beginning_and_the_full_length_and_the_rest_is_gone() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let inbox = bound(&mut hand, alice, "inbox", TWO);
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"abcd", Wait::Try), DONE);
    assert_eq!(hand.post(alice, socket, Some("inbox"), b"ef", Wait::Try), DONE);
    assert_eq!(hand.take(alice, inbox, 3, Wait::Try), cut(b"abc", 4));
    assert_eq!(hand.take(alice, inbox, 0, Wait::Try), cut(b"", 2));
    assert_eq!(hand.take(alice, inbox, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
}

#[test]
fn law_57_a_connected_socket_sends_without_an_address_and_hears_its_peer_alone() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let hers = bound(&mut hand, alice, "hers", TWO);
    let his = bound(&mut hand, bob, "his", ONE);
    let stranger = hand.socket(bob, Kind::Datagram, ONE);
    assert_eq!(hand.post(bob, stranger, Some("hers"), b"old", Wait::Try), DONE);
    assert_eq!(hand.connect(alice, hers, "his", Wait::Forever), DONE);

    assert_eq!(hand.post(alice, hers, None, b"a", Wait::Try), DONE);
    assert_eq!(hand.take(bob, his, 4, Wait::Try), message(b"a"));
    let wait = Wait::Forever;
    let to = Destination::Socket { handle: stranger, to: Some("hers") };
    let call = Call::Send { to, message: b"b", wait };
    assert_eq!(hand.refusal(bob, call), Error::NoRight);
    // Her peer need not be connected to her.
    assert_eq!(hand.post(bob, his, Some("hers"), b"c", Wait::Try), DONE);
    // What had arrived before is still there.
    assert_eq!(hand.take(alice, hers, 4, Wait::Try), message(b"old"));
    assert_eq!(hand.take(alice, hers, 4, Wait::Try), message(b"c"));
}

#[test]
fn law_57_it_can_be_connected_elsewhere() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let first = bound(&mut hand, alice, "first", ONE);
    let second = bound(&mut hand, alice, "second", ONE);
    let socket = bound(&mut hand, alice, "socket", ONE);
    assert_eq!(hand.connect(alice, socket, "first", Wait::Forever), DONE);
    assert_eq!(hand.connect(alice, socket, "second", Wait::Forever), DONE);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Try), DONE);
    assert_eq!(hand.take(alice, second, 4, Wait::Try), message(b"a"));
    let refusal = hand.post(alice, first, Some("socket"), b"b", Wait::Try);
    assert_eq!(refusal, refused(Error::NoRight));
    // An address of its own is still good for a single message.
    assert_eq!(hand.post(alice, socket, Some("first"), b"c", Wait::Try), DONE);
    assert_eq!(hand.take(alice, first, 4, Wait::Try), message(b"c"));
}

#[test]
fn law_57_a_pair_is_connected_both_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let (one, other) = sys.datagram_pair(1, 4).await?;
        one.send(b"a").await?;
        other.send(b"b").await?;
        assert_eq!(next(&other).await, Ok((b"a".to_vec(), None)));
        assert_eq!(next(&one).await, Ok((b"b".to_vec(), None)));
        Ok(())
    });
    program.run();
}

#[test]
fn law_57_a_peer_that_has_closed_refuses_and_an_absent_name_is_none() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let inbox = bound(&mut hand, alice, "inbox", ONE);
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    let unconnected = hand.post(alice, socket, None, b"a", Wait::Forever);
    assert_eq!(unconnected, refused(Error::NotConnected));
    assert_eq!(hand.connect(alice, socket, "inbox", Wait::Forever), DONE);
    hand.close(alice, inbox);

    let closed = refused(Error::ConnectionRefused);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Forever), closed);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Try), closed);
    let absent = hand.post(alice, socket, Some("inbox"), b"a", Wait::Forever);
    assert_eq!(absent, refused(Error::NoSuchName));
    // A later socket of that name is not the peer.
    let later = bound(&mut hand, alice, "inbox", ONE);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Try), closed);
    assert_eq!(hand.take(alice, later, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
    assert_eq!(hand.connect(alice, socket, "inbox", Wait::Forever), DONE);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Try), DONE);
}

#[test]
fn law_57_a_peer_that_closes_refuses_the_send_that_waits() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let [hers, his] = hand.pair([alice, bob], Kind::Datagram, ONE);
    assert_eq!(hand.post(alice, hers, None, b"a", Wait::Try), DONE);
    assert_eq!(hand.post(alice, hers, None, b"b", Wait::Forever), Outcome::Blocked);
    hand.close(bob, his);
    assert!(hand.is_ready(alice));
    let closed = refused(Error::ConnectionRefused);
    assert_eq!(hand.post(alice, hers, None, b"b", Wait::Forever), closed);
    assert_eq!(hand.post(alice, hers, None, b"b", Wait::Forever), closed);
}

#[test]
fn law_57_who_polls_a_socket_hears_of_the_peer_that_it_has_now() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let full = bound(&mut hand, bob, "full", ONE);
    bound(&mut hand, bob, "empty", ONE);
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    assert_eq!(hand.connect(alice, socket, "full", Wait::Forever), DONE);
    assert_eq!(hand.post(alice, socket, None, b"a", Wait::Try), DONE);
    let (to, rights) = (Peer::Task(bob), Rights::READ | Rights::WRITE);
    let shared = hand.handle(alice, Call::Give { handle: socket, to, rights, keep: true });

    let mut set = [PollEntry::new(Some(socket), Rights::WRITE)];
    let wait = Wait::Forever;
    assert_eq!(hand.call(alice, Call::Poll { set: &mut set, wait }), Outcome::Blocked);
    // Whoever else holds the socket connects it to one that has room.
    assert_eq!(hand.connect(bob, shared, "empty", wait), DONE);
    assert!(hand.is_ready(alice));
    hand.close(bob, full);
}

#[test]
fn law_57_what_is_no_datagram_socket_is_not_sent_to() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.listener(alice, "sequenced", SEQUENCED, 1);
    hand.queue(alice, "queue", 1, 4);
    let handle = hand.socket(alice, Kind::Datagram, ONE);
    let mut refusal = |to| {
        let to = Destination::Socket { handle, to: Some(to) };
        hand.refusal(alice, Call::Send { to, message: b"a", wait: Wait::Forever })
    };
    assert_eq!(refusal("sequenced"), Error::WrongKind);
    assert_eq!(refusal("queue"), Error::WrongKind);
    assert_eq!(refusal("alice"), Error::WrongKind);
    assert_eq!(refusal("absent"), Error::NoSuchName);
    assert_eq!(refusal(""), Error::BadName);
}

#[test]
fn law_57_what_only_connections_do_is_of_the_wrong_kind() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let handle = bound(&mut hand, alice, "inbox", ONE);
    let (wait, rights) = (Wait::Forever, Rights::READ);
    assert_eq!(hand.refusal(alice, Call::Listen { handle, backlog: 1 }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Accept { handle, wait }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Shutdown { handle, rights }), Error::WrongKind);
    let read = Call::Read { handle, buffer: &mut [0; 4], wait };
    assert_eq!(hand.refusal(alice, read), Error::WrongKind);
    let (name, access) = ("inbox", Access::Everyone);
    let another = hand.socket(alice, Kind::Datagram, ONE);
    let twice = Call::Bind { handle: another, name, access };
    assert_eq!(hand.refusal(alice, twice), Error::AddressInUse);
}

#[test]
fn law_58_a_connection_keeps_boundaries_and_tells_an_empty_message_from_the_end() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let socket = sys.sequenced(1, 4).await?;
        socket.bind("service").await?;
        let listener = socket.listen(1).await?;
        sys.send("client", b"").await?;
        let connection = listener.accept().await?;
        assert_eq!(next_of(&connection).await, Ok(Some(b"ab".to_vec())));
        assert_eq!(next_of(&connection).await, Ok(Some(b"".to_vec())));
        assert_eq!(next_of(&connection).await, Ok(Some(b"cd".to_vec())));
        connection.send(b"bye").await?;
        assert_eq!(next_of(&connection).await, Ok(None));
        assert_eq!(next_of(&connection).await, Ok(None));
        Ok(())
    });
    program.task("client", async |sys| {
        sys.receive(&mut []).await?;
        let socket = sys.sequenced(2, 4).await?;
        socket.connect("service").await?;
        socket.send(b"ab").await?;
        socket.send(b"").await?;
        socket.send(b"cd").await?;
        assert_eq!(next_of(&socket).await, Ok(Some(b"bye".to_vec())));
        Ok(())
    });
    program.run();
}

#[test]
fn law_58_each_side_has_its_own_limit_and_short_buffers_are_told() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let long = (Kind::Sequenced, Sizes::Messages { most: 2, longest: 8 });
    let listener = hand.listener(alice, "service", long, 1);
    let his = hand.socket(bob, Kind::Sequenced, ONE);
    assert_eq!(hand.connect(bob, his, "service", Wait::Try), DONE);
    let hers = hand.accept(alice, listener);

    assert_eq!(hand.post(bob, his, None, b"abcdefgh", Wait::Try), DONE);
    let too_long = refused(Error::MessageTooLong);
    assert_eq!(hand.post(alice, hers, None, b"abcde", Wait::Forever), too_long);
    assert_eq!(hand.post(bob, his, None, b"i", Wait::Try), DONE);
    assert_eq!(hand.post(bob, his, None, b"abcdefghi", Wait::Forever), too_long);
    assert_eq!(hand.take(alice, hers, 3, Wait::Try), cut(b"abc", 8));
    assert_eq!(hand.take(alice, hers, 3, Wait::Try), message(b"i"));
    // It takes no address.
    let addressed = hand.post(bob, his, Some("service"), b"a", Wait::Try);
    assert_eq!(addressed, refused(Error::BadArgument));
}

#[test]
fn law_58_its_senders_and_receivers_wait_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("server", async |sys| {
        let socket = sys.sequenced(1, 4).await?;
        socket.bind("service").await?;
        let connection = socket.listen(1).await?.accept().await?;
        sys.sleep_until(Ticks(100)).await?;
        assert_eq!(next_of(&connection).await, Ok(Some(b"a".to_vec())));
        assert_eq!(next_of(&connection).await, Ok(Some(b"b".to_vec())));
        sys.sleep_until(Ticks(200)).await?;
        connection.send(b"c").await
    });
    program.task("client", async |sys| {
        let it = sys.sequenced(1, 4).await?;
        it.connect("service").await?;
        it.send(b"a").await?;
        assert_eq!(it.send(b"b").try_now().await, Err(Error::WouldBlock));
        assert_eq!(it.send(b"b").within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(it.send(b"b").until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(it.send(b"b").await, Ok(()));
        assert!(sys.now() >= Ticks(100));

        let mut buffer = [0; 4];
        assert_eq!(it.receive(&mut buffer).try_now().await, Err(Error::WouldBlock));
        assert_eq!(it.receive(&mut buffer).within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(it.receive(&mut buffer).until(Ticks(150)).await, Err(Error::TimedOut));
        assert_eq!(next_of(&it).await, Ok(Some(b"c".to_vec())));
        assert!(sys.now() >= Ticks(200));
        Ok(())
    });
    program.run();
}

#[test]
fn law_58_it_is_connected_as_a_stream_is() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let listener = hand.listener(alice, "service", SEQUENCED, 1);
    let stream = hand.socket(bob, Kind::Stream, Sizes::Bytes(4));
    let wrong = hand.connect(bob, stream, "service", Wait::Try);
    assert_eq!(wrong, refused(Error::WrongKind));

    let [bobs, carols] = [bob, carol].map(|task| hand.socket(task, Kind::Sequenced, ONE));
    let unconnected = refused(Error::NotConnected);
    assert_eq!(hand.post(bob, bobs, None, b"a", Wait::Forever), unconnected);
    assert_eq!(hand.take(bob, bobs, 4, Wait::Forever), nothing(unconnected));
    assert_eq!(hand.take(alice, listener, 8, Wait::Forever), nothing(unconnected));

    assert_eq!(hand.connect(bob, bobs, "service", Wait::Forever), DONE);
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.post(bob, bobs, None, b"a", Wait::Try), DONE);
    hand.close(bob, bobs);
    // He has already left; it is still accepted, and then it is her turn.
    let accepted = hand.accept(alice, listener);
    assert!(hand.is_ready(carol));
    assert_eq!(hand.take(alice, accepted, 4, Wait::Forever), message(b"a"));
    assert_eq!(hand.take(alice, accepted, 4, Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(hand.connect(carol, carols, "service", Wait::Forever), DONE);
    hand.close(alice, listener);
    assert_eq!(hand.take(carol, carols, 4, Wait::Forever), nothing(RESET));
    assert_eq!(hand.take(carol, carols, 4, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_58_it_is_closed_and_shut_down_as_a_stream_is() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let before = hand.channels();
    let [hers, his] = hand.pair([alice, bob], Kind::Sequenced, ONE);
    assert_eq!(hand.post(alice, hers, None, b"unread", Wait::Try), refused(Error::MessageTooLong));
    assert_eq!(hand.post(alice, hers, None, b"", Wait::Try), DONE);
    assert_eq!(hand.post(alice, hers, None, b"b", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.post(bob, his, None, b"last", Wait::Try), DONE);
    // An empty message that nobody has read is unread as well.
    hand.close(bob, his);
    assert!(hand.is_ready(alice));
    assert_eq!(hand.post(alice, hers, None, b"b", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(hand.take(alice, hers, 4, Wait::Forever), message(b"last"));
    assert_eq!(hand.take(alice, hers, 4, Wait::Forever), nothing(RESET));
    assert_eq!(hand.take(alice, hers, 4, Wait::Forever), nothing(END_OF_FILE));
    hand.close(alice, hers);
    assert_eq!(hand.channels(), before);

    let [hers, his] = hand.pair([alice, bob], Kind::Sequenced, ONE);
    assert_eq!(hand.post(bob, his, None, b"last", Wait::Try), DONE);
    let down = Call::Shutdown { handle: his, rights: Rights::WRITE };
    assert_eq!(hand.answer(bob, down), Ok(Value::Unit));
    assert_eq!(hand.post(bob, his, None, b"more", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(hand.take(alice, hers, 4, Wait::Forever), message(b"last"));
    assert_eq!(hand.take(alice, hers, 4, Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(hand.post(alice, hers, None, b"back", Wait::Try), DONE);
    assert_eq!(hand.take(bob, his, 4, Wait::Forever), message(b"back"));
}
