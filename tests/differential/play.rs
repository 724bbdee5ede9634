//! A script is played on both sides, step by step, and told line by line when they differ.

use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

use postroom::{Host, Kind, NoDevices, Sizes};
use proptest::test_runner::TestCaseError;

use crate::judge::judge;
use crate::names::Names;
use crate::op::Op;
use crate::played::Played;
use crate::seen::Seen;
use crate::side::Side;
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

pub(crate) struct Play<'m, const CHANNELS: usize, const RING: usize> {
    pub(crate) mechanism: &'m Mechanism,
    pub(crate) world: World,
    pub(crate) ours: Side<NoDevices, CHANNELS, RING>,
    pub(crate) theirs: Side<Host, CHANNELS, RING>,
    pub(crate) text: String,
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
    names.steps.fetch_add(play.step as u64, Relaxed);
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
            self.compare((who, op), actor)?;
        }
        Ok(())
    }

    /// Compares what a task has heard, and whether it waits.
    fn compare(&mut self, (mover, started): (usize, Op), who: usize) -> Result<(), String> {
        let (ours, theirs) = (&mut self.ours.actors[who], &mut self.theirs.actors[who]);
        let waits = (ours.pending.is_some(), theirs.pending.is_some());
        let (ours, theirs) = (ours.said.take(), theirs.said.take());
        let op = match (&ours, &theirs) {
            (Some((op, ..)), _) | (_, Some((op, ..))) => *op,
            (None, None) if waits.0 == waits.1 => {
                if waits.0 && mover == who {
                    self.world.begun |= matches!(started, Op::Connect { .. });
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
}

fn shown(seen: Option<&Seen>) -> String {
    seen.map_or(String::from("waits"), |seen| format!("{seen:?}"))
}
