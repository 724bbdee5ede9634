//! `postroom list`

use std::fmt::Write;

use postroom::scenario::ALL;

use super::{Failure, console};

pub(super) fn list() -> Result<(), Failure> {
    let width = ALL.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for scenario in ALL {
        let _ = writeln!(text, "{:width$}  {}", scenario.name, scenario.teaches);
    }
    console::print(&text)
}
