//! All workloads.

mod cat;
mod connect;
mod cores;
mod fan;
mod host;
mod pairs;
mod poll;
mod priority;
mod round_trip;
mod seed;
mod send_receive;
mod sleepers;
mod spsc;
mod streaming;
mod trace;

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use crate::measure::Workload;

/// How many cores a workload needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// All of it runs on one core.
    One,
    /// As many as there are.
    All,
}

/// A workload, made when its turn comes.
pub struct Entry {
    /// Its name on the command line.
    pub id: &'static str,
    /// How many cores it needs.
    pub cores: Cores,
    /// Makes it.
    pub make: fn() -> Workload,
}

/// All of them, in the order in which they run.
pub const ALL: &[Entry] = &[
    Entry { id: "send_receive", cores: Cores::One, make: send_receive::workload },
    Entry { id: "round_trip", cores: Cores::One, make: round_trip::workload },
    Entry { id: "streaming", cores: Cores::One, make: streaming::workload },
    Entry { id: "pairs_round_trip", cores: Cores::One, make: pairs::round_trips },
    Entry { id: "pairs_streaming", cores: Cores::One, make: pairs::streams },
    Entry { id: "fan_in", cores: Cores::One, make: fan::inward },
    Entry { id: "fan_out", cores: Cores::One, make: fan::outward },
    Entry { id: "priority", cores: Cores::One, make: priority::workload },
    Entry { id: "poll", cores: Cores::One, make: poll::workload },
    Entry { id: "sleepers", cores: Cores::One, make: sleepers::workload },
    Entry { id: "trace", cores: Cores::One, make: trace::workload },
    Entry { id: "exchange", cores: Cores::One, make: seed::exchange },
    Entry { id: "strings", cores: Cores::One, make: seed::hundred_strings },
    Entry { id: "threads", cores: Cores::All, make: cores::workload },
    Entry { id: "spsc", cores: Cores::All, make: spsc::workload },
    Entry { id: "host", cores: Cores::One, make: host::workload },
    Entry { id: "cat", cores: Cores::One, make: cat::workload },
    Entry { id: "connect", cores: Cores::One, make: connect::workload },
];

/// Bytes of a message, where it is the length that matters.
const LENGTHS: [usize; 6] = [16, 64, 256, 1 << 10, 4 << 10, 64 << 10];

/// The longest that is sent as a value. One would send a box of anything longer.
const LONGEST_VALUE: usize = 4 << 10;

/// What the system did not refuse. If it does in the middle of a sample, there is nothing to tell.
#[track_caller]
fn must(time: io::Result<Duration>) -> Duration {
    time.expect("the system carries the messages")
}

/// The system's ways, by the program that uses each.
macro_rules! systems {
    ($list:expr, $length:expr, $program:ident) => {
        use $crate::measure::{Contender, Role};
        use $crate::peers::os::{Line, Pipe, Queue, Sequenced, $program};
        let length = $length;
        $list.push(Contender::new("Linux, pipe", Role::System, length, move |n| {
            super::must($program::<Pipe>(n, length))
        }));
        $list.push(Contender::new("Linux, AF_UNIX seqpacket", Role::System, length, move |n| {
            super::must($program::<Sequenced>(n, length))
        }));
        // A system may be without them, and the limit of lengths is low.
        if Queue::new(length).is_ok() {
            $list.push(Contender::new("Linux, POSIX queue", Role::System, length, move |n| {
                super::must($program::<Queue>(n, length))
            }));
        }
    };
}

use systems;
