//! A message in, and out again, in one task: no switch, no wait.

use std::hint::black_box;

use postroom::{Enter, Executor, Kernel, Lock, Priority, Stop, Trace};

use super::{BYTES, Small, run};

/// The most messages that are put in before any is taken out.
pub(super) const MOST: u64 = 3_000;

/// Holds that many of them, with what a queue notes beside each.
type Wide = Kernel<2, 4, { 512 << 10 }>;

pub(super) fn send_receive_pipe<T: Trace, const CHANNELS: usize>(
    kernel: &impl Enter<Kernel = Small<CHANNELS, T>>,
    n: u64,
) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            let (reader, writer) = sys.pipe(8192).await?;
            let (message, mut buffer) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
            for _ in 0..n {
                writer.write(black_box(&message)).await?;
                black_box(reader.read(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

pub(super) fn send_receive_queue(kernel: &impl Enter<Kernel = Small>, n: u64) {
    kernel.enter(|it| it.create_queue("queue", 64, BYTES)).expect("a ring holds that much");
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            let receiver = sys.open_receiver("queue").await?;
            let sender = sys.open_sender("queue").await?;
            let (message, mut buffer) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
            for _ in 0..n {
                sender.send(0, black_box(&message)).await?;
                black_box(receiver.receive(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

pub(super) fn send_receive_mailbox(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            let (message, mut buffer) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
            for _ in 0..n {
                sys.send(sys.task(), black_box(&message)).await?;
                black_box(sys.receive(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// Puts so many messages into a pipe, then takes so many out.
pub(super) fn fill_pipe(sends: u64, receives: u64) {
    let kernel = Lock::new(Wide::new());
    let mut executor = Executor::new(&kernel);
    let body = async move |sys: postroom::Sys<'_>| {
        let (reader, writer) = sys.pipe(MOST as usize * BYTES).await?;
        let (message, mut buffer) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
        for _ in 0..sends {
            writer.write(black_box(&message)).await?;
        }
        for _ in 0..receives {
            black_box(reader.read(&mut buffer).await?);
        }
        Ok(())
    };
    executor.spawn("one", Priority::NORMAL, body).expect("there is room for a task");
    assert!(matches!(executor.run(), Stop::Done), "the pipe holds all that is sent");
}

/// The same with a queue.
pub(super) fn fill_queue(sends: u64, receives: u64) {
    let kernel = Lock::new(Wide::new());
    let most = MOST as usize;
    kernel.with(|it| it.create_queue("queue", most, BYTES)).expect("a ring holds that much");
    let mut executor = Executor::new(&kernel);
    let body = async move |sys: postroom::Sys<'_>| {
        let (receiver, sender) =
            (sys.open_receiver("queue").await?, sys.open_sender("queue").await?);
        let (message, mut buffer) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
        for _ in 0..sends {
            sender.send(0, black_box(&message)).await?;
        }
        for _ in 0..receives {
            black_box(receiver.receive(&mut buffer).await?);
        }
        Ok(())
    };
    executor.spawn("one", Priority::NORMAL, body).expect("there is room for a task");
    assert!(matches!(executor.run(), Stop::Done), "the queue holds all that is sent");
}
