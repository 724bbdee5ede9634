//! Programs of postroom's to be counted, instruction by instruction: one operation, `n` times.
//!
//! Counted at two values of `n`, the difference is what the operation costs; what a run costs
//! besides falls out.

use std::cell::RefCell;

use postroom::{Counters, Enter, Executor, Kernel, Lock, Log, NoDevices, Result, Stop, Trace};

use crate::floor;

mod copies;
mod parts;
mod round_trips;
mod streams;
mod trace;

use trace::Deaf;

/// Bytes of each message.
pub const BYTES: usize = 64;

/// The kernel of all probes: two tasks, and rings that hold what streams. No other program here
/// has one of this size, so none has a say in what the compiler inlines.
type Small<const CHANNELS: usize = 7, T = ()> = Kernel<2, CHANNELS, 8192, NoDevices, T>;

/// That of the probes with traces: for the same reason another size, so that the one without a trace
/// has the same two programs as the others.
type Traced<T> = Small<9, T>;

/// A program that does one operation so many times.
pub struct Probe {
    /// What it is called in the baseline: the operation, on what, and what the kernel stands in.
    pub name: &'static str,
    /// Does it so many times.
    pub run: fn(u64),
}

/// Runs what `spawn` spawns to its end.
fn run<'k, E, T, const CHANNELS: usize>(
    kernel: &'k E,
    spawn: impl FnOnce(&mut Executor<'k, E, 2>) -> Result<()>,
) where
    E: Enter<Kernel = Small<CHANNELS, T>>,
    T: Trace,
{
    let mut executor = Executor::new(kernel);
    spawn(&mut executor).expect("there is room for two tasks");
    match executor.run() {
        Stop::Done => {}
        stop => panic!("a probe has to end: {stop:?}"),
    }
}

/// Each program with a lock around the kernel, and with a cell.
macro_rules! around {
    ($($name:literal => $probe:path;)*) => {
        vec![$(
            Probe {
                name: concat!($name, ", lock"),
                run: |n| $probe(&Lock::new(<Small>::new()), n),
            },
            Probe {
                name: concat!($name, ", cell"),
                run: |n| $probe(&RefCell::new(<Small>::new()), n),
            },
        )*]
    };
}

/// The same two programs with several traces.
macro_rules! traced {
    ($($name:literal => $trace:expr;)*) => {
        vec![$(
            Probe {
                name: concat!("send + receive, pipe, ", $name),
                run: |n| {
                    let kernel = Traced::with(NoDevices, $trace);
                    copies::send_receive_pipe(&Lock::new(kernel), n);
                },
            },
            Probe {
                name: concat!("round trip, pipe, ", $name),
                run: |n| {
                    let kernel = Traced::with(NoDevices, $trace);
                    round_trips::round_trip_pipe(&Lock::new(kernel), n);
                },
            },
        )*]
    };
}

/// The least that a send and a receive, and a round trip, can cost, for comparison.
fn floors() -> [Probe; 2] {
    [
        Probe {
            name: "send + receive, the floor",
            run: |n| {
                floor::send_receive::<Lock<_>>(n, BYTES);
            },
        },
        Probe {
            name: "round trip, the floor",
            run: |n| {
                floor::round_trip::<Lock<_>>(1, n, BYTES);
            },
        },
    ]
}

/// All of them, in the order of the table.
pub fn all() -> Vec<Probe> {
    let mut all = around! {
        "send + receive, pipe" => copies::send_receive_pipe;
        "send + receive, queue" => copies::send_receive_queue;
        "send + receive, mailbox" => copies::send_receive_mailbox;
        "round trip, pipe" => round_trips::round_trip_pipe;
        "round trip, queue" => round_trips::round_trip_queue;
        "round trip, mailbox" => round_trips::round_trip_mailbox;
        "streaming, pipe" => streams::streaming_pipe;
        "streaming, queue" => streams::streaming_queue;
        "streaming, mailbox" => streams::streaming_mailbox;
        "yield of one task alone" => parts::yield_alone;
        "switch: yield of two tasks" => parts::switch;
        "request + reply" => parts::request;
        "poll of 1, ready" => parts::poll_1;
        "poll of 16, the last ready" => parts::poll_16;
        "sleep of a tick" => parts::sleep;
        "connect + accept + close" => parts::connect;
    };
    all.extend(floors());
    all.extend([
        Probe { name: "send alone, pipe, lock", run: |n| copies::fill_pipe(n, 0) },
        Probe { name: "receive alone, pipe, lock", run: |n| copies::fill_pipe(copies::MOST, n) },
        Probe { name: "send alone, queue, lock", run: |n| copies::fill_queue(n, 0) },
        Probe { name: "receive alone, queue, lock", run: |n| copies::fill_queue(copies::MOST, n) },
    ]);
    all.extend(traced! {
        "lock, no trace" => ();
        "lock, trace off" => Deaf([1; 5]);
        "lock, counting" => Counters::default();
        "lock, logging" => Log::<1024>::new();
    });
    all
}
