//! E. Message queue: messages, many to many, the most urgent first.

use std::cell::{Cell, RefCell};

use postroom::{
    Access, Attributes, Call, Create, Error, Kernel, Kind, Outcome, QueueReceiver, Result, Rights,
    Sizes, Ticks, Value, Wait,
};

use crate::hand::{DONE, Hand, RING, message, nothing, refused, until};
use crate::program::{Program, roomy};

const ONE: Sizes = Sizes::Messages { most: 1, longest: 4 };
const TWO: Sizes = Sizes::Messages { most: 2, longest: 4 };

const END_OF_FILE: Outcome = Outcome::Complete(Ok(Value::End));

/// The next message of a queue; `None` at the end of file.
async fn next(queue: &QueueReceiver<'_>) -> Result<Option<Vec<u8>>> {
    let mut buffer = [0; 4];
    let message = queue.receive(&mut buffer).await?;
    Ok(message.map(|message| buffer[..message.copied].to_vec()))
}

/// To make a queue, or to open it.
fn make(name: &str, rights: Rights, sizes: Sizes) -> Call<'_> {
    let create = Some(Create { sizes, exclusive: false, access: Access::Everyone });
    Call::Open { name, rights, create }
}

#[test]
fn law_39_a_queue_is_made_with_its_sizes_and_opened_by_its_name() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("maker", async |sys| {
        let sender = sys.open_sender("queue").create_new(TWO).await?;
        sender.send(0, b"a").await?;
        sys.receive(&mut []).await?;
        Ok(())
    });
    program.task("visitor", async |sys| {
        let receiver = sys.open_receiver("queue").await?;
        let sizes = Attributes { most: 2, longest: 4, length: 1 };
        assert_eq!(receiver.attributes().await, Ok(sizes));
        assert_eq!(next(&receiver).await, Ok(Some(b"a".to_vec())));
        sys.send("maker", b"").await
    });
    program.run();
}

#[test]
fn law_39_made_twice_it_is_already_there() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("maker", async |sys| {
        let sender = sys.open_sender("queue").create_new(ONE).await?;
        let again = sys.open_receiver("queue").create_new(TWO).await;
        assert_eq!(again.err(), Some(Error::NameTaken));

        // Whoever does not insist gets the one that is there, with the sizes that it has.
        let receiver = sys.open_receiver("queue").or_create(TWO).await?;
        assert_eq!(receiver.attributes().await, sender.attributes().await);
        Ok(())
    });
    program.run();
}

#[test]
fn law_39_what_is_no_queue_is_not_opened_as_one() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.pipe(alice, Some("pipe"), 4);
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    hand.bind(alice, socket, "socket");

    let absent = Call::Open { name: "absent", rights: Rights::READ, create: None };
    assert_eq!(hand.refusal(alice, absent), Error::NoSuchName);
    assert_eq!(hand.refusal(alice, make("pipe", Rights::READ, ONE)), Error::WrongKind);
    assert_eq!(hand.refusal(alice, make("socket", Rights::READ, ONE)), Error::WrongKind);
    assert_eq!(hand.refusal(alice, make("alice", Rights::READ, ONE)), Error::WrongKind);
}

#[test]
fn law_39_a_queue_that_no_ring_can_hold_is_not_made() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let mut refusal = |most, longest| {
        hand.refusal(alice, make("queue", Rights::READ, Sizes::Messages { most, longest }))
    };
    assert_eq!(refusal(0, 4), Error::BadArgument);
    assert_eq!(refusal(1, RING), Error::BadArgument);
    assert_eq!(refusal(RING, 0), Error::BadArgument);
    assert_eq!(refusal(usize::MAX, usize::MAX), Error::BadArgument);
}

#[test]
fn law_40_the_most_urgent_is_first_and_equals_come_in_their_order() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let sizes = Sizes::Messages { most: 5, longest: 4 };
        let sender = sys.open_sender("queue").create_new(sizes).await?;
        let receiver = sys.open_receiver("queue").await?;
        sender.send(7, b"7a").await?;
        sender.send(0, b"0a").await?;
        sender.send(31, b"31").await?;
        sender.send(7, b"7b").await?;
        sender.send(0, b"0b").await?;
        assert_eq!(next(&receiver).await, Ok(Some(b"31".to_vec())));
        assert_eq!(next(&receiver).await, Ok(Some(b"7a".to_vec())));
        assert_eq!(next(&receiver).await, Ok(Some(b"7b".to_vec())));
        assert_eq!(next(&receiver).await, Ok(Some(b"0a".to_vec())));
        assert_eq!(next(&receiver).await, Ok(Some(b"0b".to_vec())));
        Ok(())
    });
    program.run();
}

