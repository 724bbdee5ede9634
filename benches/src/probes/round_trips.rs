//! A message to another task, and one back: two copies in, two out, two waits, two switches.

use std::hint::black_box;

use postroom::{Enter, Priority, Trace};

use super::{BYTES, Small, run};

/// A pipe each way.
pub(super) fn round_trip_pipe<T: Trace, const CHANNELS: usize>(
    kernel: &impl Enter<Kernel = Small<CHANNELS, T>>,
    n: u64,
) {
    for name in ["there", "back"] {
        kernel.enter(|it| it.create_pipe(name, 8192)).expect("a ring holds that much");
    }
    run(kernel, |executor| {
        executor.spawn("server", Priority::NORMAL, async |sys| {
            let (reader, writer) = (sys.open_read("there").await?, sys.open_write("back").await?);
            let mut buffer = vec![0; black_box(BYTES)];
            loop {
                let count = reader.read(&mut buffer).await?;
                if count == 0 {
                    return Ok(());
                }
                writer.write(&buffer[..count]).await?;
            }
        })?;
        executor.spawn("client", Priority::NORMAL, async move |sys| {
            let (reader, writer) = (sys.open_read("back").await?, sys.open_write("there").await?);
            let mut buffer = vec![7; black_box(BYTES)];
            for _ in 0..n {
                writer.write(black_box(&buffer)).await?;
                black_box(reader.read(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// A queue each way.
pub(super) fn round_trip_queue(kernel: &impl Enter<Kernel = Small>, n: u64) {
    for name in ["there", "back"] {
        kernel.enter(|it| it.create_queue(name, 64, BYTES)).expect("a ring holds that much");
    }
    run(kernel, |executor| {
        executor.spawn("server", Priority::NORMAL, async |sys| {
            let receiver = sys.open_receiver("there").await?;
            let sender = sys.open_sender("back").await?;
            let mut buffer = vec![0; black_box(BYTES)];
            while let Some(message) = receiver.receive(&mut buffer).await? {
                sender.send(0, &buffer[..message.copied]).await?;
            }
            Ok(())
        })?;
        executor.spawn("client", Priority::NORMAL, async move |sys| {
            let receiver = sys.open_receiver("back").await?;
            let sender = sys.open_sender("there").await?;
            let mut buffer = vec![7; black_box(BYTES)];
            for _ in 0..n {
                sender.send(0, black_box(&buffer)).await?;
                black_box(receiver.receive(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// Each has its mailbox.
pub(super) fn round_trip_mailbox(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        let server = executor.spawn("server", Priority::NORMAL, async move |sys| {
            let mut buffer = vec![0; black_box(BYTES)];
            for _ in 0..n {
                let message = sys.receive(&mut buffer).await?;
                sys.send(message.task, &buffer[..message.copied]).await?;
            }
            Ok(())
        })?;
        executor.spawn("client", Priority::NORMAL, async move |sys| {
            let mut buffer = vec![7; black_box(BYTES)];
            for _ in 0..n {
                sys.send(server, black_box(&buffer)).await?;
                black_box(sys.receive(&mut buffer).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}
