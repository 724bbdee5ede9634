//! Sleeping, while many others sleep longer.

use postroom::Kernel;

use crate::floor;
use crate::measure::Role::Floor;
use crate::measure::{Contender, Goal, Workload};
use crate::ours::{rows, sleep};

type K = Kernel<10_001, 10_001, 64>;

/// The workload. On postroom's simulated clock, as no peer's timers can be driven faster than time.
pub(super) fn workload() -> Workload {
    let mut contenders = Vec::new();
    for asleep in [1, 10, 100, 1_000, 10_000] {
        contenders
            .push(Contender::new("floor, a heap", Floor, asleep, move |n| floor::sleep(asleep, n)));
        rows!(contenders, "sleep", asleep, K, |kernel, n| sleep::tick(kernel, asleep, n));
    }
    Workload {
        id: "sleepers",
        title: "A task sleeps for a tick and is woken, while many sleep longer",
        axis: "asleep",
        unit: "sleep",
        contenders,
        goals: vec![Goal {
            text: "10,000 asleep to one",
            ours: ("postroom sleep, Lock", 10_000),
            against: ("postroom sleep, Lock", 1),
            at_most: 1.25,
        }],
    }
}
