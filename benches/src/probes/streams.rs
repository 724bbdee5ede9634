//! Messages from one task to another, one way: a task waits only when all slots are full or empty.

use std::hint::black_box;

use postroom::{Enter, Priority};

use super::{BYTES, Small, run};

/// Messages that fit in between.
const SLOTS: usize = 64;

pub(super) fn streaming_pipe(kernel: &impl Enter<Kernel = Small>, n: u64) {
    kernel.enter(|it| it.create_pipe("pipe", SLOTS * BYTES)).expect("a ring holds that much");
    run(kernel, |executor| {
        executor.spawn("receiver", Priority::NORMAL, async |sys| {
            let reader = sys.open_read("pipe").await?;
            let mut buffer = vec![0; black_box(BYTES)];
            while reader.read(&mut buffer).await? > 0 {
                black_box(&buffer);
            }
            Ok(())
        })?;
        executor.spawn("sender", Priority::NORMAL, async move |sys| {
            let writer = sys.open_write("pipe").await?;
            let message = vec![7; black_box(BYTES)];
            for _ in 0..n {
                writer.write(black_box(&message)).await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}

pub(super) fn streaming_queue(kernel: &impl Enter<Kernel = Small>, n: u64) {
    kernel.enter(|it| it.create_queue("queue", SLOTS, BYTES)).expect("a ring holds that much");
    run(kernel, |executor| {
        executor.spawn("receiver", Priority::NORMAL, async |sys| {
            let receiver = sys.open_receiver("queue").await?;
            let mut buffer = vec![0; black_box(BYTES)];
            while let Some(message) = receiver.receive(&mut buffer).await? {
                black_box(message.copied);
            }
            Ok(())
        })?;
        executor.spawn("sender", Priority::NORMAL, async move |sys| {
            let sender = sys.open_sender("queue").await?;
            let message = vec![7; black_box(BYTES)];
            for _ in 0..n {
                sender.send(0, black_box(&message)).await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// A mailbox has as many slots as its ring allows.
pub(super) fn streaming_mailbox(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        let receiver = executor.spawn("receiver", Priority::NORMAL, async move |sys| {
            let mut buffer = vec![0; black_box(BYTES)];
            for _ in 0..n {
                black_box(sys.receive(&mut buffer).await?.copied);
            }
            Ok(())
        })?;
        executor.spawn("sender", Priority::NORMAL, async move |sys| {
            let message = vec![7; black_box(BYTES)];
            for _ in 0..n {
                sys.send(receiver, black_box(&message)).await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}