#[test]
fn law_40_inside_each_of_the_32_priorities_the_first_in_is_the_first_out() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let sizes = Sizes::Messages { most: 64, longest: 2 };
        let sender = sys.open_sender("queue").create_new(sizes).await?;
        let receiver = sys.open_receiver("queue").await?;
        // 11 and 13 have no divisor in common with 32: each round visits each priority once.
        for urgency in (0..32u16).map(|step| (step * 11 % 32) as u8) {
            sender.send(urgency, &[urgency, 0]).await?;
        }
        for urgency in (0..32u16).map(|step| (step * 13 % 32) as u8) {
            sender.send(urgency, &[urgency, 1]).await?;
        }
        for urgency in (0..32).rev() {
            assert_eq!(next(&receiver).await, Ok(Some(vec![urgency, 0])));
            assert_eq!(next(&receiver).await, Ok(Some(vec![urgency, 1])));
        }
        Ok(())
    });
    program.run();
}

#[test]
fn law_40_the_receiver_learns_how_urgent_it_was_and_who_sent_it() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("sender", async |sys| {
        let sender = sys.open_sender("queue").create_new(ONE).await?;
        sender.send(9, b"abc").await?;
        sys.receive(&mut []).await?;
        Ok(())
    });
    program.task("receiver", async |sys| {
        let receiver = sys.open_receiver("queue").await?;
        let message = receiver.receive(&mut [0; 4]).await?.unwrap();
        assert_eq!((message.urgency, message.length, message.name), (9, 3, None));
        sys.send(message.task, b"").await
    });
    program.run();
}

#[test]
fn law_40_urgency_32_is_a_bad_argument() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    let bad = refused(Error::BadArgument);
    assert_eq!(hand.enqueue(alice, sender, 32, b"a", Wait::Forever), bad);
    assert_eq!(hand.enqueue(alice, sender, u8::MAX, b"a", Wait::Forever), bad);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), nothing(refused(Error::WouldBlock)));
    assert_eq!(hand.enqueue(alice, sender, 31, b"a", Wait::Forever), DONE);
}

#[test]
fn law_41_too_long_is_said_at_once_and_nothing_is_queued() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    let too_long = refused(Error::MessageTooLong);
    assert_eq!(hand.enqueue(alice, sender, 0, b"abcde", Wait::Forever), too_long);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), nothing(refused(Error::WouldBlock)));

    assert_eq!(hand.enqueue(alice, sender, 0, b"abcd", Wait::Try), DONE);
    // Full as well: it still does not wait.
    assert_eq!(hand.enqueue(alice, sender, 0, b"abcde", Wait::Forever), too_long);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), message(b"abcd"));
}

#[test]
fn law_41_a_full_queue_lets_its_senders_wait_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("sender", async |sys| {
        let queue = sys.open_sender("queue").or_create(TWO).await?;
        queue.send(0, b"a").await?;
        queue.send(0, b"b").await?;
        assert_eq!(queue.send(0, b"c").try_now().await, Err(Error::WouldBlock));
        assert_eq!(queue.send(0, b"c").within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(queue.send(0, b"c").until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(queue.send(0, b"c").await, Ok(()));
        assert!(sys.now() >= Ticks(100));
        Ok(())
    });
    program.task("receiver", async |sys| {
        let queue = sys.open_receiver("queue").or_create(TWO).await?;
        sys.sleep_until(Ticks(100)).await?;
        assert_eq!(next(&queue).await, Ok(Some(b"a".to_vec())));
        assert_eq!(next(&queue).await, Ok(Some(b"b".to_vec())));
        assert_eq!(next(&queue).await, Ok(Some(b"c".to_vec())));
        Ok(())
    });
    program.run();
}

#[test]
fn law_41_the_first_of_those_who_wait_gets_the_free_place() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    let [bobs, carols] = [bob, carol].map(|task| hand.open(task, "queue", Rights::WRITE));
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);
    assert_eq!(hand.enqueue(bob, bobs, 0, b"b", Wait::Forever), Outcome::Blocked);
    // More urgent, but that is for the receiver to see, not for those in line.
    assert_eq!(hand.enqueue(carol, carols, 31, b"c", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), message(b"a"));
    assert!(hand.is_ready(bob) && hand.is_blocked(carol));
    let late = hand.enqueue(alice, sender, 0, b"d", Wait::Try);
    assert_eq!(late, refused(Error::WouldBlock));
    assert_eq!(hand.enqueue(bob, bobs, 0, b"b", Wait::Forever), DONE);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), message(b"b"));
    assert_eq!(hand.enqueue(carol, carols, 31, b"c", Wait::Forever), DONE);
}

