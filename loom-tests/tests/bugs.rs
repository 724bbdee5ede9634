//! Sees that the models can fail: on a system with a bug, loom reports it.
//!
//! `loom-tests/bugs` holds the bugs, each as a patch. What the reports look like:
//!
//! ```text
//! cargo test -p loom-tests --test bugs -- --nocapture
//! ```

mod child;
#[path = "../src/sync.rs"]
mod sync;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use loom_tests::{explore, explore::Bug, models};

/// The system, each time with one bug.
#[allow(warnings, clippy::all, reason = "what a bug leaves unused is part of the bug")]
mod broken {
    use crate::explore::Bug;

    include!(concat!(env!("OUT_DIR"), "/broken.rs"));
}

/// The bug that `docs/loom.md` walks through.
const EXPLAINED: &str = "a_cancelled_call_keeps_its_wake";

fn main() -> ExitCode {
    let bugs = broken::all();
    if let Some(name) = child::asked_for() {
        let bug = bugs.into_iter().find(|bug| bug.name == name);
        let model = bug.and_then(|bug| bug.system.ok()?());
        return model.map_or(ExitCode::FAILURE, child::explore);
    }
    let arguments = Arguments::from_args();
    let shown = arguments.nocapture;
    let trials = bugs.into_iter().map(|bug| {
        Trial::test(bug.name, move || {
            let report = find(&bug)?;
            if shown {
                println!("{}, found by {}:\n{report}\n", bug.name, bug.model);
            }
            Ok(())
        })
    });
    let page = Trial::test("the_page_shows_what_is_printed", || {
        let page = include_str!("../../docs/loom.md");
        let Err(report) = child::run(EXPLAINED) else { return Err("nobody saw it".into()) };
        let (steps, _) = parts(&report);
        if page.contains(steps) { Ok(()) } else { Err(format!("not in the page:\n{steps}").into()) }
    });
    libtest_mimic::run(&arguments, trials.chain([page]).collect()).exit_code()
}

/// Explores the model that is to find a bug: the report, if it is the one that is expected.
fn find(bug: &Bug) -> Result<String, String> {
    let Bug { name, model, report: expected, system } = *bug;
    let found = system.map_err(|why| {
        format!("the sources have changed under bugs/{name}.patch, make it anew: {why}")
    })?;
    found().ok_or_else(|| format!("there is no model {model}"))?;
    match child::run(name) {
        Ok(orders) => Err(format!("nobody saw it in {orders} orders")),
        Err(report) if parts(&report).1.contains(expected) => Ok(report),
        Err(report) => Err(format!("not `{expected}`, but:\n{report}")),
    }
}

/// The steps that were taken, and what was said of them.
fn parts(report: &str) -> (&str, &str) {
    report.split_once("\n\n").unwrap_or((report, ""))
}
