//! One task sends a message to itself and receives it.

use std::cell::RefCell;
use std::time::Duration;

use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use postroom::param::MAILBOX_LONGEST;
use postroom::{Kernel, Lock};

use super::{LENGTHS, LONGEST_VALUE, systems};
use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{ring_for, rows, send_receive as ours};
use crate::peers::{self, by_length};

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    for length in LENGTHS {
        contenders.extend([
            Contender::new("floor, Lock", Floor, length, move |n| {
                floor::send_receive::<Lock<_>>(n, length)
            }),
            Contender::new("floor, RefCell", Floor, length, move |n| {
                floor::send_receive::<RefCell<_>>(n, length)
            }),
            Contender::new("two copies", Floor, length, move |n| floor::two_copies(n, length)),
        ]);
        ring_for!(length, R => {
            type K = Kernel<1, 2, R>;
            rows!(contenders, "pipe", length, K, |kernel, n| ours::pipe(kernel, n, length));
            rows!(contenders, "queue", length, K, |kernel, n| ours::queue(kernel, n, length));
            if length <= MAILBOX_LONGEST {
                rows!(contenders, "mailbox", length, K, |kernel, n| ours::mailbox(kernel, n, length));
            }
        });
        // The header of a frame has two bytes.
        if u16::try_from(length).is_ok() {
            contenders.push(Contender::new("bbqueue, framed", Peer, length, move |n| {
                peers::bbqueue::send_receive(n, length)
            }));
        }
        if length <= LONGEST_VALUE {
            by_length!(length, L => contenders.extend(values::<L>()));
        }
        contenders.extend([
            Contender::new("rtrb, bytes", Peer, length, move |n| {
                peers::rtrb::send_receive(n, length)
            }),
            Contender::new("ringbuf, bytes", Peer, length, move |n| {
                peers::ringbuf::send_receive(n, length)
            }),
        ]);
        systems!(contenders, length, send_receive);
    }
    Workload {
        id: "send_receive",
        title: "One task sends a message to itself and receives it",
        axis: "bytes",
        unit: "message",
        contenders,
        goals: goals(),
    }
}

/// Peers whose messages are values.
fn values<const L: usize>() -> Vec<Contender> {
    use peers::{async_channel, embassy, futures, tokio};
    let peer = |name, program: fn(u64) -> Duration| Contender::new(name, Peer, L, program);
    vec![
        peer("embassy, Noop", embassy::send_receive::<NoopRawMutex, L>),
        peer("embassy, Noop, try", embassy::try_send_receive::<NoopRawMutex, L>),
        peer("embassy, critical section", embassy::send_receive::<CriticalSectionRawMutex, L>),
        peer("embassy, c. section, try", embassy::try_send_receive::<CriticalSectionRawMutex, L>),
        peer("heapless, spsc", peers::heapless::send_receive::<L>),
        peer("crossbeam-channel", peers::crossbeam::send_receive::<L>),
        peer("flume", peers::flume::send_receive::<L>),
        peer("kanal", peers::kanal::send_receive::<L>),
        peer("std, sync_channel", peers::std::send_receive::<L>),
        peer("tokio, mpsc", tokio::send_receive::<L>),
        peer("tokio, mpsc, try", tokio::try_send_receive::<L>),
        peer("smol, async-channel", async_channel::send_receive::<L>),
        peer("smol, async-channel, try", async_channel::try_send_receive::<L>),
        peer("futures, mpsc", futures::send_receive::<L>),
        peer("futures, mpsc, try", futures::try_send_receive::<L>),
    ]
}

fn goals() -> Vec<Goal> {
    let queue = |text, against, at_most| Goal {
        text,
        ours: ("postroom queue, Lock", 64),
        against: (against, 64),
        at_most,
    };
    vec![
        queue("64 B: queue to bbqueue, framed", "bbqueue, framed", 0.95),
        queue("64 B: queue to crossbeam-channel", "crossbeam-channel", 0.75),
        queue("64 B: queue to tokio mpsc", "tokio, mpsc", 0.45),
        Goal {
            text: "4 KiB: queue to two copies",
            ours: ("postroom queue, Lock", 4 << 10),
            against: ("two copies", 4 << 10),
            at_most: 1.25,
        },
        Goal {
            text: "64 B: pipe to slices through rtrb",
            ours: ("postroom pipe, Lock", 64),
            against: ("rtrb, bytes", 64),
            at_most: 0.9,
        },
    ]
}
