//! A channel: a store of bytes, the ring that lies in it, its two sides, and who waits at either.
//!
//! Every object that tasks talk through is one. What tells a pipe from a queue or a socket is only
//! which ring it has, who counts as being at its sides, and what its `body` remembers besides.

use core::fmt;

use super::{
    Allowed, ByteRing, ChannelId, Device, MessageRing, PIPE_BUF, PollList, Rights, TaskId, Vacant,
    WaitQueue, Whole,
};

/// What kind of object something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A ring of bytes with a read end and a write end.
    Pipe,
    /// A ring of messages found under its task's name.
    Mailbox,
    /// A ring of messages that anyone with the right may open.
    Queue,
    /// A socket for a connection that carries bytes.
    Stream,
    /// A socket for a connection that carries messages.
    Sequenced,
    /// A socket for single messages.
    Datagram,
}

/// Some kinds: what a call is made for.
#[derive(Clone, Copy)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const fn of(kinds: &[Kind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            set |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(set)
    }

    #[inline]
    pub(crate) const fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pipe => "pipe",
            Self::Mailbox => "mailbox",
            Self::Queue => "queue",
            Self::Stream => "stream",
            Self::Sequenced => "sequenced",
            Self::Datagram => "datagram",
        })
    }
}

/// How much something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// So many bytes.
    Bytes(usize),
    /// So many messages, none of them longer than so many bytes.
    Messages {
        /// The most messages.
        most: usize,
        /// The longest message, in bytes.
        longest: usize,
    },
}

/// One slot of the channel table. What every call looks at lies together, the bytes behind it.
#[repr(C)]
pub(crate) struct Channel<const RING: usize> {
    pub(crate) ring: Ring,
    pub(crate) body: Body,
    /// Who takes out.
    pub(crate) read_side: Side,
    /// Who puts in.
    pub(crate) write_side: Side,
    /// Who is told when something can come out, or go in.
    pub(crate) pollers: PollList,
    /// Who waits for something to come out.
    pub(crate) readers: WaitQueue,
    /// Who waits for room.
    pub(crate) writers: WaitQueue,
    pub(crate) store: [u8; RING],
    /// Whether it outlives its last handle, until its name is unlinked.
    pub(crate) kept: bool,
    /// Who may open it by its name.
    pub(crate) allowed: Allowed,
}

#[derive(Clone, Copy)]
pub(crate) enum Ring {
    Bytes(ByteRing),
    Messages(MessageRing),
}

#[derive(Clone, Copy)]
pub(crate) enum Body {
    Free,
    Pipe,
    Mailbox(TaskId),
    Queue(Notice),
    Socket(Socket),
    Device(Device),
}

/// Who asked to be told when a queue is no longer empty (law 45).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    Nobody,
    Asked(TaskId),
    Due(TaskId),
}

/// A socket. What it receives stands in its own ring, what it sends in its peer's: a connection is
/// two channels crossed.
#[derive(Clone, Copy)]
pub(crate) struct Socket {
    pub(crate) kind: Kind,
    pub(crate) sizes: Sizes,
    pub(crate) stage: Stage,
    /// The next read that finds nothing is to say that the connection was reset (law 51).
    pub(crate) reset: bool,
    /// Small kernels have no sockets.
    pub(crate) _whole: Whole,
}

/// How far a socket is.
///
/// ```text
///   socket --> Idle --listen--> Listening --accept--> a new socket, Connected
///                |
///                +---connect--> Connected
/// ```
///
/// A datagram socket is idle or connected, and can go back and forth between peers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Idle,
    /// Its ring holds the sockets that wait to be accepted.
    Listening,
    /// The peer, which may have closed since.
    Connected(ChannelId),
}

