//! Taking the most urgent of many messages.

use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use postroom::Kernel;

use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{priority, rows};
use crate::peers::embassy;

/// Bytes of a message.
const LENGTH: usize = 64;

/// A ring for 10,000 messages and their headers.
type K = Kernel<1, 2, { 1200 << 10 }>;

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    for queued in [1, 10, 100, 1_000, 10_000] {
        contenders.push(Contender::new("floor", Floor, queued, move |n| {
            floor::priority(queued, n, LENGTH)
        }));
        rows!(contenders, "queue", queued, K, |kernel, n| {
            priority::queue(kernel, queued, n, LENGTH)
        });
        contenders.push(Contender::new(
            "embassy, priority channel, Noop",
            Peer,
            queued,
            match queued {
                1 => embassy::priority::<NoopRawMutex, 1>,
                10 => embassy::priority::<NoopRawMutex, 10>,
                100 => embassy::priority::<NoopRawMutex, 100>,
                1_000 => embassy::priority::<NoopRawMutex, 1_000>,
                _ => embassy::priority::<NoopRawMutex, 10_000>,
            },
        ));
    }
    Workload {
        id: "priority",
        title: "The most urgent of many messages is received, and one like it sent",
        axis: "queued",
        unit: "message",
        contenders,
        goals: vec![Goal {
            text: "10,000 queued to one",
            ours: ("postroom queue, Lock", 10_000),
            against: ("postroom queue, Lock", 1),
            at_most: 1.25,
        }],
    }
}
