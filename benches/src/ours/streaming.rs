//! Pairs of a sender and a receiver.

use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Trace};

use super::{SLOTS, expect, expect_done};
use crate::clock::{Clock, scale, share};

/// Through a pipe that holds 64 messages.
pub fn pipe<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    pairs: usize,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let (clock, each) = (&Clock::new(pairs), share(n, pairs));
    let mut executor = Executor::<_, T>::new(kernel);
    for pair in 0..pairs {
        let name = format!("pipe {pair}");
        expect(kernel.enter(|kernel| kernel.create_pipe(&name, SLOTS * length)));
        let pipe = name.clone();
        expect(executor.spawn(&format!("reader {pair}"), Priority::NORMAL, async move |sys| {
            let reader = sys.open_read(&pipe).await?;
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            while reader.read(&mut buffer).await? > 0 {
                black_box(&buffer);
            }
            clock.end();
            Ok(())
        }));
        expect(executor.spawn(&format!("writer {pair}"), Priority::NORMAL, async move |sys| {
            let writer = sys.open_write(&name).await?;
            let message = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                writer.write(black_box(&message)).await?;
            }
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}

/// Through a queue.
pub fn queue<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    pairs: usize,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let (clock, each) = (&Clock::new(pairs), share(n, pairs));
    let mut executor = Executor::<_, T>::new(kernel);
    for pair in 0..pairs {
        let name = format!("queue {pair}");
        expect(kernel.enter(|kernel| kernel.create_queue(&name, SLOTS, length)));
        let queue = name.clone();
        expect(executor.spawn(&format!("receiver {pair}"), Priority::NORMAL, async move |sys| {
            let receiver = sys.open_receiver(&queue).await?;
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            while let Some(message) = receiver.receive(&mut buffer).await? {
                black_box(message.copied);
            }
            clock.end();
            Ok(())
        }));
        expect(executor.spawn(&format!("sender {pair}"), Priority::NORMAL, async move |sys| {
            let sender = sys.open_sender(&name).await?;
            let message = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                sender.send(0, black_box(&message)).await?;
            }
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}

/// Through the receiver's mailbox.
pub fn mailbox<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    pairs: usize,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let (clock, each) = (&Clock::new(pairs), share(n, pairs));
    let mut executor = Executor::<_, T>::new(kernel);
    for pair in 0..pairs {
        let name = format!("receiver {pair}");
        let receiver = expect(executor.spawn(&name, Priority::NORMAL, async move |sys| {
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            for _ in 0..each {
                black_box(sys.receive(&mut buffer).await?);
            }
            clock.end();
            Ok(())
        }));
        expect(executor.spawn(&format!("sender {pair}"), Priority::NORMAL, async move |sys| {
            let message = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                sys.send(receiver, black_box(&message)).await?;
            }
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}
