//! Pairs of a client and a server that answers with what it got.

use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Trace};

use super::{SLOTS, expect, expect_done};
use crate::clock::{Clock, scale, share};

/// A pipe there and a pipe back.
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
        let (there, back) = (format!("there {pair}"), format!("back {pair}"));
        for name in [&there, &back] {
            expect(kernel.enter(|kernel| kernel.create_pipe(name, R)));
        }
        let names = (there.clone(), back.clone());
        expect(executor.spawn(&format!("server {pair}"), Priority::NORMAL, async move |sys| {
            let reader = sys.open_read(&names.0).await?;
            let writer = sys.open_write(&names.1).await?;
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            for _ in 0..each {
                let got = reader.read(&mut buffer).await?;
                writer.write(&buffer[..got]).await?;
            }
            Ok(())
        }));
        expect(executor.spawn(&format!("client {pair}"), Priority::NORMAL, async move |sys| {
            let writer = sys.open_write(&there).await?;
            let reader = sys.open_read(&back).await?;
            let mut buffer = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                writer.write(black_box(&buffer)).await?;
                black_box(reader.read(&mut buffer).await?);
            }
            clock.end();
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}

/// A queue there and a queue back.
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
        let (there, back) = (format!("there {pair}"), format!("back {pair}"));
        for name in [&there, &back] {
            expect(kernel.enter(|kernel| kernel.create_queue(name, SLOTS, length)));
        }
        let names = (there.clone(), back.clone());
        expect(executor.spawn(&format!("server {pair}"), Priority::NORMAL, async move |sys| {
            let receiver = sys.open_receiver(&names.0).await?;
            let sender = sys.open_sender(&names.1).await?;
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            while let Some(message) = receiver.receive(&mut buffer).await? {
                sender.send(0, &buffer[..message.copied]).await?;
            }
            Ok(())
        }));
        expect(executor.spawn(&format!("client {pair}"), Priority::NORMAL, async move |sys| {
            let sender = sys.open_sender(&there).await?;
            let receiver = sys.open_receiver(&back).await?;
            let mut buffer = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                sender.send(0, black_box(&buffer)).await?;
                black_box(receiver.receive(&mut buffer).await?);
            }
            clock.end();
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}

/// The mailbox of each.
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
        let server =
            executor.spawn(&format!("server {pair}"), Priority::NORMAL, async move |sys| {
                let mut buffer = vec![0; black_box(length)];
                sys.yield_now().await?;
                for _ in 0..each {
                    let got = sys.receive(&mut buffer).await?;
                    sys.send(got.task, &buffer[..got.copied]).await?;
                }
                Ok(())
            });
        let server = expect(server);
        expect(executor.spawn(&format!("client {pair}"), Priority::NORMAL, async move |sys| {
            let mut buffer = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                sys.send(server, black_box(&buffer)).await?;
                black_box(sys.receive(&mut buffer).await?);
            }
            clock.end();
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, pairs)
}
