//! The host may take a moment until one sees what another has done.

use std::time::Duration;

use postroom::Error;

use crate::judge::judge;
use crate::op::Op;
use crate::play::Play;
use crate::played::Played;
use crate::seen::What;

/// How often, and for how long, is waited for what has been done to be seen.
const LOOKS: usize = 200;
const PAUSE: Duration = Duration::from_millis(1);

impl<const CHANNELS: usize, const RING: usize> Play<'_, CHANNELS, RING> {
    /// Gives theirs the time to see what ours sees at once.
    pub(crate) fn wait_for_theirs(&mut self, who: usize, op: Op) {
        for _ in 0..LOOKS {
            let alone = self.mechanism.tasks == 1;
            let blocked = !alone && self.ours.waits() != self.theirs.waits();
            // To look is to wait for nobody.
            let looks = matches!(op, Op::Readiness { .. });
            let late = (alone || looks) && self.mechanism.patient && {
                let (ours, theirs) = (self.ours.said(who), self.theirs.said(who));
                let answer = theirs.as_ref().map(|it| &it.answer);
                let judged = judge(&self.world, self.mechanism, op, ours.as_ref(), theirs.as_ref());
                // Again is asked only what has changed nothing.
                matches!(answer, Some(Err(Error::WouldBlock) | Ok(What::Ready(_))))
                    && judged.is_err()
            };
            if late {
                std::thread::sleep(PAUSE);
                self.theirs.perform(who, op);
            } else if blocked {
                std::thread::sleep(PAUSE);
                self.theirs.settle();
            } else {
                return;
            }
        }
    }

    /// What was written before may come in two pieces, if it was still on its way.
    pub(crate) fn read_the_rest(&mut self, who: usize) {
        let (Some(ours), Some(Op::Read { end, .. })) = (
            self.ours.actors[who].said.as_ref().map(|it| it.1.clone()),
            self.theirs.actors[who].said.as_ref().map(|it| it.0),
        ) else {
            return;
        };
        for _ in 0..if self.mechanism.patient { LOOKS } else { 0 } {
            let Some((op, mut theirs, _)) = self.theirs.actors[who].said.take() else { return };
            let missing = ours.bytes.len().saturating_sub(theirs.bytes.len());
            if missing > 0 && !theirs.bytes.is_empty() {
                std::thread::sleep(PAUSE);
                self.theirs.perform(who, Op::Read { end, length: missing });
                if self.theirs.actors[who].pending.is_some() {
                    self.theirs.perform(who, Op::Cancel { task: who });
                }
                let rest = self.theirs.actors[who].said.take();
                theirs.bytes.extend(rest.map_or(Vec::new(), |it| it.1.bytes));
                theirs.answer = Ok(What::Count(theirs.bytes.len()));
                self.theirs.actors[who].said = Some((op, theirs, None));
            } else {
                self.theirs.actors[who].said = Some((op, theirs, None));
                return;
            }
        }
    }
}
