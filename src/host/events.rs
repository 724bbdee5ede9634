//! What the system tells of: descriptors that are ready, a bell, a timer. On Linux through epoll(7),
//! on macOS through kqueue(2); level-triggered on both.

#[cfg(target_os = "linux")]
mod epoll;
#[cfg(target_os = "macos")]
mod kqueue;

#[cfg(target_os = "linux")]
pub(super) use epoll::Events;
#[cfg(target_os = "macos")]
pub(super) use kqueue::Events;

use std::time::Duration;

use crate::kernel::DeviceId;

/// Events that are told in one go.
pub(super) const BATCH: usize = 64;

/// How often is tried what the system tells nobody of.
const RETRY: Duration = Duration::from_millis(5);

/// What is to be told of a descriptor; errors are always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask {
    pub(super) read: bool,
    pub(super) write: bool,
    /// The end of what can be read.
    pub(super) end: bool,
}

/// What was told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    /// The bell was rung, and stays so until it is hushed.
    Bell,
    /// The timer has run out, and runs again.
    Timer,
    Device(DeviceId),
}

/// What an event is about that no device has.
const BELL: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;

impl Told {
    /// By the number that the system was given.
    const fn numbered(number: u64) -> Self {
        match number {
            BELL => Self::Bell,
            TIMER => Self::Timer,
            device => Self::Device(DeviceId(device as u16)),
        }
    }
}
