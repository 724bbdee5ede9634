//! The pictures in `docs/bench`: from what `cargo bench -p benches -- --json FILE` wrote, and from
//! what callgrind counts.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use benches::callgrind::Program;
use benches::picture::{Bar, Lines, Parts, Series};
use benches::results::{Measured, Results};
use clap::Parser;

/// Draws cost by message size, cost by number of pairs, and where the instructions of one message
/// go, into docs/bench.
#[derive(Parser)]
struct Arguments {
    /// What `cargo bench -p benches -- --json FILE` wrote; without it only the last picture is
    /// drawn.
    results: Option<PathBuf>,
    /// Where the pictures go.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench"))]
    folder: PathBuf,
}

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

fn main() -> ExitCode {
    match draw(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn draw(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder)?;
    if let Some(results) = &arguments.results {
        let results: Results = serde_json::from_str(&fs::read_to_string(results)?)?;
        let caption = results.machine.caption();
        for measured in &results.workloads {
            let by_pairs = measured.id.starts_with("pairs");
            if by_pairs || ["send_receive", "round_trip", "streaming"].contains(&&*measured.id) {
                let name = format!("{}.svg", measured.id);
                write(folder, &name, &lines(measured, caption.to_vec()).draw())?;
            }
        }
    }
    write(folder, "path.svg", &path()?.draw())
}

fn write(folder: &Path, name: &str, picture: &str) -> Result<(), Box<dyn Error>> {
    let path = folder.join(name);
    fs::write(&path, format!("{picture}\n"))?;
    println!("{}", path.display());
    Ok(())
}

/// A workload's rows, as lines.
fn lines(measured: &Measured, caption: Vec<String>) -> Lines {
    let mut series: Vec<Series> = Vec::new();
    for row in &measured.rows {
        // A cell instead of a lock is a row of the tables; as a line it would hide that of the lock.
        let Some(time) = row.time.as_ref().filter(|_| !row.name.ends_with("RefCell")) else {
            continue;
        };
        let point = (row.at as f64, time.median);
        match series.iter_mut().find(|series| series.name == row.name) {
            Some(series) => series.points.push(point),
            None => series.push(Series {
                name: row.name.clone(),
                role: row.role.clone(),
                points: vec![point],
            }),
        }
    }
    for series in &mut series {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    Lines {
        title: measured.title.clone(),
        height: format!("nanoseconds a {}; beside each name, at its largest size", measured.unit),
        width: measured.axis.clone(),
        caption,
        series,
    }
}

/// Where the instructions of a message through a pipe go, and those of a round trip.
fn path() -> Result<Parts, Box<dyn Error>> {
    let operations = ["send + receive, pipe, lock", "round trip, pipe, lock"];
    let mut bars = Vec::new();
    for name in operations {
        let path = env::current_exe()?.with_file_name("instructions");
        let arguments = vec!["probe".to_owned(), name.to_owned()];
        let by_file = Program { path, arguments }.count_by_file().map_err(|it| it.to_string())?;
        bars.push(Bar { name: name.to_owned(), parts: sum_up(&by_file) });
    }
    let rustc = Command::new("rustc").arg("--version").output()?;
    let day = Command::new("date").arg("+%F").output()?;
    let [rustc, day] = [rustc, day].map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
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
