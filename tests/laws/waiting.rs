//! Section A, laws 1 to 13: who waits, who is woken, and what a copy leaves behind.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use postroom::{
    Call, Direction, Error, Event, Executor, ExitStatus, Handle, Kernel, Lock, Log, NoDevices,
    Outcome, Peer, Policy, Priority, ReadEnd, Rights, Sizes, Source, Stop, Sys, TaskId, Ticks,
    Value, Wait, WriteEnd,
};

use crate::hand::{Hand, counted, refused, until};
use crate::tasks::Loopback;

const HIGH: u8 = 8;
const NORMAL: u8 = 16;
const LOW: u8 = 24;

/// A kernel by hand with a pipe named `bytes`.
fn hand_with_pipe(capacity: usize) -> Hand {
    let mut hand = Hand::new();
    hand.kernel.create_pipe("bytes", capacity).unwrap();
    hand
}

/// A new task that has opened an end of `bytes`.
fn opener(hand: &mut Hand, name: &str, level: u8, rights: Rights) -> (TaskId, Handle) {
    let task = hand.task_at(name, level);
    let handle = hand.open(task, "bytes", rights);
    (task, handle)
}

/// Fills the mailbox of a task: three messages are all that it holds.
fn fill_mailbox(hand: &mut Hand, sender: TaskId, to: &str) {
    for message in [b"1", b"2", b"3"] {
        assert_eq!(hand.send(sender, to, message, Wait::Try), done());
    }
    assert_eq!(hand.send(sender, to, b"4", Wait::Try), refused(Error::WouldBlock));
}

/// A kernel for task bodies, with a pipe named `bytes`.
fn kernel_with_pipe(capacity: usize) -> Lock<Kernel<8, 16, 1280>> {
    let mut kernel = Kernel::new();
    kernel.create_pipe("bytes", capacity).unwrap();
    Lock::new(kernel)
}

fn priority(level: u8) -> Priority {
    Priority::new(level).unwrap()
}

const fn done() -> Outcome {
    Outcome::Complete(Ok(Value::Unit))
}

/// Makes a call that has to wait, and gives it up unanswered when the task is woken.
async fn give_up_once_woken(mut call: impl Future + Unpin) {
    let mut made = false;
    poll_fn(|context| {
        if made {
            return Poll::Ready(());
        }
        made = true;
        assert!(Pin::new(&mut call).poll(context).is_pending());
        Poll::Pending
    })
    .await;
}

