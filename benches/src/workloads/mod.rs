//! All workloads.

mod cat;
mod connect;
mod cores;
mod host;
mod seed;
mod spsc;

use crate::measure::Workload;

/// How many cores a workload needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// All of it runs on one core.
    One,
    /// As many as there are.
    All,
}

/// A workload, made when its turn comes.
pub struct Entry {
    /// Its name on the command line.
    pub id: &'static str,
    /// How many cores it needs.
    pub cores: Cores,
    /// Makes it.
    pub make: fn() -> Workload,
}

/// All of them, in the order in which they run.
pub const ALL: &[Entry] = &[
    Entry { id: "exchange", cores: Cores::One, make: seed::exchange },
    Entry { id: "strings", cores: Cores::One, make: seed::hundred_strings },
    Entry { id: "threads", cores: Cores::All, make: cores::workload },
    Entry { id: "spsc", cores: Cores::All, make: spsc::workload },
    Entry { id: "host", cores: Cores::One, make: host::workload },
    Entry { id: "cat", cores: Cores::One, make: cat::workload },
    Entry { id: "connect", cores: Cores::One, make: connect::workload },
];
