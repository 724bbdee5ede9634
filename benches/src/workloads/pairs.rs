//! Many pairs of tasks at once: what a message costs when the tasks and their channels do not all
//! fit into the nearest cache.

use std::cell::RefCell;

use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use postroom::{Kernel, Lock};

use crate::clock::at_least;
use crate::floor;
use crate::measure::Role::{Floor, Peer};
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{SLOTS, round_trip, rows, streaming};
use crate::peers::{async_channel, embassy, futures, tokio};

/// How many there are.
const PAIRS: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// Bytes of a message.
const LENGTH: usize = 64;

/// Round trips that each pair makes at least. With fewer, most of what is measured is how tasks and
/// channels come into the caches for the first time.
const ROUND_TRIPS: u64 = 16;

/// Messages that each sender sends at least: it fills its channel more than once.
const MESSAGES: u64 = 2 * SLOTS as u64;

/// Has `$kernel` be the type of a kernel for so many pairs with so many pipes each, and rings of
/// `$ring` bytes. It is a little too large for some, which costs them nothing but memory.
macro_rules! kernel_for {
    ($pairs:expr, $pipes:literal, $ring:expr, $kernel:ident => $body:expr) => {
        match $pairs {
            0..=100 => {
                type $kernel = Kernel<200, { 100 * (2 + $pipes) }, { $ring }>;
                $body
            }
            101..=1_000 => {
                type $kernel = Kernel<2_000, { 1_000 * (2 + $pipes) }, { $ring }>;
                $body
            }
            _ => {
                type $kernel = Kernel<20_000, { 10_000 * (2 + $pipes) }, { $ring }>;
                $body
            }
        }
    };
}

/// Round trips.
pub(super) fn round_trips() -> Workload {
    let mut contenders = Vec::new();
    for pairs in PAIRS {
        contenders.extend([
            Contender::new("floor, Lock", Floor, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| {
                    floor::round_trip::<Lock<_>>(pairs, n, LENGTH)
                })
            }),
            Contender::new("floor, RefCell", Floor, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| {
                    floor::round_trip::<RefCell<_>>(pairs, n, LENGTH)
                })
            }),
        ]);
        kernel_for!(pairs, 2, 8 * LENGTH, K => {
                   rows!(contenders, "pipe", pairs, K, |kernel, n| {
        at_least(ROUND_TRIPS * pairs as u64, n, |n| round_trip::pipe(kernel, pairs, n, LENGTH))
        });
                   rows!(contenders, "mailbox", pairs, K, |kernel, n| {
        at_least(ROUND_TRIPS * pairs as u64, n, |n| round_trip::mailbox(kernel, pairs, n, LENGTH))
        });
               });
        contenders.extend([
            Contender::new("embassy, Noop", Peer, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| {
                    embassy::round_trip::<NoopRawMutex, LENGTH>(pairs, n)
                })
            }),
            Contender::new("embassy, critical section", Peer, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| {
                    embassy::round_trip::<CriticalSectionRawMutex, LENGTH>(pairs, n)
                })
            }),
            Contender::new("tokio, mpsc", Peer, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| tokio::round_trip::<LENGTH>(pairs, n))
            }),
            Contender::new("smol, async-channel", Peer, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| {
                    async_channel::round_trip::<LENGTH>(pairs, n)
                })
            }),
            Contender::new("futures, mpsc", Peer, pairs, move |n| {
                at_least(ROUND_TRIPS * pairs as u64, n, |n| futures::round_trip::<LENGTH>(pairs, n))
            }),
        ]);
    }
    Workload {
        id: "pairs_round_trip",
        title: "Many pairs of a client and a server, round trips of 64 bytes",
        axis: "pairs",
        unit: "round trip",
        contenders,
        goals: vec![against_one("10,000 pairs to one pair", "postroom pipe, Lock", 1.4)],
    }
}

/// Streaming.
pub(super) fn streams() -> Workload {
    let mut contenders = Vec::new();
    for pairs in PAIRS {
        contenders.extend([
            Contender::new("floor, Lock", Floor, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| {
                    floor::streaming::<Lock<_>>(pairs, n, LENGTH)
                })
            }),
            Contender::new("floor, RefCell", Floor, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| {
                    floor::streaming::<RefCell<_>>(pairs, n, LENGTH)
                })
            }),
        ]);
        kernel_for!(pairs, 1, SLOTS * LENGTH, K => {
                   rows!(contenders, "pipe", pairs, K, |kernel, n| {
        at_least(MESSAGES * pairs as u64, n, |n| streaming::pipe(kernel, pairs, n, LENGTH))
        });
               });
        contenders.extend([
            Contender::new("embassy, Noop", Peer, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| {
                    embassy::streaming::<NoopRawMutex, LENGTH>(pairs, (1, 1), n)
                })
            }),
            Contender::new("embassy, critical section", Peer, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| {
                    embassy::streaming::<CriticalSectionRawMutex, LENGTH>(pairs, (1, 1), n)
                })
            }),
            Contender::new("tokio, mpsc", Peer, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| tokio::streaming::<LENGTH>(pairs, 1, n))
            }),
            Contender::new("smol, async-channel", Peer, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| {
                    async_channel::streaming::<LENGTH>(pairs, (1, 1), n)
                })
            }),
            Contender::new("futures, mpsc", Peer, pairs, move |n| {
                at_least(MESSAGES * pairs as u64, n, |n| futures::streaming::<LENGTH>(pairs, 1, n))
            }),
        ]);
    }
    Workload {
        id: "pairs_streaming",
        title: "Many pairs of a sender and a receiver, messages of 64 bytes, 64 on the way",
        axis: "pairs",
        unit: "message",
        contenders,
        goals: vec![against_one("10,000 pairs to one pair", "postroom pipe, Lock", 1.8)],
    }
}

fn against_one(text: &'static str, name: &'static str, at_most: f64) -> Goal {
    Goal { text, ours: (name, 10_000), against: (name, 1), at_most }
}
