//! C. Mailbox: messages to a named task.

use postroom::{
    Call, Error, Executor, ExitStatus, Kernel, Lock, Outcome, Peer, Priority, Stop, TaskId, Value,
    Wait, param,
};

use crate::hand::{Hand, refused};

const SENT: Outcome = Outcome::Complete(Ok(Value::Unit));

/// The outcome of a receive that copied so many bytes of a message of so many.
const fn took(copied: u32, length: u32) -> Outcome {
    Outcome::Complete(Ok(Value::Message { copied, length }))
}

fn exit(hand: &mut Hand, task: TaskId) {
    assert_eq!(hand.call(task, Call::Exit { status: ExitStatus::Done }), SENT);
}

/// Receives what there is, from anyone: the bytes.
fn take(hand: &mut Hand, task: TaskId) -> Vec<u8> {
    hand.receive(task, None, 512, Wait::Try).1
}

#[test]
fn law_22_no_such_name_too_long_and_would_block_are_three_errors() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    let longest = [1; param::MAILBOX_LONGEST];
    let too_long = [1; param::MAILBOX_LONGEST + 1];

    assert_eq!(hand.send(alice, "carol", b"hello", Wait::Try), refused(Error::NoSuchName));
    assert_eq!(hand.send(alice, "bob", &too_long, Wait::Try), refused(Error::MessageTooLong));
    assert_eq!(take(&mut hand, bob), b"");

    // The ring has room for three.
    assert_eq!(hand.send(alice, "bob", &longest, Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"two", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"three", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"four", Wait::Try), refused(Error::WouldBlock));

    assert_eq!(take(&mut hand, bob), longest);
    assert_eq!(take(&mut hand, bob), b"two");
    assert_eq!(take(&mut hand, bob), b"three");
    assert_eq!(hand.receive(bob, None, 512, Wait::Try).0, refused(Error::WouldBlock));
}

#[test]
fn law_22_too_long_is_said_at_once_even_when_the_mailbox_is_full() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    assert_eq!(hand.send(alice, "alice", b"one", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "alice", b"two", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "alice", b"three", Wait::Try), SENT);

    let too_long = [1; param::MAILBOX_LONGEST + 1];
    let outcome = hand.send(alice, "alice", &too_long, Wait::Forever);
    assert_eq!(outcome, refused(Error::MessageTooLong));
}

#[test]
fn law_22_a_full_mailbox_lets_its_sender_wait_for_room() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    assert_eq!(hand.send(alice, "bob", b"one", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"two", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"three", Wait::Try), SENT);

    assert_eq!(hand.send(alice, "bob", b"four", Wait::Forever), Outcome::Blocked);
    assert_eq!(take(&mut hand, bob), b"one");
    assert!(hand.is_ready(alice));
    assert_eq!(hand.send(alice, "bob", b"four", Wait::Forever), SENT);

    assert_eq!(take(&mut hand, bob), b"two");
    assert_eq!(take(&mut hand, bob), b"three");
    assert_eq!(take(&mut hand, bob), b"four");
}

#[test]
fn law_23_the_kernel_names_the_sender_whatever_the_message_says() {
    let mut hand = Hand::new();
    let [mallory, bob] = [hand.task("mallory"), hand.task("bob")];
    assert_eq!(hand.send(mallory, "bob", b"from: alice", Wait::Try), SENT);

    let (_, message, envelope) = hand.receive(bob, None, 512, Wait::Try);
    let envelope = envelope.unwrap();
    assert_eq!(message, b"from: alice");
    assert_eq!((envelope.sender, envelope.name.unwrap().as_str()), (mallory, "mallory"));
}

#[test]
fn law_23_a_sender_stays_who_it_was_when_another_takes_its_name() {
    let mut hand = Hand::new();
    let [first, bob] = [hand.task("alice"), hand.task("bob")];
    assert_eq!(hand.send(first, "bob", b"one", Wait::Try), SENT);
    exit(&mut hand, first);
    let second = hand.task("alice");
    assert_eq!(hand.send(second, "bob", b"two", Wait::Try), SENT);

    let one = hand.receive(bob, None, 512, Wait::Try).2.unwrap();
    let two = hand.receive(bob, None, 512, Wait::Try).2.unwrap();
    assert_eq!((one.sender, one.name.unwrap().as_str()), (first, "alice"));
    assert_eq!((two.sender, two.name.unwrap().as_str()), (second, "alice"));
    assert_ne!(first, second);
}