#[test]
fn law_13_a_receiver_waits_for_a_queue_in_four_ways() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("receiver", async |sys| {
        let queue = sys.open_receiver("queue").or_create(ONE).await?;
        let mut buffer = [0; 4];
        assert_eq!(queue.receive(&mut buffer).try_now().await, Err(Error::WouldBlock));
        assert_eq!(queue.receive(&mut buffer).within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(queue.receive(&mut buffer).until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(next(&queue).await, Ok(Some(b"a".to_vec())));
        assert!(sys.now() >= Ticks(100));
        Ok(())
    });
    program.task("sender", async |sys| {
        let queue = sys.open_sender("queue").or_create(ONE).await?;
        sys.sleep_until(Ticks(100)).await?;
        queue.send(0, b"a").await
    });
    program.run();
}

#[test]
fn law_42_a_buffer_shorter_than_the_longest_message_gets_none() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    let too_long = nothing(refused(Error::MessageTooLong));

    // What is in the queue, and whether anything is, does not matter.
    assert_eq!(hand.take(alice, receiver, 3, Wait::Forever), too_long);
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);
    assert_eq!(hand.take(alice, receiver, 3, Wait::Forever), too_long);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), message(b"a"));
}

#[test]
fn law_42_a_queue_of_empty_messages_needs_no_buffer() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 0);
    assert_eq!(hand.enqueue(alice, sender, 0, b"", Wait::Try), DONE);
    assert_eq!(hand.enqueue(alice, sender, 0, b"", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.take(alice, receiver, 0, Wait::Try), message(b""));
}

#[test]
fn law_43_unlinked_its_name_is_free_and_its_handles_are_good() {
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("task", async |sys| {
        let old = sys.open_sender("queue").create_new(ONE).await?;
        let old_receiver = sys.open_receiver("queue").await?;
        old.send(0, b"old").await?;
        sys.unlink("queue").await?;
        assert_eq!(sys.open_receiver("queue").await.err(), Some(Error::NoSuchName));
        assert_eq!(sys.unlink("queue").await, Err(Error::NoSuchName));

        let new = sys.open_sender("queue").create_new(TWO).await?;
        let new_receiver = sys.open_receiver("queue").await?;
        new.send(0, b"new").await?;
        assert_eq!(next(&old_receiver).await, Ok(Some(b"old".to_vec())));
        assert_eq!(next(&new_receiver).await, Ok(Some(b"new".to_vec())));
        Ok(())
    });
    program.run();
}

#[test]
fn law_43_only_a_pipe_or_a_queue_can_be_unlinked() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let socket = hand.socket(alice, Kind::Datagram, ONE);
    hand.bind(alice, socket, "socket");
    assert_eq!(hand.refusal(alice, Call::Unlink { name: "socket" }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Unlink { name: "alice" }), Error::WrongKind);
}

#[test]
fn law_43_a_queue_lives_until_its_last_handle_closes() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let before = hand.channels();
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);

    // Neither side alone is the last: what is in there outlives both who sent and who received.
    hand.close(alice, receiver);
    assert_eq!(hand.channels(), before + 1);
    let late = hand.open(alice, "queue", Rights::READ);
    hand.close(alice, sender);
    assert_eq!(hand.channels(), before + 1);
    assert_eq!(hand.take(alice, late, 4, Wait::Try), message(b"a"));
    hand.close(alice, late);
    assert_eq!(hand.channels(), before);
    let again = Call::Open { name: "queue", rights: Rights::READ, create: None };
    assert_eq!(hand.refusal(alice, again), Error::NoSuchName);
}

