//! What looking costs: no trace, one that counts, one that keeps every event.

use std::time::Duration;

use postroom::{Counters, Kernel, Lock, Log, NoDevices, Trace};

use crate::measure::Role::Ours;
use crate::measure::{Contender, Workload};
use crate::ours::{SMALL, round_trip, send_receive};

/// Bytes of a message.
const LENGTH: usize = 64;

/// Events that a log keeps.
const EVENTS: usize = 1024;

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    contenders.extend(each("queue to oneself, off", "pipe round trip, off", || ()));
    contenders.extend(each(
        "queue to oneself, counting",
        "pipe round trip, counting",
        Counters::default,
    ));
    contenders.extend(each(
        "queue to oneself, logging",
        "pipe round trip, logging",
        Log::<EVENTS>::new,
    ));
    contenders.sort_by_key(|contender| contender.name.starts_with("pipe"));
    Workload {
        id: "trace",
        title: "What looking costs",
        axis: "bytes",
        unit: "message or round trip",
        contenders,
        goals: Vec::new(),
    }
}

/// Two programs with one sink of the events.
fn each<T: Trace + 'static>(
    queue: &'static str,
    pipe: &'static str,
    trace: impl Fn() -> T + Copy + 'static,
) -> [Contender; 2] {
    let queue = Contender::new(queue, Ours, LENGTH, move |n| {
        send_receive::queue(&*kernel::<1, 2, T>(trace()), n, LENGTH)
    });
    let pipe = Contender::new(pipe, Ours, LENGTH, move |n| -> Duration {
        round_trip::pipe(&*kernel::<2, 4, T>(trace()), 1, n, LENGTH)
    });
    [queue, pipe]
}

type Boxed<const TASKS: usize, const CHANNELS: usize, T> =
    Box<Lock<Kernel<TASKS, CHANNELS, SMALL, NoDevices, T>>>;

fn kernel<const TASKS: usize, const CHANNELS: usize, T>(trace: T) -> Boxed<TASKS, CHANNELS, T> {
    Box::new(Lock::new(Kernel::with(NoDevices, trace)))
}
