//! The time that programs have had the processor.
//!
//! Where everything runs on one core and nobody waits, that is the time that passes, less what
//! other programs took in between. For work on several cores it would add up what goes on beside
//! each other: there one takes an `Instant`.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// When something began, by the processor time of this program.
#[derive(Clone, Copy, Debug)]
pub struct Start(Duration);

impl Start {
    /// Now.
    pub fn now() -> Self {
        Self(of_this_program())
    }

    /// The processor time since then.
    pub fn elapsed(&self) -> Duration {
        of_this_program().saturating_sub(self.0)
    }
}

fn of_this_program() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    // Neither is ever negative.
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The processor time of another program, one without threads; `None` if the system does not tell
/// (proc(5), `schedstat`).
pub fn of_program(process: u32) -> Option<Duration> {
    let said = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    Some(Duration::from_nanos(said.split_whitespace().next()?.parse().ok()?))
}
