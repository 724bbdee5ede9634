//! `postroom serve NAME`: a server of simulated tasks for real clients.

mod client;
mod door;
mod letters;
mod trace;

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write};
use std::thread::{Builder, ScopedJoinHandle};

use clap::Args;
use postroom::kinds::{SequencedSocket, StreamSocket};
use postroom::view::Strace;
use postroom::{Error, Executor, Host, Kernel, Lock, Priority, Result, Spawner, Sys, Ticks};

use super::name::{self, Sort};
use super::signals::{self, Signals};
use super::tasks::end_others;
use super::{Failure, console, outcome};

/// The most that `--max-clients` allows.
const MOST: usize = 1000;

// The clients, the server, and who waits for signals.
const TASKS: usize = MOST + 2;
// For each task a mailbox, for each client a connection; the listener, one that is turned away,
// the signals, the output.
const CHANNELS: usize = TASKS + MOST + 4;

/// How long the server may take to end by itself, in milliseconds.
const PATIENCE: Ticks = Ticks(500);

/// What clients say goes through devices, which need no store: only mailboxes do.
const RING: usize = 256;

/// A kernel of this size passes over the stack on its way to the heap, in a build that is not
/// optimised several times. What is not used of it takes no memory.
const STACK: usize = 32 << 20;

/// The task that is told to end.
const SERVER: &str = "server";

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postroom serve unix:./mailBox             then, elsewhere: postroom connect unix:./mailBox
  postroom serve tcp:127.0.0.1:7000 --echo  send back what comes
  postroom serve udp:127.0.0.1:7000         single messages; unix-datagram:PATH as well
  postroom serve mq:/letters                a POSIX message queue, made if there is none

Each client is a task. Its lines are printed with its label, those of more than 960 bytes in
pieces; what is no text is shown as \\x1b. Notes and the summary go to standard error.
Ctrl-C, SIGTERM or SIGHUP ends it; a socket file, or a message queue that it made, is removed.
Exit codes: 0 ended by one of these signals or because nobody reads the output, 1 the name could
not be served, 2 usage.")]
pub(super) struct Options {
    /// unix:PATH, tcp:HOST:PORT, unix-seqpacket:PATH, unix-datagram:PATH, udp:HOST:PORT, mq:/NAME
    name: String,

    /// Send everything back
    #[arg(long)]
    echo: bool,

    /// Clients that are served at one time; others are told to come later
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clients)]
    max_clients: usize,

    /// Show each system call, as strace would, when it is complete
    #[arg(long)]
    strace: bool,

    /// Print neither what clients say nor notes and summary
    #[arg(long, short)]
    quiet: bool,
}

fn clients(text: &str) -> Result<usize, String> {
    super::number(text, MOST)
}

type Machine = Lock<Kernel<TASKS, CHANNELS, RING, Host, Option<Strace<'static>>>>;

/// What the tasks of a server share with the command.
struct House<'o> {
    options: &'o Options,
    /// Clients that are here.
    present: Cell<usize>,
    clients: Cell<u64>,
    refused: Cell<u64>,
    messages: Cell<u64>,
    bytes: Cell<u64>,
    sent: Cell<u64>,
    trouble: RefCell<Option<Failure>>,
}

/// Where tasks live, and who makes more of them.
struct Place<'t> {
    kernel: &'t Machine,
    spawner: Spawner<'t, Machine>,
}

pub(super) fn serve(options: &Options) -> Result<(), Failure> {
    let sort = Sort::of("serve", &options.name)?;
    if sort == Sort::Queue && options.echo {
        return Err(Failure::Usage("--echo needs a way back, which a queue has not".to_owned()));
    }
    // First of all: whatever is made from here on is removed in order.
    let signals = Signals::take()
        .map_err(|error| Failure::new(format_args!("cannot wait for signals"), &error))?;
    std::thread::scope(|scope| {
        let server = Builder::new().stack_size(STACK);
        let server = server.spawn_scoped(scope, || run(options, sort, &signals.name()));
        match server.map(ScopedJoinHandle::join) {
            Ok(Ok(served)) => served,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(Failure::new(format_args!("cannot start a thread"), &error)),
        }
    })
}

