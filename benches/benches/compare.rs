//! `cargo bench -p benches`: runs the workloads, and prints what came of them.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use benches::cores::Given;
use benches::machine::Machine;
use benches::report::{Measured, Report};
use benches::rounds::{self, Effort};
use benches::verdict::Verdict;
use benches::workloads::{ALL, Entry};
use benches::{libc_copies, pictures, table};
use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs postroom and its peers beside each other, and says which goals are met.
///
/// All contenders of a workload take turns in each round. The exit code is 0 even if goals are not
/// met, as times depend on the machine; 1 if something could not be measured or written.
#[derive(Parser)]
#[command(bin_name = "cargo bench -p benches --")]
struct Options {
    /// Samples of 1 ms instead of 5, and fewer rounds
    #[arg(long)]
    quick: bool,
    /// These workloads alone
    #[arg(long, value_name = "WORKLOAD", num_args = 1.., value_parser = entry)]
    only: Vec<&'static Entry>,
    /// Rounds, each with a sample of every contender
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Writes everything to a file as JSON, or to standard output with `-`, without tables
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draws the pictures into this folder; a whole run draws them into docs/bench anyway
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Lists the workloads
    #[arg(long)]
    list: bool,
    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn entry(id: &str) -> Result<&'static Entry, String> {
    let ids = || ALL.iter().map(|entry| entry.id).collect::<Vec<_>>().join(", ");
    ALL.iter().find(|entry| entry.id == id).ok_or_else(|| format!("the workloads are {}", ids()))
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn run(options: Options) -> io::Result<()> {
    if options.list {
        for entry in ALL {
            writeln!(io::stdout(), "{:18}{}", entry.id, (entry.make)().title)?;
        }
        return Ok(());
    }
    libc_copies::without_rep_movsb();
    // Some kernels have tens of thousands of tasks, and are made on the stack.
    let run = thread::Builder::new().stack_size(2 << 30).spawn(move || compare(&options))?;
    run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn compare(options: &Options) -> io::Result<()> {
    let (sample, rounds) = if options.quick { (1, 7) } else { (5, 15) };
    let effort = Effort {
        sample: Duration::from_millis(sample),
        rounds: options.rounds.map_or(rounds, |rounds| rounds as usize),
    };
    let file = options.json.as_deref().filter(|file| file.as_os_str() != "-");
    let tables = options.json.is_none() || file.is_some();
    // What cannot be written is told before minutes have gone by. An old file stays until then.
    if let Some(file) = file {
        File::options().write(true).create(true).truncate(false).open(file).map_err(of(file))?;
    }
    if let Some(folder) = &options.pictures {
        fs::create_dir_all(folder).map_err(of(folder))?;
    }
    let mut report = Report::new(Machine::here(), effort);
    let mut all = Vec::new();
    if tables {
        writeln!(io::stdout(), "{}\n\n{}\n", report.machine, table::LEGEND)?;
    }
    let given = Given::find()?;
    let every: Vec<_> = ALL.iter().collect();
    for entry in if options.only.is_empty() { &every } else { &options.only } {
        given.keep_to(entry.cores)?;
        let mut workload = (entry.make)();
        let progress = progress(entry, rounds::steps(&workload, effort));
        let rows = rounds::run(&mut workload, effort, |name| {
            progress.set_message(name.to_owned());
            progress.inc(1);
        });
        progress.finish_and_clear();
        let verdicts: Vec<_> =
            workload.goals.iter().map(|goal| Verdict::new(goal, &rows)).collect();
        report.workloads.push(Measured::new(&workload, &rows, &verdicts));
        if tables {
            writeln!(io::stdout(), "{}", table::workload(&workload, &rows))?;
        }
        all.extend(verdicts.into_iter().map(|verdict| (entry.id, verdict)));
    }
    if tables && !all.is_empty() {
        let verdicts = all.iter().map(|(id, verdict)| (*id, verdict));
        write!(io::stdout(), "{}", table::verdicts(verdicts))?;
    }
    let json = serde_json::to_string_pretty(&report)? + "\n";
    let whole = options.only.is_empty() && !options.quick;
    let folder = options.pictures.clone().or(whole.then(|| PathBuf::from(pictures::FOLDER)));
    if let Some(folder) = folder {
        for picture in pictures::draw(&json, &folder).map_err(of(&folder))? {
            eprintln!("drawn: {}", picture.display());
        }
    }
    match file {
        Some(file) => fs::write(file, json).map_err(of(file)),
        None if !tables => io::stdout().write_all(json.as_bytes()),
        None => Ok(()),
    }
}

/// An error that says of which file it is.
fn of(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A line on standard error, where someone looks at it.
fn progress(entry: &Entry, steps: u64) -> ProgressBar {
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(4)
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{prefix} {bar:30} {percent}% {msg}");
    ProgressBar::with_draw_target(Some(steps), target)
        .with_prefix(entry.id)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
