//! What the counts of instructions say.

use std::collections::BTreeMap;

use crate::baseline::{Baseline, Change};

/// Instructions by operation.
pub type Counts = BTreeMap<String, f64>;

/// Prints one line each; `true` if one grew, or is new.
pub fn print_table(names: &[&str], counts: &Counts, old: Option<&Baseline>) -> bool {
    let mut bad = false;
    println!("{:42} {:>9} {:>9} {:>8}", "instructions", "baseline", "now", "change");
    for (&name, &now) in names.iter().filter_map(|name| Some((name, counts.get(*name)?))) {
        let change = old.map_or(Change::New, |old| old.change(name, now));
        let before = old
            .and_then(|old| old.counts.get(name))
            .map_or("-".to_owned(), |before| format!("{before:.1}"));
        let (percent, remark) = match change {
            Change::New => ("-".to_owned(), "  NEW: it has no baseline"),
            Change::Same(change) => (format!("{:+.1} %", change * 100.0), ""),
            Change::Grown(change) => (format!("{:+.1} %", change * 100.0), "  GREW"),
            Change::Shrunk(change) => {
                (format!("{:+.1} %", change * 100.0), "  shrank: worth a new baseline, --bless")
            }
        };
        bad |= matches!(change, Change::New | Change::Grown(_));
        println!("{name:42} {before:>9} {now:>9.1} {percent:>8}{remark}");
    }
    bad
}

/// What is to be reached.
pub fn print_goals(counts: &Counts) {
    println!("\nGoals:");
    for (operation, goal) in [("send + receive", 150.0), ("round trip", 700.0)] {
        let floor = counts.get(&format!("{operation}, the floor"));
        let floor = floor.map_or(String::new(), |floor| format!(", floor {floor:.0}"));
        for on in ["pipe", "queue", "mailbox"] {
            let name = format!("{operation}, {on}, lock");
            let Some(count) = counts.get(&name) else { continue };
            let verdict = if *count <= goal { "met" } else { "NOT MET" };
            println!("  {name:32} {count:>7.1}{floor}, at most {goal:.0}: {verdict}");
        }
    }
    for on in ["pipe", "queue", "mailbox"] {
        let get = |what: &str| counts.get(&format!("{what}, {on}, lock"));
        if let (Some(there_and_back), Some(one)) = (get("round trip"), get("send + receive")) {
            let wait = there_and_back / 2.0 - one;
            println!("  to wait and be woken, {on:10} {wait:>7.1}: a round trip's half, less that");
        }
    }
}

/// What looking costs, and that not looking costs nothing; `false` if it does.
pub fn print_trace(counts: &Counts) -> bool {
    let mut free = true;
    for operation in ["send + receive", "round trip"] {
        let get = |trace: &str| counts.get(&format!("{operation}, pipe, lock, {trace}"));
        let (Some(&none), Some(&off)) = (get("no trace"), get("trace off")) else { continue };
        let is_free = (off / none - 1.0).abs() <= 0.01;
        free &= is_free;
        let verdict = if is_free { "met" } else { "NOT MET" };
        println!(
            "  {operation}: {none:.1} without a trace, {off:.1} with one that is off: {verdict}"
        );
        if let (Some(counting), Some(logging)) = (get("counting"), get("logging")) {
            println!("    counting adds {:.1}, logging {:.1}", counting - none, logging - none);
        }
    }
    free
}
