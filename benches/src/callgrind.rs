//! Instructions, counted by valgrind's callgrind: the same on a quiet and on a busy machine.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How often an operation is done, first and then. The same number of digits, so that what the
/// program does with its arguments costs the same.
const TIMES: [u64; 2] = [1_000, 3_000];

/// A program that does an operation as often as its last argument says.
pub struct Program {
    /// Its file.
    pub path: PathBuf,
    /// What comes before that argument.
    pub arguments: Vec<String>,
}

/// Why there is no count.
#[derive(Debug)]
pub enum Error {
    /// There is no valgrind.
    Missing,
    /// It could not be run, or said nothing that could be read.
    Failed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "valgrind is missing, and nothing else counts instructions here: \
                 apt-get install valgrind",
            ),
            Self::Failed(what) => write!(f, "callgrind: {what}"),
        }
    }
}

impl Program {
    /// Instructions of one operation.
    ///
    /// # Errors
    /// [`Error`].
    pub fn count(&self) -> Result<f64, Error> {
        let [few, many] = TIMES;
        let collect = |times| collected(&self.run(times, Path::new("/dev/null"))?);
        let more = collect(many)?.saturating_sub(collect(few)?);
        Ok(more as f64 / (many - few) as f64)
    }

    /// Instructions of one operation, by the source file that they come from, inlined ones too. What
    /// the standard library does inside a function counts for the file that it was inlined into.
    ///
    /// # Errors
    /// [`Error`].
    pub fn count_by_file(&self) -> Result<BTreeMap<String, f64>, Error> {
        let [few, many] = TIMES;
        let folder = std::env::temp_dir();
        let count = |times| {
            let file = folder.join(format!("callgrind-{}-{times}", std::process::id()));
            let ran = self.run(times, &file);
            let text = std::fs::read_to_string(&file);
            let _ = std::fs::remove_file(&file);
            ran?;
            Ok(by_file(&text.map_err(|error| Error::Failed(error.to_string()))?))
        };
        let (before, mut after) = (count(few)?, count(many)?);
        for (file, cost) in before {
            *after.entry(file).or_default() -= cost;
        }
        after.values_mut().for_each(|cost| *cost /= (many - few) as f64);
        after.retain(|_, cost| cost.abs() >= 0.05);
        Ok(after)
    }

    fn run(&self, times: u64, file: &Path) -> Result<Output, Error> {
        let mut valgrind = Command::new("valgrind");
        valgrind.arg("--tool=callgrind");
        valgrind.arg(format!("--callgrind-out-file={}", file.display()));
        valgrind.arg(&self.path).args(&self.arguments).arg(times.to_string());
        let output = valgrind.output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing,
            _ => Error::Failed(error.to_string()),
        })?;
        if output.status.success() {
            return Ok(output);
        }
        Err(Error::Failed(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// The sum that callgrind says at its end: `==123== Collected : 4567`.
fn collected(output: &Output) -> Result<u64, Error> {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected : "));
    let number = line.and_then(|(_, number)| number.trim().parse().ok());
    number.ok_or_else(|| Error::Failed(format!("no count in what it says: {text}")))
}

/// Adds up the costs of an output file of callgrind by source file
/// (<https://valgrind.org/docs/manual/cl-format.html>).
fn by_file(text: &str) -> BTreeMap<String, f64> {
    let mut names = BTreeMap::new();
    let mut costs = BTreeMap::new();
    let (mut file, mut is_call) = (String::new(), false);
    for line in text.lines() {
        if let Some((key, value)) = line.split_once('=') {
            match key {
                "fl" => file = resolve(&mut names, value),
                "fi" | "fe" => {
                    // Lines stand in the order of their addresses: the library's belong to those
                    // before them.
                    let inlined = resolve(&mut names, value);
                    if !inlined.starts_with("/rustc/") {
                        file = inlined;
                    }
                }
                // What is called is named as well; its own costs stand elsewhere.
                "cfi" | "cfl" => drop(resolve(&mut names, value)),
                "calls" => is_call = true,
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            // The line after `calls` is what the callee cost.
            if !std::mem::take(&mut is_call)
                && let Some(cost) = line.split_whitespace().nth(1)
            {
                *costs.entry(file.clone()).or_default() += cost.parse().unwrap_or(0.0);
            }
        }
    }
    costs
}

/// A name is said once, `(3) src/lib.rs`, and then by its number, `(3)`.
fn resolve(names: &mut BTreeMap<String, String>, value: &str) -> String {
    match value.split_once(' ') {
        Some((number, name)) => {
            names.insert(number.to_owned(), name.to_owned());
            name.to_owned()
        }
        None => names.get(value).cloned().unwrap_or_else(|| value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_added_up_by_the_file_they_come_from() {
        let text = "events: Ir\nfl=(1) a.rs\nfn=(1) main\n10 5\nfi=(2) b.rs\n+3 7\nfi=(4) /rustc/core.rs\n+1 2\nfe=(1)\n* 1\n\
                    cfi=(3) c.rs\ncfn=(2) f\ncalls=2 20\n12 1000\nfl=(3)\nfn=(2)\n20 900\n";
        let costs = by_file(text);
        assert_eq!(
            costs.into_iter().collect::<Vec<_>>(),
            [("a.rs".to_owned(), 6.0), ("b.rs".to_owned(), 9.0), ("c.rs".to_owned(), 900.0),]
        );
    }
}
