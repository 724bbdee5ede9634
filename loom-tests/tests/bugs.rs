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
use loom_tests::{explore, models};

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
        let bug = bugs.iter().find(|bug| bug.name == name);
        return bug.map_or(ExitCode::FAILURE, |bug| child::explore(bug.model));
    }
    let arguments = Arguments::from_args();
    let shown = arguments.nocapture;
    let trials = bugs.into_iter().map(|bug| {
        Trial::test(bug.name, move || match child::run(bug.name) {
            Ok(orders) => Err(format!("nobody saw it in {orders} orders").into()),
            Err(report) if report.contains(bug.report) => {
                if shown {
                    println!("{}, found by {}:\n{report}\n", bug.name, bug.model.name());
                }
                Ok(())
            }
            Err(report) => Err(format!("not `{}`, but:\n{report}", bug.report).into()),
        })
    });
    let page = Trial::test("the_page_shows_what_is_printed", || {
        let page = include_str!("../../docs/loom.md");
        let Err(report) = child::run(EXPLAINED) else { return Err("nobody saw it".into()) };
        let steps = report.split_once("\n\n").map_or(report.as_str(), |(steps, _)| steps);
        if page.contains(steps) { Ok(()) } else { Err(format!("not in the page:\n{steps}").into()) }
    });
    libtest_mimic::run(&arguments, trials.chain([page]).collect()).exit_code()
}
