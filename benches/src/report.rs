//! What programs read: all that was measured, as JSON.

use serde::Serialize;

use crate::machine::Machine;
use crate::measure::{Role, Workload};
use crate::rounds::{Effort, Row, base};
use crate::statistics::Spread;
use crate::verdict::Verdict;

/// A whole run.
#[derive(Serialize)]
pub struct Report {
    /// Where, with what and when.
    pub machine: Machine,
    /// How many samples there are of each contender.
    pub rounds: usize,
    /// About how many nanoseconds each sample took.
    pub sample_ns: u64,
    /// What was done.
    pub workloads: Vec<Measured>,
}

/// A workload that was measured. Times are in nanoseconds an iteration, and ratios are made inside each
/// round.
#[derive(Serialize)]
pub struct Measured {
    id: &'static str,
    title: &'static str,
    axis: &'static str,
    unit: &'static str,
    rows: Vec<Line>,
    goals: Vec<Judged>,
}

#[derive(Serialize)]
struct Line {
    name: &'static str,
    role: &'static str,
    at: u64,
    iterations: u64,
    time: Option<Spread>,
    to_floor: Option<Spread>,
    to_best_peer: Option<Spread>,
    samples: Vec<f64>,
}

#[derive(Serialize)]
struct Judged {
    text: &'static str,
    at_most: f64,
    ratio: Option<Spread>,
    met: Option<bool>,
}

impl Report {
    /// A run in which nothing has been measured yet.
    pub fn new(machine: Machine, effort: Effort) -> Self {
        let sample_ns = effort.sample.as_nanos() as u64;
        Self { machine, rounds: effort.rounds, sample_ns, workloads: Vec::new() }
    }
}

impl Measured {
    /// What came of a workload.
    pub fn new(workload: &Workload, rows: &[Row], verdicts: &[Verdict]) -> Self {
        let Workload { id, title, axis, unit, .. } = *workload;
        let ratio = |row: &Row, role| row.ratio(base(rows, row.at, role)?);
        let line = |row: &Row| Line {
            name: row.name,
            role: role(row.role),
            at: row.at,
            iterations: row.iterations,
            time: row.time(),
            to_floor: ratio(row, Role::Floor),
            to_best_peer: ratio(row, Role::Peer),
            samples: row.samples.clone(),
        };
        let judged = |verdict: &Verdict| Judged {
            text: verdict.text,
            at_most: verdict.at_most,
            ratio: verdict.ratio,
            met: verdict.is_met(),
        };
        let (rows, goals) =
            (rows.iter().map(line).collect(), verdicts.iter().map(judged).collect());
        Self { id, title, axis, unit, rows, goals }
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Floor => "floor",
        Role::Ours => "postroom",
        Role::Peer => "peer",
        Role::System => "system",
    }
}
