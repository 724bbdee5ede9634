//! Time is given to the kernel, never taken from a clock: a run on a simulated clock is a pure
//! function of its program.

use core::fmt;
use core::ops::Add;

/// A point in time, or a length of it, in ticks. What a tick is, the runner says.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub u64);

impl Add for Ticks {
    type Output = Self;

    /// The end of time stays the end of time.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How long a call may wait if it cannot be served at once (laws 11 and 13).
///
/// A time-out is turned into a deadline once, when the call is first made, so that it counts over
/// all retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: the answer is then [`WouldBlock`](super::Error::WouldBlock).
    Try,
    /// Until this tick: the answer is then [`TimedOut`](super::Error::TimedOut). A deadline in
    /// the past still lets a call succeed that can be served now.
    Until(Ticks),
    /// For ever.
    Forever,
}