#[test]
fn law_01_whoever_finds_a_pipe_empty_or_full_is_in_line_before_anyone_can_change_it() {
    let mut hand = hand_with_pipe(1);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);

    assert_eq!(hand.read(reader, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.write(writer, write, b"a", Wait::Forever), counted(1));
    assert!(hand.is_ready(reader));

    assert_eq!(hand.write(writer, write, b"b", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(reader, read, 1, Wait::Forever).1, b"a");
    assert!(hand.is_ready(writer));
}

#[test]
fn law_01_whoever_finds_a_mailbox_empty_or_full_is_in_line_before_anyone_can_change_it() {
    let mut hand = Hand::new();
    let (ann, bob) = (hand.task("ann"), hand.task("bob"));

    assert_eq!(hand.receive(bob, None, 8, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(ann, "bob", b"to anyone", Wait::Forever), done());
    assert!(hand.is_ready(bob));
    assert_eq!(hand.receive(bob, None, 9, Wait::Forever).1, b"to anyone");

    assert_eq!(hand.receive(bob, Some(Peer::Name("ann")), 8, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(ann, "bob", b"from me", Wait::Forever), done());
    assert!(hand.is_ready(bob));
    assert_eq!(hand.receive(bob, None, 8, Wait::Forever).1, b"from me");

    fill_mailbox(&mut hand, ann, "bob");
    assert_eq!(hand.send(ann, "bob", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.receive(bob, None, 8, Wait::Forever).1, b"1");
    assert!(hand.is_ready(ann));
}

#[test]
fn law_01_no_schedule_loses_a_wakeup() {
    for seed in 0..200 {
        let kernel = kernel_with_pipe(1);
        let mut executor = Executor::with_policy(&kernel, Policy::Random(seed));
        executor
            .spawn("ping", Priority::NORMAL, async |sys| {
                let bytes = sys.open_write("bytes").await?;
                for turn in 0..10 {
                    bytes.write_all(&[turn, turn]).await?;
                    let mut echo = [0];
                    sys.receive(&mut echo).await?;
                    assert_eq!(echo, [turn]);
                }
                Ok(())
            })
            .unwrap();
        executor
            .spawn("pong", Priority::NORMAL, async |sys| {
                let bytes = sys.open_read("bytes").await?;
                let mut pair = [0; 2];
                while bytes.read_full(&mut pair).await? == 2 {
                    sys.send("ping", &pair[..1]).await?;
                }
                Ok(())
            })
            .unwrap();
        assert!(matches!(executor.run(), Stop::Done), "a wakeup was lost with seed {seed}");
    }
}

#[test]
fn law_02_a_write_wakes_a_reader_and_a_read_wakes_a_writer() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);

    assert_eq!(hand.read(reader, read, 4, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.write(writer, write, b"abcd", Wait::Try), counted(4));
    assert!(hand.is_ready(reader));

    assert_eq!(hand.write(writer, write, b"ef", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(reader, read, 1, Wait::Try).1, b"a");
    assert!(hand.is_blocked(writer), "one byte of room is none for two");
    assert_eq!(hand.read(reader, read, 1, Wait::Try).1, b"b");
    assert!(hand.is_ready(writer));
}

#[test]
fn law_02_a_send_wakes_a_receiver_and_a_receive_wakes_a_sender() {
    let mut hand = Hand::new();
    let (ann, bob) = (hand.task("ann"), hand.task("bob"));

    assert_eq!(hand.receive(bob, None, 8, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(ann, "bob", b"", Wait::Try), done());
    assert!(hand.is_ready(bob));
    assert_eq!(hand.receive(bob, None, 8, Wait::Try).1, b"");

    fill_mailbox(&mut hand, ann, "bob");
    assert_eq!(hand.send(ann, "bob", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.receive(bob, Some(Peer::Task(ann)), 8, Wait::Try).1, b"1");
    assert!(hand.is_ready(ann));
}

#[test]
fn law_02_the_last_close_of_a_side_wakes_the_other() {
    let mut hand = hand_with_pipe(1);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);
    assert_eq!(hand.read(reader, read, 1, Wait::Forever).0, Outcome::Blocked);
    hand.close(writer, write);
    assert!(hand.is_ready(reader));

    let write = hand.open(writer, "bytes", Rights::WRITE);
    assert_eq!(hand.write(writer, write, b"a", Wait::Forever), counted(1));
    assert_eq!(hand.write(writer, write, b"b", Wait::Forever), Outcome::Blocked);
    hand.close(reader, read);
    assert!(hand.is_ready(writer));
}

#[test]
fn law_02_a_death_wakes_whoever_waits_for_the_dead() {
    let mut hand = hand_with_pipe(1);
    let (victim, _) = opener(&mut hand, "victim", NORMAL, Rights::WRITE);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);
    let (sender, receiver) = (hand.task("sender"), hand.task("receiver"));
    fill_mailbox(&mut hand, sender, "victim");

    assert_eq!(hand.read(reader, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(sender, "victim", b"4", Wait::Forever), Outcome::Blocked);
    let from_victim = Some(Peer::Task(victim));
    assert_eq!(hand.receive(receiver, from_victim, 8, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Killed }), done());
    assert!(hand.is_ready(reader) && hand.is_ready(sender) && hand.is_ready(receiver));
}

/// Two writers in line at a pipe of 4 bytes with 2 of them free: the first needs 4, the second 1.
fn big_write_before_a_small_one() -> (Hand, (TaskId, Handle), (TaskId, Handle)) {
    let mut hand = hand_with_pipe(4);
    opener(&mut hand, "reader", NORMAL, Rights::READ);
    let big = opener(&mut hand, "big", NORMAL, Rights::WRITE);
    let small = opener(&mut hand, "small", NORMAL, Rights::WRITE);
    assert_eq!(hand.write(small.0, small.1, b"ab", Wait::Try), counted(2));
    assert_eq!(hand.write(big.0, big.1, b"1234", until(10)), Outcome::Blocked);
    assert_eq!(hand.write(small.0, small.1, b"c", Wait::Forever), Outcome::Blocked);
    (hand, big, small)
}

#[test]
fn law_02_the_time_out_of_the_first_in_line_wakes_the_next() {
    let (mut hand, big, small) = big_write_before_a_small_one();
    hand.kernel.advance(Ticks(10));
    assert_eq!(hand.write(big.0, big.1, b"1234", until(10)), refused(Error::TimedOut));
    assert!(hand.is_ready(small.0));
    assert_eq!(hand.write(small.0, small.1, b"c", Wait::Forever), counted(1));
}

#[test]
fn law_02_the_cancellation_of_the_first_in_line_wakes_the_next() {
    let (mut hand, big, small) = big_write_before_a_small_one();
    assert_eq!(hand.answer(big.0, Call::Cancel), Ok(Value::Unit));
    assert!(hand.is_ready(small.0));
    assert_eq!(hand.write(small.0, small.1, b"c", Wait::Forever), counted(1));
}

#[test]
fn law_02_the_death_of_the_first_in_line_wakes_the_next() {
    let (mut hand, big, small) = big_write_before_a_small_one();
    assert_eq!(hand.call(big.0, Call::Exit { status: ExitStatus::Killed }), done());
    assert!(hand.is_ready(small.0));
    assert_eq!(hand.write(small.0, small.1, b"c", Wait::Forever), counted(1));
}

#[test]
fn law_02_a_device_that_has_become_ready_wakes_even_while_others_run() {
    let woken = Cell::new(false);
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(0)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("reader", Priority::HIGHEST, async |sys| {
            sys.open_read("loop:").await?.read(&mut [0]).await?;
            woken.set(true);
            Ok(())
        })
        .unwrap();
    let mut busy = |name| {
        let woken = &woken;
        executor
            .spawn(name, Priority::LOWEST, async move |sys| {
                sys.open_write("loop:").await?.write(b"a").await?;
                for _ in 0..1000 {
                    sys.yield_now().await?;
                }
                assert!(woken.get(), "it had a thousand dispatches to wake it");
                Ok(())
            })
            .unwrap();
    };
    busy("one");
    busy("two");
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_03_the_last_close_is_seen_by_everyone_it_wakes() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (first, read_first) = opener(&mut hand, "first", NORMAL, Rights::READ);
    let (second, read_second) = opener(&mut hand, "second", LOW, Rights::READ);
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).0, Outcome::Blocked);

    hand.close(writer, write);
    assert!(hand.is_ready(first) && hand.is_ready(second));
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).0, counted(0));
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, counted(0));
}

#[test]
fn law_03_a_death_is_seen_by_everyone_it_wakes() {
    let mut hand = Hand::new();
    let (victim, first, second) = (hand.task("victim"), hand.task("first"), hand.task("second"));
    fill_mailbox(&mut hand, first, "victim");
    assert_eq!(hand.send(first, "victim", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.send(second, "victim", b"5", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Done }), done());
    assert!(hand.is_ready(first) && hand.is_ready(second));
    assert_eq!(hand.send(second, "victim", b"5", Wait::Forever), refused(Error::PeerDead));
    assert_eq!(hand.send(first, "victim", b"4", Wait::Forever), refused(Error::PeerDead));
    assert_eq!(hand.send(first, "victim", b"6", Wait::Forever), refused(Error::NoSuchName));
}