/// One side of a channel: how many ends of it are open (law 36). Those who read from a socket are
/// its handles, the one who writes is its peer.
///
/// A side that has never been opened is not closed: its first user may still come, as with a FIFO
/// between its creation and its first `open` (fifo(7)).
#[derive(Clone, Copy)]
pub(crate) struct Side {
    pub(crate) open: u32,
    /// It does not close when the last end does: anyone may come again.
    lasting: bool,
    /// It was shut down, whoever still has it open.
    shut: bool,
    /// It was shut down, or opened and left by all.
    closed: bool,
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

impl<const RING: usize> Vacant for Channel<RING> {
    const VACANT: Self = Self {
        store: [0; RING],
        ring: Ring::Bytes(ByteRing::new(0)),
        body: Body::Free,
        read_side: Side::COUNTED,
        write_side: Side::COUNTED,
        kept: false,
        allowed: Allowed::EVERYONE,
        readers: WaitQueue::EMPTY,
        writers: WaitQueue::EMPTY,
        pollers: PollList::EMPTY,
    };
}

impl<const RING: usize> Channel<RING> {
    /// Makes a free channel into an object that nobody has opened yet.
    pub(crate) fn become_new(&mut self, body: Body, ring: Ring) {
        self.ring = ring;
        (self.read_side, self.write_side) = match body {
            Body::Queue(_) => (Side::LASTING, Side::COUNTED),
            Body::Mailbox(_) => (Side::COUNTED, Side::LASTING),
            Body::Socket(Socket { kind: Kind::Datagram, .. }) => (Side::COUNTED, Side::LASTING),
            _ => (Side::COUNTED, Side::COUNTED),
        };
        self.body = body;
        self.kept = false;
        self.allowed = Allowed::EVERYONE;
    }

    /// Which kind of object it is.
    pub(crate) fn kind(&self) -> Kind {
        match self.body {
            Body::Free | Body::Pipe => Kind::Pipe,
            Body::Mailbox(_) => Kind::Mailbox,
            Body::Queue(_) => Kind::Queue,
            Body::Socket(socket) => socket.kind,
            Body::Device(device) => device.kind,
        }
    }

    /// Who of the readers would get an answer (laws 33, 34, 44 and 51).
    #[inline]
    pub(crate) fn output(&self) -> Chance {
        let answers = match self.body {
            Body::Socket(socket) => socket.reset,
            Body::Device(device) => device.seen.serves(Rights::READ),
            _ => false,
        };
        if self.has_output() || answers {
            Chance::First
        } else if self.write_side.closed || self.read_side.shut {
            Chance::All
        } else {
            Chance::Nobody
        }
    }

    /// Who of the writers would get an answer, if the first one needs so much room (laws 31, 32
    /// and 35). Messages need a slot, whatever their length.
    #[inline]
    pub(crate) fn room(&self, need: u16) -> Chance {
        if self.is_closed_to_writers() {
            Chance::All
        } else if let Body::Device(device) = self.body {
            if device.seen.serves(Rights::WRITE) { Chance::First } else { Chance::Nobody }
        } else if self.fits(need.into()) {
            Chance::First
        } else {
            Chance::Nobody
        }
    }

    /// Whether a task may put in what needs so much room, now.
    #[inline]
    pub(crate) fn is_open_for(&self, task: u16, need: usize) -> bool {
        self.writers.has_nobody_but(task) && !self.is_closed_to_writers() && self.fits(need)
    }

    /// Whether nothing that is put in will ever be taken out.
    #[inline]
    pub(crate) fn is_closed_to_writers(&self) -> bool {
        self.read_side.closed || self.write_side.shut
    }

    /// Whether there is so much room.
    #[inline(always)]
    pub(crate) fn fits(&self, need: usize) -> bool {
        match &self.ring {
            Ring::Bytes(ring) => ring.free() >= need,
            Ring::Messages(ring) => match self.body {
                // One slot is for the reply to the owner's own call, so that a server never waits.
                Body::Mailbox(_) => {
                    let replies = usize::from(ring.has(REPLIES));
                    ring.len() - replies < ring.capacity() - reserved(ring)
                }
                _ => ring.len() < ring.capacity(),
            },
        }
    }

    /// Whether a reader would get an answer.
    pub(crate) fn is_readable(&self) -> bool {
        self.output() != Chance::Nobody
    }

    /// Whether its ring holds anything for its readers.
    #[inline]
    pub(crate) fn has_output(&self) -> bool {
        match (&self.ring, self.body) {
            (Ring::Bytes(ring), _) => ring.len() > 0,
            (Ring::Messages(ring), Body::Mailbox(_)) => ring.len() > usize::from(ring.has(REPLIES)),
            (Ring::Messages(ring), _) => ring.len() > 0,
        }
    }

