//! H. Waiting on many: one call for several things, laws 59 to 62.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use postroom::param::POLL;
use postroom::{
    Access, Call, Destination, Error, Executor, ExitStatus, Handle, Kernel, Kind, Lock, Outcome,
    Peer, Policy, PollEntry, Priority, Readiness, RequestId, Result, Rights, Sizes, Stop, Sys,
    TaskId, Ticks, Value, Wait,
};

use crate::hand::{Hand, counted, refused};
use crate::tasks::Loopback;

const SENT: Outcome = Outcome::Complete(Ok(Value::Unit));
const READABLE: Readiness = Readiness { readable: true, ..Readiness::NOTHING };
const WRITABLE: Readiness = Readiness { writable: true, ..Readiness::NOTHING };
const BOTH: Rights = Rights::READ.union(Rights::WRITE);
/// The task's own mailbox.
const MAILBOX: PollEntry = PollEntry::mailbox();

fn kernel() -> Lock<Kernel<8, 16, 1280>> {
    Lock::new(Kernel::new())
}

/// Runs a task to its end, alone.
fn run(task: impl AsyncFnOnce(Sys<'_>) -> Result<()>) {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor.spawn("task", Priority::NORMAL, async |sys| task(sys).await).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

/// What a poll says of a single thing, now.
async fn now(sys: Sys<'_>, entry: PollEntry) -> Result<Readiness> {
    let mut set = [entry];
    match sys.poll(&mut set).try_now().await {
        Ok(1) => {}
        Err(Error::WouldBlock) => assert_eq!(set[0].ready, Ok(Readiness::NOTHING)),
        other => panic!("{other:?}"),
    }
    set[0].ready
}

const fn to_read(handle: Handle) -> PollEntry {
    PollEntry::new(Some(handle), Rights::READ)
}

const fn to_write(handle: Handle) -> PollEntry {
    PollEntry::new(Some(handle), Rights::WRITE)
}

fn poll(hand: &mut Hand, task: TaskId, set: &mut [PollEntry], wait: Wait) -> Outcome {
    hand.call(task, Call::Poll { set, wait })
}

#[test]
fn law_59_everything_that_is_ready_is_told_and_not_only_the_first() {
    run(async |sys| {
        let (one_out, one_in) = sys.pipe(8).await?;
        let (two_out, _two_in) = sys.pipe(8).await?;
        let (three_out, three_in) = sys.pipe(8).await?;
        let mut set = [one_out.entry(), two_out.entry(), three_out.entry(), MAILBOX];
        one_in.write_all(b"a").await?;
        three_in.write_all(b"c").await?;
        sys.send("task", b"").await?;

        assert_eq!(sys.poll(&mut set).await, Ok(3));
        let told = set.map(|entry| entry.ready.unwrap().readable);
        assert_eq!(told, [true, false, true, true]);
        Ok(())
    });
}

#[test]
fn law_59_testing_all_and_going_to_sleep_is_one_step() {
    let mut hand = Hand::new();
    let task = hand.task("task");
    let [read_one, write_one] = hand.pipe(task, Some("one"), 4);
    let [read_two, _write_two] = hand.pipe(task, Some("two"), 4);
    let other = hand.task("other");
    let write = hand.open(other, "two", Rights::WRITE);
    let mut set = [to_read(read_one), to_read(read_two)];

    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.write(other, write, b"a", Wait::Try), counted(1));
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert_eq!(set.map(|entry| entry.ready), [Ok(Readiness::NOTHING), Ok(READABLE)]);

    assert_eq!(hand.read(task, read_two, 4, Wait::Try).1, b"a");
    assert_eq!(hand.write(task, write_one, b"b", Wait::Try), counted(1));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert_eq!(set.map(|entry| entry.ready), [Ok(READABLE), Ok(Readiness::NOTHING)]);
}

#[test]
fn law_59_no_schedule_loses_a_wakeup() {
    for seed in 0..200 {
        let kernel = kernel();
        kernel.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
        kernel.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
        let mut executor = Executor::with_policy(&kernel, Policy::Random(seed));
        executor
            .spawn("poller", Priority::NORMAL, async |sys| {
                let pipe = sys.open_read("pipe").await?;
                let queue = sys.open_receiver("queue").await?;
                let mut buffer = [0];
                let (mut taken, mut turns) = ([0; 3], 0);
                while taken != [10; 3] {
                    turns += 1;
                    assert!(turns < 1000, "it is told the same again and again: {taken:?}");
                    let mut set = [pipe.entry(), queue.entry(), MAILBOX];
                    sys.poll(&mut set).await?;
                    let [from_pipe, from_queue, from_mailbox] = set.map(|it| it.ready.unwrap());
                    if from_pipe.readable && pipe.read(&mut buffer).try_now().await? > 0 {
                        taken[0] += 1;
                    }
                    if from_queue.readable && queue.receive(&mut buffer).try_now().await?.is_some()
                    {
                        taken[1] += 1;
                    }
                    if from_mailbox.readable {
                        sys.receive(&mut buffer).try_now().await?;
                        taken[2] += 1;
                    }
                }
                Ok(())
            })
            .unwrap();
        executor
            .spawn("writer", Priority::NORMAL, async |sys| {
                sys.open_write("pipe").await?.write_all(&[0; 10]).await
            })
            .unwrap();
        executor
            .spawn("sender", Priority::NORMAL, async |sys| {
                let queue = sys.open_sender("queue").await?;
                for _ in 0..10 {
                    queue.send(0, b"").await?;
                    sys.send("poller", b"").await?;
                }
                Ok(())
            })
            .unwrap();
        assert!(matches!(executor.run(), Stop::Done), "a wakeup was lost with seed {seed}");
    }
}

#[test]
fn law_59_whatever_comes_first_of_all_that_is_polled_wakes() {
    let told = RefCell::new(Vec::new());
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    kernel.with(|kernel| kernel.create_queue("queue", 1, 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("poller", Priority::HIGHEST, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let queue = sys.open_receiver("queue").await?;
            let shop = sys.stream(8).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let letters = sys.datagram(1, 4).await?;
            letters.bind("letters").await?;
            let names = ["pipe", "queue", "mailbox", "shop", "letters"];
            loop {
                let letter = to_read(letters.handle());
                let mut set = [pipe.entry(), queue.entry(), MAILBOX, shop.entry(), letter];
                assert_eq!(sys.poll(&mut set).await, Ok(1));
                let which = set.iter().position(|it| it.ready == Ok(READABLE)).unwrap();
                told.borrow_mut().push(names[which]);
                let mut buffer = [0; 4];
                match names[which] {
                    "pipe" => drop(pipe.read(&mut buffer).try_now().await?),
                    "queue" => drop(queue.receive(&mut buffer).try_now().await?),
                    "mailbox" => drop(sys.receive(&mut buffer).try_now().await?),
                    "shop" => drop(shop.accept().try_now().await?),
                    _ => return Ok(()),
                }
            }
        })
        .unwrap();
    executor
        .spawn("other", Priority::NORMAL, async |sys| {
            let (pipe, queue) = (sys.open_write("pipe").await?, sys.open_sender("queue").await?);
            let client = sys.stream(8).await?;
            client.connect("shop").await?;
            sys.send("poller", b"").await?;
            queue.send(0, b"").await?;
            pipe.write_all(b"a").await?;
            sys.send("poller", b"").await?;
            sys.datagram(1, 4).await?.send_to("letters", b"").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    let expected = ["shop", "mailbox", "queue", "pipe", "mailbox", "letters"];
    assert_eq!(*told.borrow(), expected);
}

/// A task that polls two pipes, and another one that writes to both.
struct TwoPipes {
    hand: Hand,
    task: TaskId,
    set: [PollEntry; 2],
    other: TaskId,
    into: [Handle; 2],
}

impl TwoPipes {
    fn new() -> Self {
        let mut hand = Hand::new();
        let [task, other] = [hand.task("task"), hand.task("other")];
        let [into_one, into_two] = ["one", "two"].map(|name| {
            hand.kernel.create_pipe(name, 4).unwrap();
            hand.open(other, name, Rights::WRITE)
        });
        let set = ["one", "two"].map(|name| to_read(hand.open(task, name, Rights::READ)));
        Self { hand, task, set, other, into: [into_one, into_two] }
    }

    fn poll(&mut self, wait: Wait) -> Outcome {
        poll(&mut self.hand, self.task, &mut self.set, wait)
    }

    /// Writes to both pipes, which must not wake a task that waits for a message.
    fn is_no_longer_told(&mut self) -> bool {
        assert_eq!(self.hand.receive(self.task, None, 4, Wait::Forever).0, Outcome::Blocked);
        let [one, two] = self.into;
        assert_eq!(self.hand.write(self.other, one, b"a", Wait::Try), counted(1));
        assert_eq!(self.hand.write(self.other, two, b"b", Wait::Try), counted(1));
        self.hand.is_blocked(self.task)
    }
}

#[test]
fn law_59_whoever_was_answered_is_on_no_list() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    assert_eq!(pipes.hand.write(pipes.other, pipes.into[0], b"a", Wait::Try), counted(1));
    assert_eq!(pipes.poll(Wait::Forever), counted(1));
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_59_whoever_timed_out_is_on_no_list() {
    let mut pipes = TwoPipes::new();
    let wait = Wait::Until(Ticks(10));
    assert_eq!(pipes.poll(wait), Outcome::Blocked);
    pipes.hand.kernel.advance(Ticks(10));
    assert_eq!(pipes.poll(wait), refused(Error::TimedOut));
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_59_whoever_gave_up_is_on_no_list() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    assert_eq!(pipes.hand.answer(pipes.task, Call::Cancel), Ok(Value::Unit));
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_59_whoever_died_is_on_no_list() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    // It reads no more, but another one does, so that the pipes can be written to.
    pipes.hand.open(pipes.other, "one", Rights::READ);
    pipes.hand.open(pipes.other, "two", Rights::READ);
    let exit = Call::Exit { status: ExitStatus::Killed };
    assert_eq!(pipes.hand.call(pipes.task, exit), SENT);
    pipes.task = pipes.hand.task("heir");
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_59_whoever_did_not_have_to_wait_is_on_no_list() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Try), refused(Error::WouldBlock));
    assert_eq!(pipes.hand.write(pipes.other, pipes.into[0], b"a", Wait::Try), counted(1));
    assert_eq!(pipes.poll(Wait::Forever), counted(1));
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_59_a_woken_task_that_finds_nothing_sleeps_again_and_is_woken_again() {
    let mut pipes = TwoPipes::new();
    let thief = pipes.hand.task("thief");
    let steal = pipes.hand.open(thief, "one", Rights::READ);
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    assert_eq!(pipes.hand.write(pipes.other, pipes.into[0], b"a", Wait::Try), counted(1));
    assert_eq!(pipes.hand.read(thief, steal, 4, Wait::Try).1, b"a");
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    assert_eq!(pipes.hand.write(pipes.other, pipes.into[1], b"b", Wait::Try), counted(1));
    assert!(pipes.hand.is_ready(pipes.task));
    assert_eq!(pipes.poll(Wait::Forever), counted(1));
}

#[test]
fn law_59_all_who_poll_the_same_thing_are_told_and_keep_nobody_from_it() {
    let mut hand = Hand::new();
    hand.kernel.create_pipe("pipe", 4).unwrap();
    let [first, second, reader] = [hand.task("first"), hand.task("second"), hand.task("reader")];
    let writer = hand.task("writer");
    let into = hand.open(writer, "pipe", Rights::WRITE);
    let [of_first, of_second, of_reader] =
        [first, second, reader].map(|task| hand.open(task, "pipe", Rights::READ));
    let mut set = [to_read(of_first)];
    assert_eq!(poll(&mut hand, first, &mut set, Wait::Forever), Outcome::Blocked);
    let mut set = [to_read(of_second)];
    assert_eq!(poll(&mut hand, second, &mut set, Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(reader, of_reader, 4, Wait::Forever).0, Outcome::Blocked);

    assert_eq!(hand.write(writer, into, b"a", Wait::Try), counted(1));
    assert!(hand.is_ready(first) && hand.is_ready(second) && hand.is_ready(reader));
    assert_eq!(hand.read(reader, of_reader, 4, Wait::Forever).1, b"a");
}

#[test]
fn law_59_a_second_poll_at_the_same_time_takes_no_wake_from_the_first() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("one", 4)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("two", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let [one, two] = [sys.open_read("one").await?, sys.open_read("two").await?];
            let [mut first, mut second] = [[one.entry()], [two.entry()]];
            let mut first = pin!(sys.poll(&mut first));
            let mut second = pin!(sys.poll(&mut second));
            let answer = poll_fn(|context| {
                if let Poll::Ready(answer) = first.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                // It waits as well, or is refused; the first goes on.
                let _ = second.as_mut().poll(context);
                Poll::Pending
            });
            assert_eq!(answer.await, Ok(1));
            assert!(sys.now() < Ticks(100), "only the close has woken it");
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::LOWEST, async |sys| {
            let (one, _two) = (sys.open_write("one").await?, sys.open_write("two").await?);
            one.write_all(b"a").await?;
            sys.sleep_until(Ticks(100)).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_60_a_pipe_is_ready_when_a_call_would_not_wait() {
    run(async |sys| {
        let (out, into) = sys.pipe(4).await?;
        let mut buffer = [0; 4];
        assert_eq!(now(sys, out.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(out.read(&mut buffer).try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, into.entry()).await, Ok(WRITABLE));
        assert_eq!(into.write(b"abcd").try_now().await, Ok(4));
        assert_eq!(now(sys, into.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(into.write(b"e").try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, out.entry()).await, Ok(READABLE));
        assert_eq!(out.read(&mut buffer).try_now().await, Ok(4));

        into.close().await?;
        let ended = Readiness { readable: true, hung_up: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, out.entry()).await, Ok(ended));
        assert_eq!(out.read(&mut buffer).try_now().await, Ok(0));

        let (out, into) = sys.pipe(4).await?;
        into.write_all(b"full").await?;
        out.close().await?;
        let broken = Readiness { error: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, into.entry()).await, Ok(broken));
        assert_eq!(into.write(b"a").try_now().await, Err(Error::BrokenPipe));
        Ok(())
    });
}

#[test]
fn law_60_a_queue_is_ready_when_a_call_would_not_wait() {
    run(async |sys| {
        let one = Sizes::Messages { most: 1, longest: 4 };
        let receiver = sys.open_receiver("queue").create_new(one).await?;
        let sender = sys.open_sender("queue").await?;
        let mut buffer = [0; 4];
        assert_eq!(now(sys, receiver.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(receiver.receive(&mut buffer).try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, sender.entry()).await, Ok(WRITABLE));
        assert_eq!(sender.send(0, b"").try_now().await, Ok(()));
        assert_eq!(now(sys, sender.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(sender.send(0, b"").try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, receiver.entry()).await, Ok(READABLE));
        assert_eq!(receiver.receive(&mut buffer).try_now().await?.unwrap().length, 0);

        sender.close().await?;
        let ended = Readiness { readable: true, hung_up: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, receiver.entry()).await, Ok(ended));
        assert_eq!(receiver.receive(&mut buffer).try_now().await, Ok(None));
        Ok(())
    });
}

#[test]
fn law_60_a_mailbox_is_ready_when_there_is_a_message_and_a_reply_is_none() {
    let mut hand = Hand::new();
    let [task, server] = [hand.task("task"), hand.task("server")];
    let (to, message, wait) = (Peer::Task(server), b"", Wait::Try);
    let request = hand.answer(task, Call::Request { to, message, room: 0, wait });
    let Ok(Value::Request(serial)) = request else { panic!("{request:?}") };
    let mut set = [MAILBOX];
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);

    let request = RequestId { caller: task, serial };
    assert!(hand.answer(server, Call::Reply { request, message }).is_ok());
    assert!(hand.is_blocked(task));
    assert_eq!(hand.send(server, "task", b"message", Wait::Try), SENT);
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert_eq!(set[0].ready, Ok(READABLE));
    assert_eq!(hand.receive(task, None, 16, Wait::Try).1, b"message");
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Try), refused(Error::WouldBlock));
}

#[test]
fn law_60_a_listener_is_ready_when_a_connection_can_be_accepted() {
    run(async |sys| {
        let shop = sys.stream(4).await?;
        shop.bind("shop").await?;
        let shop = shop.listen(1).await?;
        assert_eq!(now(sys, shop.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(shop.accept().try_now().await.err(), Some(Error::WouldBlock));
        let client = sys.stream(4).await?;
        client.connect("shop").await?;
        assert_eq!(now(sys, shop.entry()).await, Ok(READABLE));
        assert!(shop.accept().try_now().await.is_ok());
        assert_eq!(now(sys, shop.entry()).await, Ok(Readiness::NOTHING));
        Ok(())
    });
}

#[test]
fn law_60_a_stream_is_ready_when_a_call_would_not_wait() {
    run(async |sys| {
        let (here, there) = sys.stream_pair(4).await?;
        let mut buffer = [0; 4];
        assert_eq!(now(sys, here.entry()).await, Ok(WRITABLE));
        assert_eq!(here.write(b"abcd").try_now().await, Ok(4));
        assert_eq!(now(sys, here.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(here.write(b"e").try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, to_read(there.handle())).await, Ok(READABLE));
        assert_eq!(there.read(&mut buffer).try_now().await, Ok(4));
        assert_eq!(now(sys, here.entry()).await, Ok(WRITABLE));

        there.shutdown(Rights::WRITE).await?;
        let ended = Readiness { readable: true, hung_up: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, to_read(here.handle())).await, Ok(ended));
        assert_eq!(here.read(&mut buffer).try_now().await, Ok(0));
        there.shutdown(Rights::READ).await?;
        assert!(now(sys, to_write(here.handle())).await?.error);
        assert_eq!(here.write(b"a").try_now().await, Err(Error::BrokenPipe));
        Ok(())
    });
}

#[test]
fn law_60_a_reset_is_an_event_of_reading() {
    run(async |sys| {
        let (here, there) = sys.stream_pair(4).await?;
        here.write_all(b"a").await?;
        there.close().await?;
        let gone = now(sys, to_read(here.handle())).await?;
        assert!(gone.readable && gone.hung_up && gone.error);
        assert_eq!(here.read(&mut [0]).try_now().await, Err(Error::ConnectionReset));
        let gone = now(sys, to_read(here.handle())).await?;
        assert!(gone.readable && gone.hung_up && gone.error);
        assert_eq!(here.read(&mut [0]).try_now().await, Ok(0));
        Ok(())
    });
}

#[test]
fn law_60_a_datagram_socket_is_ready_when_a_call_would_not_wait() {
    run(async |sys| {
        let (here, there) = sys.datagram_pair(1, 4).await?;
        let mut buffer = [0; 4];
        assert_eq!(now(sys, here.entry()).await, Ok(WRITABLE));
        assert_eq!(here.send(b"abcd").try_now().await, Ok(()));
        assert_eq!(now(sys, here.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(here.send(b"e").try_now().await, Err(Error::WouldBlock));
        assert_eq!(now(sys, to_read(there.handle())).await, Ok(READABLE));
        assert_eq!(there.receive(&mut buffer).try_now().await?.unwrap().length, 4);
        there.close().await?;
        assert!(now(sys, here.entry()).await?.error);
        assert_eq!(here.send(b"a").try_now().await, Err(Error::ConnectionRefused));
        Ok(())
    });
}

#[test]
fn law_60_a_sequenced_socket_is_ready_when_a_call_would_not_wait() {
    run(async |sys| {
        let (here, there) = sys.sequenced_pair(1, 4).await?;
        let mut buffer = [0; 4];
        assert_eq!(now(sys, here.entry()).await, Ok(WRITABLE));
        assert_eq!(here.send(b"").try_now().await, Ok(()));
        assert_eq!(now(sys, here.entry()).await, Ok(Readiness::NOTHING));
        assert_eq!(now(sys, to_read(there.handle())).await, Ok(READABLE));
        assert_eq!(there.receive(&mut buffer).try_now().await?.unwrap().length, 0);
        there.close().await?;
        let gone = now(sys, here.entry()).await?;
        assert!(gone.readable && gone.hung_up && gone.error);
        assert_eq!(here.receive(&mut buffer).try_now().await, Ok(None));
        assert_eq!(here.send(b"").try_now().await, Err(Error::BrokenPipe));
        Ok(())
    });
}

#[test]
fn law_60_room_in_the_ring_of_the_peer_wakes_who_polls_to_write() {
    let mut hand = Hand::new();
    let task = hand.task("task");
    let (kind, sizes) = (Kind::Stream, Sizes::Bytes(4));
    let pair = hand.answer(task, Call::Pair { kind, sizes });
    let Ok(Value::Ends(ends)) = pair else { panic!("{pair:?}") };
    let (here, there) = (ends.read(), ends.write());
    let peer = hand.task("peer");
    let give = Call::Give { handle: there, to: peer.into(), rights: BOTH, keep: false };
    let Ok(Value::Handle(there)) = hand.answer(task, give) else { panic!("it is given") };
    assert_eq!(hand.write(task, here, b"full", Wait::Try), counted(4));

    let mut set = [to_write(here)];
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.read(peer, there, 3, Wait::Try).1, b"ful");
    assert!(hand.is_blocked(task), "there is no room yet for an atomic write");
    assert_eq!(hand.read(peer, there, 1, Wait::Try).1, b"l");
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert_eq!(set[0].ready, Ok(WRITABLE));

    assert_eq!(hand.write(task, here, b"full", Wait::Try), counted(4));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);
    let shutdown = Call::Shutdown { handle: there, rights: Rights::READ };
    assert_eq!(hand.answer(peer, shutdown), Ok(Value::Unit));
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert!(set[0].ready.unwrap().error);
}

#[test]
fn law_60_a_close_is_an_event_for_those_who_poll_the_other_side() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    pipes.hand.close(pipes.other, pipes.into[1]);
    assert!(pipes.hand.is_ready(pipes.task));
    assert_eq!(pipes.poll(Wait::Forever), counted(1));
    let ended = Readiness { readable: true, hung_up: true, ..Readiness::NOTHING };
    assert_eq!(pipes.set.map(|entry| entry.ready), [Ok(Readiness::NOTHING), Ok(ended)]);
}

#[test]
fn law_60_a_death_is_an_event_for_those_who_poll_its_objects() {
    let mut pipes = TwoPipes::new();
    assert_eq!(pipes.poll(Wait::Forever), Outcome::Blocked);
    let exit = Call::Exit { status: ExitStatus::Killed };
    assert_eq!(pipes.hand.call(pipes.other, exit), SENT);
    assert!(pipes.hand.is_ready(pipes.task));
    assert_eq!(pipes.poll(Wait::Forever), counted(2));
    let ended = Readiness { readable: true, hung_up: true, ..Readiness::NOTHING };
    assert_eq!(pipes.set.map(|entry| entry.ready), [Ok(ended), Ok(ended)]);
}

#[test]
fn law_60_the_end_of_a_datagram_socket_is_an_event_for_those_who_poll_to_send_to_it() {
    let mut hand = Hand::new();
    let [task, peer] = [hand.task("task"), hand.task("peer")];
    let (kind, sizes) = (Kind::Datagram, Sizes::Messages { most: 1, longest: 4 });
    let pair = hand.answer(task, Call::Pair { kind, sizes });
    let Ok(Value::Ends(ends)) = pair else { panic!("{pair:?}") };
    let (here, handle) = (ends.read(), ends.write());
    let give = Call::Give { handle, to: peer.into(), rights: BOTH, keep: false };
    assert!(hand.answer(task, give).is_ok());
    let to = Destination::Socket { handle: here, to: None };
    let send = Call::Send { to, message: b"full", wait: Wait::Try };
    assert_eq!(hand.call(task, send), SENT);
    let mut set = [to_write(here)];
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);

    let exit = Call::Exit { status: ExitStatus::Killed };
    assert_eq!(hand.call(peer, exit), SENT);
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert!(set[0].ready.unwrap().error);
}

#[test]
fn law_60_hang_up_and_error_are_told_to_whoever_wants_nothing_else() {
    run(async |sys| {
        let (out, into) = sys.pipe(4).await?;
        let of_out = PollEntry::new(Some(out.handle()), Rights::NONE);
        let of_into = PollEntry::new(Some(into.handle()), Rights::NONE);
        into.write_all(b"a").await?;
        assert_eq!(now(sys, of_out).await, Ok(Readiness::NOTHING));
        assert_eq!(now(sys, of_into).await, Ok(Readiness::NOTHING));
        into.close().await?;
        let hung_up = Readiness { hung_up: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, of_out).await, Ok(hung_up));

        let (out, into) = sys.pipe(4).await?;
        let of_into = PollEntry::new(Some(into.handle()), Rights::NONE);
        out.close().await?;
        let error = Readiness { error: true, ..Readiness::NOTHING };
        assert_eq!(now(sys, of_into).await, Ok(error));
        Ok(())
    });
}

#[test]
fn law_60_to_connect_a_datagram_socket_anew_is_an_event_for_those_who_poll_it() {
    let mut hand = Hand::new();
    let [task, other] = [hand.task("task"), hand.task("other")];
    let (kind, sizes) = (Kind::Datagram, Sizes::Messages { most: 1, longest: 4 });
    let socket = |hand: &mut Hand, task, name| {
        let made = hand.answer(task, Call::Socket { kind, sizes });
        let Ok(Value::Handle(handle)) = made else { panic!("{made:?}") };
        let bind = Call::Bind { handle, name, access: Access::Everyone };
        assert_eq!(hand.answer(task, bind), Ok(Value::Unit));
        handle
    };
    socket(&mut hand, other, "full");
    socket(&mut hand, other, "empty");
    let mine = socket(&mut hand, task, "mine");
    let give = Call::Give { handle: mine, to: other.into(), rights: BOTH, keep: true };
    let Ok(Value::Handle(shared)) = hand.answer(task, give) else { panic!("it is shared") };

    let connect = |handle, to| Call::Connect { handle, to, wait: Wait::Try };
    assert_eq!(hand.answer(task, connect(mine, "full")), Ok(Value::Unit));
    let to = Destination::Socket { handle: mine, to: None };
    let send = Call::Send { to, message: b"", wait: Wait::Try };
    assert_eq!(hand.answer(task, send), Ok(Value::Unit));
    let mut set = [to_write(mine)];
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.answer(other, connect(shared, "empty")), Ok(Value::Unit));
    assert!(hand.is_ready(task));
    assert_eq!(poll(&mut hand, task, &mut set, Wait::Forever), counted(1));
    assert_eq!(set[0].ready, Ok(WRITABLE));
}

#[test]
fn law_60_a_device_that_becomes_ready_wakes_who_polls_it() {
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(100)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            sys.open_write("loop:").await?.write(b"a").await?;
            let device = sys.open_read("loop:").await?;
            let mut set = [device.entry(), MAILBOX];
            assert_eq!(sys.poll(&mut set).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            assert_eq!(set.map(|it| it.ready), [Ok(READABLE), Ok(Readiness::NOTHING)]);
            assert_eq!(sys.now(), Ticks(100));
            assert_eq!(device.read(&mut [0]).try_now().await, Ok(1));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_60_a_stale_handle_says_so_in_its_entry_and_the_rest_still_works() {
    run(async |sys| {
        let (out, into) = sys.pipe(4).await?;
        let (gone, _) = sys.pipe(4).await?;
        let stale = gone.entry();
        gone.close().await?;
        let forged = PollEntry::new(Some(Handle::from_parts(9, 9)), Rights::READ);
        let no_right = to_write(out.handle());

        let mut set = [stale, out.entry(), forged, no_right];
        assert_eq!(sys.poll(&mut set).await, Ok(3));
        let expected = [
            Err(Error::BadHandle),
            Ok(Readiness::NOTHING),
            Err(Error::BadHandle),
            Err(Error::NoRight),
        ];
        assert_eq!(set.map(|entry| entry.ready), expected);

        into.write_all(b"a").await?;
        let mut set = [stale, out.entry()];
        assert_eq!(sys.poll(&mut set).await, Ok(2));
        assert_eq!(set.map(|entry| entry.ready), [Err(Error::BadHandle), Ok(READABLE)]);
        Ok(())
    });
}

#[test]
fn law_61_entries_that_repeat_agree() {
    let mut pipes = TwoPipes::new();
    let [one, two] = pipes.set;
    let mut set = [one, two, one, two, one];
    assert_eq!(poll(&mut pipes.hand, pipes.task, &mut set, Wait::Forever), Outcome::Blocked);
    assert_eq!(pipes.hand.write(pipes.other, pipes.into[0], b"a", Wait::Try), counted(1));
    assert!(pipes.hand.is_ready(pipes.task));
    assert_eq!(poll(&mut pipes.hand, pipes.task, &mut set, Wait::Forever), counted(3));
    let told = set.map(|entry| entry.ready.unwrap().readable);
    assert_eq!(told, [true, false, true, false, true]);
    assert!(pipes.is_no_longer_told());
}

#[test]
fn law_61_an_empty_set_with_a_time_out_is_a_sleep() {
    run(async |sys| {
        let entry = sys.now();
        assert_eq!(sys.poll(&mut []).within(Ticks(10)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), entry + Ticks(10));
        assert_eq!(sys.poll(&mut []).until(Ticks(50)).await, Err(Error::TimedOut));
        assert_eq!(sys.now(), Ticks(50));
        assert_eq!(sys.poll(&mut []).try_now().await, Err(Error::WouldBlock));
        assert_eq!(sys.now(), Ticks(50));
        Ok(())
    });
}

#[test]
fn law_61_an_empty_set_for_ever_is_an_error() {
    run(async |sys| {
        assert_eq!(sys.poll(&mut []).await, Err(Error::BadArgument));
        Ok(())
    });
}

#[test]
fn law_61_a_task_waits_for_so_many_things_and_no_more() {
    run(async |sys| {
        let (out, into) = sys.pipe(4).await?;
        let (stream, _peer) = sys.stream_pair(4).await?;
        let mut most = [out.entry(); POLL];
        assert_eq!(sys.poll(&mut most).within(Ticks(1)).await, Err(Error::TimedOut));
        let mut too_many = [out.entry(); POLL + 1];
        assert_eq!(sys.poll(&mut too_many).await, Err(Error::BadArgument));
        // A socket stands for two.
        let mut most = [to_read(stream.handle()); POLL / 2];
        assert_eq!(sys.poll(&mut most).within(Ticks(1)).await, Err(Error::TimedOut));
        let mut too_many = [to_read(stream.handle()); POLL / 2 + 1];
        assert_eq!(sys.poll(&mut too_many).await, Err(Error::BadArgument));

        // Whoever does not have to wait can look at more.
        into.write_all(b"a").await?;
        let mut many = [out.entry(); POLL + 1];
        assert_eq!(sys.poll(&mut many).await, Ok(POLL + 1));
        Ok(())
    });
}

#[test]
fn law_62_all_is_told_in_the_order_of_the_set_and_the_task_chooses() {
    let served = RefCell::new(String::new());
    run(async |sys| {
        let (a_out, a_in) = sys.pipe(4).await?;
        let (b_out, b_in) = sys.pipe(4).await?;
        a_in.write_all(b"aa").await?;
        b_in.write_all(b"bb").await?;
        let (a, b) = (a_out.entry(), b_out.entry());
        let mut buffer = [0];

        // The ready stay ready, whichever is served, and nothing is moved to the front.
        let mut set = [a, b];
        assert_eq!(sys.poll(&mut set).await, Ok(2));
        assert_eq!(set.map(|entry| entry.handle), [a.handle, b.handle]);
        b_out.read(&mut buffer).try_now().await?;
        served.borrow_mut().push(buffer[0].into());
        assert_eq!(sys.poll(&mut set).await, Ok(2));
        assert_eq!(set.map(|entry| entry.ready), [Ok(READABLE), Ok(READABLE)]);
        a_out.read(&mut buffer).try_now().await?;
        served.borrow_mut().push(buffer[0].into());

        let mut set = [b, a];
        assert_eq!(sys.poll(&mut set).await, Ok(2));
        assert_eq!(set.map(|entry| entry.handle), [b.handle, a.handle]);
        assert_eq!(set.map(|entry| entry.ready), [Ok(READABLE), Ok(READABLE)]);
        Ok(())
    });
    assert_eq!(*served.borrow(), "ba");
}

#[test]
fn law_62_a_task_that_takes_its_turns_lets_nobody_starve() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("busy", 64)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("rare", 64)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("poller", Priority::NORMAL, async |sys| {
            let busy = sys.open_read("busy").await?;
            let rare = sys.open_read("rare").await?;
            let mut set = [busy.entry(), rare.entry()];
            // The busy one is always ready; the rare one is told at once all the same.
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            assert_eq!(busy.read(&mut [0; 8]).try_now().await, Ok(8));
            sys.yield_now().await?;
            assert_eq!(sys.poll(&mut set).await, Ok(2));
            assert_eq!(rare.read(&mut [0; 8]).try_now().await, Ok(1));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let busy = sys.open_write("busy").await?;
            let rare = sys.open_write("rare").await?;
            busy.write_all(&[0; 64]).await?;
            sys.yield_now().await?;
            rare.write_all(b"!").await?;
            sys.sleep(Ticks(10)).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_13_a_poll_has_four_forms() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let mut set = [pipe.entry()];
            assert_eq!(sys.poll(&mut set).try_now().await, Err(Error::WouldBlock));
            let entry = sys.now();
            assert_eq!(sys.poll(&mut set).within(Ticks(10)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), entry + Ticks(10));
            assert_eq!(sys.poll(&mut set).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            assert!(sys.now() >= Ticks(100));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            sys.sleep_until(Ticks(100)).await?;
            sys.open_write("pipe").await?.write_all(b"a").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_11_of_two_sleeps_at_the_same_time_each_has_its_own_end() {
    run(async |sys| {
        let entry = sys.now();
        let mut short = pin!(sys.sleep(Ticks(10)));
        let mut long = pin!(sys.sleep(Ticks(100)));
        poll_fn(|context| {
            let short = short.as_mut().poll(context);
            // It waits as well, or is refused; the first goes on.
            let _ = long.as_mut().poll(context);
            short
        })
        .await?;
        assert_eq!(sys.now(), entry + Ticks(10));
        Ok(())
    });
}

#[test]
fn law_60_to_write_into_the_own_mailbox_is_no_right_in_its_entry() {
    run(async |sys| {
        let (input, output) = sys.pipe(4).await?;
        output.write_all(b"a").await?;
        let mut set = [MAILBOX.wanting(Rights::WRITE), input.entry(), MAILBOX.wanting(BOTH)];
        assert_eq!(sys.poll(&mut set).await, Ok(3));
        let expected = [Err(Error::NoRight), Ok(READABLE), Err(Error::NoRight)];
        assert_eq!(set.map(|entry| entry.ready), expected);
        Ok(())
    });
}