#[test]
fn law_03_the_wake_comes_after_the_change() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("reader", Priority::HIGHEST, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            let mut buffer = [0; 8];
            assert_eq!(bytes.read(&mut buffer).await, Ok(3));
            assert_eq!(&buffer[..3], b"abc");
            assert_eq!(bytes.read(&mut buffer).await, Ok(0));
            sys.send("writer", b"seen").await
        })
        .unwrap();
    executor
        .spawn("writer", Priority::LOWEST, async |sys| {
            let bytes = sys.open_write("bytes").await?;
            bytes.write(b"abc").await?;
            bytes.close().await?;
            // The reader was woken by the close and has run since, once.
            sys.receive(&mut [0; 4]).try_now().await.map(drop)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_04_a_woken_task_tests_again_and_keeps_its_place() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (first, read_first) = opener(&mut hand, "first", NORMAL, Rights::READ);
    let (second, read_second) = opener(&mut hand, "second", NORMAL, Rights::READ);
    let (thief, steal) = opener(&mut hand, "thief", HIGH, Rights::READ);
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.write(writer, write, b"a", Wait::Try), counted(1));
    assert!(hand.is_ready(first));
    assert_eq!(hand.read(thief, steal, 1, Wait::Try).1, b"a");
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.write(writer, write, b"b", Wait::Try), counted(1));
    assert!(hand.is_ready(first) && hand.is_blocked(second));
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).1, b"b");
}

#[test]
fn law_04_a_woken_task_that_dies_passes_the_wake_on() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (first, read_first) = opener(&mut hand, "first", NORMAL, Rights::READ);
    let (second, read_second) = opener(&mut hand, "second", NORMAL, Rights::READ);
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.write(writer, write, b"a", Wait::Try), counted(1));
    assert!(hand.is_ready(first) && hand.is_blocked(second));
    assert_eq!(hand.call(first, Call::Exit { status: ExitStatus::Killed }), done());
    assert!(hand.is_ready(second));
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).1, b"a");
}

