//! One task sends to itself: the calls, the checks and the copies, without a switch.

use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Result, Sys, Trace};

use super::{SLOTS, expect, expect_done};
use crate::clock::Clock;

/// Through a pipe without a name.
pub fn pipe<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    alone(kernel, async |sys, clock| {
        let (reader, writer) = sys.pipe(R).await?;
        let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
        clock.begin();
        for _ in 0..n {
            writer.write(black_box(&message)).await?;
            black_box(reader.read(&mut buffer).await?);
        }
        clock.end();
        Ok(())
    })
}

/// Through a queue.
pub fn queue<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    expect(kernel.enter(|kernel| kernel.create_queue("queue", SLOTS, length)));
    alone(kernel, async |sys, clock| {
        let (receiver, sender) =
            (sys.open_receiver("queue").await?, sys.open_sender("queue").await?);
        let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
        clock.begin();
        for _ in 0..n {
            sender.send(0, black_box(&message)).await?;
            black_box(receiver.receive(&mut buffer).await?);
        }
        clock.end();
        Ok(())
    })
}

/// Through the task's own mailbox.
pub fn mailbox<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    alone(kernel, async |sys, clock| {
        let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
        clock.begin();
        for _ in 0..n {
            sys.send(sys.task(), black_box(&message)).await?;
            black_box(sys.receive(&mut buffer).await?);
        }
        clock.end();
        Ok(())
    })
}

/// Runs one task.
pub(super) fn alone<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    body: impl AsyncFnOnce(Sys<'_>, &Clock) -> Result<()>,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let clock = Clock::new(1);
    let mut executor = Executor::<_, T>::new(kernel);
    expect(executor.spawn("one", Priority::NORMAL, async |sys| body(sys, &clock).await));
    expect_done(executor.run());
    drop(executor);
    clock.time()
}
