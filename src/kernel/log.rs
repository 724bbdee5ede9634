//! A bounded log of events, and their sums.

use heapless::HistoryBuf;

use super::{Direction, Event, Ticks, Trace};

/// The last `N` events, and how many older ones were lost.
///
/// ```
/// use postroom::{Kernel, Log, NoDevices, Priority};
///
/// let mut kernel = Kernel::<2, 2, 64, NoDevices, Log<1>>::with(NoDevices, Log::new());
/// kernel.spawn("first", Priority::NORMAL)?;
/// kernel.spawn("second", Priority::NORMAL)?;
/// assert_eq!((kernel.trace().len(), kernel.trace().lost()), (1, 1));
/// # Ok::<(), postroom::Error>(())
/// ```
#[derive(Debug)]
pub struct Log<const N: usize> {
    events: HistoryBuf<(Ticks, Event), N>,
    lost: u64,
}

impl<const N: usize> Log<N> {
    /// An empty log.
    pub const fn new() -> Self {
        const { assert!(N > 0, "a log has room for at least one event") };
        Self { events: HistoryBuf::new(), lost: 0 }
    }

    /// Events in the log.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Events that no longer are, because newer ones took their place.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// The events with their times, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &(Ticks, Event)> {
        self.events.oldest_ordered()
    }
}

impl<const N: usize> Default for Log<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Trace for Log<N> {
    fn event(&mut self, now: Ticks, event: &Event) {
        if self.events.is_full() {
            self.lost += 1;
        }
        self.events.write((now, *event));
    }
}

/// What a run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// System calls, each retry included.
    pub syscalls: u64,
    /// Bytes copied from tasks into the kernel.
    pub bytes_in: u64,
    /// Bytes copied from the kernel to tasks.
    pub bytes_out: u64,
    /// Context switches: dispatches of another task than the last one.
    pub switches: u64,
    /// Calls that had to wait.
    pub blocks: u64,
    /// Waiting tasks made ready.
    pub wakes: u64,
}

impl Trace for Counters {
    fn event(&mut self, _: Ticks, event: &Event) {
        match event {
            Event::Call(_) => self.syscalls += 1,
            Event::Copy { direction: Direction::In, bytes, .. } => self.bytes_in += *bytes as u64,
            Event::Copy { direction: Direction::Out, bytes, .. } => self.bytes_out += *bytes as u64,
            Event::Switch { .. } => self.switches += 1,
            Event::Block { .. } => self.blocks += 1,
            Event::Wake { .. } => self.wakes += 1,
            _ => {}
        }
    }
}