#[test]
fn law_04_a_woken_sender_that_dies_passes_the_wake_on() {
    let mut hand = Hand::new();
    let (receiver, first, second) =
        (hand.task("receiver"), hand.task("first"), hand.task("second"));
    fill_mailbox(&mut hand, first, "receiver");
    assert_eq!(hand.send(first, "receiver", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.send(second, "receiver", b"5", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.receive(receiver, None, 1, Wait::Try).1, b"1");
    assert!(hand.is_ready(first) && hand.is_blocked(second));
    assert_eq!(hand.call(first, Call::Exit { status: ExitStatus::Killed }), done());
    assert!(hand.is_ready(second));
    assert_eq!(hand.send(second, "receiver", b"5", Wait::Forever), done());
}

#[test]
fn law_04_a_woken_task_that_times_out_passes_the_wake_on() {
    let (mut hand, big, small) = big_write_before_a_small_one();
    let (reader, read) = opener(&mut hand, "drain", NORMAL, Rights::READ);
    let (thief, steal) = opener(&mut hand, "thief", HIGH, Rights::WRITE);

    assert_eq!(hand.read(reader, read, 2, Wait::Try).1, b"ab");
    assert!(hand.is_ready(big.0) && hand.is_blocked(small.0));
    assert_eq!(hand.write(thief, steal, b"xy", Wait::Try), counted(2));
    hand.kernel.advance(Ticks(10));
    assert_eq!(hand.write(big.0, big.1, b"1234", until(10)), refused(Error::TimedOut));
    assert!(hand.is_ready(small.0));
    assert_eq!(hand.write(small.0, small.1, b"c", Wait::Forever), counted(1));
}

#[test]
fn law_04_a_woken_task_that_drops_its_read_passes_the_wake_on() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("first", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            give_up_once_woken(bytes.read(&mut [0])).await;
            // Its end stays open: not the close, but the drop of the read passes the wake on.
            sys.receive_from("second", &mut []).await.map(drop)
        })
        .unwrap();
    executor
        .spawn("second", Priority::NORMAL, async |sys| {
            let mut byte = [0];
            sys.open_read("bytes").await?.read(&mut byte).await?;
            assert_eq!(&byte, b"a");
            sys.send("first", b"").await
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let bytes = sys.open_write("bytes").await?;
            bytes.write(b"a").await?;
            sys.sleep(Ticks(100)).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_04_a_woken_task_that_drops_its_send_passes_the_wake_on() {
    let kernel = Lock::new(Kernel::<8, 8, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("first", Priority::NORMAL, async |sys| {
            sys.send("receiver", b"1").await?;
            sys.send("receiver", b"2").await?;
            sys.send("receiver", b"3").await?;
            give_up_once_woken(sys.send("receiver", b"dropped")).await;
            sys.sleep(Ticks(100)).await
        })
        .unwrap();
    executor
        .spawn("second", Priority::NORMAL, async |sys| sys.send("receiver", b"sent").await)
        .unwrap();
    executor
        .spawn("receiver", Priority::LOWEST, async |sys| {
            let mut buffer = [0; 8];
            sys.receive(&mut buffer).await?;
            sys.receive_from("second", &mut buffer).within(Ticks(50)).await?;
            assert_eq!(&buffer[..4], b"sent");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_05_readers_are_served_by_priority_and_then_in_the_order_of_their_coming() {
    let served = RefCell::new(Vec::new());
    let kernel = kernel_with_pipe(4);
    // Round robin: only the line of the pipe looks at the priorities.
    let mut executor = Executor::with_policy(&kernel, Policy::RoundRobin);
    let mut reader = |name: &'static str, level| {
        let served = &served;
        executor
            .spawn(name, priority(level), async move |sys| {
                let mut byte = [0];
                sys.open_read("bytes").await?.read(&mut byte).await?;
                served.borrow_mut().push(name);
                Ok(())
            })
            .unwrap();
    };
    reader("low", LOW);
    reader("one", NORMAL);
    reader("two", NORMAL);
    reader("high", HIGH);
    executor
        .spawn("writer", Priority::LOWEST, async |sys| {
            sys.open_write("bytes").await?.write_all(b"abcd").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*served.borrow(), ["high", "one", "two", "low"]);
}

#[test]
fn law_05_senders_are_served_by_priority_and_then_in_the_order_of_their_coming() {
    let kernel = Lock::new(Kernel::<8, 8, 1280>::new());
    let mut executor = Executor::with_policy(&kernel, Policy::RoundRobin);
    executor
        .spawn("filler", Priority::NORMAL, async |sys| {
            sys.send("receiver", b"full").await?;
            sys.send("receiver", b"full").await?;
            sys.send("receiver", b"full").await
        })
        .unwrap();
    let mut sender = |name: &'static str, level| {
        executor
            .spawn(name, priority(level), async move |sys| {
                sys.send("receiver", name.as_bytes()).await
            })
            .unwrap();
    };
    sender("low-", LOW);
    sender("one-", NORMAL);
    sender("two-", NORMAL);
    sender("high", HIGH);
    executor
        .spawn("receiver", Priority::LOWEST, async |sys| {
            let next = async || {
                let mut buffer = [0; 4];
                sys.receive(&mut buffer).await.map(|_| buffer)
            };
            assert_eq!([next().await?, next().await?, next().await?], [*b"full"; 3]);
            assert_eq!([next().await?, next().await?], [*b"high", *b"one-"]);
            assert_eq!([next().await?, next().await?], [*b"two-", *b"low-"]);
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_05_a_late_comer_of_equal_or_lower_priority_takes_no_byte_that_another_was_woken_for() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (first, read) = opener(&mut hand, "first", NORMAL, Rights::READ);
    let (equal, read_equal) = opener(&mut hand, "equal", NORMAL, Rights::READ);
    let (lower, read_lower) = opener(&mut hand, "lower", LOW, Rights::READ);
    assert_eq!(hand.read(first, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.write(writer, write, b"a", Wait::Try), counted(1));

    assert_eq!(hand.read(equal, read_equal, 1, Wait::Try).0, refused(Error::WouldBlock));
    assert_eq!(hand.read(lower, read_lower, 1, Wait::Try).0, refused(Error::WouldBlock));
    assert_eq!(hand.read(first, read, 1, Wait::Forever).1, b"a");
}

#[test]
fn law_05_a_late_comer_of_equal_or_lower_priority_takes_no_room_that_another_was_woken_for() {
    let mut hand = hand_with_pipe(1);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);
    let (first, write) = opener(&mut hand, "first", NORMAL, Rights::WRITE);
    let (equal, write_equal) = opener(&mut hand, "equal", NORMAL, Rights::WRITE);
    let (lower, write_lower) = opener(&mut hand, "lower", LOW, Rights::WRITE);
    assert_eq!(hand.write(first, write, b"a", Wait::Forever), counted(1));
    assert_eq!(hand.write(first, write, b"b", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(reader, read, 1, Wait::Try).1, b"a");

    assert_eq!(hand.write(equal, write_equal, b"c", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.write(lower, write_lower, b"d", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.write(first, write, b"b", Wait::Forever), counted(1));
}

#[test]
fn law_05_a_late_comer_of_equal_or_lower_priority_takes_no_slot_that_another_was_woken_for() {
    let mut hand = Hand::new();
    let (receiver, first) = (hand.task("receiver"), hand.task("first"));
    let (equal, lower) = (hand.task("equal"), hand.task_at("lower", LOW));
    fill_mailbox(&mut hand, first, "receiver");
    assert_eq!(hand.send(first, "receiver", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.receive(receiver, None, 8, Wait::Try).1, b"1");

    assert_eq!(hand.send(equal, "receiver", b"x", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.send(lower, "receiver", b"y", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.send(first, "receiver", b"4", Wait::Forever), done());
}

#[test]
fn law_05_a_small_write_does_not_overtake_a_large_one_that_waits() {
    let (mut hand, _, _) = big_write_before_a_small_one();
    let (equal, write_equal) = opener(&mut hand, "equal", NORMAL, Rights::WRITE);
    let (higher, write_higher) = opener(&mut hand, "higher", HIGH, Rights::WRITE);
    assert_eq!(hand.write(equal, write_equal, b"x", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(hand.write(higher, write_higher, b"y", Wait::Try), counted(1));
}

#[test]
fn law_05_a_more_urgent_late_comer_goes_first() {
    let mut hand = hand_with_pipe(1);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (reader, read) = opener(&mut hand, "reader", NORMAL, Rights::READ);
    let urgent = hand.task_at("urgent", HIGH);
    let read_urgent = hand.open(urgent, "bytes", Rights::READ);
    let write_urgent = hand.open(urgent, "bytes", Rights::WRITE);

    assert_eq!(hand.read(reader, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.write(writer, write, b"a", Wait::Try), counted(1));
    assert_eq!(hand.read(urgent, read_urgent, 1, Wait::Try).1, b"a");
    assert_eq!(hand.answer(reader, Call::Cancel), Ok(Value::Unit));

    assert_eq!(hand.write(writer, write, b"b", Wait::Try), counted(1));
    assert_eq!(hand.write(writer, write, b"c", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(reader, read, 1, Wait::Try).1, b"b");
    assert_eq!(hand.write(urgent, write_urgent, b"u", Wait::Try), counted(1));

    fill_mailbox(&mut hand, reader, "urgent");
    assert_eq!(hand.send(reader, "urgent", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.receive(urgent, None, 8, Wait::Try).1, b"1");
    assert_eq!(hand.send(urgent, "urgent", b"to myself", Wait::Try), done());
}

#[test]
fn law_05_a_late_comer_takes_no_byte_of_a_device_that_another_waited_for() {
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(100)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("first", Priority::NORMAL, async |sys| {
            sys.open_write("loop:").await?.write(b"a").await?;
            let device = sys.open_read("loop:").await?;
            let shared = device.share("late", Rights::READ).await?;
            sys.send("late", &shared.serial().to_le_bytes()).await?;
            assert_eq!(device.read(&mut [0]).until(Ticks(200)).await, Ok(1));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("late", Priority::NORMAL, async |sys| {
            let mut serial = [0; 8];
            sys.receive(&mut serial).await?;
            let handle = Handle::from_parts(0, u64::from_le_bytes(serial));
            let device = ReadEnd::new(sys, handle);
            sys.sleep_until(Ticks(100)).await?;
            assert_eq!(device.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_06_an_answered_call_leaves_no_one_in_line() {
    let mut hand = hand_with_pipe(4);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let (first, read) = opener(&mut hand, "first", NORMAL, Rights::READ);
    let (other, read_other) = opener(&mut hand, "other", NORMAL, Rights::READ);

    assert_eq!(hand.read(first, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.write(writer, write, b"ab", Wait::Try), counted(2));
    assert_eq!(hand.read(first, read, 1, Wait::Forever).1, b"a");
    assert_eq!(hand.read(other, read_other, 1, Wait::Try).1, b"b");

    assert_eq!(hand.read(first, read, 1, until(5)).0, Outcome::Blocked);
    hand.kernel.advance(Ticks(5));
    assert_eq!(hand.read(first, read, 1, until(5)).0, refused(Error::TimedOut));
    assert_eq!(hand.write(writer, write, b"c", Wait::Try), counted(1));
    assert_eq!(hand.read(other, read_other, 1, Wait::Try).1, b"c");

    assert_eq!(hand.read(first, read, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.answer(first, Call::Cancel), Ok(Value::Unit));
    assert_eq!(hand.write(writer, write, b"d", Wait::Try), counted(1));
    assert_eq!(hand.read(other, read_other, 1, Wait::Try).1, b"d");
}

#[test]
fn law_06_a_mailbox_that_goes_answers_all_its_senders() {
    let mut hand = Hand::new();
    let (victim, first, second) = (hand.task("victim"), hand.task("first"), hand.task("second"));
    fill_mailbox(&mut hand, first, "victim");
    assert_eq!(hand.send(first, "victim", b"4", until(100)), Outcome::Blocked);
    assert_eq!(hand.send(second, "victim", b"5", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Killed }), done());
    assert_eq!(hand.kernel.next_timer(), None);
    assert_eq!(hand.send(first, "victim", b"4", until(100)), refused(Error::PeerDead));
    assert_eq!(hand.send(second, "victim", b"5", Wait::Forever), refused(Error::PeerDead));
}

#[test]
fn law_06_whoever_closes_what_it_waits_with_is_in_no_line_any_more() {
    let mut hand = Hand::new();
    let task = hand.task("task");
    let [read, write] = hand.pipe(task, None, 4);
    assert_eq!(hand.read(task, read, 1, Wait::Forever).0, Outcome::Blocked);
    hand.close(task, read);
    assert!(hand.is_ready(task));
    hand.close(task, write);
    assert_eq!(hand.kernel.channels().count(), 1, "only the mailbox is left");
    assert_eq!(hand.read(task, read, 1, Wait::Forever).0, refused(Error::BadHandle));
}

#[test]
fn law_07_a_refused_write_leaves_the_ring_as_it_was() {
    let mut hand = hand_with_pipe(4);
    let (_, _) = opener(&mut hand, "reader", NORMAL, Rights::READ);
    let (writer, write) = opener(&mut hand, "writer", NORMAL, Rights::WRITE);
    let pipe = |hand: &Hand| {
        let view = hand.kernel.channels().find(|view| view.longest == 4).unwrap();
        (view.length, hand.kernel.bytes_in(view.id).collect::<Vec<_>>())
    };
    assert_eq!(hand.write(writer, write, b"abc", Wait::Try), counted(3));
    assert_eq!(pipe(&hand), (3, b"abc".to_vec()));

    assert_eq!(hand.write(writer, write, b"de", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(pipe(&hand), (3, b"abc".to_vec()));
    assert_eq!(hand.write(writer, write, b"de", until(5)), Outcome::Blocked);
    assert_eq!(pipe(&hand), (3, b"abc".to_vec()));
    hand.kernel.advance(Ticks(5));
    assert_eq!(hand.write(writer, write, b"de", until(5)), refused(Error::TimedOut));
    assert_eq!(pipe(&hand), (3, b"abc".to_vec()));
}

#[test]
fn law_07_a_refused_send_leaves_the_mailbox_and_a_refused_receive_the_buffer_as_it_was() {
    let mut hand = Hand::new();
    let (ann, bob) = (hand.task("ann"), hand.task("bob"));
    let mut buffer = *b"untouched";
    let mut envelope = None;
    let (from, wait) = (Source::Anyone, Wait::Try);
    let call = Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait };
    assert_eq!(hand.call(bob, call), refused(Error::WouldBlock));
    assert_eq!((&buffer, envelope), (b"untouched", None));

    fill_mailbox(&mut hand, ann, "bob");
    assert_eq!(hand.send(ann, "bob", &[0; 257], Wait::Try), refused(Error::MessageTooLong));
    let mailbox = hand.kernel.channels().find(|view| view.length == 3).unwrap().id;
    let bodies: Vec<_> = hand.kernel.messages_in(mailbox).map(|(_, body)| body).collect();
    assert_eq!(bodies, [b"1", b"2", b"3"]);
}

#[test]
fn law_07_length_and_body_become_visible_together_and_before_the_wake() {
    let mut hand = Hand::new();
    let (ann, bob) = (hand.task("ann"), hand.task("bob"));
    assert_eq!(hand.receive(bob, None, 16, Wait::Forever).0, Outcome::Blocked);
    let before = hand.kernel.trace().len();
    assert_eq!(hand.send(ann, "bob", b"all of it", Wait::Forever), done());

    let mut told = hand.kernel.trace().iter().skip(before).map(|&(_, event)| event);
    let Some(Event::Copy { direction: Direction::In, bytes: 9, before: 0, after: 1, .. }) =
        told.next()
    else {
        panic!("the copy comes first")
    };
    assert!(matches!(told.next(), Some(Event::Wake { task, .. }) if task == bob));

    let mailbox = hand.kernel.channels().find(|view| view.length == 1).unwrap().id;
    let bodies: Vec<_> = hand.kernel.messages_in(mailbox).map(|(_, body)| body).collect();
    assert_eq!(bodies, [b"all of it"]);
}

#[test]
fn law_08_a_write_that_the_last_reader_cuts_short_returns_the_count_and_then_the_error() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let bytes = sys.open_write("bytes").await?;
            assert_eq!(bytes.write(b"0123456789").await, Ok(6));
            assert_eq!(bytes.write(b"6789").await, Err(Error::BrokenPipe));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            bytes.read_full(&mut [0; 2]).await?;
            sys.yield_now().await?;
            bytes.close().await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_08_a_write_that_the_time_cuts_short_returns_the_count_and_then_the_error() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let bytes = sys.open_write("bytes").await?;
            assert_eq!(bytes.write(b"0123456789").within(Ticks(10)).await, Ok(4));
            assert_eq!(bytes.write(b"456789").within(Ticks(10)).await, Err(Error::TimedOut));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_08_a_try_that_does_not_fit_returns_the_count_and_then_the_error() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let bytes = sys.open_write("bytes").await?;
            assert_eq!(bytes.write(b"0123456789").try_now().await, Ok(4));
            assert_eq!(bytes.write(b"456789").try_now().await, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_09_a_receiver_learns_how_much_was_copied_and_how_much_there_was() {
    let kernel = Lock::new(Kernel::<8, 8, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            sys.send("receiver", b"Hello World!").await?;
            sys.send("receiver", b"Hello World!").await?;
            sys.send("receiver", b"short").await
        })
        .unwrap();
    executor
        .spawn("receiver", Priority::NORMAL, async |sys| {
            let mut buffer = *b"........";
            let cut = sys.receive(&mut buffer[..5]).await?;
            assert_eq!((cut.copied, cut.length, &buffer), (5, 12, b"Hello..."));
            let none = sys.receive_from("sender", &mut []).await?;
            assert_eq!((none.copied, none.length), (0, 12));
            let whole = sys.receive(&mut buffer).await?;
            assert_eq!((whole.copied, whole.length, &buffer), (5, 5, b"short..."));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_09_a_short_read_or_write_tells_its_count() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let write = sys.open_write("bytes").await?;
            let read = sys.open_read("bytes").await?;
            assert_eq!(write.write(b"abcdef").try_now().await, Ok(4));
            let mut buffer = *b"........";
            assert_eq!(read.read(&mut buffer[..3]).await, Ok(3));
            assert_eq!(&buffer, b"abc.....");
            assert_eq!(read.read(&mut buffer).await, Ok(1));
            assert_eq!(&buffer, b"dbc.....");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_10_an_empty_message_is_a_message() {
    let kernel = Lock::new(Kernel::<8, 8, 1280>::new());
    let mut executor = Executor::new(&kernel);
    let sender = executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            sys.send("receiver", b"").await?;
            sys.send("receiver", b"").await?;
            sys.send("receiver", b"").await?;
            assert_eq!(sys.send("receiver", b"").try_now().await, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("receiver", Priority::LOWEST, async move |sys| {
            let mut buffer = [0; 4];
            let message = sys.receive(&mut buffer).await?;
            assert_eq!((message.copied, message.length), (0, 0));
            assert_eq!(message.task, sender);
            sys.receive(&mut []).await?;
            sys.receive(&mut []).await?;
            assert_eq!(sys.receive(&mut []).try_now().await, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_10_a_zero_length_read_or_write_of_a_pipe_returns_0_whatever_its_state() {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let read = sys.open_read("bytes").await?;
            assert_eq!(read.read(&mut []).await, Ok(0), "no writer has come yet");
            let write = sys.open_write("bytes").await?;
            assert_eq!(read.read(&mut []).await, Ok(0), "empty, and not the end of file");
            write.write(b"a").await?;
            assert_eq!(write.write(b"").await, Ok(0), "full");
            assert_eq!(read.read(&mut []).await, Ok(0));
            assert_eq!(read.read(&mut [0]).await, Ok(1), "nothing was taken out");
            assert_eq!(read.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
            read.close().await?;
            assert_eq!(write.write(b"").await, Ok(0), "no reader is left");
            assert_eq!(write.write(b"a").await, Err(Error::BrokenPipe));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_11_a_time_out_counts_from_the_entry_over_all_retries() {
    let log = Log::<256>::new();
    let kernel = Lock::new(Kernel::<8, 16, 1280, NoDevices, _>::with(NoDevices, log));
    kernel.with(|kernel| kernel.create_pipe("bytes", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    let victim = executor
        .spawn("victim", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            let entry = sys.now();
            let mut byte = [0];
            assert_eq!(bytes.read(&mut byte).within(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(50));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("tease", Priority::HIGHEST, async |sys| {
            let write = sys.open_write("bytes").await?;
            let read = sys.open_read("bytes").await?;
            for _ in 0..4 {
                sys.sleep(Ticks(10)).await?;
                write.write(b"a").await?;
                read.read(&mut [0]).try_now().await?;
            }
            sys.sleep(Ticks(100)).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));

    let waits = kernel.with(|kernel| {
        let is_wait = |event: &Event| matches!(event, Event::Block { task, .. } if *task == victim);
        kernel.trace().iter().filter(|(_, event)| is_wait(event)).count()
    });
    assert_eq!(waits, 5, "it was woken four times for nothing");
}

#[test]
fn law_11_a_time_out_does_not_count_from_before_the_entry() {
    let kernel = kernel_with_pipe(4);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            let mut byte = [0];
            let call = bytes.read(&mut byte).within(Ticks(10));
            sys.sleep(Ticks(20)).await?;
            let entry = sys.now();
            assert_eq!(call.await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_11_time_out_0_neither_waits_nor_yields() {
    let others = RefCell::new(0);
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let write = sys.open_write("bytes").await?;
            let read = sys.open_read("bytes").await?;
            let mut buffer = [0; 4];
            let now = sys.now();
            let none = Ticks(0);
            assert_eq!(read.read(&mut buffer).within(none).await, Err(Error::WouldBlock));
            assert_eq!(write.write(b"a").within(none).await, Ok(1));
            assert_eq!(write.write(b"b").within(none).await, Err(Error::WouldBlock));
            assert_eq!(sys.receive(&mut buffer).within(none).await, Err(Error::WouldBlock));
            sys.send("task", b"1").within(none).await?;
            sys.send("task", b"2").within(none).await?;
            sys.send("task", b"3").within(none).await?;
            assert_eq!(sys.send("task", b"4").within(none).await, Err(Error::WouldBlock));
            sys.sleep(none).await?;
            assert_eq!((sys.now(), *others.borrow()), (now, 0));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("equal", Priority::NORMAL, async |_| {
            *others.borrow_mut() += 1;
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*others.borrow(), 1);
}

#[test]
fn law_11_for_ever_is_not_a_time() {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("until the end", Priority::NORMAL, async |sys| {
            let mut byte = [0];
            let bytes = sys.open_read("bytes").await?;
            let end = Ticks(u64::MAX);
            assert_eq!(bytes.read(&mut byte).until(end).await, Err(Error::TimedOut));
            assert_eq!(bytes.read(&mut byte).within(end).await, Err(Error::TimedOut));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));

    executor
        .spawn("for ever", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            bytes.read(&mut [0]).await.map(drop)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Deadlock(_)));
}

#[test]
fn law_11_a_deadline_in_the_past_still_succeeds_if_the_call_can_be_served_now() {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let write = sys.open_write("bytes").await?;
            let read = sys.open_read("bytes").await?;
            sys.sleep_until(Ticks(20)).await?;
            let past = Ticks(10);
            let mut buffer = [0; 4];
            assert_eq!(write.write(b"a").until(past).await, Ok(1));
            assert_eq!(write.write(b"b").until(past).await, Err(Error::TimedOut));
            assert_eq!(read.read(&mut buffer).until(past).await, Ok(1));
            assert_eq!(read.read(&mut buffer).until(past).await, Err(Error::TimedOut));
            assert_eq!(sys.send("task", b"1").until(past).await, Ok(()));
            assert_eq!(sys.receive(&mut buffer).until(past).await?.length, 1);
            assert_eq!(sys.receive(&mut buffer).until(past).await, Err(Error::TimedOut));
            assert_eq!(sys.sleep_until(past).await, Ok(()));
            assert_eq!(sys.now(), Ticks(20));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_12_errors_tell_apart_what_went_wrong() {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    let gone = kernel.with(|kernel| kernel.spawn("gone", Priority::NORMAL)).unwrap();
    executor.kill(gone).unwrap();
    executor
        .spawn("task", Priority::NORMAL, async move |sys| {
            let mut buffer = [0; 4];
            let write = sys.open_write("bytes").await?;
            let read = sys.open_read("bytes").await?;
            assert_eq!(read.read(&mut buffer).try_now().await, Err(Error::WouldBlock));
            assert_eq!(read.read(&mut buffer).within(Ticks(1)).await, Err(Error::TimedOut));
            assert_eq!(sys.send(gone, b"").await, Err(Error::PeerDead));
            assert_eq!(sys.send("gone", b"").await, Err(Error::NoSuchName));
            assert_eq!(sys.send("bytes", b"").await, Err(Error::WrongKind));
            assert_eq!(sys.send("task", &[0; 257]).await, Err(Error::MessageTooLong));
            assert_eq!(sys.open_read("task").await.err(), Some(Error::WrongKind));
            assert_eq!(sys.pipe(0).await.err(), Some(Error::BadArgument));
            assert_eq!(
                sys.open_read("bytes").create_new(Sizes::Bytes(1)).await.err(),
                Some(Error::NameTaken)
            );

            // The mere claim to have a right, or a handle.
            let no_right = WriteEnd::new(sys, read.handle());
            assert_eq!(no_right.write(b"a").await, Err(Error::NoRight));
            core::mem::forget(no_right);
            let forged = WriteEnd::new(sys, Handle::from_parts(9, 9));
            assert_eq!(forged.write(b"a").await, Err(Error::BadHandle));

            read.close().await?;
            assert_eq!(write.write(b"a").await, Err(Error::BrokenPipe));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_12_the_death_of_one_peer_is_no_answer_about_another() {
    let kernel = Lock::new(Kernel::<8, 8, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            sys.send("victim", b"1").await?;
            sys.send("victim", b"2").await?;
            sys.send("victim", b"3").await?;
            let mut waiting = sys.send("victim", b"4");
            give_up_once_woken(&mut waiting).await;
            assert_eq!(sys.send("living", b"hello").try_now().await, Ok(()));
            assert_eq!(waiting.await, Err(Error::PeerDead));
            Ok(())
        })
        .unwrap();
    executor.spawn("victim", Priority::LOWEST, async |_| Ok(())).unwrap();
    executor.spawn("living", Priority::LOWEST, async |sys| sys.sleep(Ticks(100)).await).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

/// Runs a task in which a call waits for its peer, which does its part at tick 100.
fn run_with_a_late_peer(
    task: impl AsyncFnOnce(Sys<'_>) -> postroom::Result<()>,
    peer: impl AsyncFnOnce(Sys<'_>) -> postroom::Result<()>,
) {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor.spawn("task", Priority::NORMAL, async |sys| task(sys).await).unwrap();
    executor
        .spawn("peer", Priority::NORMAL, async |sys| {
            sys.sleep_until(Ticks(100)).await?;
            peer(sys).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_13_a_read_has_four_forms() {
    run_with_a_late_peer(
        async |sys| {
            let bytes = sys.open_read("bytes").await?;
            let mut byte = [0];
            assert_eq!(bytes.read(&mut byte).try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(bytes.read(&mut byte).within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(bytes.read(&mut byte).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(bytes.read(&mut byte).await, Ok(1));
            assert!(sys.now() >= Ticks(100));
            Ok(())
        },
        async |sys| sys.open_write("bytes").await?.write_all(b"a").await,
    );
}

#[test]
fn law_13_a_write_has_four_forms() {
    run_with_a_late_peer(
        async |sys| {
            let bytes = sys.open_write("bytes").await?;
            bytes.write(b"a").await?;
            assert_eq!(bytes.write(b"b").try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(bytes.write(b"b").within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(bytes.write(b"b").until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(bytes.write(b"b").await, Ok(1));
            assert!(sys.now() >= Ticks(100));
            Ok(())
        },
        async |sys| {
            let mut both = [0; 2];
            sys.open_read("bytes").await?.read_full(&mut both).await?;
            assert_eq!(&both, b"ab");
            Ok(())
        },
    );
}

#[test]
fn law_13_a_send_has_four_forms() {
    run_with_a_late_peer(
        async |sys| {
            sys.send("peer", b"1").await?;
            sys.send("peer", b"2").await?;
            sys.send("peer", b"3").await?;
            assert_eq!(sys.send("peer", b"4").try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(sys.send("peer", b"4").within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(sys.send("peer", b"4").until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(sys.send("peer", b"4").await, Ok(()));
            assert!(sys.now() >= Ticks(100));
            Ok(())
        },
        async |sys| {
            sys.receive(&mut [0]).await?;
            sys.receive_from("task", &mut [0]).await?;
            sys.sleep(Ticks(10)).await
        },
    );
}

#[test]
fn law_13_a_receive_has_four_forms() {
    run_with_a_late_peer(
        async |sys| {
            let mut byte = [0];
            assert_eq!(sys.receive(&mut byte).try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(sys.receive(&mut byte).within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(sys.receive(&mut byte).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(sys.receive(&mut byte).await?.length, 1);
            assert!(sys.now() >= Ticks(100));
            Ok(())
        },
        async |sys| sys.send("task", b"a").await,
    );
}

#[test]
fn law_13_a_receive_from_one_sender_has_four_forms() {
    run_with_a_late_peer(
        async |sys| {
            let mut byte = [0];
            // A message of someone else is no answer.
            sys.send("task", b"x").await?;
            let mine = sys.receive_from("peer", &mut byte).try_now().await;
            assert_eq!(mine, Err(Error::WouldBlock));
            let entry = sys.now();
            let mine = sys.receive_from("peer", &mut byte).within(Ticks(10)).await;
            assert_eq!((mine, sys.now()), (Err(Error::TimedOut), entry + Ticks(10)));
            let mine = sys.receive_from("peer", &mut byte).until(Ticks(50)).await;
            assert_eq!((mine, sys.now()), (Err(Error::TimedOut), Ticks(50)));
            assert_eq!(sys.receive_from("peer", &mut byte).await?.length, 1);
            assert!(sys.now() >= Ticks(100) && &byte == b"a");
            Ok(())
        },
        async |sys| sys.send("task", b"a").await,
    );
}

#[test]
fn law_13_a_read_of_a_device_has_four_forms() {
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(100)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            sys.open_write("loop:").await?.write(b"a").await?;
            let device = sys.open_read("loop:").await?;
            let mut byte = [0];
            assert_eq!(device.read(&mut byte).try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(device.read(&mut byte).within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(device.read(&mut byte).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(device.read(&mut byte).await, Ok(1));
            assert_eq!((&byte, sys.now()), (b"a", Ticks(100)));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_13_a_sleep_has_a_time_or_a_deadline() {
    let kernel = kernel_with_pipe(1);
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("sleeper", Priority::NORMAL, async |sys| {
            let entry = sys.now();
            sys.sleep(Ticks(10)).await?;
            assert_eq!(sys.now(), entry + Ticks(10));
            sys.sleep_until(Ticks(50)).await?;
            assert_eq!(sys.now(), Ticks(50));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}