#[test]
fn law_43_a_queue_made_for_others_stays_whoever_comes_and_goes() {
    let mut hand = Hand::new();
    hand.kernel.create_queue("queue", 1, 4).unwrap();
    let alice = hand.task("alice");
    let before = hand.channels();

    let sender = hand.open(alice, "queue", Rights::WRITE);
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);
    hand.close(alice, sender);
    assert_eq!(hand.channels(), before);

    let receiver = hand.open(alice, "queue", Rights::READ);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), message(b"a"));
    hand.close(alice, receiver);
    assert_eq!(hand.channels(), before);
}

#[test]
fn law_43_a_queue_made_for_others_goes_when_it_is_unlinked_and_nobody_has_it_open() {
    let mut hand = Hand::new();
    hand.kernel.create_queue("queue", 1, 4).unwrap();
    let alice = hand.task("alice");
    let before = hand.channels();
    assert_eq!(hand.answer(alice, Call::Unlink { name: "queue" }), Ok(Value::Unit));
    assert_eq!(hand.channels(), before - 1);
}

#[test]
fn law_43_closing_a_queue_wakes_those_who_wait_with_it() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    hand.close(alice, sender);
    let handle = hand.open(alice, "queue", Rights::READ | Rights::WRITE);
    hand.close(alice, receiver);

    // One that does several things at once: it waits, and meanwhile closes.
    assert_eq!(hand.take(alice, handle, 4, Wait::Forever), nothing(Outcome::Blocked));
    assert_eq!(hand.answer(alice, Call::Close { handle }), Ok(Value::Unit));
    assert!(hand.is_ready(alice));
    let closed = nothing(refused(Error::BadHandle));
    assert_eq!(hand.take(alice, handle, 4, Wait::Forever), closed);
}

#[test]
fn law_43_closing_a_queue_wakes_the_one_who_waits_for_its_notice() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [handle, sender] = hand.queue(alice, "queue", 1, 4);
    hand.close(alice, sender);
    let wait = Wait::Forever;
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), Outcome::Blocked);
    assert_eq!(hand.answer(alice, Call::Close { handle }), Ok(Value::Unit));
    assert!(hand.is_ready(alice));
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), refused(Error::BadHandle));
}

#[test]
fn law_43_nobody_holds_a_queue_with_a_handle_that_allows_nothing() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let [receiver, _] = hand.queue(alice, "queue", 1, 4);
    let open = Call::Open { name: "queue", rights: Rights::NONE, create: None };
    assert_eq!(hand.refusal(bob, open), Error::BadArgument);
    let rights = Rights::NONE;
    let give = Call::Give { handle: receiver, to: bob.into(), rights, keep: true };
    assert_eq!(hand.refusal(alice, give), Error::BadArgument);
    assert_eq!(hand.refusal(bob, make("another", Rights::KILL, ONE)), Error::BadArgument);
}

#[test]
fn law_44_end_of_file_comes_after_the_messages_and_stays() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 2, 4);
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);
    assert_eq!(hand.enqueue(alice, sender, 0, b"", Wait::Try), DONE);
    hand.close(alice, sender);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Forever), message(b"a"));
    assert_eq!(hand.take(alice, receiver, 4, Wait::Forever), message(b""));
    assert_eq!(hand.take(alice, receiver, 4, Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), nothing(END_OF_FILE));
}

#[test]
fn law_44_the_last_sender_to_close_wakes_every_receiver() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let [_, sender] = hand.queue(alice, "queue", 1, 4);
    let another = hand.open(alice, "queue", Rights::WRITE);
    let [bobs, carols] = [bob, carol].map(|task| hand.open(task, "queue", Rights::READ));
    assert_eq!(hand.take(bob, bobs, 4, Wait::Forever), nothing(Outcome::Blocked));
    assert_eq!(hand.take(carol, carols, 4, Wait::Forever), nothing(Outcome::Blocked));

    hand.close(alice, sender);
    assert!(hand.is_blocked(bob) && hand.is_blocked(carol));
    hand.close(alice, another);
    assert!(hand.is_ready(bob) && hand.is_ready(carol));
    assert_eq!(hand.take(bob, bobs, 4, Wait::Forever), nothing(END_OF_FILE));
    assert_eq!(hand.take(carol, carols, 4, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_44_a_queue_is_not_at_its_end_before_the_first_sender_nor_when_one_comes_again() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let receiver = hand.handle(alice, make("queue", Rights::READ, ONE));
    let empty = nothing(refused(Error::WouldBlock));
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), empty);

    let sender = hand.open(alice, "queue", Rights::WRITE);
    hand.close(alice, sender);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), nothing(END_OF_FILE));
    hand.open(alice, "queue", Rights::WRITE);
    assert_eq!(hand.take(alice, receiver, 4, Wait::Try), empty);
}

