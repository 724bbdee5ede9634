//! futures: `mpsc` between tasks of a `LocalPool`: <https://docs.rs/futures>.

use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use ::futures::channel::mpsc::channel;
use ::futures::executor::{LocalPool, LocalSpawner};
use ::futures::task::LocalSpawnExt;
use ::futures::{SinkExt, StreamExt};

use super::{Message, SLOTS};
use crate::clock::{Clock, Start, scale, share, step_aside};

/// One task sends to itself.
pub fn send_receive<const L: usize>(n: u64) -> Duration {
    let clock = Rc::new(Clock::new(1));
    let timer = clock.clone();
    run(|tasks| {
        spawn(tasks, async move {
            let (mut sender, mut receiver) = channel(SLOTS);
            let message = Message::<L>::NEW;
            timer.begin();
            for _ in 0..n {
                sender.send(*black_box(&message)).await.expect("the receiver is here");
                let got: Message<L> = receiver.next().await.expect("the sender is here");
                black_box(&got);
            }
            timer.end();
        });
    });
    clock.time()
}

/// The same by calls that do not wait, which are no futures.
pub fn try_send_receive<const L: usize>(n: u64) -> Duration {
    let (mut sender, mut receiver) = channel(SLOTS);
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
    run(|tasks| {
        for _ in 0..pairs {
            let (mut to_server, mut requests) = channel::<Message<L>>(SLOTS);
            let (mut to_client, mut answers) = channel::<Message<L>>(SLOTS);
            spawn(tasks, async move {
                step_aside().await;
                while let Some(message) = requests.next().await {
                    to_client.send(message).await.expect("the client waits");
                }
            });
            let clock = clock.clone();
            spawn(tasks, async move {
                let mut message = Message::<L>::NEW;
                step_aside().await;
                clock.begin();
                for _ in 0..each {
                    to_server.send(*black_box(&message)).await.expect("the server waits");
                    message = answers.next().await.expect("the server answers");
                }
                clock.end();
            });
        }
    });
    scale(clock.time(), n, pairs)
}

/// Channels with a receiver and so many senders.
pub fn streaming<const L: usize>(channels: usize, senders: usize, n: u64) -> Duration {
    let (clock, each) = (Rc::new(Clock::new(channels)), share(n, channels * senders));
    run(|tasks| {
        for _ in 0..channels {
            let (sender, mut receiver) = channel::<Message<L>>(SLOTS);
            let timer = clock.clone();
            spawn(tasks, async move {
                step_aside().await;
                while let Some(message) = receiver.next().await {
                    black_box(&message);
                }
                timer.end();
            });
            for _ in 0..senders {
                let (mut sender, clock) = (sender.clone(), clock.clone());
                spawn(tasks, async move {
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
fn run(spawn: impl FnOnce(&LocalSpawner)) {
    let mut pool = LocalPool::new();
    spawn(&pool.spawner());
    pool.run();
}

fn spawn(tasks: &LocalSpawner, body: impl Future<Output = ()> + 'static) {
    tasks.spawn_local(body).expect("the pool is there");
}
