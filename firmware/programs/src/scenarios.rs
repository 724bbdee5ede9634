//! The library's scenarios on a board: the same tasks, with the same names, in the same order as on
//! a computer, pinned on the stack. The event log is printed as it comes, and is the same to the
//! last byte.

use core::fmt::Write;
use core::pin::{Pin, pin};

use postroom::scenario::{Stage, datagram, mailbox, pika, pipe, queue, rpc, select, socket};
use postroom::{Executor, Kernel, Lines, Lock, NoDevices, Policy, Priority, Result, Stop, Sys};

use crate::{Board, Console};

/// Big enough for each of the scenarios. The longest ring is that of the scenario `queue`.
pub type Machine<B> = Kernel<4, 10, 2048, NoDevices, Lines<Console<B>>>;

/// A kernel that has not run yet; `const`, for a `static`.
pub const fn machine<B: Board>() -> Machine<B> {
    Kernel::with(NoDevices, Lines::new(Console::new()))
}

/// Runs its tasks, and says how they ended. Each body is pinned where it is written down.
macro_rules! play {
    ($kernel:ident; $($name:expr => $body:expr,)+) => {{
        let tasks = [$($kernel.with(|kernel| kernel.spawn($name, Priority::NORMAL))?),+];
        let mut next = tasks.iter().map(|&task| Sys::new($kernel, task));
        // There is a task for each body.
        let mut sys = || next.next().unwrap();
        let bodies = [$(pin!($body(sys())) as Pin<&mut dyn Future<Output = Result<()>>>),+];
        let mut executor = Executor::new($kernel);
        for (task, body) in tasks.into_iter().zip(bodies) {
            executor.attach(task, body)?;
        }
        Ok(report::<B>(executor.run()))
    }};
}

/// Seeds, and with each how many bytes the pipes hold: few, or enough.
const SEEDS: [(u64, usize); 3] = [(1, 7), (2, 30), (3, 64)];

/// Three seeds, two policies.
pub fn schedules() -> impl Iterator<Item = (Policy, usize)> {
    SEEDS.into_iter().flat_map(|(seed, capacity)| {
        [Policy::RoundRobin, Policy::Random(seed)].map(|policy| (policy, capacity))
    })
}

type Scenario<B> = fn(&'static Lock<Machine<B>>, Stage<'_>) -> Result<bool>;

/// Runs all of them under each policy, and says whether all went well.
pub fn run<B: Board>(
    kernel: &'static Lock<Machine<B>>,
    schedules: impl Iterator<Item = (Policy, usize)>,
) -> bool {
    let console = Console::<B>::new();
    let all: [(&str, Scenario<B>); 8] = [
        ("mailbox", mailbox),
        ("pipe", pipe),
        ("pika", pika),
        ("queue", queue),
        ("socket", socket),
        ("datagram", datagram),
        ("rpc", rpc),
        ("select", select),
    ];
    let mut good = true;
    for (policy, capacity) in schedules {
        for (name, scenario) in all {
            let stage = Stage {
                capacity,
                messages: 5,
                items: 20,
                workers: 2,
                ordered: false,
                output: &console,
            };
            stage.say(format_args!("== {name}, {policy:?}, pipes of {capacity} bytes"));
            kernel.with(|kernel| {
                *kernel = const { machine() };
                kernel.set_policy(policy);
            });
            good &= scenario(kernel, stage).unwrap_or_else(|error| {
                stage.say(format_args!("the scenario did not start: {error}"));
                false
            });
        }
    }
    good
}

/// Says how a run ended, unless it ended well.
fn report<B: Board>(stop: Stop<impl core::fmt::Display>) -> bool {
    let mut console = Console::<B>::new();
    // A console takes everything.
    let _ = match stop {
        Stop::Done => return true,
        Stop::Failed(failure) => writeln!(console, "{failure}"),
        Stop::Deadlock(graph) => writeln!(console, "{graph}"),
    };
    false
}

fn mailbox<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    use mailbox::{desk, sender};
    play! { kernel;
        "desk" => |sys| desk(sys, stage, 3),
        "alice" => |sys| sender(sys, stage, "Hello from the left"),
        "bob" => |sys| sender(sys, stage, "Hello from the right"),
        "carol" => |sys| sender(sys, stage, ""),
    }
}

fn pipe<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    kernel.with(|kernel| kernel.create_pipe("greeting", stage.capacity))?;
    play! { kernel;
        "reader" => |sys| pipe::reader(sys, stage),
        "writer" => |sys| pipe::writer(sys),
    }
}

fn pika<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    kernel.with(|kernel| kernel.create_pipe("pika", stage.capacity))?;
    play! { kernel;
        "writer" => |sys| pika::writer(sys, stage),
        "reader" => |sys| pika::reader(sys, stage),
    }
}

fn queue<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    use queue::{LONGEST, MOST, WORKERS, sink, source, worker};
    kernel.with(|kernel| {
        kernel.create_queue("work", MOST, LONGEST)?;
        kernel.create_queue("done", MOST, LONGEST)
    })?;
    play! { kernel;
        "sink" => |sys| sink(sys, stage),
        "source" => |sys| source(sys, stage.items),
        WORKERS[0] => |sys| worker(sys, WORKERS[0]),
        WORKERS[1] => |sys| worker(sys, WORKERS[1]),
    }
}

fn socket<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    play! { kernel;
        "receiver" => |sys| socket::receiver(sys, stage),
        "sender" => |sys| socket::sender(sys, stage),
    }
}

fn datagram<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    use datagram::{board, sender};
    let long = "blue has so very much to say that it does not fit";
    play! { kernel;
        "board keeper" => |sys| board(sys, stage, &["anna", "ben", "cleo"]),
        "anna" => |sys| sender(sys, stage, "red", "red was here"),
        "ben" => |sys| sender(sys, stage, "green", "so was green"),
        "cleo" => |sys| sender(sys, stage, "blue", long),
    }
}

fn rpc<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    use rpc::{client, impatient, server};
    play! { kernel;
        "server" => |sys| server(sys, stage),
        "impatient" => |sys| impatient(sys, stage),
        "first" => |sys| client(sys, stage, "good morning"),
        "second" => |sys| client(sys, stage, "good night"),
    }
}

fn select<B: Board>(kernel: &'static Lock<Machine<B>>, stage: Stage<'_>) -> Result<bool> {
    kernel.with(|kernel| {
        kernel.create_pipe("bytes", stage.capacity)?;
        kernel.create_queue("messages", 2, 32)
    })?;
    play! { kernel;
        "waiter" => |sys| select::waiter(sys, stage),
        "writer" => |sys| select::writer(sys),
        "sender" => |sys| select::sender(sys),
        "visitor" => |sys| select::visitor(sys),
    }
}
