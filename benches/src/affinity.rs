//! On which core a thread runs.

use rustix::thread::{CpuSet, sched_setaffinity};

/// Keeps the calling thread, and what it starts from now on, on one core.
///
/// Where that is refused, in a container with other cores, it runs where it may: what is measured
/// is then less steady, not wrong.
pub fn stay_on(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}
