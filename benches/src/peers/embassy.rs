//! embassy: its `Channel` between tasks of its raw executor: <https://docs.embassy.dev>.
//!
//! `M` is what stands around a channel: `NoopRawMutex` for one executor, or a critical section for
//! several threads. The raw executor is polled in a loop, as its spinning platform does.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use embassy_executor::Spawner;
use embassy_executor::raw::{Executor, TaskStorage};
use embassy_sync::blocking_mutex::raw::RawMutex;
use embassy_sync::channel::Channel;
use embassy_sync::priority_channel::{Max, PriorityChannel};

use super::{Message, SLOTS};
use crate::clock::{Clock, Start, scale, share, step_aside};

/// One task sends to itself.
pub fn send_receive<M: RawMutex + 'static, const L: usize>(n: u64) -> Duration {
    let clock = Rc::new(Clock::new(1));
    let timer = clock.clone();
    let body = async move {
        let channel = Channel::<M, Message<L>, SLOTS>::new();
        let message = Message::<L>::NEW;
        timer.begin();
        for _ in 0..n {
            channel.send(*black_box(&message)).await;
            let got = channel.receive().await;
            black_box(&got);
        }
        timer.end();
    };
    run(|tasks| tasks.spawn(body));
    clock.time()
}

/// The same by calls that do not wait, which are no futures.
pub fn try_send_receive<M: RawMutex, const L: usize>(n: u64) -> Duration {
    // On the stack of its own function the compiler would see through it.
    let channel = black_box(Box::new(Channel::<M, Message<L>, SLOTS>::new()));
    let message = Message::<L>::NEW;
    let start = Start::now();
    for _ in 0..n {
        channel.try_send(*black_box(&message)).expect("there is room");
        let got: Message<L> = channel.try_receive().expect("there is one");
        black_box(&got);
    }
    start.elapsed()
}

/// Pairs of a client and a server that answers with what it got.
pub fn round_trip<M: RawMutex + 'static, const L: usize>(pairs: usize, n: u64) -> Duration {
    let (clock, each) = (Rc::new(Clock::new(pairs)), share(n, pairs));
    run(|tasks| {
        for _ in 0..pairs {
            let there = Rc::new(Channel::<M, Message<L>, SLOTS>::new());
            let back = Rc::new(Channel::<M, Message<L>, SLOTS>::new());
            let (requests, to_client) = (there.clone(), back.clone());
            tasks.spawn(async move {
                step_aside().await;
                for _ in 0..each {
                    let message = requests.receive().await;
                    to_client.send(message).await;
                }
            });
            let clock = clock.clone();
            tasks.spawn(async move {
                let mut message = Message::<L>::NEW;
                step_aside().await;
                clock.begin();
                for _ in 0..each {
                    there.send(*black_box(&message)).await;
                    message = back.receive().await;
                }
                clock.end();
            });
        }
    });
    scale(clock.time(), n, pairs)
}

/// Channels with so many receivers and senders.
///
/// A channel wakes the one task that waited last. With several on a side, each wakes the one that
/// it takes the place of, so those who wait keep waking each other.
pub fn streaming<M: RawMutex + 'static, const L: usize>(
    channels: usize,
    (senders, receivers): (usize, usize),
    n: u64,
) -> Duration {
    let clock = Rc::new(Clock::new(channels * receivers));
    let most = senders.max(receivers);
    let all = share(n, channels * most) * most as u64;
    run(|tasks| {
        for _ in 0..channels {
            let channel = Rc::new(Channel::<M, Message<L>, SLOTS>::new());
            for _ in 0..receivers {
                let (channel, clock) = (channel.clone(), clock.clone());
                tasks.spawn(async move {
                    step_aside().await;
                    for _ in 0..all / receivers as u64 {
                        black_box(&channel.receive().await);
                    }
                    clock.end();
                });
            }
            for _ in 0..senders {
                let (channel, clock) = (channel.clone(), clock.clone());
                tasks.spawn(async move {
                    let message = Message::<L>::NEW;
                    step_aside().await;
                    clock.begin();
                    for _ in 0..all / senders as u64 {
                        channel.send(*black_box(&message)).await;
                    }
                });
            }
        }
    });
    scale(clock.time(), n, channels * most)
}

/// Tasks under way. Embassy wants them to live for ever; they live until all have ended.
struct Tasks {
    spawner: Spawner,
    living: Rc<Cell<usize>>,
    storages: Vec<Box<dyn FnOnce()>>,
}

impl Tasks {
    fn spawn(&mut self, body: impl Future<Output = ()> + 'static) {
        let living = self.living.clone();
        living.set(living.get() + 1);
        let body = async move {
            body.await;
            living.set(living.get() - 1);
        };
        let storage = Box::into_raw(Box::new(TaskStorage::new()));
        // SAFETY: it was just allocated, and `run` frees it after all tasks have ended.
        let task = unsafe { &*storage };
        self.spawner.spawn(task.spawn(|| body).expect("the storage is new"));
        // SAFETY: it came from a box, and is freed once.
        self.storages.push(Box::new(move || drop(unsafe { Box::from_raw(storage) })));
    }
}

/// Runs the tasks that `spawn` adds until all have ended.
fn run(spawn: impl FnOnce(&mut Tasks)) {
    let raw = Box::into_raw(Box::new(Executor::new(std::ptr::null_mut())));
    // SAFETY: it was just allocated, and is freed at the end, when no task is left to refer to it.
    let executor = unsafe { &*raw };
    let mut tasks =
        Tasks { spawner: executor.spawner(), living: Rc::new(Cell::new(0)), storages: Vec::new() };
    spawn(&mut tasks);
    while tasks.living.get() > 0 {
        // SAFETY: nothing in a task polls the executor that runs it.
        unsafe { executor.poll() };
    }
    tasks.storages.into_iter().for_each(|free| free());
    // SAFETY: it came from a box; every task has ended, and with them all that could wake one.
    drop(unsafe { Box::from_raw(raw) });
}

/// The executor says that there is something to poll. It is being polled.
// SAFETY: embassy's executor asks for a function of this name, and no other crate here has one.
#[unsafe(export_name = "__pender")]
fn pender(_: *mut ()) {}

/// Receives the most urgent of so many values, and sends one of the same urgency. Which of equals
/// comes first is not promised.
pub fn priority<M: RawMutex + 'static, const QUEUED: usize>(n: u64) -> Duration {
    let clock = Rc::new(Clock::new(1));
    let timer = clock.clone();
    run(|tasks| {
        tasks.spawn(async move {
            let channel = Box::new(PriorityChannel::<M, (u8, [u8; 64]), Max, QUEUED>::new());
            for at in 0..QUEUED {
                channel.send(((at % 32) as u8, [7; 64])).await;
            }
            let message = [7; 64];
            timer.begin();
            for _ in 0..n {
                let (urgency, got) = channel.receive().await;
                black_box(&got);
                channel.send((urgency, *black_box(&message))).await;
            }
            timer.end();
        });
    });
    clock.time()
}
