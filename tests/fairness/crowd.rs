//! A crowd at an object, and the list of who is to be served next.

use postroom::{Call, ExitStatus, Handle, Outcome, Priority, State, TaskId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::MOST;
use crate::object::{HOLDS, Object, Small, host, served};

/// Something that happens at the object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    /// A newcomer of this priority wants something.
    Arrive(u8),
    /// The host gives so many chances.
    Chances(usize),
    /// One of the crowd tries again, called or not.
    Retry(u8),
    /// One of them gets this priority.
    Rank(u8, u8),
    /// One of them gives up, woken or not.
    GiveUp(u8),
    /// One of them ends, woken or not.
    Die(u8),
}

pub(crate) struct Crowd {
    kernel: Small,
    object: Object,
    host: TaskId,
    it: Handle,
    /// Those who wait, in the order in which they came.
    line: Vec<Guest>,
    /// How many could be served now.
    chances: usize,
    guests: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Guest {
    task: TaskId,
    handle: Handle,
    level: u8,
}

impl Crowd {
    /// Nobody, at an object that serves nobody yet.
    pub(crate) fn new(object: Object) -> Self {
        let mut kernel = Small::new();
        let host = host(&mut kernel);
        let it = object.host(&mut kernel, host);
        let line = Vec::new();
        let chances = if object.puts_in() { HOLDS } else { 0 };
        let mut crowd = Self { kernel, object, host, it, line, chances, guests: 0 };
        if object == Object::Mailbox {
            // It holds what fits, and one place is for replies.
            crowd.chances = crowd.kernel.channels().map(|it| it.capacity).next().unwrap_or(0) - 1;
        }
        crowd
    }

    pub(crate) fn play(mut self, turns: &[Turn]) -> Result<(), TestCaseError> {
        for &turn in turns {
            self.turn(turn)?;
            self.everyone_with_a_chance_is_awake()?;
        }
        // In the end all are served, as they stand in line.
        while !self.line.is_empty() {
            if self.chances == 0 && self.object.chance(&mut self.kernel, self.host, self.it) {
                self.chances += 1;
            }
            prop_assert!(self.chances > 0);
            self.everyone_with_a_chance_is_awake()?;
            let next = self.next().unwrap_or(0);
            self.attempt(next)?;
        }
        Ok(())
    }

    fn turn(&mut self, turn: Turn) -> Result<(), TestCaseError> {
        let at = |lot: u8, line: &[Guest]| Some(usize::from(lot) % line.len().max(1));
        match turn {
            Turn::Arrive(level) if self.line.len() < MOST => self.arrive(level)?,
            Turn::Arrive(_) => {}
            Turn::Chances(count) => {
                for _ in 0..count {
                    let given = self.object.chance(&mut self.kernel, self.host, self.it);
                    self.chances += usize::from(given);
                }
            }
            Turn::Retry(lot) => {
                if let Some(at) = at(lot, &self.line).filter(|&at| at < self.line.len()) {
                    self.attempt(at)?;
                }
            }
            Turn::Rank(lot, level) => {
                if let Some(at) = at(lot, &self.line).filter(|&at| at < self.line.len()) {
                    let mut guest = self.line.remove(at);
                    let priority = Priority::new(level).unwrap_or_default();
                    prop_assert_eq!(self.kernel.set_priority(guest.task, priority), Ok(()));
                    // Whoever gets another priority comes last among those who have it.
                    let changed = guest.level != level;
                    guest.level = level;
                    self.line.insert(if changed { self.line.len() } else { at }, guest);
                }
            }
            Turn::GiveUp(lot) => {
                if let Some(at) = at(lot, &self.line).filter(|&at| at < self.line.len()) {
                    let Guest { task, .. } = self.line.remove(at);
                    let _ = self.kernel.syscall(task, Call::Cancel);
                    self.exit(task);
                }
            }
            Turn::Die(lot) => {
                if let Some(at) = at(lot, &self.line).filter(|&at| at < self.line.len()) {
                    let Guest { task, .. } = self.line.remove(at);
                    self.exit(task);
                }
            }
        }
        prop_assert_eq!(self.kernel.check(), Ok(()));
        Ok(())
    }

    fn arrive(&mut self, level: u8) -> Result<(), TestCaseError> {
        self.guests += 1;
        let name = format!("guest {}", self.guests);
        let priority = Priority::new(level).unwrap_or_default();
        let spawned = self.kernel.spawn(&name, priority);
        let Ok(task) = spawned else { return Err(TestCaseError::fail(format!("{spawned:?}"))) };
        let handle = self.object.enter(&mut self.kernel, self.host, self.it, task);
        self.line.push(Guest { task, handle, level });
        self.attempt(self.line.len() - 1)
    }

    /// Who is next: the most urgent, and of these who came first.
    fn next(&self) -> Option<usize> {
        (0..self.line.len()).min_by_key(|&at| self.line[at].level)
    }

    /// One of them tries. It is served if there is a chance, and nobody before it in line.
    fn attempt(&mut self, at: usize) -> Result<(), TestCaseError> {
        let Guest { task, handle, level } = self.line[at];
        let outcome = self.object.want(&mut self.kernel, task, handle);
        // A more urgent one may go first, even if it has only just come.
        let due = self.chances > 0 && self.next() == Some(at);
        if served(outcome).is_some() {
            prop_assert!(due, "{task} at level {level} was served out of turn");
            self.line.remove(at);
            self.chances -= 1;
            self.exit(task);
        } else {
            prop_assert!(!due, "{task} at level {level} was not served in its turn");
            prop_assert_eq!(outcome, Outcome::Blocked);
        }
        prop_assert_eq!(self.kernel.check(), Ok(()));
        Ok(())
    }

    /// Whoever is next when there is a chance has been woken; nobody needs to ask again to learn.
    fn everyone_with_a_chance_is_awake(&self) -> Result<(), TestCaseError> {
        if self.chances > 0
            && let Some(next) = self.next()
        {
            prop_assert_ne!(self.kernel.state(self.line[next].task), Some(State::Blocked));
        }
        Ok(())
    }

    fn exit(&mut self, task: TaskId) {
        let _ = self.kernel.syscall(task, Call::Exit { status: ExitStatus::Done });
    }
}
