//! A channel: a store of bytes, what kind of ring lies in it, and who waits at either side.

use core::fmt;

use super::bytes::ByteRing;
use super::id::TaskId;
use super::messages::MessageRing;
use super::param::PIPE_BUF;
use super::table::Vacant;
use super::waits::WaitQueue;

/// What kind of object something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A ring of bytes with a read end and a write end.
    Pipe,
    /// A ring of messages found under its task's name.
    Mailbox,
    /// An object of the world outside.
    Device,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pipe => "pipe",
            Self::Mailbox => "mailbox",
            Self::Device => "device",
        })
    }
}

/// One slot of the channel table.
pub(crate) struct Channel<const RING: usize> {
    pub(crate) store: [u8; RING],
    pub(crate) body: Body,
    /// Who waits for something to come out.
    pub(crate) readers: WaitQueue,
    /// Who waits for room.
    pub(crate) writers: WaitQueue,
}

#[derive(Clone, Copy)]
pub(crate) enum Body {
    Free,
    Pipe(Pipe),
    Mailbox(Mailbox),
}

#[derive(Clone, Copy)]
pub(crate) struct Pipe {
    pub(crate) ring: ByteRing,
    pub(crate) read_ends: Ends,
    pub(crate) write_ends: Ends,
}

/// The open ends of one side of a pipe (law 36).
///
/// A side that nobody has opened yet is not closed: its first user may still come, as with a FIFO
/// between its creation and its first `open` (fifo(7)).
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) open: u32,
    pub(crate) awaited: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Mailbox {
    pub(crate) ring: MessageRing,
    pub(crate) owner: TaskId,
}

impl<const RING: usize> Vacant for Channel<RING> {
    const VACANT: Self = Self {
        store: [0; RING],
        body: Body::Free,
        readers: WaitQueue::EMPTY,
        writers: WaitQueue::EMPTY,
    };
}

/// Who in line at one side of a channel would get an answer now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chance {
    Nobody,
    /// Whoever came first: there is something to take, or room to fill.
    First,
    /// Everyone: the other side is gone, and that is an answer for all.
    All,
}

impl<const RING: usize> Channel<RING> {
    /// Who of the readers would get an answer (laws 33 and 34).
    #[inline]
    pub(crate) fn output(&self) -> Chance {
        match &self.body {
            Body::Pipe(pipe) if pipe.ring.len() > 0 => Chance::First,
            Body::Pipe(pipe) if pipe.write_ends.are_closed() => Chance::All,
            Body::Mailbox(mailbox) if mailbox.ring.len() > 0 => Chance::First,
            _ => Chance::Nobody,
        }
    }

    /// Who of the writers would get an answer, if the first one needs so much room (laws 31, 32
    /// and 35).
    #[inline]
    pub(crate) fn room(&self, need: usize) -> Chance {
        match &self.body {
            Body::Pipe(pipe) if pipe.read_ends.are_closed() => Chance::All,
            Body::Pipe(pipe) if pipe.ring.free() >= need => Chance::First,
            Body::Mailbox(mailbox) if !mailbox.ring.is_full() => Chance::First,
            _ => Chance::Nobody,
        }
    }
}

impl Pipe {
    /// The most bytes that are written all or nothing (law 31).
    pub(crate) fn atomic(&self) -> usize {
        PIPE_BUF.min(self.ring.capacity())
    }
}

impl Ends {
    pub(crate) const AWAITED: Self = Self { open: 0, awaited: true };

    pub(crate) fn are_closed(self) -> bool {
        self.open == 0 && !self.awaited
    }

    pub(crate) fn open(&mut self) {
        self.open += 1;
        self.awaited = false;
    }

    pub(crate) fn close(&mut self) {
        self.open -= 1;
    }
}
