//! The time of the iterations alone, whoever of several tasks begins and ends them.
//!
//! It is the time that the program has had the processor. Where everything runs on one core and
//! nobody waits, that is the time that passes, less what other programs took in between. For work
//! on several cores it would add up what goes on beside each other: there one takes an `Instant`.

use std::fs;
use std::future::poll_fn;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// When something began.
#[derive(Clone, Copy, Debug)]
pub struct Start(Duration);

impl Start {
    /// Now.
    pub fn now() -> Self {
        Self(processor_time())
    }

    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        processor_time().saturating_sub(self.0)
    }
}

/// By way of libc: what reads the vDSO itself does not run under valgrind.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    time.expect("every Linux has this clock").into()
}

/// The processor time of another program, one without threads; `None` if the system does not tell
/// (proc(5), `schedstat`).
pub fn of_program(process: u32) -> Option<Duration> {
    let said = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    Some(Duration::from_nanos(said.split_whitespace().next()?.parse().ok()?))
}

/// A clock that several tasks share.
///
/// It starts with the first of them that begins, and stops when so many have ended.
pub struct Clock {
    left: AtomicUsize,
    start: OnceLock<Start>,
    time: OnceLock<Duration>,
}

impl Clock {
    /// A clock that stops when so many have ended.
    pub const fn new(tasks: usize) -> Self {
        Self { left: AtomicUsize::new(tasks), start: OnceLock::new(), time: OnceLock::new() }
    }

    /// Starts it, if nobody has yet.
    pub fn begin(&self) {
        self.start.get_or_init(Start::now);
    }

    /// One task has done its part.
    pub fn end(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1
            && let Some(start) = self.start.get()
        {
            self.time.get_or_init(|| start.elapsed());
        }
    }

    /// Whether all have ended.
    pub fn is_over(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// The time between.
    ///
    /// # Panics
    /// If not all have ended: there is nothing to measure then.
    pub fn time(&self) -> Duration {
        *self.time.get().expect("every task of a workload ends")
    }
}

/// Lets all other tasks run up to here first, so that none of their setting up is timed.
pub async fn step_aside() {
    let mut stepped = false;
    poll_fn(|context| {
        if std::mem::replace(&mut stepped, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// How many iterations each of several tasks does, so that there are `n` or a few more.
pub const fn share(n: u64, tasks: usize) -> u64 {
    n.div_ceil(tasks as u64)
}

/// The time of `n` iterations, when every task did its [`share`].
pub fn scale(time: Duration, n: u64, tasks: usize) -> Duration {
    let done = share(n, tasks) * tasks as u64;
    time.mul_f64(n as f64 / done as f64)
}

/// The time of `n` iterations, measured on at least so many: what only a long run shows is not in
/// a short one.
pub fn at_least(least: u64, n: u64, run: impl FnOnce(u64) -> Duration) -> Duration {
    let done = n.max(least);
    run(done).mul_f64(n as f64 / done as f64)
}
