//! Waiting on many pipes of which one is ready.

use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Trace};

use super::{expect, expect_done};
use crate::clock::Clock;

/// Polls so many pipes; the last one has a byte, which stays there.
pub fn pipes<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    pipes: usize,
    n: u64,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let clock = &Clock::new(1);
    let names: Vec<_> = (0..pipes).map(|pipe| format!("pipe {pipe}")).collect();
    for name in &names {
        expect(kernel.enter(|kernel| kernel.create_pipe(name, R)));
    }
    let mut executor = Executor::<_, T>::new(kernel);
    // A pipe that nobody has open to write has hung up, and would be ready.
    let all = names.clone();
    let writer = expect(executor.spawn("writer", Priority::NORMAL, async move |sys| {
        let mut writers = Vec::new();
        for name in &all {
            writers.push(sys.open_write(name).await?);
        }
        writers[all.len() - 1].write(b"!").await?;
        sys.receive(&mut []).await?;
        Ok(())
    }));
    expect(executor.spawn("poller", Priority::NORMAL, async move |sys| {
        let (mut readers, mut set) = (Vec::new(), Vec::new());
        for name in &names {
            readers.push(sys.open_read(name).await?);
        }
        set.extend(readers.iter().map(|reader| reader.entry()));
        clock.begin();
        for _ in 0..n {
            assert_eq!(sys.poll(black_box(&mut set)).await?, 1);
        }
        clock.end();
        sys.send(writer, b"").await
    }));
    expect_done(executor.run());
    clock.time()
}
