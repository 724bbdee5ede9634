//! `cargo bench -p benches`: runs the workloads, and prints what came of them.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, thread};

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
/// met: times depend on the machine.
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

fn main() -> io::Result<()> {
    let options = Options::parse();
    if options.list {
        for entry in ALL {
            println!("{:18}{}", entry.id, (entry.make)().title);
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
    let tables = options.json.as_deref().is_none_or(|file| file.as_os_str() != "-");
    let mut report = Report::new(Machine::here(), effort);
    let mut all = Vec::new();
    if tables {
        println!("{}\n\n{}\n", report.machine, table::LEGEND);
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
            println!("{}", table::workload(&workload, &rows));
        }
        all.extend(verdicts.into_iter().map(|verdict| (entry.id, verdict)));
    }
    if tables {
        print!("{}", table::verdicts(all.iter().map(|(id, verdict)| (*id, verdict))));
    }
    let json = serde_json::to_string_pretty(&report)? + "\n";
    let whole = options.only.is_empty() && !options.quick;
    let folder = options.pictures.clone().or(whole.then(|| PathBuf::from(pictures::FOLDER)));
    for picture in folder.map_or(Ok(Vec::new()), |folder| pictures::draw(&json, &folder))? {
        eprintln!("drawn: {}", picture.display());
    }
    match &options.json {
        Some(file) if tables => fs::write(file, json),
        Some(_) => io::stdout().write_all(json.as_bytes()),
        None => Ok(()),
    }
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
