//! What is measured: workloads, those who contend in them, and what they should reach.

use std::time::Duration;

/// Some work that several can do, at one or more sizes.
pub struct Workload {
    /// A short name, for the command line and for files.
    pub id: &'static str,
    /// What is done.
    pub title: &'static str,
    /// What the columns are: `bytes`, `pairs`.
    pub axis: &'static str,
    /// What one iteration is: `message`, `round trip`.
    pub unit: &'static str,
    /// Who does it. All of them take turns in each round.
    pub contenders: Vec<Contender>,
    /// What should be reached.
    pub goals: Vec<Goal>,
}

/// Someone who does the work of a workload at one size.
pub struct Contender {
    /// Its row in the table.
    pub name: &'static str,
    /// What it is there for.
    pub role: Role,
    /// Its column: bytes, pairs, what the workload's axis says.
    pub at: u64,
    /// Does so many iterations, and returns the time of these alone.
    pub run: Box<dyn FnMut(u64) -> Duration>,
}

/// What a contender is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The least that the work can cost.
    Floor,
    /// Postroom.
    Ours,
    /// A library for the same.
    Peer,
    /// The operating system.
    System,
}

/// A ratio that should be reached, between two contenders of one workload.
pub struct Goal {
    /// What it says, in words.
    pub text: &'static str,
    /// Whose time is above the line: name and column.
    pub ours: (&'static str, u64),
    /// Whose time is below the line.
    pub against: (&'static str, u64),
    /// The ratio, at the most.
    pub at_most: f64,
}

impl Contender {
    /// A contender; see the fields.
    pub fn new(
        name: &'static str,
        role: Role,
        at: usize,
        run: impl FnMut(u64) -> Duration + 'static,
    ) -> Self {
        Self { name, role, at: at as u64, run: Box::new(run) }
    }
}