#[test]
fn law_44_workers_stop_at_the_end_of_file_and_have_done_every_item_once() {
    const ITEMS: u32 = 65_545;
    let done = RefCell::new(vec![0; ITEMS as usize]);
    let kernel = roomy();
    let mut program = Program::by_lot(&kernel, 44);
    program.task("source", async |sys| {
        let queue = sys.open_sender("work").or_create(TWO).await?;
        for item in 0..ITEMS {
            queue.send(0, &item.to_le_bytes()).await?;
        }
        Ok(())
    });
    let work = async |queue: QueueReceiver<'_>| {
        let mut item = [0; 4];
        while queue.receive(&mut item).await?.is_some() {
            done.borrow_mut()[u32::from_le_bytes(item) as usize] += 1;
        }
        Ok(())
    };
    program
        .task("worker 1", async |sys| work(sys.open_receiver("work").or_create(TWO).await?).await);
    program
        .task("worker 2", async |sys| work(sys.open_receiver("work").or_create(TWO).await?).await);
    program.run();
    assert_eq!(*done.borrow(), vec![1; ITEMS as usize]);
}

#[test]
fn law_45_one_is_told_when_a_queue_is_no_longer_empty() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let [handle, sender] = hand.queue(alice, "queue", 2, 4);
    let theirs = hand.open(bob, "queue", Rights::WRITE);
    assert_eq!(hand.enqueue(alice, sender, 0, b"a", Wait::Try), DONE);

    // Not empty when asked for: it has to become empty first.
    let notify = |hand: &mut Hand| hand.call(alice, Call::Notify { handle, wait: Wait::Forever });
    assert_eq!(notify(&mut hand), Outcome::Blocked);
    assert_eq!(hand.enqueue(bob, theirs, 0, b"b", Wait::Try), DONE);
    assert!(hand.is_blocked(alice));
    assert_eq!(hand.take(alice, handle, 4, Wait::Try), message(b"a"));
    assert_eq!(hand.take(alice, handle, 4, Wait::Try), message(b"b"));
    assert!(hand.is_blocked(alice));

    assert_eq!(hand.enqueue(bob, theirs, 0, b"c", Wait::Try), DONE);
    assert!(hand.is_ready(alice));
    assert_eq!(notify(&mut hand), DONE);

    // Once: who wants to be told again has to ask again.
    assert_eq!(hand.take(alice, handle, 4, Wait::Try), message(b"c"));
    assert_eq!(hand.enqueue(bob, theirs, 0, b"d", Wait::Try), DONE);
    assert_eq!(notify(&mut hand), Outcome::Blocked);
}

#[test]
fn law_45_nobody_is_told_while_a_receiver_waits() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let [handle, _] = hand.queue(alice, "queue", 1, 4);
    let bobs = hand.open(bob, "queue", Rights::READ);
    let carols = hand.open(carol, "queue", Rights::WRITE);
    let wait = Wait::Forever;
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), Outcome::Blocked);
    assert_eq!(hand.take(bob, bobs, 4, wait), nothing(Outcome::Blocked));

    assert_eq!(hand.enqueue(carol, carols, 0, b"a", Wait::Try), DONE);
    assert!(hand.is_ready(bob) && hand.is_blocked(alice));
    assert_eq!(hand.take(bob, bobs, 4, wait), message(b"a"));
    assert_eq!(hand.enqueue(carol, carols, 0, b"b", Wait::Try), DONE);
    assert!(hand.is_ready(alice));
}

