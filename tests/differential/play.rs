//! A script is played on both sides, step by step, and told line by line when they differ.

use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use postroom::{Devices, Host, Kind, NoDevices, Sizes};
use proptest::test_runner::TestCaseError;

use crate::mask::{Mask, judge};
use crate::names::Names;
use crate::op::Op;
use crate::side::{Seen, Side, What};
use crate::world::World;

/// A step as it is drawn: what, about which, and how.
pub(crate) type Draw = (u8, u8, u8);

/// What is compared, and how scripts for it are made.
#[derive(Clone, Copy)]
pub(crate) struct Mechanism {
    /// How its names begin on the host.
    pub(crate) scheme: &'static str,
    pub(crate) kind: Kind,
    pub(crate) sizes: Sizes,
    /// Where the host is asked for another size than the kernel.
    pub(crate) theirs: Option<Sizes>,
    /// With several, their calls wait for ever; one alone only tries.
    pub(crate) tasks: usize,
    pub(crate) prologue: fn(u8) -> Vec<Op>,
    pub(crate) draw: fn(&mut World, Draw) -> Vec<Op>,
    /// It is filled until the pages of the host show.
    pub(crate) fills: bool,
    /// What has been done may be seen only a little later.
    pub(crate) patient: bool,
}

/// How often, and for how long, is waited for what has been done to be seen.
const LOOKS: usize = 200;
const PAUSE: Duration = Duration::from_millis(1);

/// Steps that were played by all scripts.
pub(crate) static STEPS: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Play<'m, const CHANNELS: usize, const RING: usize> {
    mechanism: &'m Mechanism,
    world: World,
    ours: Side<NoDevices, CHANNELS, RING>,
    theirs: Side<Host, CHANNELS, RING>,
    text: String,
    step: usize,
    /// Of the masks used, whether the two are no longer the same.
    over: bool,
}

pub(crate) fn play<const CHANNELS: usize, const RING: usize>(
    mechanism: &Mechanism,
    names: &Names,
    (way, draws): &(u8, Vec<Draw>),
) -> Result<(), TestCaseError> {
    let own = (0..crate::world::LABELS).map(|label| format!("n{label}")).collect();
    let what = (mechanism.kind, mechanism.sizes);
    let their = (mechanism.kind, mechanism.theirs.unwrap_or(mechanism.sizes));
    let mut play = Play::<CHANNELS, RING> {
        mechanism,
        world: World::default(),
        ours: Side::new(NoDevices, own, what, mechanism.tasks),
        theirs: Side::new(Host::new().unwrap(), names.fresh(mechanism), their, mechanism.tasks),
        text: String::new(),
        step: 0,
        over: false,
    };
    let played = play.all(*way, draws);
    STEPS.fetch_add(play.step as u32, Relaxed);
    played.map_err(|complaint| TestCaseError::fail(format!("{}\n   => {complaint}\n", play.text)))
}

