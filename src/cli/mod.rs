//! What can be said on the command line. Each command has a file of its own.

mod cat;
mod console;
mod list;
#[cfg(target_os = "linux")]
mod outside;
#[cfg(target_os = "linux")]
mod processes;
mod run;

#[cfg(target_os = "linux")]
mod connect;
#[cfg(target_os = "linux")]
mod name;
#[cfg(target_os = "linux")]
mod page;
#[cfg(target_os = "linux")]
mod send;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod talk;
#[cfg(target_os = "linux")]
mod tasks;

use std::fmt;
use std::io;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use console::BAD;
use postroom::Stop;
use postroom::scenario::ALL;

const EXAMPLES: &str = "\
Examples:
  postroom run pipe --strace       watch two tasks talk through a pipe
  postroom run pika --policy random --seed 7
  postroom cat < FILE > COPY       real bytes through a kernel pipe

Exit codes:
  0  done
  1  the scenario failed: a deadlock, a task that ended badly; or a file or a name could not be used
  2  the command line was wrong
  128 + N  signal N ended it, as a shell tells it: 130 for Ctrl-C; but what serve does is done then: 0";

/// A message-passing kernel that you can watch: named tasks, mailboxes, pipes, queues, sockets
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the scenarios, and what each teaches
    List,
    /// Run a scenario
    Run(run::Options),
    /// Copy FILE, or standard input, through a kernel pipe to standard output
    Cat(cat::Options),
    /// Serve real clients, over sockets or a message queue
    #[cfg(target_os = "linux")]
    Serve(serve::Options),
    /// Send lines to a server, and print what comes back
    #[cfg(target_os = "linux")]
    Connect(connect::Options),
    /// Send one message
    #[cfg(target_os = "linux")]
    Send(send::Options),
}

impl Command {
    const fn name(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Run(_) => "run",
            Self::Cat(_) => "cat",
            #[cfg(target_os = "linux")]
            Self::Serve(_) => "serve",
            #[cfg(target_os = "linux")]
            Self::Connect(_) => "connect",
            #[cfg(target_os = "linux")]
            Self::Send(_) => "send",
        }
    }
}

/// Why a command failed; nothing more to say if the user knows already.
#[derive(Debug)]
enum Failure {
    Silent,
    Said(String),
    /// What was typed makes no sense.
    Usage(String),
    /// A signal of this number has ended it.
    #[cfg(target_os = "linux")]
    Signal(u8),
}

impl Failure {
    /// What went wrong with what: `cannot read FILE: No such file or directory`.
    fn new(what: fmt::Arguments<'_>, error: &io::Error) -> Self {
        Self::Said(format!("{what}: {}", plain(error)))
    }
}

/// An error in words, without the number that the library adds to them.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or(&text).to_owned()
}

/// Runs the command that the user typed.
pub(crate) fn main() -> ExitCode {
    let (command, asked) = match Arguments::try_parse() {
        Ok(arguments) => (arguments.command, None),
        Err(error) if error.use_stderr() => error.exit(),
        // Help, or the version.
        Err(text) => (None, Some(text.render())),
    };
    let result = match &command {
        None => {
            let text = asked.unwrap_or_else(|| Arguments::command().render_help());
            console::print(&text.ansi().to_string())
        }
        Some(Command::List) => list::list(),
        Some(Command::Run(options)) => run::run(options),
        Some(Command::Cat(options)) => cat::cat(options),
        #[cfg(target_os = "linux")]
        Some(Command::Serve(options)) => serve::serve(options),
        #[cfg(target_os = "linux")]
        Some(Command::Connect(options)) => connect::connect(options),
        #[cfg(target_os = "linux")]
        Some(Command::Send(options)) => send::send(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Silent) => ExitCode::FAILURE,
        #[cfg(target_os = "linux")]
        Err(Failure::Signal(signal)) => ExitCode::from(signals::exit_code(signal)),
        Err(Failure::Usage(message)) => {
            let mut all = Arguments::command();
            all.build();
            let used = command.and_then(|used| all.find_subcommand_mut(used.name()));
            used.map(|used| used.error(ErrorKind::ArgumentConflict, message))
                .unwrap_or_else(|| clap::Error::new(ErrorKind::ArgumentConflict))
                .exit()
        }
        Err(Failure::Said(message)) => {
            console::say(format_args!("{BAD}error:{BAD:#} {message}"));
            ExitCode::FAILURE
        }
    }
}

/// How a run ended whose tasks should all have ended well.
fn outcome<G: fmt::Display>(started: postroom::Result<()>, stop: Stop<G>) -> Result<(), Failure> {
    match (started, stop) {
        (Err(error), _) => Err(Failure::Said(format!("the tasks did not start: {error}"))),
        (Ok(()), Stop::Done) => Ok(()),
        (Ok(()), Stop::Failed(failure)) => Err(Failure::Said(failure.to_string())),
        (Ok(()), Stop::Deadlock(graph)) => Err(Failure::Said(graph.to_string())),
    }
}

/// Accepts the names of the scenarios; clap suggests the nearest one for any other.
fn scenario_names() -> PossibleValuesParser {
    PossibleValuesParser::new(ALL.iter().map(|scenario| scenario.name))
}

/// A number from 1 on.
fn number(text: &str, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("a whole number from 1 to {most} is needed"))
}
