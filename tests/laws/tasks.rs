//! Section B, laws 14 to 21: names, who runs next, what an end leaves behind, and the same run
//! twice.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt::{Display, Write};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Poll;

use postroom::param::QUANTUM;
use postroom::{
    Call, Cause, Create, Destination, DeviceId, Devices, Error, Event, Executor, ExitStatus,
    Kernel, Kind, Lock, Log, NoDevices, Outcome, Peer, Policy, Priority, Readiness, Result, Rights,
    Sizes, Sleeper, State, Stop, Sys, Ticks, Value, Wait,
};

use crate::hand::{Hand, counted, refused};

const HIGH: u8 = 8;
const NORMAL: u8 = 16;
const LOW: u8 = 24;

const fn done() -> Outcome {
    Outcome::Complete(Ok(Value::Unit))
}

fn kernel() -> Lock<Kernel<8, 16, 1280>> {
    Lock::new(Kernel::new())
}

/// A device named `loop:`: what is written to it can be read, but not before a certain tick.
pub(crate) struct Loopback {
    ready_at: Ticks,
    bytes: VecDeque<u8>,
    watched: Vec<DeviceId>,
    clock: Arc<AtomicU64>,
}

/// The clock of a [`Loopback`], which passes while a runner sleeps.
pub(crate) struct Clock {
    ready_at: Ticks,
    now: Arc<AtomicU64>,
}

impl Sleeper for Clock {
    fn sleep(&self, until: Option<Ticks>) {
        // The device, if it is still to come, or the timer.
        let late = Some(self.ready_at).filter(|late| late.0 > self.now.load(Relaxed));
        let next = until.into_iter().chain(late).min();
        self.now.fetch_max(next.map_or(0, |next| next.0), Relaxed);
    }

    fn interrupt(&self) {}
}

impl Loopback {
    pub(crate) fn late(ready_at: Ticks) -> Self {
        Self { ready_at, bytes: VecDeque::new(), watched: Vec::new(), clock: Arc::default() }
    }

    fn is_ready(&self) -> bool {
        self.clock.load(Relaxed) >= self.ready_at.0 && !self.bytes.is_empty()
    }
}

impl Devices for Loopback {
    type Sleeper = Clock;

    fn sleeper(&self) -> Clock {
        Clock { ready_at: self.ready_at, now: Arc::clone(&self.clock) }
    }

    fn now(&self) -> Option<Ticks> {
        Some(Ticks(self.clock.load(Relaxed)))
    }

    fn open(&mut self, _: DeviceId, name: &str, _: Rights, _: Option<Create<'_>>) -> Result<Kind> {
        if name == "loop:" { Ok(Kind::Pipe) } else { Err(Error::NoSuchName) }
    }

    fn read(&mut self, _: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        if !self.is_ready() {
            return Err(Error::WouldBlock);
        }
        let count = buffer.len().min(self.bytes.len());
        buffer.iter_mut().zip(self.bytes.drain(..count)).for_each(|(to, byte)| *to = byte);
        Ok(count)
    }

    fn write(&mut self, _: DeviceId, bytes: &[u8]) -> Result<usize> {
        self.bytes.extend(bytes);
        Ok(bytes.len())
    }

    fn readiness(&mut self, _: DeviceId) -> Readiness {
        Readiness { readable: self.is_ready(), ..Readiness::default() }
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        self.watched.retain(|&it| it != device);
        if wants.is_some_and(|wants| wants.contains(Rights::READ)) {
            self.watched.push(device);
        }
    }

    fn is_watching(&self) -> bool {
        // Without bytes it will never be ready.
        !self.watched.is_empty() && !self.bytes.is_empty()
    }

    fn ready(&mut self) -> Option<DeviceId> {
        if self.is_ready() && !self.watched.is_empty() {
            Some(self.watched.remove(0))
        } else {
            None
        }
    }

    fn close(&mut self, _: DeviceId) {}
}

#[test]
fn law_14_a_name_has_one_living_owner() {
    let mut kernel = Kernel::<8, 16, 1280>::new();
    let ann = kernel.spawn("ann", Priority::NORMAL).unwrap();
    assert_eq!(kernel.spawn("ann", Priority::HIGHEST), Err(Error::NameTaken));
    assert_eq!(kernel.create_pipe("ann", 1), Err(Error::NameTaken));
    kernel.create_pipe("pipe", 1).unwrap();
    assert_eq!(kernel.spawn("pipe", Priority::NORMAL), Err(Error::NameTaken));
    assert_eq!(kernel.living(), 1);

    assert_eq!(kernel.syscall(ann, Call::Exit { status: ExitStatus::Done }), done());
    let heir = kernel.spawn("ann", Priority::NORMAL).unwrap();
    assert_ne!(heir, ann);
}

