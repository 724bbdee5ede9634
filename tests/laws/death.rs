//! Law 19 for every mechanism: a task is killed, fails or faults, and its peers are released.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use postroom::{
    Call, Cause, Error, Event, Executor, ExitStatus, Handle, Kernel, Kind, Lock, Outcome,
    PollEntry, Priority, Result, Rights, Sizes, Stop, Sys, TaskId, Ticks, Value, Wait,
};

use crate::hand::{Hand, counted, refused};

const DONE: Outcome = Outcome::Complete(Ok(Value::Unit));

/// How a victim ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    KilledFromOutside,
    KilledByATask,
    Failed,
    Faulted,
}

/// What is left of a victim's life: until tick 50.
async fn rest(sys: Sys<'_>, way: Way) -> Result<()> {
    sys.sleep_until(Ticks(50)).await?;
    match way {
        // It hears of nobody before it is killed.
        Way::KilledFromOutside | Way::KilledByATask => {
            sys.receive_from(sys.task(), &mut []).await.map(drop)
        }
        Way::Failed => Err(Error::Device),
        Way::Faulted => poll_fn(|_| Poll::Pending).await,
    }
}

/// Lets a victim end in each of the ways, beside its peer.
fn in_every_way(
    victim: impl AsyncFn(Sys<'_>, Way) -> Result<()>,
    peer: impl AsyncFn(Sys<'_>) -> Result<()>,
) {
    run(Way::KilledFromOutside, &victim, &peer);
    run(Way::KilledByATask, &victim, &peer);
    run(Way::Failed, &victim, &peer);
    run(Way::Faulted, &victim, &peer);
}

fn run(
    way: Way,
    victim: impl AsyncFn(Sys<'_>, Way) -> Result<()>,
    peer: impl AsyncFn(Sys<'_>) -> Result<()>,
) {
    let (released, right) = (Cell::new(false), Cell::new(None));
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 16)).unwrap();
    kernel.with(|kernel| kernel.create_queue("queue", 2, 16)).unwrap();
    let mut executor = Executor::new(&kernel);
    let dies =
        executor.spawn("victim", Priority::NORMAL, async |sys| victim(sys, way).await).unwrap();
    executor
        .spawn("peer", Priority::NORMAL, async |sys| {
            peer(sys).await?;
            assert!(sys.now() >= Ticks(50), "{way:?}: the victim still lives");
            released.set(true);
            Ok(())
        })
        .unwrap();
    if way == Way::KilledByATask {
        let supervisor = executor
            .spawn("supervisor", Priority::LOWEST, async |sys| {
                sys.sleep_until(Ticks(60)).await?;
                sys.kill(right.get().unwrap()).await
            })
            .unwrap();
        right.set(kernel.with(|kernel| kernel.entrust(supervisor, dies)).ok());
    }

    let mut stop = executor.run();
    if way == Way::KilledFromOutside {
        assert!(matches!(stop, Stop::Deadlock(_)), "{way:?}");
        executor.kill(dies).unwrap();
        stop = executor.run();
    }
    match (way, stop) {
        (Way::KilledFromOutside | Way::KilledByATask, Stop::Done) => {}
        (Way::Failed | Way::Faulted, Stop::Failed(failure)) => {
            assert_eq!(failure.task.as_str(), "victim");
        }
        (_, Stop::Deadlock(graph)) => panic!("{way:?}: {graph}"),
        (_, stop) => panic!("{way:?}: {stop:?}"),
    }
    assert!(released.get(), "{way:?}");
    assert_eq!(kernel.with(|kernel| kernel.check()), Ok(()), "{way:?}");
    assert_eq!(kernel.with(|kernel| kernel.tasks().count()), 0, "{way:?}");
}

#[test]
fn law_19_whoever_reads_its_pipe_gets_what_it_wrote_and_then_the_end_of_file() {
    in_every_way(
        async |sys, way| {
            let pipe = sys.open_write("pipe").await?;
            pipe.write_all(b"last bytes").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mut buffer = [0; 16];
            let pipe = sys.open_read("pipe").await?;
            assert_eq!(pipe.read_full(&mut buffer).await, Ok(10));
            assert_eq!(&buffer[..10], b"last bytes");
            assert_eq!(pipe.read(&mut buffer).await, Ok(0));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_writes_to_its_pipe_gets_a_broken_pipe() {
    in_every_way(
        async |sys, way| {
            let _pipe = sys.open_read("pipe").await?;
            rest(sys, way).await
        },
        async |sys| {
            let pipe = sys.open_write("pipe").await?;
            pipe.write_all(&[0; 16]).await?;
            assert_eq!(pipe.write(b"a").await, Err(Error::BrokenPipe));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_receives_from_its_queue_gets_its_messages_and_then_the_end_of_file() {
    in_every_way(
        async |sys, way| {
            let queue = sys.open_sender("queue").await?;
            queue.send(0, b"last words").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mut buffer = [0; 16];
            let queue = sys.open_receiver("queue").await?;
            assert_eq!(queue.receive(&mut buffer).await?.unwrap().length, 10);
            assert_eq!(queue.receive(&mut buffer).await, Ok(None));
            Ok(())
        },
    );
}

#[test]
fn law_19_the_peer_of_its_stream_gets_what_it_wrote_and_then_the_end_of_file() {
    in_every_way(
        async |sys, way| {
            let shop = sys.stream(16).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let customer = shop.accept().await?;
            customer.write_all(b"last bytes").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mut buffer = [0; 16];
            let shop = sys.stream(16).await?;
            shop.connect("shop").await?;
            assert_eq!(shop.read_full(&mut buffer).await, Ok(10));
            assert_eq!(&buffer[..10], b"last bytes");
            assert_eq!(shop.read(&mut buffer).await, Ok(0));
            assert_eq!(shop.write(b"a").await, Err(Error::BrokenPipe));
            Ok(())
        },
    );
}

#[test]
fn law_19_the_peer_of_its_stream_gets_a_reset_if_it_left_something_unread() {
    in_every_way(
        async |sys, way| {
            let shop = sys.stream(16).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let _customer = shop.accept().await?;
            rest(sys, way).await
        },
        async |sys| {
            let shop = sys.stream(16).await?;
            shop.connect("shop").await?;
            shop.write_all(b"unread").await?;
            assert_eq!(shop.read(&mut [0]).await, Err(Error::ConnectionReset));
            assert_eq!(shop.read(&mut [0]).await, Ok(0));
            Ok(())
        },
    );
}

#[test]
fn law_19_the_peer_of_its_stream_that_waits_for_room_gets_a_broken_pipe() {
    in_every_way(
        async |sys, way| {
            let shop = sys.stream(4).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let _customer = shop.accept().await?;
            rest(sys, way).await
        },
        async |sys| {
            let shop = sys.stream(4).await?;
            shop.connect("shop").await?;
            assert_eq!(shop.write(b"full and more").await, Ok(4));
            assert_eq!(shop.write(b"more").await, Err(Error::BrokenPipe));
            Ok(())
        },
    );
}

#[test]
fn law_19_the_peer_of_its_sequenced_socket_gets_its_messages_and_then_the_end_of_file() {
    in_every_way(
        async |sys, way| {
            let shop = sys.sequenced(1, 16).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let customer = shop.accept().await?;
            customer.send(b"").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mut buffer = [0; 16];
            let shop = sys.sequenced(1, 16).await?;
            shop.connect("shop").await?;
            assert_eq!(shop.receive(&mut buffer).await?.unwrap().length, 0);
            assert_eq!(shop.receive(&mut buffer).await, Ok(None));
            assert_eq!(shop.send(b"").await, Err(Error::BrokenPipe));
            Ok(())
        },
    );
}

#[test]
fn law_19_a_connection_that_it_has_not_accepted_is_reset() {
    in_every_way(
        async |sys, way| {
            let shop = sys.stream(16).await?;
            shop.bind("shop").await?;
            let _shop = shop.listen(1).await?;
            rest(sys, way).await
        },
        async |sys| {
            let shop = sys.stream(16).await?;
            shop.connect("shop").await?;
            assert_eq!(shop.read(&mut [0]).await, Err(Error::ConnectionReset));
            assert_eq!(shop.read(&mut [0]).await, Ok(0));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_waits_to_connect_to_it_is_refused_and_its_socket_s_name_is_free() {
    in_every_way(
        async |sys, way| {
            let shop = sys.stream(16).await?;
            shop.bind("shop").await?;
            let _shop = shop.listen(1).await?;
            rest(sys, way).await
        },
        async |sys| {
            let (first, second) = (sys.stream(16).await?, sys.stream(16).await?);
            first.connect("shop").await?;
            assert_eq!(second.connect("shop").await, Err(Error::ConnectionRefused));
            assert_eq!(second.connect("shop").await, Err(Error::NoSuchName));
            assert_eq!(second.bind("shop").await, Ok(()));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_sends_to_its_datagram_socket_is_refused() {
    in_every_way(
        async |sys, way| {
            let letters = sys.datagram(1, 16).await?;
            letters.bind("letters").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mine = sys.datagram(1, 16).await?;
            mine.send_to("letters", b"first").await?;
            let second = mine.send_to("letters", b"second").await;
            assert_eq!(second, Err(Error::ConnectionRefused));
            assert_eq!(mine.send_to("letters", b"third").await, Err(Error::NoSuchName));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_is_connected_to_its_datagram_socket_is_refused_and_keeps_what_it_sent() {
    in_every_way(
        async |sys, way| {
            let letters = sys.datagram(1, 16).await?;
            letters.bind("letters").await?;
            sys.sleep(Ticks(5)).await?;
            letters.send_to("mine", b"last words").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mine = sys.datagram(1, 16).await?;
            mine.bind("mine").await?;
            mine.connect("letters").await?;
            mine.send(b"first").await?;
            assert_eq!(mine.send(b"second").await, Err(Error::ConnectionRefused));
            assert_eq!(mine.send(b"third").await, Err(Error::ConnectionRefused));
            let mut buffer = [0; 16];
            assert_eq!(mine.receive(&mut buffer).await?.unwrap().length, 10);
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_called_it_gets_peer_dead() {
    in_every_way(
        async |sys, way| {
            sys.receive(&mut []).await?;
            rest(sys, way).await
        },
        async |sys| {
            let answer = sys.call("victim", b"request", &mut []).await;
            assert_eq!(answer, Err(Error::PeerDead));
            assert_eq!(sys.call("victim", b"", &mut []).await, Err(Error::NoSuchName));
            Ok(())
        },
    );
}

#[test]
fn law_19_whoever_waits_for_its_message_or_for_room_in_its_mailbox_gets_peer_dead() {
    in_every_way(
        async |sys, way| {
            sys.send("peer", b"last words").await?;
            rest(sys, way).await
        },
        async |sys| {
            let mut buffer = [0; 16];
            assert_eq!(sys.receive_from("victim", &mut buffer).await?.length, 10);
            let next = sys.receive_from("victim", &mut buffer).await;
            assert_eq!(next, Err(Error::PeerDead));
            Ok(())
        },
    );
    in_every_way(rest, async |sys| {
        sys.send("victim", b"1").await?;
        sys.send("victim", b"2").await?;
        sys.send("victim", b"3").await?;
        assert_eq!(sys.send("victim", b"4").await, Err(Error::PeerDead));
        assert_eq!(sys.send("victim", b"5").await, Err(Error::NoSuchName));
        Ok(())
    });
}

#[test]
fn law_19_whoever_polls_its_objects_is_told() {
    in_every_way(
        async |sys, way| {
            let _pipe = sys.open_write("pipe").await?;
            let shop = sys.stream(4).await?;
            shop.bind("shop").await?;
            let shop = shop.listen(1).await?;
            let _customer = shop.accept().await?;
            let letters = sys.datagram(1, 4).await?;
            letters.bind("letters").await?;
            rest(sys, way).await
        },
        async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let shop = sys.stream(4).await?;
            shop.connect("shop").await?;
            sys.sleep(Ticks(5)).await?;
            let letters = sys.datagram(1, 4).await?;
            letters.connect("letters").await?;
            letters.send(b"full").await?;
            let to_read = PollEntry::new(Some(shop.handle()), Rights::READ);
            let mut set = [pipe.entry(), to_read, letters.entry()];
            assert_eq!(sys.poll(&mut set).await, Ok(3));
            let [pipe, shop, letters] = set.map(|entry| entry.ready.unwrap());
            assert!(pipe.readable && pipe.hung_up);
            assert!(shop.readable && shop.hung_up && shop.error);
            assert!(letters.error);
            Ok(())
        },
    );
}

#[test]
fn law_19_a_victim_leaves_whatever_line_it_stands_in() {
    in_every_way(
        async |sys, way| {
            let pipe = sys.open_read("pipe").await?;
            let mut set = [pipe.entry(), PollEntry::mailbox()];
            match way {
                Way::KilledFromOutside => pipe.read(&mut [0]).await.map(drop),
                Way::KilledByATask => sys.poll(&mut set).await.map(drop),
                Way::Failed | Way::Faulted => rest(sys, way).await,
            }
        },
        async |sys| {
            let pipe = sys.open_write("pipe").await?;
            let mine = sys.open_read("pipe").await?;
            if sys.receive_from("victim", &mut []).await != Err(Error::PeerDead) {
                panic!("it sends nothing");
            }
            // As if it had never been: the next to come is the first.
            pipe.write_all(b"a").await?;
            assert_eq!(mine.read(&mut [0; 4]).try_now().await, Ok(1));
            sys.sleep_until(Ticks(50)).await
        },
    );
}

/// A supervisor by hand, with the right to end a task.
fn supervised(hand: &mut Hand) -> (TaskId, TaskId, Handle) {
    let [supervisor, victim] = [hand.task("supervisor"), hand.task("victim")];
    let handle = hand.kernel.entrust(supervisor, victim).unwrap();
    (supervisor, victim, handle)
}

#[test]
fn law_19_a_killer_is_told_when_its_victim_is_dead_already() {
    let mut hand = Hand::new();
    let (supervisor, victim, handle) = supervised(&mut hand);
    assert_eq!(hand.call(supervisor, Call::Kill { handle }), DONE);
    assert_eq!(hand.kernel.state(victim), None);
    assert_eq!(hand.call(supervisor, Call::Kill { handle }), refused(Error::PeerDead));

    // Not even a later task in its place is meant.
    let heir = hand.task("victim");
    assert_eq!(heir.index(), victim.index());
    assert_eq!(hand.call(supervisor, Call::Kill { handle }), refused(Error::PeerDead));
    assert!(hand.kernel.state(heir).is_some());
    assert_eq!(hand.kernel.entrust(supervisor, victim), Err(Error::PeerDead));
    assert_eq!(hand.kernel.entrust(victim, supervisor), Err(Error::PeerDead));
}

#[test]
fn law_19_nobody_kills_itself_or_without_the_right() {
    let mut hand = Hand::new();
    let (supervisor, victim, handle) = supervised(&mut hand);
    let itself = hand.kernel.entrust(supervisor, supervisor).unwrap();
    assert_eq!(hand.call(supervisor, Call::Kill { handle: itself }), refused(Error::BadArgument));
    let [read, _] = hand.pipe(supervisor, None, 4);
    assert_eq!(hand.call(supervisor, Call::Kill { handle: read }), refused(Error::WrongKind));
    assert_eq!(hand.call(victim, Call::Kill { handle }), refused(Error::BadHandle));
    assert!(hand.kernel.state(supervisor).is_some() && hand.kernel.state(victim).is_some());
}

#[test]
fn law_19_first_the_handles_are_closed_then_the_callers_released_and_the_killer_is_named() {
    let mut hand = Hand::new();
    let (supervisor, victim, handle) = supervised(&mut hand);
    hand.kernel.create_pipe("pipe", 4).unwrap();
    hand.open(victim, "pipe", Rights::WRITE);
    let [poller, caller] = [hand.task("poller"), hand.task("caller")];
    let read = hand.open(poller, "pipe", Rights::READ);
    let (to, wait) = (victim.into(), Wait::Forever);
    assert!(hand.answer(caller, Call::Request { to, message: b"", room: 0, wait }).is_ok());
    assert_eq!(hand.call(caller, Call::Answer { buffer: &mut [], wait }), Outcome::Blocked);
    let mut set = [PollEntry::new(Some(read), Rights::READ)];
    assert_eq!(hand.call(poller, Call::Poll { set: &mut set, wait }), Outcome::Blocked);

    let before = hand.kernel.trace().len();
    assert_eq!(hand.call(supervisor, Call::Kill { handle }), DONE);
    let told = hand.kernel.trace().iter().skip(before).map(|&(_, event)| event);
    let told = Vec::from_iter(told.filter(|event| !matches!(event, Event::Destroy { .. })));
    let cause = Cause::Task(supervisor);
    let expected = [
        Event::Wake { task: poller, cause },
        Event::Wake { task: caller, cause },
        Event::Exit { task: victim, status: ExitStatus::Killed },
    ];
    assert_eq!(told[..3], expected);
    assert_eq!(hand.call(poller, Call::Poll { set: &mut set, wait }), counted(1));
    let answer = Call::Answer { buffer: &mut [], wait };
    assert_eq!(hand.call(caller, answer), refused(Error::PeerDead));
}

#[test]
fn law_19_nothing_half_sent_comes_out_of_a_stream() {
    let mut hand = Hand::new();
    let (supervisor, victim, handle) = supervised(&mut hand);
    let (kind, sizes) = (Kind::Stream, Sizes::Bytes(4));
    let pair = hand.answer(supervisor, Call::Pair { kind, sizes });
    let Ok(Value::Ends(ends)) = pair else { panic!("{pair:?}") };
    let (here, there) = (ends.read(), ends.write());
    let rights = Rights::READ | Rights::WRITE;
    let give = Call::Give { handle: there, to: victim.into(), rights, keep: false };
    let Ok(Value::Handle(there)) = hand.answer(supervisor, give) else { panic!("it is given") };
    assert_eq!(hand.write(victim, there, b"abc", Wait::Try), counted(3));
    assert_eq!(hand.write(victim, there, b"de", Wait::Forever), Outcome::Blocked);

    assert_eq!(hand.call(supervisor, Call::Kill { handle }), DONE);
    assert_eq!(hand.read(supervisor, here, 8, Wait::Forever).1, b"abc");
    assert_eq!(hand.read(supervisor, here, 8, Wait::Forever).0, counted(0));
}

/// What a body holds, and what happens when it goes.
struct Held<F: FnMut()>(F);

impl<F: FnMut()> Drop for Held<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn law_19_the_body_of_a_task_that_another_one_kills_goes_at_once() {
    let (gone, right) = (Cell::new(false), Cell::new(None));
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    let victim = executor
        .spawn("victim", Priority::NORMAL, async |sys| {
            let _held = Held(|| gone.set(true));
            sys.receive(&mut []).await.map(drop)
        })
        .unwrap();
    let killer = executor
        .spawn("killer", Priority::LOWEST, async |sys| {
            sys.kill(right.get().ok_or(Error::BadHandle)?).await?;
            assert!(!gone.get(), "it has not returned to its runner yet");
            sys.yield_now().await?;
            assert!(gone.get());
            Ok(())
        })
        .unwrap();
    right.set(Some(kernel.with(|kernel| kernel.entrust(killer, victim)).unwrap()));
    assert!(matches!(executor.run(), Stop::Done));
}

/// Waits for ever, and panics when it is dropped.
async fn sore(sys: Sys<'_>) -> Result<()> {
    let _held = Held(|| panic!("on purpose"));
    sys.receive(&mut []).await.map(drop)
}

#[test]
fn law_19_a_body_that_panics_when_its_runner_kills_it_harms_nobody() {
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    let victim = executor.spawn("victim", Priority::NORMAL, sore).unwrap();
    assert!(matches!(executor.run(), Stop::Deadlock(_)));
    assert_eq!(executor.kill(victim), Ok(()));
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_19_a_body_that_panics_when_a_task_kills_it_harms_nobody() {
    let right = Cell::new(None);
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    let victim = executor.spawn("victim", Priority::NORMAL, sore).unwrap();
    let killer = executor
        .spawn("killer", Priority::NORMAL, async |sys| {
            sys.kill(right.get().ok_or(Error::BadHandle)?).await?;
            sys.yield_now().await
        })
        .unwrap();
    right.set(Some(kernel.with(|kernel| kernel.entrust(killer, victim)).unwrap()));
    assert!(matches!(executor.run(), Stop::Done));
}
