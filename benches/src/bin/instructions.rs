//! Instructions of each operation, against the baseline in `docs/bench/instructions.json`.
//!
//! Never time: these counts are the same on a busy machine, so a change can be refused for them.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{env, io, thread};

use benches::baseline::Baseline;
use benches::callgrind::{Error, Program};
use benches::counts::{Counts, print_goals, print_table, print_trace};
use benches::path;
use benches::probes::{self, Probe};
use clap::{Parser, Subcommand};

/// Counts the instructions of postroom's operations with valgrind, and compares them with the
/// baseline.
///
/// Exit code: 0, 1 if a count grew by more than 10 % or is new, 2 if nothing could be counted.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    /// Write what is counted as the baseline, to be committed with the change that explains it.
    #[arg(long)]
    bless: bool,
    /// Count only those whose name contains this.
    #[arg(long, value_name = "TEXT", conflicts_with = "bless")]
    only: Option<String>,
}

#[derive(Subcommand)]
enum Task {
    /// Does one operation so many times: what is counted.
    Probe { name: String, times: u64 },
    /// Says from which files the instructions of one operation come.
    Where { name: String },
    /// Draws where the instructions of a message go: docs/bench/path.svg.
    Picture,
}

fn main() -> ExitCode {
    // Whoever reads only the beginning, as `head` does, ends it.
    sigpipe::reset();
    let arguments = Arguments::parse();
    let result = match arguments.task {
        Some(Task::Probe { name, times }) => find(&name).map(|probe| {
            (probe.run)(times);
            ExitCode::SUCCESS
        }),
        Some(Task::Where { name }) => find(&name).and_then(tell_where),
        Some(Task::Picture) => draw(),
        None => compare(arguments.only.as_deref(), arguments.bless),
    };
    result.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::from(2)
    })
}

fn find(name: &str) -> Result<Probe, Error> {
    let probe = probes::all().into_iter().find(|probe| probe.name == name);
    probe.ok_or_else(|| Error::Failed(format!("there is no operation `{name}`")))
}

fn failed(error: io::Error) -> Error {
    Error::Failed(error.to_string())
}

/// This program, doing this operation.
fn program(probe: &Probe) -> Result<Program, Error> {
    let path = env::current_exe().map_err(failed)?;
    Ok(Program { path, arguments: vec!["probe".to_owned(), probe.name.to_owned()] })
}

fn tell_where(probe: Probe) -> Result<ExitCode, Error> {
    let costs = program(&probe)?.count_by_file()?;
    let mut costs: Vec<_> = costs.into_iter().collect();
    costs.sort_by(|a, b| b.1.total_cmp(&a.1));
    println!("{}: {:.1} instructions", probe.name, costs.iter().map(|it| it.1).sum::<f64>());
    for (file, cost) in costs {
        println!("{cost:>9.1}  {file}");
    }
    Ok(ExitCode::SUCCESS)
}

fn draw() -> Result<ExitCode, Error> {
    let by_file = |name: &str| program(&find(name)?)?.count_by_file();
    let file = path::picture(by_file)?.draw() + "\n";
    std::fs::write(path::FILE, file).map_err(failed)?;
    println!("Drawn: docs/bench/path.svg.");
    Ok(ExitCode::SUCCESS)
}

fn compare(only: Option<&str>, bless: bool) -> Result<ExitCode, Error> {
    let mut probes = probes::all();
    probes.retain(|probe| only.is_none_or(|text| probe.name.contains(text)));
    if let Some(text) = only.filter(|_| probes.is_empty()) {
        return Err(Error::Failed(format!("no operation's name contains `{text}`")));
    }
    let counts = count(&probes)?;
    let names: Vec<_> = probes.iter().map(|probe| probe.name).collect();
    let rustc = Command::new("rustc").arg("--version").output().map_err(failed)?;
    let rustc = String::from_utf8_lossy(&rustc.stdout).trim().to_owned();
    let old = Baseline::read().map_err(failed)?;
    let mut bad = print_table(&names, &counts, old.as_ref());
    print_goals(&counts);
    bad |= !print_trace(&counts);
    if let Some(old) = old.filter(|old| old.rustc != rustc) {
        println!("The baseline was counted with {}; this is {rustc}.", old.rustc);
    }
    if bless {
        Baseline { rustc, counts }.write().map_err(failed)?;
        println!("Written to docs/bench/instructions.json.");
        return Ok(ExitCode::SUCCESS);
    }
    if bad {
        println!(
            "FAILED: mend it; or, if the change is worth it, say why in its commit, with the \
             baseline of\n    cargo run --profile bench -p benches --bin instructions -- --bless"
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Counts all of them, several at a time.
fn count(probes: &[Probe]) -> Result<Counts, Error> {
    let (next, counts) = (AtomicUsize::new(0), Mutex::new(Ok(Counts::new())));
    let work = || {
        while let Some(probe) = probes.get(next.fetch_add(1, Relaxed)) {
            progress(probe.name);
            let count = program(probe).and_then(|program| program.count());
            let mut counts = counts.lock().expect("no thread panics while it has it");
            match (count, &mut *counts) {
                // To a tenth: what is less is the run's, not the operation's.
                (Ok(count), Ok(counts)) => {
                    counts.insert(probe.name.to_owned(), (count * 10.0).round() / 10.0);
                }
                (Err(error), counts) => {
                    *counts = Err(error);
                    return;
                }
                (Ok(_), Err(_)) => return,
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    progress("");
    counts.into_inner().expect("no thread has panicked")
}

/// Says on a terminal what is being counted.
fn progress(name: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{name}");
    }
}
