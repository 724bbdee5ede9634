//! What is no copy: a switch, a request, a poll, a sleep, a connection.

use std::hint::black_box;

use postroom::{Enter, PollEntry, Priority, Ticks};

use super::{BYTES, Small, run};

/// Back to the executor and in again, by one task.
pub(super) fn yield_alone(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            for _ in 0..n {
                sys.yield_now().await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// Two tasks that yield to each other: `n` switches in all, if it is even.
pub(super) fn switch(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        for name in ["left", "right"] {
            executor.spawn(name, Priority::NORMAL, async move |sys| {
                for _ in 0..n / 2 {
                    sys.yield_now().await?;
                }
                Ok(())
            })?;
        }
        Ok(())
    });
}

pub(super) fn request(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        let server = executor.spawn("server", Priority::NORMAL, async move |sys| {
            let mut buffer = vec![0; black_box(BYTES)];
            for _ in 0..n {
                let message = sys.receive(&mut buffer).await?;
                if let Some(request) = message.request {
                    sys.reply(request, &buffer[..message.copied]).await?;
                }
            }
            Ok(())
        })?;
        executor.spawn("client", Priority::NORMAL, async move |sys| {
            let (message, mut reply) = (vec![7; black_box(BYTES)], vec![0; black_box(BYTES)]);
            for _ in 0..n {
                black_box(sys.call(server, black_box(&message), &mut reply).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

pub(super) fn poll_1(kernel: &impl Enter<Kernel = Small>, n: u64) {
    poll::<1>(kernel, n);
}

pub(super) fn poll_16(kernel: &impl Enter<Kernel = Small>, n: u64) {
    poll::<16>(kernel, n);
}

/// Looks at `ENTRIES` entries of which only the last is ready.
fn poll<const ENTRIES: usize>(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            let (quiet, _writer) = sys.pipe(64).await?;
            let (ready, writer) = sys.pipe(64).await?;
            writer.write_all(b"!").await?;
            let mut set: [PollEntry; ENTRIES] = core::array::from_fn(|_| quiet.entry());
            set[ENTRIES - 1] = ready.entry();
            for _ in 0..n {
                black_box(sys.poll(black_box(&mut set)).await?);
            }
            Ok(())
        })?;
        Ok(())
    });
}

pub(super) fn sleep(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            for _ in 0..n {
                sys.sleep(Ticks(2)).await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}

/// A connection is made, accepted, and closed on both sides.
pub(super) fn connect(kernel: &impl Enter<Kernel = Small>, n: u64) {
    run(kernel, |executor| {
        executor.spawn("one", Priority::NORMAL, async move |sys| {
            let listener = sys.stream(BYTES).await?;
            listener.bind("server").await?;
            let listener = listener.listen(1).await?;
            for _ in 0..n {
                let client = sys.stream(BYTES).await?;
                client.connect("server").await?;
                let server = listener.accept().await?;
                client.close().await?;
                server.close().await?;
            }
            Ok(())
        })?;
        Ok(())
    });
}
