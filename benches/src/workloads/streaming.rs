//! A sender keeps a channel full, a receiver empties it.

use std::cell::RefCell;

use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use postroom::param::MAILBOX_LONGEST;
use postroom::{Kernel, Lock};

use super::{LENGTHS, LONGEST_VALUE, systems};
use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{ring_for, rows, streaming as ours};
use crate::peers::{self, by_length};

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    for length in LENGTHS {
        contenders.extend([
            Contender::new("floor, Lock", Floor, length, move |n| {
                floor::streaming::<Lock<_>>(1, n, length)
            }),
            Contender::new("floor, RefCell", Floor, length, move |n| {
                floor::streaming::<RefCell<_>>(1, n, length)
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
        systems!(contenders, length, streaming);
    }
    Workload {
        id: "streaming",
        title: "A sender keeps a channel of 64 messages full, a receiver empties it",
        axis: "bytes",
        unit: "message",
        contenders,
        goals: goals(),
    }
}

/// Peers whose messages are values.
fn values<const L: usize>() -> Vec<Contender> {
    use peers::{async_channel, embassy, futures, tokio};
    vec![
        Contender::new("embassy, Noop", Peer, L, |n| {
            embassy::streaming::<NoopRawMutex, L>(1, (1, 1), n)
        }),
        Contender::new("embassy, critical section", Peer, L, |n| {
            embassy::streaming::<CriticalSectionRawMutex, L>(1, (1, 1), n)
        }),
        Contender::new("tokio, mpsc", Peer, L, |n| tokio::streaming::<L>(1, 1, n)),
        Contender::new("smol, async-channel", Peer, L, |n| {
            async_channel::streaming::<L>(1, (1, 1), n)
        }),
        Contender::new("futures, mpsc", Peer, L, |n| futures::streaming::<L>(1, 1, n)),
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
            "64 B: queue in a RefCell to embassy, Noop",
            "postroom queue, RefCell",
            "embassy, Noop",
            2.0,
        ),
        goal("64 B: queue in a Lock to tokio", "postroom queue, Lock", "tokio, mpsc", 0.4),
    ]
}
