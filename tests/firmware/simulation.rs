//! The same scenarios on this computer, with the same options, in a kernel of the same size.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use postroom::scenario::{ALL, Print, Stage};
use postroom::{Executor, Kernel, Lines, Lock, NoDevices, Policy, Stop};

/// What the boards run, in this order.
const SCENARIOS: [&str; 8] =
    ["mailbox", "pipe", "pika", "queue", "socket", "datagram", "rpc", "select"];

/// Where tasks and the kernel write, one after the other.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<String>>);

impl Write for Paper {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }
}

impl Print for Paper {
    fn line(&self, line: fmt::Arguments<'_>) {
        writeln!(self.clone(), "{line}").unwrap();
    }
}

/// All that a board would print.
pub(crate) fn simulate(schedules: impl Iterator<Item = (Policy, usize)>) -> String {
    let paper = Paper::default();
    for (policy, capacity) in schedules {
        for name in SCENARIOS {
            let stage = Stage {
                capacity,
                messages: 5,
                items: 20,
                workers: 2,
                ordered: false,
                output: &paper,
            };
            stage.say(format_args!("== {name}, {policy:?}, pipes of {capacity} bytes"));
            let lines = Lines::new(paper.clone());
            let kernel = Lock::new(Kernel::<4, 10, 2048, NoDevices, _>::with(NoDevices, lines));
            let mut executor = Executor::with_policy(&kernel, policy);
            let scenario = ALL.iter().find(|scenario| scenario.name == name).unwrap();
            (scenario.start)(&mut executor, stage).unwrap();
            assert!(matches!(executor.run(), Stop::Done), "{name}");
        }
    }
    paper.0.lock().unwrap().clone()
}

/// The first line that is not the same, in both; `None` if every byte is.
pub(crate) fn first_difference(board: &str, simulation: &str) -> Option<String> {
    if board == simulation {
        return None;
    }
    let (mut ours, mut theirs) = (board.split('\n'), simulation.split('\n'));
    let mut number = 1;
    loop {
        let (here, there) = (ours.next(), theirs.next());
        if here != there {
            return Some(format!("line {number}: the board {here:?}, the simulation {there:?}"));
        }
        number += 1;
    }
}
