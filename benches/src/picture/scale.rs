//! Where a value stands, and which values are said beside it.

use super::number;

/// A logarithmic scale: from which value to which, and where on the card these are.
pub(super) struct Scale {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Scale {
    pub(super) fn at(&self, value: f64) -> f64 {
        let whole = (self.to / self.from).ln();
        let part = if whole > 0.0 { (value / self.from).ln() / whole } else { 0.5 };
        self.start + part * (self.end - self.start)
    }
}

/// 1, 10, 100 and so on around these; with 2 and 5 if they are few.
pub(super) fn ticks(least: f64, most: f64) -> Vec<f64> {
    let steps: &[f64] = if most / least < 1_000.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let first = least.log10().floor() as i32;
    let all: Vec<f64> = (first..first + 16)
        .flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)))
        .collect();
    // From the last one that is not above the least to the first that is not below the most.
    let start = all.iter().rposition(|&tick| tick <= least).unwrap_or(0);
    let end = all.iter().position(|&tick| tick >= most).unwrap_or(all.len() - 1);
    all[start..=end].to_vec()
}

/// A size in the words of those who count bytes: 64 Ki.
pub(super) fn size_name(size: f64) -> String {
    let kibi = size / 1024.0;
    if kibi >= 1.0 && kibi.fract() == 0.0 { format!("{kibi:.0} Ki") } else { whole(size) }
}

/// Without the decimal that measured numbers have.
pub(super) fn whole(size: f64) -> String {
    if (1.0..10.0).contains(&size) { format!("{size:.0}") } else { number(size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_reach_around_what_is_shown() {
        assert_eq!(ticks(3.0, 40.0), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(ticks(3.0, 40_000.0), [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0]);
    }
}