fn run(options: &Options, sort: Sort, signals: &str) -> Result<(), Failure> {
    let host = Host::new()
        .map_err(|error| Failure::new(format_args!("cannot serve {}", options.name), &error))?;
    let house = House::new(options);
    let strace = options.strace.then(trace::live);
    let kernel: Box<Machine> = Box::new(Lock::new(Kernel::with(host, strace)));
    let mut executor = Executor::new(&*kernel);
    let place = Place { kernel: &kernel, spawner: executor.spawner() };
    let started =
        executor.spawn(SERVER, Priority::NORMAL, |sys| server(sys, sort, &house, place)).and_then(
            |_| executor.spawn("signals", Priority::HIGHEST, |sys| watch(sys, signals, &kernel)),
        );
    let ended = outcome(started.map(drop), executor.run());
    if let Some(failure) = house.trouble.take() {
        return Err(failure);
    }
    ended?;
    if !options.quiet {
        house.sum_up(sort);
    }
    Ok(())
}

/// Serves until it is told to end, by a message; then everybody goes.
async fn server<'t>(
    sys: Sys<'t>,
    sort: Sort,
    house: &'t House<'_>,
    place: Place<'t>,
) -> Result<()> {
    let served = open(&sys, sort, house, &place).await;
    end_others(&sys, place.kernel).await;
    served
}

async fn open<'t>(
    sys: &Sys<'t>,
    sort: Sort,
    house: &'t House<'_>,
    place: &Place<'t>,
) -> Result<()> {
    let out = if house.options.quiet {
        None
    } else {
        let out = sys.open_write("stdout:").await;
        Some(out.map_err(|error| house.fail(output_failure(error)))?)
    };
    let failed =
        |error| house.fail(name::failure(format_args!("serve"), &house.options.name, error));
    let served = match sort {
        Sort::Stream => door::keep::<StreamSocket>(sys, out, house, place).await,
        Sort::Sequenced => door::keep::<SequencedSocket>(sys, out, house, place).await,
        Sort::Datagram => letters::datagrams(sys, out, house).await,
        Sort::Queue => letters::queue(sys, out, house).await,
    };
    served.map_err(failed)
}

/// Waits for a signal to end. A server that is in the middle of a line that nobody reads does not
/// hear of it.
async fn watch(sys: Sys<'_>, name: &str, kernel: &Machine) -> Result<()> {
    signals::wait(&sys, name).await?;
    tell_to_end(&sys).await;
    sys.sleep(PATIENCE).await?;
    end_others(&sys, kernel).await;
    Ok(())
}

/// Tells the server to end. A mailbox that is full has been told already.
async fn tell_to_end(sys: &Sys<'_>) {
    let _ = sys.send(SERVER, b"end").try_now().await;
}

pub(super) fn output_failure(error: Error) -> Failure {
    Failure::Said(format!("cannot write to standard output: {}", name::of_file(error)))
}

impl<'o> House<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            options,
            present: Cell::new(0),
            clients: Cell::new(0),
            refused: Cell::new(0),
            messages: Cell::new(0),
            bytes: Cell::new(0),
            sent: Cell::new(0),
            trouble: RefCell::new(None),
        }
    }

    /// Takes note of what went wrong, if it is the first, for the command to say.
    fn fail(&self, failure: Failure) -> Error {
        self.trouble.borrow_mut().get_or_insert(failure);
        Error::Device
    }

    /// The output takes nothing more: so there is nothing to serve for. That its reader has left,
    /// as `head` does, is no failure.
    async fn end_without_output(&self, sys: &Sys<'_>, error: Error) {
        if error != Error::BrokenPipe {
            self.fail(output_failure(error));
        }
        tell_to_end(sys).await;
    }

    /// Says something to the user.
    fn note(&self, line: fmt::Arguments<'_>) {
        if !self.options.quiet {
            console::say(line);
        }
    }

    fn sum_up(&self, sort: Sort) {
        let (messages, bytes, sent) = (self.messages.get(), self.bytes.get(), self.sent.get());
        let (clients, refused) = (self.clients.get(), self.refused.get());
        let mut text = String::new();
        if matches!(sort, Sort::Stream | Sort::Sequenced) {
            let _ = write!(text, "{}, ", counted(clients, "client"));
        }
        if refused > 0 {
            let _ = write!(text, "{refused} refused, ");
        }
        let (messages, bytes) = (counted(messages, "message"), counted(bytes, "byte"));
        let _ = write!(text, "{messages}, {bytes}");
        if self.options.echo {
            let _ = write!(text, ", {sent} sent back");
        }
        console::say(format_args!("Served {}: {text}", self.options.name));
    }
}

/// `1 client`, `2 clients`.
fn counted(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

fn add(to: &Cell<u64>, count: u64) {
    to.set(to.get() + count);
}
