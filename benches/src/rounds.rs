//! Rounds: all contenders of a workload take turns, so that a slow while of the machine is slow for
//! all of them.

use std::time::Duration;

use crate::measure::{Contender, Role, Workload};
use crate::statistics::Spread;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The time that one sample should take.
    pub sample: Duration,
    /// How many samples of each contender.
    pub rounds: usize,
}

/// What came of one contender: nanoseconds an iteration, a sample each round.
pub struct Row {
    /// Its row.
    pub name: &'static str,
    /// What it is there for.
    pub role: Role,
    /// Its column.
    pub at: u64,
    /// Iterations of each sample.
    pub iterations: u64,
    /// Nanoseconds an iteration, round by round.
    pub samples: Vec<f64>,
}

impl Row {
    /// Nanoseconds an iteration.
    pub fn time(&self) -> Option<Spread> {
        Spread::of(self.samples.iter().copied())
    }

    /// How many times as long as another one it took, in the same round.
    pub fn ratio(&self, other: &Self) -> Option<Spread> {
        Spread::of(self.samples.iter().zip(&other.samples).map(|(ours, theirs)| ours / theirs))
    }
}

/// What the others of a column are compared with: the first floor, the best peer.
pub fn base(rows: &[Row], at: u64, role: Role) -> Option<&Row> {
    let mut candidates = rows.iter().filter(|row| row.at == at && row.role == role);
    match role {
        Role::Floor => candidates.next(),
        _ => candidates.min_by(|one, other| {
            let median = |row: &Row| row.time().map_or(f64::INFINITY, |time| time.median);
            median(one).total_cmp(&median(other))
        }),
    }
}

/// Measures all contenders. `step` is told before each sample whose it is.
pub fn run(workload: &mut Workload, effort: Effort, mut step: impl FnMut(&str)) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for contender in &mut workload.contenders {
        step(contender.name);
        let iterations = calibrate(contender, effort.sample);
        let Contender { name, role, at, .. } = *contender;
        rows.push(Row { name, role, at, iterations, samples: Vec::new() });
    }
    let count = rows.len();
    for round in 0..effort.rounds {
        // Nobody is always the first, or always the last.
        let first = round * count / effort.rounds;
        for at in (first..count).chain(0..first) {
            let (contender, row) = (&mut workload.contenders[at], &mut rows[at]);
            step(contender.name);
            let time = (contender.run)(row.iterations);
            row.samples.push(time.as_nanos() as f64 / row.iterations as f64);
        }
    }
    rows
}

/// How many iterations of the whole calibration and measuring there are, for a progress bar.
pub fn steps(workload: &Workload, effort: Effort) -> u64 {
    (workload.contenders.len() * (effort.rounds + 1)) as u64
}

/// How many iterations take about so long.
fn calibrate(contender: &mut Contender, sample: Duration) -> u64 {
    let mut iterations = 1;
    loop {
        let time = (contender.run)(iterations);
        if time >= sample / 4 || iterations >= 1 << 30 {
            let each = time.as_secs_f64().max(1e-9) / iterations as f64;
            return ((sample.as_secs_f64() / each) as u64).max(1);
        }
        iterations *= if time < sample / 40 { 8 } else { 2 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_peer_is_the_one_with_the_least_median() {
        let row = |name, role, samples: &[f64]| Row {
            name,
            role,
            at: 1,
            iterations: 1,
            samples: samples.to_vec(),
        };
        let rows = [
            row("ours", Role::Ours, &[1.0, 1.0, 1.0]),
            row("slow", Role::Peer, &[3.0, 3.0, 1.0]),
            row("fast", Role::Peer, &[9.0, 2.0, 2.0]),
        ];
        assert_eq!(base(&rows, 1, Role::Peer).map(|row| row.name), Some("fast"));
        assert!(base(&rows, 1, Role::Floor).is_none() && base(&rows, 2, Role::Peer).is_none());
    }
}
