//! Waiting on many things of which one is ready.
//!
//! A task of postroom holds at most 16 handles and polls at most 16 things
//! (`postroom::param::POLL`), so only the system's columns go on.

use std::time::Duration;

use postroom::Kernel;

use super::must;
use crate::measure::Role::System;
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{poll, rows};
use crate::peers::os;

type K = Kernel<2, 18, 64>;

/// The workload.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    let descriptors = os::descriptors().unwrap_or(0);
    for pipes in [1, 4, 16, 100, 1_000] {
        if pipes <= postroom::param::POLL {
            rows!(contenders, "poll", pipes, K, |kernel, n| poll::pipes(kernel, pipes, n));
            contenders.push(Contender::new("10 ns an entry", System, pipes, move |n| {
                Duration::from_nanos(10 * pipes as u64 * n)
            }));
        }
        // A pipe has two, and the program a few besides.
        if descriptors < 2 * pipes as u64 + 100 {
            continue;
        }
        contenders.extend([
            Contender::new("Linux, poll", System, pipes, move |n| must(os::poll(pipes, n))),
            Contender::new("Linux, epoll", System, pipes, move |n| must(os::epoll(pipes, n))),
        ]);
    }
    let ours = ("postroom poll, Lock", 16);
    Workload {
        id: "poll",
        title: "One of many pipes is ready",
        axis: "pipes",
        unit: "poll",
        contenders,
        goals: vec![
            Goal {
                text: "16 pipes to one: at most linear",
                ours,
                against: ("postroom poll, Lock", 1),
                at_most: 16.0,
            },
            Goal {
                text: "16 pipes to 10 ns an entry",
                ours,
                against: ("10 ns an entry", 16),
                at_most: 1.0,
            },
        ],
    }
}