#[test]
fn law_24_the_messages_of_each_sender_keep_their_order() {
    let kernel = Lock::new(Kernel::<3, 3, 1024>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("receiver", Priority::NORMAL, async |sys| {
            let [mut urgent, mut patient] = [vec![], vec![]];
            let mut buffer = [0; 8];
            while urgent.len() + patient.len() < 40 {
                let message = sys.receive(&mut buffer).await?;
                assert_eq!(message.length, 1);
                match message.name.as_str() {
                    "urgent" => urgent.push(buffer[0]),
                    _ => patient.push(buffer[0]),
                }
            }
            assert_eq!(urgent, Vec::from_iter(0..20));
            assert_eq!(patient, Vec::from_iter(100..120));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("urgent", Priority::HIGHEST, async |sys| {
            for number in 0..20 {
                sys.send("receiver", &[number]).await?;
            }
            Ok(())
        })
        .unwrap();
    executor
        .spawn("patient", Priority::LOWEST, async |sys| {
            for number in 100..120 {
                sys.send("receiver", &[number]).await?;
            }
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_24_one_send_is_one_receive() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    assert_eq!(hand.send(alice, "bob", b"", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"ab", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"c", Wait::Try), SENT);

    assert_eq!(hand.receive(bob, None, 512, Wait::Try).0, took(0, 0));
    assert_eq!(take(&mut hand, bob), b"ab");
    assert_eq!(take(&mut hand, bob), b"c");
    assert_eq!(hand.receive(bob, None, 512, Wait::Try).0, refused(Error::WouldBlock));
}

#[test]
fn law_25_receive_from_leaves_the_messages_of_others_in_their_order() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = [hand.task("alice"), hand.task("bob"), hand.task("carol")];
    assert_eq!(hand.send(alice, "carol", b"first", Wait::Try), SENT);
    assert_eq!(hand.send(bob, "carol", b"second", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "carol", b"third", Wait::Try), SENT);

    assert_eq!(hand.receive(carol, Some("bob".into()), 512, Wait::Try).1, b"second");
    let again = hand.receive(carol, Some("bob".into()), 512, Wait::Try).0;
    assert_eq!(again, refused(Error::WouldBlock));
    assert_eq!(take(&mut hand, carol), b"first");
    assert_eq!(take(&mut hand, carol), b"third");
}

#[test]
fn law_25_receive_from_sleeps_until_that_very_sender_sends() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = [hand.task("alice"), hand.task("bob"), hand.task("carol")];
    let from_bob = Some(Peer::Task(bob));
    assert_eq!(hand.receive(carol, from_bob, 512, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.send(alice, "carol", b"not I", Wait::Try), SENT);
    assert!(hand.is_blocked(carol));
    assert_eq!(hand.send(bob, "carol", b"it is I", Wait::Try), SENT);
    assert!(hand.is_ready(carol));
    assert_eq!(hand.receive(carol, from_bob, 512, Wait::Forever).1, b"it is I");
}

#[test]
fn law_25_the_death_of_the_sender_is_an_answer_to_whoever_waits_for_it() {
    let mut hand = Hand::new();
    let [bob, carol] = [hand.task("bob"), hand.task("carol")];
    let from_bob = Some("bob".into());
    assert_eq!(hand.receive(carol, from_bob, 512, Wait::Forever).0, Outcome::Blocked);

    exit(&mut hand, bob);
    assert!(hand.is_ready(carol));
    let outcome = hand.receive(carol, from_bob, 512, Wait::Forever).0;
    assert_eq!(outcome, refused(Error::PeerDead));
}

#[test]
fn law_25_what_the_dead_have_sent_comes_before_peer_dead() {
    let mut hand = Hand::new();
    let [bob, carol] = [hand.task("bob"), hand.task("carol")];
    let from_bob = Some(Peer::Task(bob));
    assert_eq!(hand.receive(carol, from_bob, 512, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(bob, "carol", b"my last word", Wait::Try), SENT);
    exit(&mut hand, bob);

    assert_eq!(hand.receive(carol, from_bob, 512, Wait::Forever).1, b"my last word");
    let outcome = hand.receive(carol, from_bob, 512, Wait::Forever).0;
    assert_eq!(outcome, refused(Error::PeerDead));
}

#[test]
fn law_26_a_small_buffer_gets_the_beginning_and_the_full_length() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    assert_eq!(hand.send(alice, "bob", b"Hello World!", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"the next one", Wait::Try), SENT);
    assert_eq!(hand.send(alice, "bob", b"the last one", Wait::Try), SENT);

    let (outcome, message, _) = hand.receive(bob, None, 5, Wait::Try);
    assert_eq!((outcome, &message[..]), (took(5, 12), &b"Hello"[..]));
    // The tail is gone. A buffer of no bytes takes a message, too.
    assert_eq!(hand.receive(bob, None, 0, Wait::Try).0, took(0, 12));
    let (outcome, message, _) = hand.receive(bob, None, 12, Wait::Try);
    assert_eq!((outcome, &message[..]), (took(12, 12), &b"the last one"[..]));
}
