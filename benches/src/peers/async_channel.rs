//! smol: its `async-channel` between tasks of its `LocalExecutor`: <https://docs.rs/smol>.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use ::async_channel::bounded;
use async_executor::{LocalExecutor, Task};
use futures_lite::future::block_on;

use super::{Message, SLOTS};
use crate::clock::{Clock, Start, scale, share, step_aside};

/// One task sends to itself.
pub fn send_receive<const L: usize>(n: u64) -> Duration {
    let clock = Rc::new(Clock::new(1));
    let timer = clock.clone();
    run(|executor| {
        vec![executor.spawn(async move {
            let (sender, receiver) = bounded(SLOTS);
            let message = Message::<L>::NEW;
            timer.begin();
            for _ in 0..n {
                sender.send(*black_box(&message)).await.expect("the receiver is here");
                let got: Message<L> = receiver.recv().await.expect("the sender is here");
                black_box(&got);
            }
            timer.end();
        })]
    });
    clock.time()
}

/// The same by calls that do not wait, which are no futures.
pub fn try_send_receive<const L: usize>(n: u64) -> Duration {
    let (sender, receiver) = bounded(SLOTS);
    let message = Message::<L>::NEW;
    let start = Start::now();
    for _ in 0..n {
        sender.try_send(*black_box(&message)).expect("there is room");
        let got: Message<L> = receiver.try_recv().expect("there is one");
        black_box(&got);
    }
    start.elapsed()
}

/// Pairs of a client and a server that answers with what it got.
pub fn round_trip<const L: usize>(pairs: usize, n: u64) -> Duration {
    let (clock, each) = (Rc::new(Clock::new(pairs)), share(n, pairs));
    run(|executor| {
        let mut tasks = Vec::new();
        for _ in 0..pairs {
            let (to_server, requests) = bounded::<Message<L>>(SLOTS);
            let (to_client, answers) = bounded::<Message<L>>(SLOTS);
            tasks.push(executor.spawn(async move {
                step_aside().await;
                while let Ok(message) = requests.recv().await {
                    to_client.send(message).await.expect("the client waits");
                }
            }));
            let clock = clock.clone();
            tasks.push(executor.spawn(async move {
                let mut message = Message::<L>::NEW;
                step_aside().await;
                clock.begin();
                for _ in 0..each {
                    to_server.send(*black_box(&message)).await.expect("the server waits");
                    message = answers.recv().await.expect("the server answers");
                }
                clock.end();
            }));
        }
        tasks
    });
    scale(clock.time(), n, pairs)
}

/// Channels with so many receivers and senders.
pub fn streaming<const L: usize>(
    channels: usize,
    (senders, receivers): (usize, usize),
    n: u64,
) -> Duration {
    let clock = Rc::new(Clock::new(channels * receivers));
    let each = share(n, channels * senders);
    run(|executor| {
        let mut tasks = Vec::new();
        for _ in 0..channels {
            let (sender, receiver) = bounded::<Message<L>>(SLOTS);
            for _ in 0..receivers {
                let (receiver, clock) = (receiver.clone(), clock.clone());
                tasks.push(executor.spawn(async move {
                    step_aside().await;
                    while let Ok(message) = receiver.recv().await {
                        black_box(&message);
                    }
                    clock.end();
                }));
            }
            for _ in 0..senders {
                let (sender, clock) = (sender.clone(), clock.clone());
                tasks.push(executor.spawn(async move {
                    let message = Message::<L>::NEW;
                    step_aside().await;
                    clock.begin();
                    for _ in 0..each {
                        sender.send(*black_box(&message)).await.expect("a receiver waits");
                    }
                }));
            }
        }
        tasks
    });
    scale(clock.time(), n, channels * senders)
}

/// Runs the tasks that `spawn` returns until all have ended.
fn run(spawn: impl FnOnce(&LocalExecutor<'static>) -> Vec<Task<()>>) {
    let executor = LocalExecutor::new();
    let tasks = spawn(&executor);
    block_on(executor.run(async {
        for task in tasks {
            task.await;
        }
    }));
}
