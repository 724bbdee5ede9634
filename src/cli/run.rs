//! `postroom run SCENARIO`

#[cfg(target_os = "linux")]
mod system;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use postroom::scenario::{ALL, Print, Scenario, Stage, pika, queue};
use postroom::view::{JsonLines, Strace};
use postroom::{
    Counters, Devices, Enter, Error, Executor, Kernel, NoDevices, Policy, Stop, ThreadDoor,
    Threads, Ticks,
};
use serde::Serialize;

use super::Failure;
use super::console::{self, BAD, Console, Output};
#[cfg(target_os = "linux")]
use super::processes;

/// The most that `--capacity` allows: a ring of the kernel, in bytes.
pub(super) const RING: usize = 16_384;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postroom run pipe --strace                what happens, call by call
  postroom run pipe --capacity 1 --strace   the same through a pipe of one byte
  postroom run pika --policy random --seed 7 --trace events.jsonl
  postroom run queue --on processes         a process for each task

What does not go together is refused: --policy and --seed are for --on kernel and os, --trace is not
for processes. On os and processes a pipe holds whole pages, of 4096 bytes mostly.
The lines of the tasks go to standard output, everything else to standard error.
Exit codes: 0 done, 1 the scenario failed (a deadlock, a task that ended badly) or a file could not
be written, 2 usage, 128 + N signal N ended it (130 for Ctrl-C).")]
pub(super) struct Options {
    /// Which one; `postroom list` says what each teaches
    #[arg(value_parser = super::scenario_names())]
    scenario: String,

    /// What the tasks run on
    #[arg(long, value_enum, default_value_t = Base::Kernel)]
    on: Base,

    /// Who runs next, on kernel and os [default: priority]
    #[arg(long, value_enum)]
    policy: Option<Order>,

    /// What the random policy draws from [default: 0]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Bytes that a pipe holds; the operating system's holds whole pages
    #[arg(long, value_name = "BYTES", default_value_t = RING, value_parser = capacity)]
    capacity: usize,

    /// Messages that pika sends
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = messages)]
    messages: usize,

    /// Items that go through the queue
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    items: usize,

    /// Workers at the queue
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = workers)]
    workers: usize,

    /// Let the philosophers take the fork with the lower number first
    #[arg(long)]
    ordered: bool,

    /// Show each system call, as strace would
    #[arg(long)]
    strace: bool,

    /// Write the event log to a file, one JSON object a line; not on processes
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// Print one JSON object on standard output; what tasks print goes to standard error
    #[arg(long)]
    json: bool,

    /// Print what the tasks print, and nothing else
    #[arg(long, short, conflicts_with = "strace")]
    quiet: bool,

    /// Be the process of this task, of a run of `--on processes`
    #[arg(long, hide = true, requires = "of_run")]
    as_task: Option<usize>,

    /// Which run that is
    #[arg(long, hide = true)]
    of_run: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Base {
    /// One core, a simulated clock: the same every time
    Kernel,
    /// A thread for each task, in real time
    Threads,
    /// One core, and the system's own pipes, sockets and queues
    #[cfg(target_os = "linux")]
    Os,
    /// A process for each task, and the same objects
    #[cfg(target_os = "linux")]
    Processes,
}

