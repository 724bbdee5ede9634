//! The two programs that postroom grew out of, beside the same in C++ and in Python.
//!
//! *Exchange*: two workers and two queues; an item goes there and back before the next one. *100
//! strings*: one worker sends "Pika! ", once, twice, up to a hundred times, another receives. All
//! of it on one core.

use std::time::Duration;

use crate::measure::{Contender, Goal, Role, Workload};

mod floor;
mod ours;
mod programs;
mod tokio;

/// What is exchanged.
const ITEM: &[u8; 12] = b"Data - 12345";

/// Strings that are on their way at the most.
const STRINGS: usize = 100;

/// Bytes of the longest string.
const LONGEST: usize = PIKA.len() * STRINGS;

const PIKA: &[u8] = b"Pika! ";

/// The strings that are sent, in this order, again and again.
fn strings() -> Vec<Vec<u8>> {
    (1..=STRINGS).map(|times| PIKA.repeat(times)).collect()
}

/// Items there and back.
pub(super) fn exchange() -> Workload {
    let mut contenders = vec![
        here("floor", Role::Floor, floor::exchange),
        here("postroom", Role::Ours, ours::exchange_locked),
        here("postroom, cell", Role::Ours, ours::exchange_celled),
        here("tokio", Role::Peer, tokio::exchange),
    ];
    contenders.extend(programs::all("exchange"));
    let goals = vec![
        Goal {
            text: "100 x as fast as C++",
            ours: ("postroom", 1),
            against: ("C++", 1),
            at_most: 1.0 / 100.0,
        },
        Goal {
            text: "180 x as fast as Python",
            ours: ("postroom", 1),
            against: ("Python", 1),
            at_most: 1.0 / 180.0,
        },
    ];
    Workload {
        id: "exchange",
        title: "exchange through two queues by two workers, one core",
        axis: "slots",
        unit: "item",
        goals: among(&contenders, goals),
        contenders,
    }
}

/// Strings one way.
pub(super) fn hundred_strings() -> Workload {
    let mut contenders = vec![
        here("floor", Role::Floor, floor::strings),
        here("postroom", Role::Ours, ours::strings_locked),
        here("postroom, cell", Role::Ours, ours::strings_celled),
        here("tokio", Role::Peer, tokio::strings),
    ];
    contenders.extend(programs::all("strings"));
    for contender in &mut contenders {
        contender.at = STRINGS as u64;
    }
    Workload {
        id: "strings",
        title: "strings of 6 to 600 bytes from one worker to another, one core",
        axis: "slots",
        unit: "string",
        goals: Vec::new(),
        contenders,
    }
}

/// One that runs in this process.
fn here(name: &'static str, role: Role, run: fn(u64) -> Duration) -> Contender {
    Contender { name, role, at: 1, run: Box::new(run) }
}

/// The goals between those who are there.
fn among(contenders: &[Contender], mut goals: Vec<Goal>) -> Vec<Goal> {
    let is_there = |(name, at)| contenders.iter().any(|it| (it.name, it.at) == (name, at));
    goals.retain(|goal| is_there(goal.ours) && is_there(goal.against));
    goals
}
