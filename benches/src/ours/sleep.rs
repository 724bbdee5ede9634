//! Sleeping, while many others sleep longer.

use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Ticks, Trace};

use super::{expect, expect_done};
use crate::clock::Clock;

/// A task sleeps for a tick and is woken, `n` times, while so many sleep till the end.
pub fn tick<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    asleep: usize,
    n: u64,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    const END: Ticks = Ticks(1 << 60);
    let clock = &Clock::new(1);
    let mut executor = Executor::<_, T>::new(kernel);
    for sleeper in 0..asleep {
        let name = format!("sleeper {sleeper}");
        expect(executor.spawn(&name, Priority::NORMAL, async |sys| sys.sleep_until(END).await));
    }
    expect(executor.spawn("one", Priority::NORMAL, async |sys| {
        sys.yield_now().await?;
        clock.begin();
        for _ in 0..n {
            sys.sleep(Ticks(1)).await?;
        }
        clock.end();
        Ok(())
    }));
    expect_done(executor.run());
    clock.time()
}
