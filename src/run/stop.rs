//! How a run ended.

use core::fmt;

use crate::kernel::{Devices, Enter, ExitStatus, Kernel, Name, Trace};

/// What happened in a run. `G` shows the wait-for graph.
#[derive(Debug)]
#[must_use]
pub enum Stop<G> {
    /// Every task has ended, and none of them badly.
    Done,
    /// Every task has ended; this was the first that ended badly.
    Failed(Failure),
    /// Tasks are left, and nothing can wake any of them (law 18).
    Deadlock(G),
}

/// A task that ended badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its name.
    pub task: Name,
    /// How it ended.
    pub status: ExitStatus,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} {}", self.task, self.status)
    }
}

/// The wait-for graph of a deadlock: who waits for whom, and on what.
///
/// It reads the kernel when it is shown, and holds on to the executor, so that nothing changes
/// until then.
pub struct Graph<'e, E> {
    pub(super) kernel: &'e E,
    /// Who ended badly before, perhaps the reason.
    pub(super) failure: Option<Failure>,
}

impl<E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> fmt::Display
    for Graph<'_, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// A line that counts, a line for each task that waits, and one for the circle, if there is
    /// one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kernel.enter(|kernel| {
            match kernel.edges().count() {
                1 => write!(f, "deadlock: 1 task waits, and nothing can wake it")?,
                n => write!(f, "deadlock: {n} tasks wait, and nothing can wake them")?,
            }
            for edge in kernel.edges() {
                write!(f, "\n  {edge}")?;
            }
            if let Some(failure) = self.failure {
                write!(f, "\n  before that, {failure}")?;
            }
            let circle = kernel.circle();
            let Some(first) = circle.first() else { return Ok(()) };
            write!(f, "\n  circle: ")?;
            for name in &circle {
                write!(f, "{name} -> ")?;
            }
            write!(f, "{first}")
        })
    }
}

impl<E> fmt::Debug for Graph<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Graph")
    }
}