    /// The most bytes that are written all or nothing (law 31).
    #[inline]
    pub(crate) fn atomic(&self) -> u16 {
        match &self.ring {
            Ring::Bytes(ring) => PIPE_BUF.min(ring.capacity()) as u16,
            Ring::Messages(_) => 0,
        }
    }

    /// Whether its handles are counted as one, whatever their rights.
    fn is_whole(&self) -> bool {
        matches!(self.body, Body::Socket(_) | Body::Device(_))
    }

    /// Counts one more end for each of these rights; of a socket or a device, one more handle.
    pub(crate) fn open(&mut self, rights: Rights) {
        let whole = self.is_whole();
        if whole || rights.contains(Rights::READ) {
            self.read_side.enter();
        }
        if !whole && rights.contains(Rights::WRITE) {
            self.write_side.enter();
        }
    }

    /// Counts one end less for each of these rights; of a socket or a device, one handle less.
    pub(crate) fn close(&mut self, rights: Rights) {
        let whole = self.is_whole();
        if whole || rights.contains(Rights::READ) {
            self.read_side.leave();
        }
        if !whole && rights.contains(Rights::WRITE) {
            self.write_side.leave();
        }
    }

    /// Whether the last handle is gone, and nobody can come any more.
    pub(crate) fn is_unused(&self) -> bool {
        let writers = if self.is_whole() { 0 } else { self.write_side.open };
        self.read_side.open + writers == 0 && !self.kept
    }
}

/// The level of a mailbox at which the reply to its owner's call lies; messages lie below.
pub(crate) const REPLIES: u8 = 0;
/// The level of a mailbox at which messages lie.
pub(crate) const MESSAGES: u8 = 1;

/// Slots of a mailbox that are for replies. One that holds a single message has none.
pub(crate) fn reserved(ring: &MessageRing) -> usize {
    usize::from(ring.capacity() > 1)
}

impl Side {
    const COUNTED: Self = Self { open: 0, lasting: false, shut: false, closed: false };
    const LASTING: Self = Self { lasting: true, ..Self::COUNTED };

    pub(crate) fn is_closed(self) -> bool {
        self.closed
    }

    pub(crate) fn enter(&mut self) {
        self.open += 1;
        self.closed = self.shut;
    }

    pub(crate) fn leave(&mut self) {
        self.open -= 1;
        self.closed = self.shut || self.open == 0 && !self.lasting;
    }

    pub(crate) fn shut(&mut self) {
        (self.shut, self.closed) = (true, true);
    }
}

impl Ring {
    /// A ring of these sizes in a store of so many bytes; `None` if it does not fit, or could
    /// never hold anything.
    pub(crate) fn new(store: usize, sizes: Sizes, levels: usize) -> Option<Self> {
        match sizes {
            Sizes::Bytes(capacity) => {
                (1..=store).contains(&capacity).then(|| Self::Bytes(ByteRing::new(capacity)))
            }
            Sizes::Messages { most: 0, .. } => None,
            Sizes::Messages { most, longest } => {
                MessageRing::new(store, most, longest, levels).map(Self::Messages)
            }
        }
    }

    /// What it can hold: bytes, or messages.
    pub(crate) fn capacity(&self) -> usize {
        match self {
            Self::Bytes(ring) => ring.capacity(),
            Self::Messages(ring) => ring.capacity(),
        }
    }

    /// What it holds: bytes, or messages.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(ring) => ring.len(),
            Self::Messages(ring) => ring.len(),
        }
    }

    /// The ring of messages, if it is one.
    #[inline]
    pub(crate) fn messages(&self) -> Option<MessageRing> {
        match self {
            Self::Bytes(_) => None,
            Self::Messages(ring) => Some(*ring),
        }
    }

    /// The same, to change it.
    #[inline]
    pub(crate) fn messages_mut(&mut self) -> Option<&mut MessageRing> {
        match self {
            Self::Bytes(_) => None,
            Self::Messages(ring) => Some(ring),
        }
    }
}