impl Base {
    /// Whether the kernel's policy says who runs next.
    fn is_one_core(self) -> bool {
        match self {
            Self::Kernel => true,
            Self::Threads => false,
            #[cfg(target_os = "linux")]
            Self::Os => true,
            #[cfg(target_os = "linux")]
            Self::Processes => false,
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
enum Order {
    /// The highest priority first, round robin among equals
    Priority,
    /// One after the other, whatever the priority
    RoundRobin,
    /// By lot; the same seed draws the same lots
    Random,
}

fn capacity(text: &str) -> Result<usize, String> {
    super::number(text, RING)
}

fn messages(text: &str) -> Result<usize, String> {
    super::number(text, pika::MOST)
}

fn workers(text: &str) -> Result<usize, String> {
    super::number(text, queue::WORKERS.len())
}

/// What a run came to, for programs to read.
#[derive(Serialize)]
struct Summary<'a> {
    scenario: &'a str,
    on: Base,
    policy: Option<Order>,
    seed: Option<u64>,
    capacity: usize,
    result: &'static str,
    /// What went wrong, in words; several lines for a deadlock.
    reason: Option<&'a String>,
    ticks: u64,
    syscalls: u64,
    bytes_in: u64,
    bytes_out: u64,
    context_switches: u64,
    blocks: u64,
    wakes: u64,
    /// Tasks that were killed: the sums have of them only what they had told before.
    partly_counted: &'a [String],
    elapsed_seconds: f64,
}

/// How a run ended, in words.
enum Verdict {
    Done,
    Failed(String),
    Deadlock(String),
}

/// What is left of a run.
struct Played {
    verdict: Verdict,
    cost: Counters,
    events: Option<Events>,
    ticks: Ticks,
    /// Tasks whose cost is not known to its end.
    partly_counted: Vec<String>,
}

type Events = JsonLines<BufWriter<File>>;
type Log<'c> = (Counters, (Option<Strace<'c>>, Option<Events>));
type Machine<'c, D> = Mutex<Kernel<16, 64, RING, D, Log<'c>>>;

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let Some(scenario) = ALL.iter().find(|scenario| scenario.name == options.scenario) else {
        return Err(Failure::Usage(format!("there is no scenario `{}`", options.scenario)));
    };
    #[cfg(target_os = "linux")]
    if let (Some(task), Some(run)) = (options.as_task, options.of_run) {
        return processes::child(
            scenario,
            |output| stage(options, output),
            options.strace,
            (task, run),
        );
    }
    let (policy, seed) = policy(options).map_err(|it| Failure::Usage(it.to_owned()))?;
    let console = Console::new(match (options.json, options.quiet) {
        (false, _) => Output::Stdout,
        (true, false) => Output::Stderr,
        (true, true) => Output::Nowhere,
    });
    let strace = options.strace.then(|| Strace::new(|line| console.trace(line)));
    let events = match &options.trace {
        Some(path) => Some(JsonLines::new(BufWriter::new(create(path)?))),
        None => None,
    };
    let log = (Counters::default(), (strace, events));
    let stage = stage(options, &console);

    let start = Instant::now();
    let mut played = match options.on {
        Base::Kernel => play(scenario, &machine(NoDevices, log), policy, stage),
        Base::Threads => play_on_threads(scenario, &machine(NoDevices, log), stage),
        #[cfg(target_os = "linux")]
        Base::Os => system::play(scenario, log, policy, stage)?,
        #[cfg(target_os = "linux")]
        Base::Processes => system::play_processes(scenario, options, &console, stage)?,
    };
    let elapsed = start.elapsed();

    let events = played.events.as_mut().map_or(Ok(()), JsonLines::finish);
    if let (Err(error), Some(path)) = (events, &options.trace) {
        return Err(spoilt(path, &error));
    }
    console.finish()?;
    report(options, seed, &played, elapsed)
}

/// What the tasks are lent.
fn stage<'t>(options: &Options, output: &'t (dyn Print + Sync)) -> Stage<'t> {
    Stage {
        capacity: options.capacity,
        messages: options.messages,
        items: options.items,
        workers: options.workers,
        ordered: options.ordered,
        output,
    }
}

/// The policy that was asked for, and the seed if it draws from one.
fn policy(options: &Options) -> Result<(Policy, Option<u64>), &'static str> {
    let order = options.policy.unwrap_or(Order::Priority);
    match (options.on, order, options.seed) {
        (base, _, Some(_)) if !base.is_one_core() => {
            Err("--seed is for one core: threads and processes run as the system pleases")
        }
        (base, _, _) if !base.is_one_core() && options.policy.is_some() => {
            Err("--policy is for one core: threads and processes run as the system pleases")
        }
        #[cfg(target_os = "linux")]
        (Base::Processes, _, _) if options.trace.is_some() => {
            Err("--trace is the log of one kernel: of processes, each has its own")
        }
        (_, Order::Random, seed) => {
            let seed = seed.unwrap_or(0);
            Ok((Policy::Random(seed), Some(seed)))
        }
        (_, _, Some(_)) => Err("--seed goes with the random policy: add --policy random"),
        (_, Order::Priority, None) => Ok((Policy::Priority, None)),
        (_, Order::RoundRobin, None) => Ok((Policy::RoundRobin, None)),
    }
}

