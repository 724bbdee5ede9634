//! The event log as text, for those who have no heap.

use core::fmt::Write;

use super::{Event, Ticks, Trace};

/// Writes each event as a line, with all that is in it: the tick, and the event as `Debug` shows it.
/// The same run writes the same bytes, on a computer and on a board.
///
/// ```
/// use postroom::{Kernel, Lines, NoDevices, Priority};
///
/// let lines = Lines::new(String::new());
/// let mut kernel = Kernel::<1, 1, 64, NoDevices, _>::with(NoDevices, lines);
/// kernel.spawn("first", Priority::NORMAL)?;
/// assert_eq!(
///     kernel.trace().text(),
///     "0 Spawn { task: t0.0, name: \"first\", mailbox: c0.0, priority: 16 }\n"
/// );
/// # Ok::<(), postroom::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Lines<W> {
    to: W,
}

impl<W> Lines<W> {
    /// Lines for this writer.
    pub const fn new(to: W) -> Self {
        Self { to }
    }

    /// The writer.
    pub const fn text(&self) -> &W {
        &self.to
    }
}

impl<W: Write> Trace for Lines<W> {
    fn event(&mut self, now: Ticks, event: &Event) {
        // Whether a line was taken is between the writer and its owner.
        let _ = writeln!(self.to, "{now} {event:?}");
    }
}