impl<const CHANNELS: usize, const RING: usize> Play<'_, CHANNELS, RING> {
    fn all(&mut self, way: u8, draws: &[Draw]) -> Result<(), String> {
        for op in (self.mechanism.prologue)(way) {
            self.step(op)?;
        }
        for &draw in draws {
            for op in (self.mechanism.draw)(&mut self.world, draw) {
                self.step(op)?;
            }
        }
        self.ours.check()?;
        self.theirs.check()
    }

    fn step(&mut self, op: Op) -> Result<(), String> {
        if self.over || op.end().is_some_and(|end| end >= self.world.ends.len()) {
            return Ok(());
        }
        let who = self.world.actor(op);
        if self.ours.actors[who].pending.is_some() && !matches!(op, Op::Cancel { .. }) {
            return Ok(());
        }
        self.step += 1;
        let _ = write!(self.text, "\n{:3}. task {who}: {op}", self.step);
        for side in [&mut self.ours as &mut dyn Played, &mut self.theirs] {
            side.perform(who, op);
            side.settle();
        }
        self.wait_for_theirs(who, op);
        (0..self.mechanism.tasks).for_each(|actor| self.read_the_rest(actor));
        // First the one who moved: what it did can be the reason of what the others heard.
        let others = (0..self.mechanism.tasks).filter(|&other| other != who);
        for actor in std::iter::once(who).chain(others) {
            self.compare(who, actor)?;
        }
        Ok(())
    }

    /// Gives theirs the time to see what ours sees at once.
    fn wait_for_theirs(&mut self, who: usize, op: Op) {
        for _ in 0..LOOKS {
            let waits = |side: &dyn Played| side.state().map(|it| it.0).collect::<Vec<_>>();
            let blocked = self.mechanism.tasks > 1 && waits(&self.ours) != waits(&self.theirs);
            let late = self.mechanism.patient && self.mechanism.tasks == 1 && {
                let said = |side: &dyn Played| side.said(who);
                let (ours, theirs) = (said(&self.ours), said(&self.theirs));
                let is_late = matches!(
                    theirs.as_ref().map(|it| &it.answer),
                    Some(Err(postroom::Error::WouldBlock) | Ok(What::Ready(_)))
                );
                is_late
                    && judge(&self.world, self.mechanism, op, ours.as_ref(), theirs.as_ref())
                        .is_err()
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
    fn read_the_rest(&mut self, who: usize) {
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

    /// Compares what a task has heard, and whether it waits.
    fn compare(&mut self, mover: usize, who: usize) -> Result<(), String> {
        let (ours, theirs) = (&mut self.ours.actors[who], &mut self.theirs.actors[who]);
        let waits = (ours.pending.is_some(), theirs.pending.is_some());
        let (ours, theirs) = (ours.said.take(), theirs.said.take());
        let op = match (&ours, &theirs) {
            (Some((op, ..)), _) | (_, Some((op, ..))) => *op,
            (None, None) if waits.0 == waits.1 => {
                if waits.0 && mover == who {
                    let _ = write!(self.text, "\n       task {who} waits");
                }
                return Ok(());
            }
            (None, None) => return Err(format!("task {who} waits: {waits:?}")),
        };
        let (our, their) = (ours.as_ref().map(|it| &it.1), theirs.as_ref().map(|it| &it.1));
        let _ = match (our, their) {
            (Some(our), Some(their)) if our == their => {
                write!(self.text, "\n       task {who}: both {our:?}")
            }
            _ => write!(
                self.text,
                "\n       task {who}: kernel {}\n       task {who}: host   {}",
                shown(our),
                shown(their)
            ),
        };
        let masks = judge(&self.world, self.mechanism, op, our, their)
            .map_err(|()| format!("they differ at: {op}"))?;
        for mask in masks {
            mask.count();
            self.over |= mask.ends_the_script() || waits.0 != waits.1;
            let _ = write!(self.text, "\n       (known: {mask:?})");
        }
        if let (Op::Write { end, .. }, Some(our), Some(their)) = (op, our, their)
            && our != their
            && self.mechanism.kind == Kind::Pipe
        {
            return self.drain(end, [our.written(), their.written()]);
        }
        if let (Some((_, seen, ours)), Some((_, _, theirs))) = (ours, theirs) {
            self.ours.handles.extend(ours);
            self.theirs.handles.extend(theirs);
            let unnamed = self.world.note(who, op, &seen);
            if let (Some(label), Kind::Queue) = (unnamed, self.mechanism.kind) {
                self.remove_queue(label)?;
            }
        }
        Ok(())
    }

    /// Both have taken another number of the same bytes: all that is there is read on both sides,
    /// and is what was there before, and those bytes.
    fn drain(&mut self, end: usize, written: [usize; 2]) -> Result<(), String> {
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
    fn remove_queue(&mut self, label: usize) -> Result<(), String> {
        let op = Op::Unlink { label };
        let ours = Played::ask(&mut self.ours, op).map(|seen| seen.answer);
        let theirs = Played::ask(&mut self.theirs, op).map(|seen| seen.answer);
        match (ours, theirs) {
            (Some(Err(postroom::Error::NoSuchName)), Some(Ok(What::Done))) => {
                Mask::QueueOutlivesHandles.count();
                Ok(())
            }
            it => Err(format!("a queue without handles is unlinked: {it:?}")),
        }
    }
}

fn shown(seen: Option<&Seen>) -> String {
    seen.map_or(String::from("waits"), |seen| format!("{seen:?}"))
}

/// A side, whatever its devices.
trait Played {
    fn perform(&mut self, who: usize, op: Op);
    fn settle(&mut self);
    fn state(&self) -> Box<dyn Iterator<Item = (bool,)> + '_>;
    fn said(&self, who: usize) -> Option<Seen>;
    /// Has the first task do something, and hears at once what it came to.
    fn ask(&mut self, op: Op) -> Option<Seen>;
}

impl<D: Devices, const CHANNELS: usize, const RING: usize> Played for Side<D, CHANNELS, RING> {
    fn perform(&mut self, who: usize, op: Op) {
        Self::perform(self, who, op);
    }

    fn settle(&mut self) {
        if self.actors.len() > 1 {
            Self::settle(self);
        }
    }

    fn state(&self) -> Box<dyn Iterator<Item = (bool,)> + '_> {
        Box::new(self.actors.iter().map(|it| (it.pending.is_some(),)))
    }

    fn said(&self, who: usize) -> Option<Seen> {
        self.actors[who].said.as_ref().map(|it| it.1.clone())
    }

    fn ask(&mut self, op: Op) -> Option<Seen> {
        Self::perform(self, 0, op);
        self.actors[0].said.take().map(|it| it.1)
    }
}
