//! What a script has opened so far, as far as both sides agree: what the next step can be about.

use postroom::{Error, Rights};

use crate::op::{Bytes, End, Label, Op};
use crate::seen::{Seen, What};

/// How many names a script uses.
pub(crate) const LABELS: usize = 3;

#[derive(Clone, Copy, Debug)]
pub(crate) struct EndInfo {
    pub(crate) owner: usize,
    /// Which object it is an end of.
    pub(crate) object: usize,
    pub(crate) rights: Rights,
    pub(crate) open: bool,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) ends: Vec<EndInfo>,
    /// Of each object, the bytes in it.
    pub(crate) stored: Vec<usize>,
    /// Of each socket, which directions it has shut down.
    pub(crate) shut: Vec<Rights>,
    /// Of each socket, which one it is connected to; before that is accepted, the listener.
    pub(crate) peer: Vec<Option<usize>>,
    /// Of each datagram socket, whether it was refused by a peer that is gone.
    pub(crate) left: Vec<bool>,
    /// Of each datagram socket, whether it was connected more than once.
    pub(crate) anew: Vec<bool>,
    /// A connection had to wait at some time.
    pub(crate) begun: bool,
    /// Of each socket, its name.
    pub(crate) bound: Vec<Option<Label>>,
    /// The sockets that wait to be accepted, and where.
    pending: Vec<(usize, usize)>,
    /// Which object has a name. Sockets are not found here.
    pub(crate) named: [Option<usize>; LABELS],
    /// The running counter of all bytes.
    counter: usize,
}

impl World {
    /// The next bytes of the counter.
    pub(crate) fn bytes(&mut self, length: usize) -> Bytes {
        self.counter += length;
        Bytes { from: self.counter - length, length }
    }

    /// How far the counter is.
    pub(crate) fn written(&self) -> usize {
        self.counter
    }

    /// One of the open ends that suit, or now and then one that is closed.
    pub(crate) fn pick(&self, which: u8, suits: impl Fn(&EndInfo) -> bool) -> Option<End> {
        let which = usize::from(which);
        let all = self.ends.iter().enumerate();
        let mut good: Vec<_> =
            all.filter(|(_, end)| end.open && suits(end)).map(|(at, _)| at).collect();
        if which % 61 == 60 {
            good = (0..self.ends.len()).collect();
        }
        (!good.is_empty()).then(|| good[which % good.len()])
    }

    /// Who makes a step.
    pub(crate) fn actor(&self, op: Op) -> usize {
        match op {
            Op::Cancel { task } => task,
            op => op.end().map_or(0, |end| self.ends[end].owner),
        }
    }

    /// An end from which an object can be read.
    pub(crate) fn reader(&self, object: usize) -> Option<End> {
        let reads = |end: &EndInfo| end.object == object && end.rights.contains(Rights::READ);
        self.ends.iter().position(|end| end.open && reads(end))
    }

    pub(crate) fn is_open(&self, object: usize) -> bool {
        self.ends.iter().any(|end| end.open && end.object == object)
    }

    /// Takes note of what a step came to, and says whether it closed the last end of an object
    /// that still has a name.
    pub(crate) fn note(&mut self, who: usize, op: Op, seen: &Seen) -> Option<Label> {
        let both = Rights::READ | Rights::WRITE;
        match (op, &seen.answer) {
            (Op::Open { label, rights, .. }, Ok(What::Opened)) => {
                let object = self.named[label].unwrap_or_else(|| self.object());
                self.named[label] = Some(object);
                self.open(who, object, rights);
            }
            (Op::Socket, Ok(What::Opened)) => {
                let object = self.object();
                self.open(who, object, both);
            }
            (Op::Accept { end }, Ok(What::Opened)) => {
                let (object, listener) = (self.object(), self.ends[end].object);
                let first = self.pending.iter().position(|it| it.1 == listener);
                if let Some((client, _)) = first.map(|at| self.pending.remove(at)) {
                    self.peer[object] = Some(client);
                    self.peer[client] = Some(object);
                }
                self.open(who, object, both);
            }
            (Op::Bind { end, label }, Ok(What::Done)) => {
                self.bound[self.ends[end].object] = Some(label);
            }
            (Op::Connect { end, label }, Ok(What::Done)) => {
                let (client, label) = (self.ends[end].object, Some(label));
                let has = |&it: &usize| self.bound[it] == label && self.is_open(it);
                let peer = (0..self.bound.len()).find(has);
                self.anew[client] |= self.peer[client].is_some() || self.left[client];
                self.peer[client] = peer;
                self.pending.extend(self.peer[client].map(|server| (client, server)));
            }
            (Op::Send { end, to: None, .. }, Err(Error::ConnectionRefused)) => {
                self.left[self.ends[end].object] = true;
            }
            (Op::Connect { .. }, Err(Error::WouldBlock)) => self.begun = true,
            (Op::Shutdown { end, rights }, Ok(What::Done)) => {
                let shut = &mut self.shut[self.ends[end].object];
                *shut = *shut | rights;
            }
            (Op::Duplicate { end }, Ok(What::Opened)) => {
                let EndInfo { object, rights, .. } = self.ends[end];
                self.open(who, object, rights);
            }
            (Op::Share { end, to, rights }, Ok(What::Opened)) => {
                self.open(to, self.ends[end].object, rights);
            }
            (Op::Unlink { label }, Ok(What::Done)) => self.named[label] = None,
            (Op::Close { end }, Ok(What::Done)) => {
                self.ends[end].open = false;
                let object = self.ends[end].object;
                if !self.is_open(object) {
                    let label = self.named.iter().position(|&it| it == Some(object))?;
                    self.named[label] = None;
                    return Some(label);
                }
            }
            (Op::Write { end, .. }, &Ok(What::Count(count))) => {
                self.stored[self.ends[end].object] += count;
            }
            (Op::Read { end, .. }, &Ok(What::Count(count))) => {
                let stored = &mut self.stored[self.ends[end].object];
                *stored = stored.saturating_sub(count);
            }
            _ => {}
        }
        None
    }

    fn object(&mut self) -> usize {
        self.stored.push(0);
        self.shut.push(Rights::NONE);
        self.peer.push(None);
        self.bound.push(None);
        self.left.push(false);
        self.anew.push(false);
        self.stored.len() - 1
    }

    fn open(&mut self, owner: usize, object: usize, rights: Rights) {
        self.ends.push(EndInfo { owner, object, rights, open: true });
    }
}
