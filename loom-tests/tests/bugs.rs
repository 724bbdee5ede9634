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
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
