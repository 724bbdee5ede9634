//! A side, whatever its devices.

use postroom::Devices;

use crate::op::Op;
use crate::seen::Seen;
use crate::side::Side;

pub(crate) trait Played {
    fn perform(&mut self, who: usize, op: Op);
    fn settle(&mut self);
    /// Which tasks wait.
    fn waits(&self) -> Vec<bool>;
    /// What a task has heard.
    fn said(&self, who: usize) -> Option<Seen>;
    /// Has the first task do something, and hears at once what it came to.
    fn ask(&mut self, op: Op) -> Option<Seen>;
}

impl<D: Devices, const CHANNELS: usize, const RING: usize> Played for Side<D, CHANNELS, RING> {
    fn perform(&mut self, who: usize, op: Op) {
        Self::perform(self, who, op);
    }

    fn settle(&mut self) {
        // One alone does not wait.
        if self.actors.len() > 1 {
            Self::settle(self);
        }
    }

    fn waits(&self) -> Vec<bool> {
        self.actors.iter().map(|actor| actor.pending.is_some()).collect()
    }

    fn said(&self, who: usize) -> Option<Seen> {
        self.actors[who].said.as_ref().map(|it| it.1.clone())
    }

    fn ask(&mut self, op: Op) -> Option<Seen> {
        Self::perform(self, 0, op);
        self.actors[0].said.take().map(|it| it.1)
    }
}