/// Runs a scenario to its end, on one core.
fn play(
    scenario: &Scenario,
    kernel: &Machine<'_, NoDevices>,
    policy: Policy,
    stage: Stage<'_>,
) -> Played {
    let mut executor = Executor::with_policy(kernel, policy);
    let verdict = match (scenario.start)(&mut executor, stage) {
        Err(error) => not_started(error),
        Ok(()) => Verdict::of(executor.run()),
    };
    // The log ends here: that the executor now kills whoever is left is not part of the run.
    Played::new(verdict, kernel)
}

/// Runs a scenario to its end, on threads.
fn play_on_threads(
    scenario: &Scenario,
    kernel: &Machine<'_, NoDevices>,
    stage: Stage<'_>,
) -> Played {
    let door = ThreadDoor::new(kernel);
    let mut threads = Threads::new(&door);
    let verdict = match (scenario.start)(&mut threads, stage) {
        Err(error) => not_started(error),
        Ok(()) => Verdict::of(threads.run()),
    };
    Played::new(verdict, kernel)
}

fn machine<D: Devices>(devices: D, log: Log<'_>) -> Box<Machine<'_, D>> {
    Box::new(Mutex::new(Kernel::with(devices, log)))
}

fn not_started(error: Error) -> Verdict {
    Verdict::Failed(format!("the scenario did not start: {error}"))
}

impl Verdict {
    fn of<G: fmt::Display>(stop: Stop<G>) -> Self {
        match stop {
            Stop::Done => Self::Done,
            Stop::Failed(failure) => Self::Failed(failure.to_string()),
            Stop::Deadlock(graph) => Self::Deadlock(graph.to_string()),
        }
    }
}

impl Played {
    /// What is left of a run, and of its log.
    fn new<D: Devices>(verdict: Verdict, kernel: &Machine<'_, D>) -> Self {
        kernel.enter(|kernel| {
            let (cost, (_, events)) = core::mem::take(kernel.trace_mut());
            Self { verdict, cost, events, ticks: kernel.now(), partly_counted: Vec::new() }
        })
    }
}

/// Says how it ended and what it cost.
fn report(
    options: &Options,
    seed: Option<u64>,
    played: &Played,
    elapsed: Duration,
) -> Result<(), Failure> {
    let cost = played.cost;
    let (result, reason) = match &played.verdict {
        Verdict::Done => ("done", None),
        Verdict::Failed(reason) => ("failed", Some(reason)),
        Verdict::Deadlock(reason) => ("deadlock", Some(reason)),
    };
    if options.json {
        let summary = Summary {
            scenario: &options.scenario,
            on: options.on,
            policy: options.policy.or(options.on.is_one_core().then_some(Order::Priority)),
            seed,
            capacity: options.capacity,
            result,
            reason,
            ticks: played.ticks.0,
            syscalls: cost.syscalls,
            bytes_in: cost.bytes_in,
            bytes_out: cost.bytes_out,
            context_switches: cost.switches,
            blocks: cost.blocks,
            wakes: cost.wakes,
            partly_counted: &played.partly_counted,
            elapsed_seconds: elapsed.as_secs_f64(),
        };
        let text = serde_json::to_string(&summary)
            .map_err(|error| Failure::Said(format!("cannot write the summary: {error}")))?;
        console::print(&(text + "\n"))?;
    } else if !options.quiet {
        if let Some(reason) = reason {
            console::say(format_args!("{BAD}{reason}{BAD:#}"));
        }
        console::say(format_args!(
            "Process ended in {:.6} s: {} system calls, {} bytes copied in, {} bytes copied out, \
             {} context switches{}",
            elapsed.as_secs_f64(),
            cost.syscalls,
            cost.bytes_in,
            cost.bytes_out,
            cost.switches,
            match &played.partly_counted[..] {
                [] => String::new(),
                killed => {
                    format!("; of {} only what was told before the kill", killed.join(" and "))
                }
            },
        ));
    }
    if reason.is_some() { Err(Failure::Silent) } else { Ok(()) }
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path)
        .map_err(|error| Failure::new(format_args!("cannot write to {}", path.display()), &error))
}

/// An event log that could not be written to its end is not left behind.
fn spoilt(path: &Path, error: &io::Error) -> Failure {
    let removed = path.is_file() && std::fs::remove_file(path).is_ok();
    let rest = if removed { "; the part written was removed" } else { "" };
    Failure::Said(format!("cannot write to {}: {}{rest}", path.display(), super::plain(error)))
}
