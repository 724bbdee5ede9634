//! Both sides are made the same again after a difference that is known.

use postroom::Error;

use crate::mask::Mask;
use crate::op::Op;
use crate::play::Play;
use crate::played::Played;
use crate::seen::{Seen, What};

impl<const CHANNELS: usize, const RING: usize> Play<'_, CHANNELS, RING> {
    /// Both have taken another number of the same bytes: all that is there is read on both sides,
    /// and is what was there before, and those bytes.
    pub(crate) fn drain(&mut self, end: usize, written: [usize; 2]) -> Result<(), String> {
        let object = self.world.ends[end].object;
        let before = std::mem::take(&mut self.world.stored[object]);
        let reader = self.world.reader(object).ok_or("nobody can read what was written")?;
        let op = Op::Read { end: reader, length: 1 << 17 };
        let mut drained = [Vec::new(), Vec::new()];
        let sides = [&mut self.ours as &mut dyn Played, &mut self.theirs];
        for ((side, drained), written) in sides.into_iter().zip(&mut drained).zip(written) {
            while let Some(Seen { answer: Ok(What::Count(1..)), bytes }) = side.ask(op) {
                drained.extend(bytes);
            }
            if drained.len() != before + written {
                return Err(format!("of {before} and {written} bytes {} are read", drained.len()));
            }
        }
        let [ours, theirs] = drained;
        let both = ours.iter().zip(&theirs).all(|(our, their)| our == their);
        if both { Ok(()) } else { Err(String::from("other bytes are read")) }
    }

    /// A queue of the host stays without handles; ours does not (law 43).
    pub(crate) fn remove_queue(&mut self, label: usize) -> Result<(), String> {
        let op = Op::Unlink { label };
        let ours = Played::ask(&mut self.ours, op).map(|seen| seen.answer);
        let theirs = Played::ask(&mut self.theirs, op).map(|seen| seen.answer);
        match (ours, theirs) {
            (Some(Err(Error::NoSuchName)), Some(Ok(What::Done))) => {
                Mask::QueueOutlivesHandles.count();
                Ok(())
            }
            it => Err(format!("a queue without handles is unlinked: {it:?}")),
        }
    }
}
