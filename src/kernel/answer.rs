//! What comes back from a system call.

use core::fmt;

use super::{HANDLES, Handle, Result, Rights, Ticks};

/// What a successful call returns. Small, so that it comes back in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing to say.
    Unit,
    /// So many bytes were copied.
    Count(usize),
    /// A new handle.
    Handle(Handle),
    /// The two ends of a new pipe, or two sockets.
    Ends(Ends),
    /// Nothing more will come.
    End,
    /// The number of the request that was sent.
    Request(u64),
    /// What a queue is made for, and what is in it.
    Attributes {
        /// The most messages.
        most: u16,
        /// The longest message, in bytes.
        longest: u32,
        /// Messages in it.
        length: u16,
    },
    /// A message was copied out.
    Message {
        /// Bytes copied: the message, or as much of it as the buffer took.
        copied: u32,
        /// Bytes of the whole message (law 9).
        length: u32,
    },
    /// What could be done without waiting.
    Readiness(Readiness),
    /// The time.
    Now(Ticks),
}

/// Two handles that were given out one after the other. They have consecutive serials, so that both
/// fit one word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ends(u64);

const _: () = assert!(HANDLES <= 1 << 8, "a handle's slot is told in eight bits here");

impl Ends {
    /// The first handle, and the slot of the second, which has the next serial.
    pub const fn new(read: Handle, write: u16) -> Self {
        Self(read.serial() << 16 | (write as u8 as u64) << 8 | read.slot() as u8 as u64)
    }

    /// Where bytes come out; of two sockets, the first.
    pub const fn read(self) -> Handle {
        Handle::from_parts(self.0 as u8 as u16, self.0 >> 16)
    }

    /// Where bytes go in; of two sockets, the second.
    pub const fn write(self) -> Handle {
        Handle::from_parts((self.0 >> 8) as u8 as u16, (self.0 >> 16) + 1)
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ends({:?}, {:?})", self.read(), self.write())
    }
}

/// What a call on an object would meet now (law 37).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// There is data, or the end of file.
    pub readable: bool,
    /// There is room for all that one write puts in at once.
    pub writable: bool,
    /// No write end is open any more; what is in there can still be read.
    pub hung_up: bool,
    /// No read end is open any more.
    pub error: bool,
}

impl Readiness {
    /// A call would have to wait.
    pub const NOTHING: Self =
        Self { readable: false, writable: false, hung_up: false, error: false };

    /// Whether one who wants this would not have to wait.
    pub const fn serves(self, wants: Rights) -> bool {
        self.readable && wants.contains(Rights::READ)
            || self.writable && wants.contains(Rights::WRITE)
            || self.hung_up
            || self.error
    }
}

/// The answer to a call.
pub type Answer = Result<Value>;

/// How a crossing ended: with an answer or without, and who runs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Answered; the task goes on.
    Complete(Answer),
    /// Answered; but the task stands in the ready queue now, and another one runs first.
    Preempted(Answer),
    /// Not answered: the task waits. Once woken, it makes the same call again (law 4).
    Blocked,
}
