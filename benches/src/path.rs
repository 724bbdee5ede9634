//! Where the instructions of a message go, as a picture.

use std::collections::BTreeMap;
use std::env;
use std::process::Command;

use crate::callgrind::Error;
use crate::picture::{Bar, Parts};

/// Where it is kept.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench/path.svg");

/// What the instructions of a message are for, and the files that they come from. A file counts for
/// the first that names it.
const PARTS: &[(&str, &[&str])] = &[
    ("the call as a future, in the task", &["/src/user/", "/benches/src/probes/"]),
    ("the door: which call, and its ending", &["kernel/door.rs", "kernel/call.rs", "answer.rs"]),
    ("handles, ids and rights", &["object.rs", "handles.rs", "table.rs", "id.rs", "rights.rs"]),
    ("the ring and its copies", &["copy.rs", "bytes.rs", "messages.rs", "channel.rs", "memmove"]),
    (
        "lines: who waits, who is woken, who is next",
        &["wait.rs", "waits.rs", "ready.rs", "sched.rs", "timers.rs", "policy.rs", "task.rs"],
    ),
    ("the lock", &["src/sync.rs", "/spin-"]),
    ("the executor", &["/src/run/"]),
    ("the rest", &[""]),
];

/// Where the instructions of a message through a pipe go, and those of a round trip.
///
/// # Errors
/// Those of counting.
pub fn picture(
    by_file: impl Fn(&str) -> Result<BTreeMap<String, f64>, Error>,
) -> Result<Parts, Error> {
    let operations = ["send + receive, pipe, lock", "round trip, pipe, lock"];
    let mut bars = Vec::new();
    for name in operations {
        let by_file = by_file(name)?;
        bars.push(Bar { name: name.to_owned(), parts: sum_up(&by_file) });
    }
    let said = |program, argument| {
        let output = Command::new(program).arg(argument).output();
        let output = output.map_err(|error| Error::Failed(format!("{program}: {error}")))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let (rustc, day) = (said("rustc", "--version")?, said("date", "+%F")?);
    Ok(Parts {
        title: "Where the instructions of a message of 64 bytes go".to_owned(),
        unit: "instructions, counted by callgrind by the file that they come from".to_owned(),
        caption: vec![format!(
            "{rustc}, {} {}, {day}; the same on any processor on which libc copies alike",
            env::consts::ARCH,
            env::consts::OS,
        )],
        names: PARTS.iter().map(|part| part.0.to_owned()).collect(),
        bars,
    })
}

/// Adds up files by what they are for.
fn sum_up(by_file: &BTreeMap<String, f64>) -> Vec<f64> {
    let mut parts = vec![0.0; PARTS.len()];
    for (file, cost) in by_file {
        let is_here = |names: &[&str]| names.iter().any(|name| file.contains(name));
        let part = PARTS.iter().position(|(_, names)| is_here(names));
        parts[part.unwrap_or(PARTS.len() - 1)] += cost.max(0.0);
    }
    parts
}
