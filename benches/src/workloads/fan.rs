//! Many senders to one receiver, and one sender to many receivers.

use std::cell::RefCell;

use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use postroom::{Kernel, Lock};

use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Workload};
use crate::ours::{SMALL, fan, rows};
use crate::peers::{async_channel, embassy, futures, tokio};

/// How many there are on the side that has many.
const MANY: [usize; 2] = [8, 64];

/// Bytes of a message.
const LENGTH: usize = 64;

/// One more task than `MANY`, and a channel for each and one between them.
type K = Kernel<65, 66, SMALL>;

/// Many senders, one receiver.
pub(super) fn inward() -> Workload {
    let mut contenders = Vec::new();
    for many in MANY {
        contenders.extend([
            Contender::new("floor, Lock", Floor, many, move |n| {
                floor::fan_in::<Lock<_>>(many, n, LENGTH)
            }),
            Contender::new("floor, RefCell", Floor, many, move |n| {
                floor::fan_in::<RefCell<_>>(many, n, LENGTH)
            }),
        ]);
        rows!(contenders, "queue", many, K, |kernel, n| fan::queue(kernel, (many, 1), n, LENGTH));
        rows!(contenders, "mailbox", many, K, |kernel, n| {
            fan::mailbox(kernel, (many, 1), n, LENGTH)
        });
        contenders.extend([
            Contender::new("embassy, Noop", Peer, many, move |n| {
                embassy::streaming::<NoopRawMutex, LENGTH>(1, (many, 1), n)
            }),
            Contender::new("embassy, critical section", Peer, many, move |n| {
                embassy::streaming::<CriticalSectionRawMutex, LENGTH>(1, (many, 1), n)
            }),
            Contender::new("tokio, mpsc", Peer, many, move |n| {
                tokio::streaming::<LENGTH>(1, many, n)
            }),
            Contender::new("smol, async-channel", Peer, many, move |n| {
                async_channel::streaming::<LENGTH>(1, (many, 1), n)
            }),
            Contender::new("futures, mpsc", Peer, many, move |n| {
                futures::streaming::<LENGTH>(1, many, n)
            }),
        ]);
    }
    Workload {
        id: "fan_in",
        title: "Many senders, one receiver, messages of 64 bytes",
        axis: "senders",
        unit: "message",
        contenders,
        goals: Vec::new(),
    }
}

/// One sender, many receivers. tokio's and futures' `mpsc` have a single receiver.
pub(super) fn outward() -> Workload {
    let mut contenders = Vec::new();
    for many in MANY {
        contenders.extend([
            Contender::new("floor, Lock", Floor, many, move |n| {
                floor::fan_out::<Lock<_>>(many, n, LENGTH)
            }),
            Contender::new("floor, RefCell", Floor, many, move |n| {
                floor::fan_out::<RefCell<_>>(many, n, LENGTH)
            }),
        ]);
        rows!(contenders, "queue", many, K, |kernel, n| fan::queue(kernel, (1, many), n, LENGTH));
        rows!(contenders, "mailbox", many, K, |kernel, n| {
            fan::mailbox(kernel, (1, many), n, LENGTH)
        });
        contenders.extend([
            Contender::new("embassy, Noop", Peer, many, move |n| {
                embassy::streaming::<NoopRawMutex, LENGTH>(1, (1, many), n)
            }),
            Contender::new("embassy, critical section", Peer, many, move |n| {
                embassy::streaming::<CriticalSectionRawMutex, LENGTH>(1, (1, many), n)
            }),
            Contender::new("smol, async-channel", Peer, many, move |n| {
                async_channel::streaming::<LENGTH>(1, (1, many), n)
            }),
        ]);
    }
    Workload {
        id: "fan_out",
        title: "One sender, many receivers, messages of 64 bytes",
        axis: "receivers",
        unit: "message",
        contenders,
        goals: Vec::new(),
    }
}
