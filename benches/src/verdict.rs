//! Whether a goal was reached.

use crate::measure::Goal;
use crate::rounds::Row;
use crate::statistics::Spread;

/// What came of a goal.
pub struct Verdict {
    /// What it says.
    pub text: &'static str,
    /// The ratio, at the most.
    pub at_most: f64,
    /// The ratio that was measured; `None` if one of the two was not.
    pub ratio: Option<Spread>,
}

impl Verdict {
    /// Judges a goal by what was measured.
    pub fn new(goal: &Goal, rows: &[Row]) -> Self {
        let find = |(name, at)| rows.iter().find(|row| row.name == name && row.at == at);
        let ratio = find(goal.ours).zip(find(goal.against));
        Self {
            text: goal.text,
            at_most: goal.at_most,
            ratio: ratio.and_then(|(ours, against)| ours.ratio(against)),
        }
    }

    /// Whether it was reached; `None` if that was not measured.
    pub fn is_met(&self) -> Option<bool> {
        self.ratio.map(|ratio| ratio.median <= self.at_most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Role;

    #[test]
    fn a_goal_is_judged_by_the_ratios_inside_the_rounds() {
        let row = |name, samples: &[f64]| Row {
            name,
            role: Role::Peer,
            at: 64,
            iterations: 1,
            samples: samples.to_vec(),
        };
        // The second round was slow for both.
        let rows = [row("ours", &[1.0, 10.0, 1.0]), row("theirs", &[2.0, 20.0, 2.0])];
        let goal =
            |at, at_most| Goal { text: "", ours: ("ours", at), against: ("theirs", 64), at_most };
        assert_eq!(Verdict::new(&goal(64, 0.5), &rows).is_met(), Some(true));
        assert_eq!(Verdict::new(&goal(64, 0.49), &rows).is_met(), Some(false));
        assert_eq!(Verdict::new(&goal(16, 0.5), &rows).is_met(), None);
    }
}
