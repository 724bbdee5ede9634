//! The workloads, done by the least kernel.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::time::Duration;

use super::kernel::{Around, Kernel, SLOTS, receive, run, send, step_aside};
use crate::clock::{Clock, Start, scale, share};

type Body<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

/// Two copies through a ring, and the length beside them. Nobody could wait.
pub fn two_copies(n: u64, length: usize) -> Duration {
    let length = black_box(length);
    let (mut ring, mut lengths) = (vec![0; SLOTS * length], vec![0; SLOTS]);
    let (message, mut buffer) = (vec![7_u8; length], vec![0; length]);
    let start = Start::now();
    for position in 0..n as usize {
        let (slot, message) = (position % SLOTS, black_box(&message[..]));
        ring[slot * length..][..message.len()].copy_from_slice(message);
        lengths[slot] = message.len();
        let there = black_box(lengths[slot]);
        buffer[..there].copy_from_slice(&ring[slot * length..][..there]);
        black_box(&buffer);
    }
    start.elapsed()
}

/// One task sends to itself.
pub fn send_receive<A: Around<Kernel>>(n: u64, length: usize) -> Duration {
    let kernel = A::new(Kernel::new(1, length));
    let clock = Clock::new(1);
    let body = async {
        let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
        clock.begin();
        for _ in 0..n {
            send(&kernel, 0, black_box(0), black_box(&message)).await;
            black_box(receive(&kernel, 0, black_box(0), &mut buffer).await);
        }
        clock.end();
    };
    run(&kernel, vec![Box::pin(body)]);
    clock.time()
}

/// Pairs of a client and a server that answers with what it got.
pub fn round_trip<A: Around<Kernel>>(pairs: usize, n: u64, length: usize) -> Duration {
    let kernel = &A::new(Kernel::new(2 * pairs, length));
    let (clock, each) = (&Clock::new(pairs), share(n, pairs));
    let mut tasks: Vec<Body<'_>> = Vec::new();
    for pair in 0..pairs {
        let (there, back, server, client) = (2 * pair, 2 * pair + 1, 2 * pair, 2 * pair + 1);
        tasks.push(Box::pin(async move {
            let mut buffer = vec![0; black_box(length)];
            step_aside(kernel, server).await;
            for _ in 0..each {
                let got = receive(kernel, server, there, &mut buffer).await;
                send(kernel, server, back, &buffer[..got]).await;
            }
        }));
        tasks.push(Box::pin(async move {
            let mut buffer = vec![7; black_box(length)];
            step_aside(kernel, client).await;
            clock.begin();
            for _ in 0..each {
                send(kernel, client, there, black_box(&buffer)).await;
                black_box(receive(kernel, client, back, &mut buffer).await);
            }
            clock.end();
        }));
    }
    run(kernel, tasks);
    scale(clock.time(), n, pairs)
}

/// Pairs of a sender and a receiver.
pub fn streaming<A: Around<Kernel>>(pairs: usize, n: u64, length: usize) -> Duration {
    crowd::<A>((pairs, pairs), pairs, n, length)
}

/// So many senders, one receiver.
pub fn fan_in<A: Around<Kernel>>(senders: usize, n: u64, length: usize) -> Duration {
    crowd::<A>((senders, 1), 1, n, length)
}

/// One sender, so many receivers.
pub fn fan_out<A: Around<Kernel>>(receivers: usize, n: u64, length: usize) -> Duration {
    crowd::<A>((1, receivers), 1, n, length)
}

/// Senders and receivers, dealt out to the channels.
fn crowd<A: Around<Kernel>>(
    (senders, receivers): (usize, usize),
    channels: usize,
    n: u64,
    length: usize,
) -> Duration {
    let kernel = &A::new(Kernel::new(channels, length));
    let most = senders.max(receivers);
    let (clock, all) = (&Clock::new(receivers), share(n, most) * most as u64);
    let mut tasks: Vec<Body<'_>> = Vec::new();
    for task in 0..receivers {
        tasks.push(Box::pin(async move {
            let mut buffer = vec![0; black_box(length)];
            step_aside(kernel, task).await;
            for _ in 0..all / receivers as u64 {
                black_box(receive(kernel, task, task % channels, &mut buffer).await);
            }
            clock.end();
        }));
    }
    for task in receivers..receivers + senders {
        tasks.push(Box::pin(async move {
            let message = vec![7; black_box(length)];
            step_aside(kernel, task).await;
            clock.begin();
            for _ in 0..all / senders as u64 {
                send(kernel, task, (task - receivers) % channels, black_box(&message)).await;
            }
        }));
    }
    run(kernel, tasks);
    scale(clock.time(), n, most)
}
