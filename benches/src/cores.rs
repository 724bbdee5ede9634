//! Which cores the program runs on.

use std::io;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::workloads::Cores;

/// The cores that this program was given.
pub struct Given(CpuSet);

impl Given {
    /// Finds them out.
    ///
    /// # Errors
    /// Those of sched_getaffinity(2).
    pub fn find() -> io::Result<Self> {
        Ok(Self(sched_getaffinity(None)?))
    }

    /// Has this thread, and those that it makes from now on, run on so many of them. One core is
    /// the last of them, which interrupts are least likely to be sent to.
    ///
    /// # Errors
    /// Those of sched_setaffinity(2).
    pub fn keep_to(&self, cores: Cores) -> io::Result<()> {
        let mut set = self.0;
        if cores == Cores::One
            && let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|&core| set.is_set(core))
        {
            set = CpuSet::new();
            set.set(last);
        }
        Ok(sched_setaffinity(None, &set)?)
    }
}