#[test]
fn law_14_an_empty_name_is_refused() {
    let mut kernel = Kernel::<8, 16, 1280>::new();
    assert_eq!(kernel.spawn("", Priority::NORMAL), Err(Error::BadName));
    assert_eq!(kernel.create_pipe("", 1), Err(Error::BadName));
    assert_eq!((kernel.living(), kernel.channels().count()), (0, 0));
}

#[test]
fn law_14_a_name_too_long_is_refused_and_never_cut() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let longer = "twenty-four bytes, these";
    let longest = "twenty-four bytes, thes";
    let idle = async |_: Sys<'_>| Ok(());
    assert_eq!(executor.spawn(longer, Priority::NORMAL, idle), Err(Error::NameTooLong));
    assert_eq!(kernel.with(|kernel| kernel.living()), 0);

    let task = executor
        .spawn(longest, Priority::NORMAL, async move |sys| {
            assert_eq!(sys.send(longer, b"").await, Err(Error::NameTooLong));
            assert_eq!(sys.open_read(longer).await.err(), Some(Error::NameTooLong));
            assert_eq!(
                sys.open_read(longer).create_new(Sizes::Bytes(1)).await.err(),
                Some(Error::NameTooLong)
            );
            Ok(())
        })
        .unwrap();
    assert_eq!(kernel.with(|kernel| kernel.name(task)).unwrap().as_str(), longest);
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_15_a_call_that_wakes_a_more_urgent_task_is_followed_by_a_switch() {
    let said = RefCell::new(Vec::new());
    let say = |word| said.borrow_mut().push(word);
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("down", 1)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("up", 1)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("high", Priority::HIGHEST, async |sys| {
            let up = sys.open_read("up").await?;
            let down = sys.open_write("down").await?;
            sys.receive(&mut []).await?;
            say("high received");
            up.read(&mut [0]).await?;
            say("high read");
            down.write_all(b"ab").await?;
            say("high wrote");
            sys.send("low", b"1").await?;
            sys.send("low", b"2").await?;
            sys.send("low", b"3").await?;
            sys.send("low", b"4").await?;
            say("high sent");
            assert_eq!(up.read(&mut [0]).await, Ok(0));
            say("high saw the end");
            Ok(())
        })
        .unwrap();
    executor
        .spawn("low", Priority::LOWEST, async |sys| {
            let up = sys.open_write("up").await?;
            let down = sys.open_read("down").await?;
            say("low sends");
            sys.send("high", b"").await?;
            say("low writes");
            up.write(b"a").await?;
            say("low reads");
            down.read(&mut [0]).await?;
            say("low receives");
            sys.receive(&mut []).await?;
            say("low closes");
            up.close().await?;
            say("low is alone");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    let expected = [
        ["low sends", "high received"],
        ["low writes", "high read"],
        ["low reads", "high wrote"],
        ["low receives", "high sent"],
        ["low closes", "high saw the end"],
    ];
    assert_eq!(said.borrow()[..10], expected.concat());
    assert_eq!(said.borrow()[10..], ["low is alone"]);
}

#[test]
fn law_15_a_call_that_wakes_no_more_urgent_task_is_not() {
    let said = RefCell::new(Vec::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let mut waiter = |name, priority| {
        let said = &said;
        executor
            .spawn(name, priority, async move |sys| {
                sys.receive(&mut []).await?;
                said.borrow_mut().push(name);
                Ok(())
            })
            .unwrap();
    };
    waiter("equal", Priority::NORMAL);
    waiter("lower", Priority::LOWEST);
    executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            // So that both wait, whoever ran first.
            sys.sleep(Ticks(10)).await?;
            let before = sys.now();
            sys.send("lower", b"").await?;
            sys.send("equal", b"").await?;
            assert_eq!(sys.now(), before, "a switch takes a tick");
            said.borrow_mut().push("sender");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*said.borrow(), ["sender", "equal", "lower"]);
}

#[test]
fn law_15_of_those_woken_at_the_same_tick_the_most_urgent_runs_first() {
    let said = RefCell::new(Vec::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let mut sleeper = |name, priority| {
        let said = &said;
        executor
            .spawn(name, priority, async move |sys| {
                sys.sleep_until(Ticks(10)).await?;
                said.borrow_mut().push(name);
                Ok(())
            })
            .unwrap();
    };
    sleeper("low", Priority::LOWEST);
    sleeper("normal", Priority::NORMAL);
    sleeper("high", Priority::HIGHEST);
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*said.borrow(), ["high", "normal", "low"]);
}

#[test]
fn law_15_whoever_lowers_itself_below_a_ready_task_is_switched_from() {
    let said = RefCell::new(Vec::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("first", Priority::NORMAL, async |sys| {
            sys.set_priority(Priority::LOWEST).await?;
            said.borrow_mut().push("first");
            Ok(())
        })
        .unwrap();
    executor
        .spawn("second", Priority::NORMAL, async |_| {
            said.borrow_mut().push("second");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*said.borrow(), ["second", "first"]);
}

/// Runs three equal tasks that yield after each turn: who had its turn when.
fn turns_of_three(policy: Policy) -> String {
    let turns = RefCell::new(String::new());
    let kernel = kernel();
    let mut executor = Executor::with_policy(&kernel, policy);
    let mut task = |name: &'static str| {
        let turns = &turns;
        executor
            .spawn(name, Priority::NORMAL, async move |sys| {
                for _ in 0..3 {
                    turns.borrow_mut().push_str(name);
                    sys.yield_now().await?;
                }
                Ok(())
            })
            .unwrap();
    };
    task("a");
    task("b");
    task("c");
    assert!(matches!(executor.run(), Stop::Done));
    drop(executor);
    turns.into_inner()
}

#[test]
fn law_16_a_yield_goes_behind_all_equals() {
    assert_eq!(turns_of_three(Policy::Priority), "abcabcabc");
    assert_eq!(turns_of_three(Policy::RoundRobin), "abcabcabc");
}

#[test]
fn law_16_a_yield_does_not_go_behind_a_lower_task() {
    let lower_ran = Cell::new(false);
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("lower", Priority::LOWEST, async |_| {
            lower_ran.set(true);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            sys.yield_now().await?;
            sys.yield_now().await?;
            assert!(!lower_ran.get());
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_16_a_task_made_ready_runs_before_any_equal_one_runs_twice_more() {
    let turns = RefCell::new(String::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("woken", Priority::NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            turns.borrow_mut().push('W');
            Ok(())
        })
        .unwrap();
    executor
        .spawn("a", Priority::NORMAL, async |sys| {
            turns.borrow_mut().push('a');
            sys.yield_now().await?;
            sys.send("woken", b"").await?;
            turns.borrow_mut().push('a');
            sys.yield_now().await?;
            turns.borrow_mut().push('a');
            Ok(())
        })
        .unwrap();
    executor
        .spawn("b", Priority::NORMAL, async |sys| {
            turns.borrow_mut().push('b');
            sys.yield_now().await?;
            turns.borrow_mut().push('b');
            sys.yield_now().await?;
            turns.borrow_mut().push('b');
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*turns.borrow(), "ababWab");
}

#[test]
fn law_16_a_task_that_never_waits_lets_an_equal_one_run_after_its_quantum() {
    let equal_ran = Cell::new(false);
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("busy", Priority::NORMAL, async |sys| {
            for _ in 1..QUANTUM {
                assert_eq!(sys.receive(&mut []).try_now().await, Err(Error::WouldBlock));
                assert!(!equal_ran.get());
            }
            assert_eq!(sys.receive(&mut []).try_now().await, Err(Error::WouldBlock));
            assert!(equal_ran.get());
            Ok(())
        })
        .unwrap();
    executor
        .spawn("equal", Priority::NORMAL, async |_| {
            equal_ran.set(true);
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_17_a_change_of_priority_re_sorts_the_ready_queue() {
    let turns = RefCell::new(String::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let mut task = |name: &'static str| {
        let turns = &turns;
        executor
            .spawn(name, Priority::NORMAL, async move |_| {
                turns.borrow_mut().push_str(name);
                Ok(())
            })
            .unwrap()
    };
    let [a, _, _, d] = [task("a"), task("b"), task("c"), task("d")];
    kernel.with(|kernel| kernel.set_priority(a, Priority::LOWEST)).unwrap();
    kernel.with(|kernel| kernel.set_priority(d, Priority::HIGHEST)).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*turns.borrow(), "dbca");
}

#[test]
fn law_17_a_change_of_priority_re_sorts_the_line_of_a_pipe() {
    let mut hand = Hand::new();
    let writer = hand.task_at("writer", Priority::HIGHEST.level());
    let [_, write] = hand.pipe(writer, Some("bytes"), 4);
    let [first, second, third] = ["first", "second", "third"].map(|name| hand.task(name));
    let [read_first, read_second, read_third] =
        [first, second, third].map(|task| hand.open(task, "bytes", Rights::READ));
    assert_eq!(hand.read(first, read_first, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.read(third, read_third, 1, Wait::Forever).0, Outcome::Blocked);

    hand.kernel.set_priority(first, Priority::LOWEST).unwrap();
    hand.kernel.set_priority(third, Priority::HIGHEST).unwrap();
    assert_eq!(hand.write(writer, write, b"abc", Wait::Try), counted(3));
    assert!(hand.is_ready(third) && hand.is_blocked(second) && hand.is_blocked(first));
    assert_eq!(hand.read(third, read_third, 1, Wait::Forever).1, b"a");
    assert!(hand.is_ready(second) && hand.is_blocked(first));
    assert_eq!(hand.read(second, read_second, 1, Wait::Forever).1, b"b");
    assert!(hand.is_ready(first));
}

#[test]
fn law_17_a_change_of_priority_re_sorts_the_line_of_a_mailbox() {
    let mut hand = Hand::new();
    let (owner, first, second) = (hand.task("owner"), hand.task("first"), hand.task("second"));
    assert_eq!(hand.send(first, "owner", b"1", Wait::Try), done());
    assert_eq!(hand.send(first, "owner", b"2", Wait::Try), done());
    assert_eq!(hand.send(first, "owner", b"3", Wait::Try), done());
    assert_eq!(hand.send(first, "owner", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.send(second, "owner", b"5", Wait::Forever), Outcome::Blocked);

    hand.kernel.set_priority(second, Priority::HIGHEST).unwrap();
    assert_eq!(hand.receive(owner, None, 1, Wait::Try).1, b"1");
    assert!(hand.is_ready(second) && hand.is_blocked(first));
}

#[test]
fn law_17_whoever_comes_to_the_head_of_a_line_that_can_be_served_is_woken() {
    let mut hand = Hand::new();
    let reader = hand.task("reader");
    let [_, write] = hand.pipe(reader, Some("bytes"), 4);
    let (large, small) = (hand.task("large"), hand.task("small"));
    let write_large = hand.open(large, "bytes", Rights::WRITE);
    let write_small = hand.open(small, "bytes", Rights::WRITE);
    assert_eq!(hand.write(reader, write, b"ab", Wait::Try), counted(2));
    assert_eq!(hand.write(large, write_large, b"1234", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.write(small, write_small, b"c", Wait::Forever), Outcome::Blocked);

    hand.kernel.set_priority(small, Priority::HIGHEST).unwrap();
    assert!(hand.is_ready(small));
    assert_eq!(hand.write(small, write_small, b"c", Wait::Forever), counted(1));
}

#[test]
fn law_18_when_all_sleep_time_goes_on_to_the_next_timer() {
    let said = RefCell::new(Vec::new());
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let mut sleeper = |tick| {
        let (said, name) = (&said, format!("until {tick}"));
        executor
            .spawn(&name, Priority::NORMAL, async move |sys| {
                sys.sleep_until(Ticks(tick)).await?;
                said.borrow_mut().push(sys.now());
                Ok(())
            })
            .unwrap();
    };
    sleeper(1_000_000);
    sleeper(30);
    sleeper(2_000);
    assert!(matches!(executor.run(), Stop::Done));
    assert_eq!(*said.borrow(), [Ticks(30), Ticks(2_000), Ticks(1_000_000)]);
}

#[test]
fn law_18_when_all_sleep_devices_are_waited_for_and_timers_are_not_forgotten() {
    let said = RefCell::new(Vec::new());
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(100)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            sys.open_write("loop:").await?.write(b"Hello World!").await?;
            let mut buffer = [0; 16];
            let count = sys.open_read("loop:").await?.read(&mut buffer).await?;
            assert_eq!(&buffer[..count], b"Hello World!");
            said.borrow_mut().push(("reader", sys.now()));
            Ok(())
        })
        .unwrap();
    let mut sleeper = |name, tick| {
        let said = &said;
        executor
            .spawn(name, Priority::NORMAL, async move |sys| {
                sys.sleep_until(tick).await?;
                said.borrow_mut().push((name, sys.now()));
                Ok(())
            })
            .unwrap();
    };
    sleeper("before", Ticks(50));
    sleeper("after", Ticks(150));
    assert!(matches!(executor.run(), Stop::Done));
    let expected = [("before", Ticks(50)), ("reader", Ticks(100)), ("after", Ticks(150))];
    assert_eq!(*said.borrow(), expected);
}

#[test]
fn law_18_a_device_that_can_wake_nobody_leaves_the_timers_and_then_a_deadlock() {
    let kernel = Lock::new(Kernel::<8, 8, 1280, _>::with(Loopback::late(Ticks(100)), ()));
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let device = sys.open_read("loop:").await?;
            assert_eq!(device.read(&mut [0]).until(Ticks(50)).await, Err(Error::TimedOut));
            assert_eq!(sys.now(), Ticks(50));
            device.read(&mut [0]).await.map(drop)
        })
        .unwrap();
    let Stop::Deadlock(graph) = executor.run() else { panic!("nothing was written") };
    let graph = graph.to_string();
    assert!(graph.contains("reader waits to read"), "{graph}");
    assert!(graph.contains("device"), "{graph}");
}

#[test]
fn law_18_a_deadlock_ends_the_run_and_names_tasks_objects_and_directions() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("there", 1)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("back", 1)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("ann", Priority::NORMAL, async |sys| {
            let there = sys.open_write("there").await?;
            let _back = sys.open_write("back").await?;
            there.write_all(b"two").await
        })
        .unwrap();
    executor
        .spawn("bob", Priority::NORMAL, async |sys| {
            let _there = sys.open_read("there").await?;
            let back = sys.open_read("back").await?;
            back.read(&mut [0]).await.map(drop)
        })
        .unwrap();
    executor
        .spawn("cy", Priority::NORMAL, async |sys| sys.receive_from("ann", &mut []).await.map(drop))
        .unwrap();
    executor
        .spawn("last", Priority::NORMAL, async |sys| sys.sleep_until(Ticks(100)).await)
        .unwrap();
    let Stop::Deadlock(graph) = executor.run() else { panic!("each waits for the other") };
    let expected = "\
deadlock: 3 tasks wait, and nothing can wake them
  ann waits to write pipe `there` (full) until bob reads
  bob waits to read pipe `back` (empty) until ann writes
  cy waits to receive from ann (nothing from this sender) until ann sends
  circle: ann -> bob -> ann";
    assert_eq!(graph.to_string(), expected);
    assert!(kernel.with(|kernel| kernel.now()) >= Ticks(100), "whoever can be woken is");
}

/// A victim that leaves bytes in a pipe and a message in a mailbox, and then ends by doing
/// `last`, while others wait for it to write, to receive and to send.
fn end_by(status: ExitStatus, last: impl AsyncFnOnce(Sys<'_>) -> Result<()>) {
    let released = Cell::new(0);
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("bytes", 16)).unwrap();
    let mut executor = Executor::new(&kernel);
    let victim = executor
        .spawn("victim", Priority::NORMAL, async move |sys| {
            let bytes = sys.open_write("bytes").await?;
            bytes.write(b"last bytes").await?;
            sys.send("heir", b"last words").await?;
            sys.sleep(Ticks(50)).await?;
            // The end is left open: closing it is the kernel's part.
            core::mem::forget(bytes);
            last(sys).await
        })
        .unwrap();
    executor
        .spawn("heir", Priority::NORMAL, async |sys| {
            let mut buffer = [0; 16];
            let count = sys.open_read("bytes").await?.read_full(&mut buffer).await?;
            assert_eq!(&buffer[..count], b"last bytes");
            assert_eq!(sys.send("victim", b"").await, Err(Error::NoSuchName));
            let message = sys.receive_from("victim", &mut buffer).await?;
            assert_eq!(&buffer[..message.copied], b"last words");
            assert_eq!(message.name.as_str(), "victim");
            released.set(released.get() + 1);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            sys.send("victim", b"1").await?;
            sys.send("victim", b"2").await?;
            sys.send("victim", b"3").await?;
            assert_eq!(sys.send("victim", b"4").await, Err(Error::PeerDead));
            released.set(released.get() + 1);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("receiver", Priority::NORMAL, async |sys| {
            let answer = sys.receive_from("victim", &mut []).await;
            assert_eq!(answer, Err(Error::PeerDead));
            released.set(released.get() + 1);
            Ok(())
        })
        .unwrap();

    if status == ExitStatus::Killed {
        assert!(matches!(executor.run(), Stop::Deadlock(_)));
        assert_eq!(executor.kill(victim), Ok(()));
    }
    match executor.run() {
        Stop::Done => assert!(matches!(status, ExitStatus::Done | ExitStatus::Killed)),
        Stop::Failed(failure) => {
            assert_eq!((failure.task.as_str(), failure.status), ("victim", status));
        }
        Stop::Deadlock(graph) => panic!("{graph}"),
    }
    assert_eq!(released.get(), 3);
    // The pipe that the runner has made stays.
    assert_eq!(kernel.with(|kernel| kernel.channels().count()), 1);
    assert!(executor.spawn("victim", Priority::NORMAL, async |_| Ok(())).is_ok());
}

#[test]
fn law_19_a_task_that_returns_releases_everything() {
    end_by(ExitStatus::Done, async |_| Ok(()));
}

#[test]
fn law_19_a_task_that_returns_an_error_releases_everything() {
    end_by(ExitStatus::Failed(Error::Device), async |_| Err(Error::Device));
}

#[test]
fn law_19_a_task_that_faults_releases_everything() {
    end_by(ExitStatus::Faulted, async |_| poll_fn(|_| Poll::Pending).await);
}

#[test]
fn law_19_a_task_that_is_killed_releases_everything() {
    end_by(ExitStatus::Killed, async |sys| sys.receive_from("heir", &mut []).await.map(drop));
}

#[test]
fn law_19_first_the_handles_are_closed_then_the_peers_released_then_the_name_is_free() {
    let mut hand = Hand::new();
    let (victim, reader) = (hand.task("victim"), hand.task("reader"));
    let (sender, receiver) = (hand.task("sender"), hand.task("receiver"));
    hand.kernel.create_pipe("bytes", 1).unwrap();
    hand.open(victim, "bytes", Rights::WRITE);
    let read = hand.open(reader, "bytes", Rights::READ);
    assert_eq!(hand.read(reader, read, 1, Wait::Forever).0, Outcome::Blocked);
    let from_victim = Some(Peer::Name("victim"));
    assert_eq!(hand.receive(receiver, from_victim, 1, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(sender, "victim", b"1", Wait::Try), done());
    assert_eq!(hand.send(sender, "victim", b"2", Wait::Try), done());
    assert_eq!(hand.send(sender, "victim", b"3", Wait::Try), done());
    assert_eq!(hand.send(sender, "victim", b"4", Wait::Forever), Outcome::Blocked);

    let name = hand.kernel.name(victim);
    let mailbox = hand.kernel.channels().find(|view| view.name == name).unwrap().id;
    let before = hand.kernel.trace().len();
    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Killed }), done());
    let told: Vec<_> = hand.kernel.trace().iter().skip(before).map(|&(_, event)| event).collect();
    let cause = Cause::Task(victim);
    let expected = [
        Event::Wake { task: reader, cause },
        Event::Wake { task: receiver, cause },
        Event::Wake { task: sender, cause },
        Event::Destroy { channel: mailbox },
        Event::Exit { task: victim, status: ExitStatus::Killed },
    ];
    assert_eq!(told[..5], expected);
}

#[test]
fn law_19_nothing_half_sent_is_delivered() {
    let mut hand = Hand::new();
    let (victim, peer) = (hand.task("victim"), hand.task("peer"));
    let [read, _] = hand.pipe(peer, Some("bytes"), 4);
    let write = hand.open(victim, "bytes", Rights::WRITE);
    assert_eq!(hand.write(victim, write, b"abc", Wait::Try), counted(3));
    assert_eq!(hand.write(victim, write, b"de", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Killed }), done());
    assert_eq!(hand.read(peer, read, 8, Wait::Try).1, b"abc");
    assert_eq!(hand.read(peer, read, 8, Wait::Try).0, refused(Error::WouldBlock));

    let victim = hand.task("victim");
    assert_eq!(hand.send(victim, "peer", b"1", Wait::Try), done());
    assert_eq!(hand.send(victim, "peer", b"2", Wait::Try), done());
    assert_eq!(hand.send(victim, "peer", b"3", Wait::Try), done());
    assert_eq!(hand.send(victim, "peer", b"4", Wait::Forever), Outcome::Blocked);
    assert_eq!(hand.call(victim, Call::Exit { status: ExitStatus::Killed }), done());
    assert_eq!(hand.receive(peer, None, 1, Wait::Try).1, b"1");
    assert_eq!(hand.receive(peer, None, 1, Wait::Try).1, b"2");
    assert_eq!(hand.receive(peer, None, 1, Wait::Try).1, b"3");
    assert_eq!(hand.receive(peer, None, 1, Wait::Try).0, refused(Error::WouldBlock));
}

#[test]
fn law_20_the_id_of_an_earlier_incarnation_reaches_nobody() {
    let mut hand = Hand::new();
    let (old, other) = (hand.task("task"), hand.task("other"));
    assert_eq!(hand.call(old, Call::Exit { status: ExitStatus::Done }), done());
    let new = hand.task("task");
    assert_eq!(new.index(), old.index());

    let send = Call::Send {
        to: Destination::Task(Peer::Task(old)),
        message: b"hello",
        wait: Wait::Forever,
    };
    assert_eq!(hand.call(other, send), refused(Error::PeerDead));
    assert_eq!(hand.receive(new, None, 8, Wait::Try).0, refused(Error::WouldBlock));
    let from_old = Some(Peer::Task(old));
    assert_eq!(hand.receive(other, from_old, 8, Wait::Forever).0, refused(Error::PeerDead));
    let raised = hand.kernel.set_priority(old, Priority::HIGHEST);
    assert_eq!(raised, Err(Error::PeerDead));
    let view = hand.kernel.tasks().find(|view| view.id == new).unwrap();
    assert_eq!(view.priority, Priority::NORMAL);
    assert_eq!((hand.kernel.state(old), hand.kernel.name(old)), (None, None));
}

#[test]
fn law_20_a_call_in_the_name_of_an_earlier_incarnation_has_no_effect() {
    let mut hand = Hand::new();
    let (old, other) = (hand.task("task"), hand.task("other"));
    let [_, write] = hand.pipe(other, Some("bytes"), 4);
    assert_eq!(hand.call(old, Call::Exit { status: ExitStatus::Done }), done());
    let new = hand.task("task");
    assert_eq!(hand.send(other, "task", b"for the new one", Wait::Try), done());

    assert_eq!(hand.send(old, "other", b"hello", Wait::Try), refused(Error::PeerDead));
    assert_eq!(hand.write(old, write, b"a", Wait::Try), refused(Error::PeerDead));
    assert_eq!(hand.receive(old, None, 16, Wait::Forever).0, refused(Error::PeerDead));
    let exit = Call::Exit { status: ExitStatus::Killed };
    assert_eq!(hand.call(old, exit), refused(Error::PeerDead));

    assert_eq!(hand.receive(other, None, 8, Wait::Try).0, refused(Error::WouldBlock));
    assert_eq!(hand.kernel.state(new), Some(State::Running));
    assert_eq!(hand.receive(new, None, 16, Wait::Try).1, b"for the new one");
}

#[test]
fn law_20_an_executor_does_not_kill_a_later_incarnation() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let old = executor.spawn("task", Priority::NORMAL, async |_| Ok(())).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    let new = executor.spawn("task", Priority::NORMAL, async |_| Ok(())).unwrap();
    assert_eq!(executor.kill(old), Err(Error::PeerDead));
    assert_eq!(kernel.with(|kernel| kernel.state(new)), Some(State::Ready));
}

/// Runs a program in which everything happens that can, and returns its events as text.
fn events(policy: Policy) -> String {
    let log = Log::<1024>::new();
    let kernel = Lock::new(Kernel::<8, 16, 1280, NoDevices, _>::with(NoDevices, log));
    kernel.with(|kernel| kernel.create_pipe("bytes", 5)).unwrap();
    let mut executor = Executor::with_policy(&kernel, policy);
    let spawner = executor.spawner();
    let mut producer = |name: &'static str, level| {
        executor
            .spawn(name, Priority::new(level).unwrap(), async move |sys| {
                let bytes = sys.open_write("bytes").await?;
                bytes.write_all(name.as_bytes()).await?;
                let _ = bytes.write(b"!").within(Ticks(3)).await;
                let _ = bytes.write(b"?").try_now().await;
                sys.yield_now().await?;
                bytes.write_all(b"a longer one").await
            })
            .unwrap();
    };
    producer("ann", HIGH);
    producer("bob", NORMAL);
    producer("cy", LOW);
    executor
        .spawn("consumer", Priority::NORMAL, async |sys| {
            let bytes = sys.open_read("bytes").await?;
            let mut buffer = [0; 3];
            loop {
                match bytes.read(&mut buffer).await? {
                    0 => break,
                    count => sys.send("collector", &buffer[..count]).await?,
                }
            }
            sys.send("collector", b"").await
        })
        .unwrap();
    executor
        .spawn("collector", Priority::LOWEST, async move |sys| {
            spawner.spawn("child", Priority::NORMAL, async |sys| {
                sys.sleep(Ticks(7)).await?;
                sys.set_priority(Priority::HIGHEST).await?;
                sys.send("collector", b"from the child").await
            })?;
            let mut buffer = [0; 2];
            loop {
                match sys.receive(&mut buffer).within(Ticks(2)).await {
                    Err(Error::TimedOut) => sys.set_priority(Priority::NORMAL).await?,
                    Ok(message) if message.length == 0 => break,
                    other => drop(other?),
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    drop(executor);
    kernel.with(|kernel| {
        assert_eq!(kernel.trace().lost(), 0);
        let mut text = String::new();
        kernel.trace().iter().for_each(|event| writeln!(text, "{event:?}").unwrap());
        text
    })
}

#[test]
fn law_21_the_same_program_and_policy_give_the_same_events() {
    assert_eq!(events(Policy::Priority), events(Policy::Priority));
    assert_eq!(events(Policy::RoundRobin), events(Policy::RoundRobin));
    assert_eq!(events(Policy::Random(7)), events(Policy::Random(7)));
    assert_eq!(events(Policy::Random(u64::MAX)), events(Policy::Random(u64::MAX)));
}

#[test]
fn law_21_other_seeds_and_policies_give_other_events() {
    assert_ne!(events(Policy::Random(1)), events(Policy::Random(2)));
    assert_ne!(events(Policy::Priority), events(Policy::RoundRobin));
    assert_ne!(events(Policy::RoundRobin), events(Policy::Random(1)));
}

#[test]
fn law_16_a_task_that_only_yields_does_not_stop_time() {
    let is_over = Cell::new(false);
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("sleeper", Priority::NORMAL, async |sys| {
            sys.sleep(Ticks(10)).await?;
            is_over.set(true);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("yielder", Priority::NORMAL, async |sys| {
            for _ in 0..100 {
                if is_over.get() {
                    return Ok(());
                }
                sys.yield_now().await?;
            }
            Err(Error::TimedOut)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

/// The graph of the deadlock in which a run ends.
fn deadlock(stop: Stop<impl Display>) -> String {
    let Stop::Deadlock(graph) = stop else { panic!("all wait") };
    graph.to_string()
}

#[test]
fn law_18_a_server_without_clients_waits_for_someone_and_in_no_circle() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("server", Priority::NORMAL, async |sys| {
            let socket = sys.stream(8).await?;
            socket.bind("door").await?;
            socket.listen(1).await?.accept().await.map(drop)
        })
        .unwrap();
    let expected = "\
deadlock: 1 task waits, and nothing can wake it
  server waits to accept stream `door` (empty) until someone connects";
    assert_eq!(deadlock(executor.run()), expected);
}

#[test]
fn law_18_a_circle_is_found_through_any_of_those_who_could_act() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("first", 4)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("second", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("guest", Priority::NORMAL, async |sys| {
            let _first = sys.open_write("first").await?;
            sys.receive(&mut []).await.map(drop)
        })
        .unwrap();
    for (name, input, output) in [("ann", "first", "second"), ("bob", "second", "first")] {
        executor
            .spawn(name, Priority::NORMAL, async move |sys| {
                let (input, _output) = (sys.open_read(input).await?, sys.open_write(output).await?);
                input.read(&mut [0]).await.map(drop)
            })
            .unwrap();
    }
    let expected = "\
deadlock: 3 tasks wait, and nothing can wake them
  guest waits to receive (empty) until someone sends
  ann waits to read pipe `first` (empty) until guest or bob writes
  bob waits to read pipe `second` (empty) until ann writes
  circle: ann -> bob -> ann";
    assert_eq!(deadlock(executor.run()), expected);
}

#[test]
fn law_18_a_poll_waits_until_one_of_those_acts_who_can() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("poller", Priority::NORMAL, async |sys| {
            let input = sys.open_read("pipe").await?;
            sys.poll(&mut [input.entry()]).await.map(drop)
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let _output = sys.open_write("pipe").await?;
            sys.receive_from("poller", &mut []).await.map(drop)
        })
        .unwrap();
    let graph = deadlock(executor.run());
    assert!(graph.contains("\n  poller waits to poll ("), "{graph}");
    assert!(graph.contains(") until writer acts\n"), "{graph}");
    assert!(graph.ends_with("\n  circle: poller -> writer -> poller"), "{graph}");
}

#[test]
fn law_18_a_deadlock_after_a_failure_also_tells_the_failure() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("client", Priority::NORMAL, async |sys| sys.receive(&mut []).await.map(drop))
        .unwrap();
    executor.spawn("server", Priority::NORMAL, async |_| Err(Error::BadArgument)).unwrap();
    let graph = deadlock(executor.run());
    assert!(graph.contains("client waits to receive"), "{graph}");
    assert!(graph.contains("\n  before that, task server failed: "), "{graph}");
}
