//! Life, death and turns in the model.

use std::collections::VecDeque;

use postroom::param::{HANDLES, QUANTUM};
use postroom::{Error, Priority, State};

use crate::model::{Line, Model, Task};
use crate::names::Named;
use crate::request::Life;

impl Model {
    pub(crate) fn spawn(&mut self, name: &'static str, priority: Priority) -> Result<(), Error> {
        if !matches!(self.find(name)?, Named::Nothing) {
            return Err(Error::NameTaken);
        }
        if self.free_channels() == 0 {
            return Err(Error::ChannelsFull);
        }
        if self.tasks.iter().filter(|task| task.alive).count() == self.limits.tasks {
            return Err(Error::TasksFull);
        }
        let life = self.tasks.len();
        self.tasks.push(Task {
            name,
            alive: true,
            state: State::Ready,
            priority,
            mailbox: VecDeque::new(),
            handles: [None; HANDLES],
            closed: [None; HANDLES],
            requests: 0,
            request: None,
            reply: None,
            deadline: None,
            quantum: 0,
        });
        self.ready.push(life);
        Ok(())
    }

    /// A task ends: it leaves its line, closes its handles, and lets go of those who wait for it.
    pub(crate) fn end(&mut self, me: Life) {
        self.abandon(me);
        self.ready.retain(|&other| other != me);
        for slot in 0..HANDLES {
            if let Some(held) = self.tasks[me].handles[slot].take() {
                self.tasks[me].closed[slot] = Some(held.handle);
                self.release(held);
            }
        }
        let for_me = |line| matches!(line, Line::MailFrom(it) | Line::Reply(it) if it == me);
        self.evict(for_me, Error::PeerDead);
        self.evict(|line| line == Line::MailRoom(me), Error::PeerDead);
        self.tasks[me].alive = false;
    }

    /// The most urgent of those who are ready runs; among equals, who has been ready longest.
    pub(crate) fn dispatch(&mut self) -> Option<Life> {
        let me = self.ready.iter().copied().min_by_key(|&at| self.tasks[at].priority)?;
        self.ready.retain(|&other| other != me);
        self.tasks[me].state = State::Running;
        self.tasks[me].quantum = QUANTUM;
        Some(me)
    }

    /// The last task of this name, dead or alive.
    pub(crate) fn last(&self, name: &str) -> Option<Life> {
        self.tasks.iter().rposition(|task| task.name == name)
    }

    /// The first task of this name, dead or alive.
    pub(crate) fn first(&self, name: &str) -> Option<Life> {
        self.tasks.iter().position(|task| task.name == name)
    }
}
