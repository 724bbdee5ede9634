//! A model in a process of its own: one that fails ends its process.

use std::env;
use std::process::{Command, ExitCode, Output};

use loom_tests::explore::Model;

/// Names the model, for the child.
const NAME: &str = "LOOM_TESTS_MODEL";

/// What the child prints before the number of orders.
const EXPLORED: &str = "orders explored: ";

/// The model that this process is to explore, if it is a child.
pub fn asked_for() -> Option<String> {
    env::var(NAME).ok()
}

/// Explores a model, and tells the parent.
pub fn explore(model: &Model) -> ExitCode {
    println!("{EXPLORED}{}", model.explore());
    ExitCode::SUCCESS
}

/// Explores a model in a child: how many orders there were, or what the child said as it failed.
pub fn run(name: &str) -> Result<usize, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new(program).env(NAME, name).env("RUST_BACKTRACE", "0").output();
    let Output { status, stdout, stderr } = child.map_err(|error| error.to_string())?;
    let [told, said] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let orders = told.lines().find_map(|line| line.strip_prefix(EXPLORED)?.parse().ok());
    match orders {
        Some(orders) if status.success() => Ok(orders),
        _ => Err(format!("{told}{said}{status}")),
    }
}
