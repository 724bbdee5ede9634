//! A client sends a message to a server, which sends it back.

use std::cell::RefCell;

use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use postroom::param::MAILBOX_LONGEST;
use postroom::{Kernel, Lock};

use super::{LENGTHS, LONGEST_VALUE, systems};
use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{ring_for, round_trip as ours, rows};
use crate::peers::{self, by_length};

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    for length in LENGTHS {
        contenders.extend([
            Contender::new("floor, Lock", Floor, length, move |n| {
                floor::round_trip::<Lock<_>>(1, n, length)
            }),
            Contender::new("floor, RefCell", Floor, length, move |n| {
                floor::round_trip::<RefCell<_>>(1, n, length)
            }),
        ]);
        ring_for!(length, R => {
            type K = Kernel<2, 4, R>;
            rows!(contenders, "pipe", length, K, |kernel, n| ours::pipe(kernel, 1, n, length));
            rows!(contenders, "queue", length, K, |kernel, n| ours::queue(kernel, 1, n, length));
            if length <= MAILBOX_LONGEST {
                rows!(contenders, "mailbox", length, K, |kernel, n| ours::mailbox(kernel, 1, n, length));
            }
        });
        if length <= LONGEST_VALUE {
            by_length!(length, L => contenders.extend(values::<L>()));
        }
        systems!(contenders, length, round_trip);
    }
    Workload {
        id: "round_trip",
        title: "A client sends a message to a server, which sends it back",
        axis: "bytes",
        unit: "round trip",
        contenders,
        goals: goals(),
    }
}

/// Peers whose messages are values.
fn values<const L: usize>() -> Vec<Contender> {
    use peers::{async_channel, embassy, futures, tokio};
    vec![
        Contender::new("embassy, Noop", Peer, L, |n| embassy::round_trip::<NoopRawMutex, L>(1, n)),
        Contender::new("embassy, critical section", Peer, L, |n| {
            embassy::round_trip::<CriticalSectionRawMutex, L>(1, n)
        }),
        Contender::new("tokio, mpsc", Peer, L, |n| tokio::round_trip::<L>(1, n)),
        Contender::new("smol, async-channel", Peer, L, |n| async_channel::round_trip::<L>(1, n)),
        Contender::new("futures, mpsc", Peer, L, |n| futures::round_trip::<L>(1, n)),
    ]
}

fn goals() -> Vec<Goal> {
    let goal = |text, ours, against, at_most| Goal {
        text,
        ours: (ours, 64),
        against: (against, 64),
        at_most,
    };
    vec![
        goal(
            "64 B: pipe in a RefCell to embassy, Noop",
            "postroom pipe, RefCell",
            "embassy, Noop",
            1.25,
        ),
        goal(
            "64 B: pipe in a Lock to embassy, thread-safe",
            "postroom pipe, Lock",
            "embassy, critical section",
            1.1,
        ),
        goal("64 B: pipe in a Lock to tokio", "postroom pipe, Lock", "tokio, mpsc", 0.35),
        goal("64 B: pipe in a Lock to a pipe of Linux", "postroom pipe, Lock", "Linux, pipe", 0.01),
    ]
}
