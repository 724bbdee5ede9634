//! What people read: a table for each workload, and the goals.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};

use crate::measure::{Role, Workload};
use crate::rounds::{Row, base};
use crate::statistics::Spread;
use crate::verdict::Verdict;

/// What stands in the cells.
pub const LEGEND: &str = "A cell is the median in nanoseconds, ± half the interquartile range; below it, how many times \
     the first floor's\ntime it took (f), and the best peer's (p): medians of the ratios inside each round.";

/// The table of a workload: a line for each contender, a column for each size.
pub fn workload(workload: &Workload, rows: &[Row]) -> String {
    let mut columns: Vec<u64> = rows.iter().map(|row| row.at).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.name) {
            names.push(row.name);
        }
    }
    let mut table = Table::new();
    table.load_style(NOTHING);
    let header = columns.iter().map(|&at| right(grouped(at as f64, 0)));
    table.set_header(std::iter::once(Cell::new(workload.axis)).chain(header));
    for name in names {
        let cells = columns.iter().map(|&at| {
            let row = rows.iter().find(|row| row.name == name && row.at == at);
            right(row.map_or_else(String::new, |row| cell(row, rows)))
        });
        table.add_row(std::iter::once(Cell::new(name)).chain(cells));
    }
    format!("{}: {}, ns a {}\n{table}\n", workload.id, workload.title, workload.unit)
}

/// The goals of all workloads.
pub fn verdicts<'v>(verdicts: impl Iterator<Item = (&'v str, &'v Verdict)>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["goal", "", "ratio", "", "at most"]);
    for (workload, verdict) in verdicts {
        let met = match verdict.is_met() {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None => "not measured",
        };
        let (ratio, spread) = verdict.ratio.map_or_else(Default::default, |ratio| {
            (format!("{:.3}", ratio.median), format!("±{:.3}", ratio.half()))
        });
        table.add_row([
            Cell::new(format!("{workload}: {}", verdict.text)),
            Cell::new(met),
            right(ratio),
            right(spread),
            right(verdict.at_most.to_string()),
        ]);
    }
    format!("{table}\n")
}

fn cell(row: &Row, rows: &[Row]) -> String {
    let Some(time) = row.time() else { return String::new() };
    let digits = if time.median < 100.0 { 1 } else { 0 };
    let mut cell = format!("{} ±{}", grouped(time.median, digits), grouped(time.half(), digits));
    let ratios = [("f", base(rows, row.at, Role::Floor)), ("p", base(rows, row.at, Role::Peer))];
    let mut separator = '\n';
    for (letter, base) in ratios {
        if let Some(Spread { median, .. }) = base.and_then(|base| row.ratio(base)) {
            let _ = write!(cell, "{separator}{median:.2}{letter}");
            separator = ' ';
        }
    }
    cell
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A number with a comma after each thousand.
fn grouped(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(1_234_567.0, 0), "1,234,567");
        assert_eq!(grouped(123.46, 1), "123.5");
        assert_eq!(grouped(1000.0, 1), "1,000.0");
    }
}
