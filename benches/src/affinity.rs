//! On which core a thread runs.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};

/// Where the sending side runs.
pub const SENDER: usize = 0;
/// Where the receiving side runs.
pub const RECEIVER: usize = 1;

/// Keeps the calling thread, and what it starts from now on, on one core.
///
/// Where that is refused, in a container with other cores, it runs where it may: what is measured
/// is then less steady, not wrong.
pub fn stay_on(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}

/// Whether there is a core for each side; if not, it is said what is left out.
pub fn has_two_cores(workload: &str) -> bool {
    let has = thread::available_parallelism().is_ok_and(|cores| cores.get() >= 2);
    if !has {
        eprintln!("LEFT OUT: `{workload}` needs two cores");
    }
    has
}

/// Runs a sender and a receiver, each on a core of its own, and returns how long the receiver took.
pub fn side_by_side(sender: impl FnOnce() + Send, receiver: impl FnOnce() + Send) -> Duration {
    let both = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            stay_on(SENDER);
            both.wait();
            sender();
        });
        let receiver = scope.spawn(|| {
            stay_on(RECEIVER);
            both.wait();
            let start = Instant::now();
            receiver();
            start.elapsed()
        });
        receiver.join().expect("a side that panics ends the measuring")
    })
}