#[test]
fn law_45_a_second_who_asks_is_told_that_it_is_busy() {
    let mut hand = Hand::new();
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| hand.task(name));
    let [handle, _] = hand.queue(alice, "queue", 1, 4);
    let bobs = hand.open(bob, "queue", Rights::READ);
    let carols = hand.open(carol, "queue", Rights::WRITE);
    let wait = Wait::Forever;
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), Outcome::Blocked);
    assert_eq!(hand.call(bob, Call::Notify { handle: bobs, wait }), refused(Error::Busy));

    // Also while the first one has been told and has not run yet.
    assert_eq!(hand.enqueue(carol, carols, 0, b"a", Wait::Try), DONE);
    assert_eq!(hand.call(bob, Call::Notify { handle: bobs, wait }), refused(Error::Busy));
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), DONE);
    assert_eq!(hand.call(bob, Call::Notify { handle: bobs, wait }), Outcome::Blocked);
}

#[test]
fn law_45_another_one_may_ask_when_the_first_gives_up_or_dies() {
    let mut hand = Hand::new();
    let [alice, bob] = ["alice", "bob"].map(|name| hand.task(name));
    let [handle, _] = hand.queue(alice, "queue", 1, 4);
    let bobs = hand.open(bob, "queue", Rights::READ);
    assert_eq!(hand.call(alice, Call::Notify { handle, wait: until(10) }), Outcome::Blocked);
    hand.kernel.advance(Ticks(10));
    let late = hand.call(alice, Call::Notify { handle, wait: until(10) });
    assert_eq!(late, refused(Error::TimedOut));

    let bob_asks = Call::Notify { handle: bobs, wait: Wait::Forever };
    assert_eq!(hand.call(bob, bob_asks), Outcome::Blocked);
    assert_eq!(hand.exit(bob), DONE);
    let wait = Wait::Forever;
    assert_eq!(hand.call(alice, Call::Notify { handle, wait }), Outcome::Blocked);
}

#[test]
fn law_13_a_notice_is_waited_for_in_four_ways() {
    let told = Cell::new(false);
    let kernel = roomy();
    let mut program = Program::new(&kernel);
    program.task("receiver", async |sys| {
        let queue = sys.open_receiver("queue").or_create(ONE).await?;
        assert_eq!(queue.notify().try_now().await, Err(Error::WouldBlock));
        assert_eq!(queue.notify().within(Ticks(9)).await, Err(Error::TimedOut));
        assert_eq!(queue.notify().until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(queue.notify().await, Ok(()));
        told.set(true);
        assert_eq!(next(&queue).await, Ok(Some(b"a".to_vec())));
        Ok(())
    });
    program.task("sender", async |sys| {
        let queue = sys.open_sender("queue").or_create(ONE).await?;
        sys.sleep_until(Ticks(100)).await?;
        assert!(!told.get());
        queue.send(0, b"a").await
    });
    program.run();
    assert!(told.get());
}

#[test]
fn what_is_done_to_a_queue_with_something_else_is_refused_without_effect() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = hand.queue(alice, "queue", 1, 4);
    let [read, _] = hand.pipe(alice, None, 4);
    let wait = Wait::Forever;
    assert_eq!(hand.refusal(alice, Call::Attributes { handle: read }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Notify { handle: read, wait }), Error::WrongKind);
    assert_eq!(hand.refusal(alice, Call::Notify { handle: sender, wait }), Error::NoRight);
    assert_eq!(hand.refusal(alice, Call::Accept { handle: receiver, wait }), Error::WrongKind);
    let buffer = &mut [0; 4];
    assert_eq!(
        hand.refusal(alice, Call::Read { handle: receiver, buffer, wait }),
        Error::WrongKind
    );
    assert_eq!(hand.enqueue(alice, receiver, 0, b"a", wait), refused(Error::NoRight));
    assert_eq!(hand.take(alice, sender, 4, wait), nothing(refused(Error::NoRight)));
}

#[test]
fn the_longest_message_of_a_queue_of_one_fills_the_ring() {
    // 32 levels of 2 bytes, and a header of 48.
    let mut kernel = Kernel::<1, 2, 256>::new();
    assert_eq!(kernel.create_queue("queue", 1, 256 - 64 - 48 + 1), Err(Error::BadArgument));
    assert!(kernel.create_queue("queue", 1, 256 - 64 - 48).is_ok());
}
