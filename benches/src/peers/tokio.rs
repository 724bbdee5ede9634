//! tokio: `mpsc` between tasks of a `current_thread` runtime: <https://docs.rs/tokio>.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use ::tokio::runtime::Builder;
use ::tokio::sync::mpsc::channel;
use ::tokio::task::JoinSet;

use super::{Message, SLOTS};
use crate::clock::{Clock, Start, scale, share, step_aside};

/// One task sends to itself.
pub fn send_receive<const L: usize>(n: u64) -> Duration {
    let clock = Arc::new(Clock::new(1));
    let timer = clock.clone();
    run(|tasks| {
        tasks.spawn(async move {
            let (sender, mut receiver) = channel(SLOTS);
            let message = Message::<L>::NEW;
            timer.begin();
            for _ in 0..n {
                sender.send(*black_box(&message)).await.expect("the receiver is here");
                let got: Message<L> = receiver.recv().await.expect("the sender is here");
                black_box(&got);
            }
            timer.end();
        });
    });
    clock.time()
}

/// The same by calls that do not wait, which are no futures.
pub fn try_send_receive<const L: usize>(n: u64) -> Duration {
    let (sender, mut receiver) = channel(SLOTS);
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
    let (clock, each) = (Arc::new(Clock::new(pairs)), share(n, pairs));
    run(|tasks| {
        for _ in 0..pairs {
            let (to_server, mut requests) = channel::<Message<L>>(SLOTS);
            let (to_client, mut answers) = channel::<Message<L>>(SLOTS);
            tasks.spawn(async move {
                step_aside().await;
                while let Some(message) = requests.recv().await {
                    to_client.send(message).await.expect("the client waits");
                }
            });
            let clock = clock.clone();
            tasks.spawn(async move {
                let mut message = Message::<L>::NEW;
                step_aside().await;
                clock.begin();
                for _ in 0..each {
                    to_server.send(*black_box(&message)).await.expect("the server waits");
                    message = answers.recv().await.expect("the server answers");
                }
                clock.end();
            });
        }
    });
    scale(clock.time(), n, pairs)
}

/// Channels with a receiver and so many senders.
pub fn streaming<const L: usize>(channels: usize, senders: usize, n: u64) -> Duration {
    let (clock, each) = (Arc::new(Clock::new(channels)), share(n, channels * senders));
    run(|tasks| {
        for _ in 0..channels {
            let (sender, mut receiver) = channel::<Message<L>>(SLOTS);
            let timer = clock.clone();
            tasks.spawn(async move {
                step_aside().await;
                while let Some(message) = receiver.recv().await {
                    black_box(&message);
                }
                timer.end();
            });
            for _ in 0..senders {
                let (sender, clock) = (sender.clone(), clock.clone());
                tasks.spawn(async move {
                    let message = Message::<L>::NEW;
                    step_aside().await;
                    clock.begin();
                    for _ in 0..each {
                        sender.send(*black_box(&message)).await.expect("the receiver waits");
                    }
                });
            }
        }
    });
    scale(clock.time(), n, channels * senders)
}

/// Runs the tasks that `spawn` adds until all have ended.
fn run(spawn: impl FnOnce(&mut JoinSet<()>)) {
    let runtime = Builder::new_current_thread().build().expect("it needs no driver");
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        spawn(&mut tasks);
        while let Some(ended) = tasks.join_next().await {
            ended.expect("no task panics");
        }
    });
}
