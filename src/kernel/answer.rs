//! What comes back from a system call.

use super::{Handle, Result, Rights, Ticks};

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
    Ends {
        /// Bytes come out here.
        read: Handle,
        /// Bytes go in here.
        write: Handle,
    },
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
