//! Explores every model, each in a process of its own, and prints a table of what was explored.
//!
//! ```text
//! cargo test -p loom-tests                      the models that take seconds
//! cargo test -p loom-tests -- --ignored         the deep ones, minutes
//! cargo test -p loom-tests --test models close  one theme
//! ```

mod child;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use loom_tests::explore::Model;
use loom_tests::system::models;

/// What was explored of a model, and how long that took.
struct Row {
    model: &'static Model,
    orders: usize,
    time: Duration,
}

fn main() -> ExitCode {
    if let Some(name) = child::asked_for() {
        return models::named(&name).map_or(ExitCode::FAILURE, child::explore);
    }
    let rows = Arc::new(Mutex::new(Vec::new()));
    let trials = models::all().map(|model| {
        let rows = Arc::clone(&rows);
        let run = move || {
            let start = Instant::now();
            let orders = child::run(model.name())?;
            rows.lock().unwrap().push(Row { model, orders, time: start.elapsed() });
            if orders < model.at_least {
                let at_least = model.at_least;
                return Err(format!("{orders} orders, not {at_least}: too little to see").into());
            }
            Ok(())
        };
        Trial::test(model.name(), run).with_ignored_flag(model.deep)
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    print(&mut rows.lock().unwrap());
    conclusion.exit_code()
}

fn print(rows: &mut [Row]) {
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|row| row.model.name());
    let width = rows.iter().map(|row| row.model.name().len()).max().unwrap_or(0);
    println!("{:width$}  threads  bound   orders  seconds", "model");
    for Row { model, orders, time } in rows {
        let bound = model.bound.map_or("every".to_string(), |bound| bound.to_string());
        println!(
            "{:width$}  {:>7}  {bound:>5}  {orders:>7}  {:>7.2}",
            model.name(),
            model.threads,
            time.as_secs_f64()
        );
    }
    println!();
}
