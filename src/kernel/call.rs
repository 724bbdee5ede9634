//! The system calls, and their answers.

use core::fmt;

use super::error::Result;
use super::id::{Handle, TaskId};
use super::messages::Sender;
use super::priority::Priority;
use super::rights::Rights;
use super::time::{Ticks, Wait};
use super::trace::End;

/// A system call. It borrows the caller's buffers, and only for as long as it lasts.
#[derive(Debug)]
#[non_exhaustive]
pub enum Call<'a> {
    /// Makes a pipe, under a name or under none: [`Value::Ends`].
    Pipe {
        /// What others open it by.
        name: Option<&'a str>,
        /// Bytes that it holds, 1 to the kernel's ring.
        capacity: usize,
    },
    /// Opens what has this name: [`Value::Handle`].
    Open {
        /// A name; with a scheme (`unix:chat`), the devices are asked.
        name: &'a str,
        /// What for: a pipe's read end, its write end, or both in one.
        rights: Rights,
    },
    /// One more handle for the same object, with the same rights: [`Value::Handle`].
    Duplicate {
        /// The handle to copy.
        handle: Handle,
    },
    /// Gives a handle back: [`Value::Unit`].
    Close {
        /// The handle; afterwards it is nobody's.
        handle: Handle,
    },
    /// Takes bytes out (laws 33 and 34): [`Value::Count`], 0 at the end of file.
    Read {
        /// With the right to read.
        handle: Handle,
        /// Where the bytes go.
        buffer: &'a mut [u8],
        /// How long to wait for the first byte.
        wait: Wait,
    },
    /// Puts bytes in (laws 31 and 32): [`Value::Count`]. A long write is several calls.
    Write {
        /// With the right to write.
        handle: Handle,
        /// The bytes.
        bytes: &'a [u8],
        /// How long to wait for room.
        wait: Wait,
    },
    /// What could be done now without waiting (law 37): [`Value::Readiness`].
    Readiness {
        /// Any handle.
        handle: Handle,
    },
    /// Puts a message into a task's mailbox (law 22): [`Value::Unit`].
    Send {
        /// The receiving task.
        to: Peer<'a>,
        /// The message; it may be empty.
        message: &'a [u8],
        /// How long to wait for room.
        wait: Wait,
    },
    /// Takes a message out of the task's own mailbox: [`Value::Message`].
    Receive {
        /// Whose messages; `None` for anyone's (law 25).
        from: Option<Peer<'a>>,
        /// Where the message goes, as far as it reaches (law 26).
        buffer: &'a mut [u8],
        /// Who sent it, as the kernel knows it (law 23); left alone unless there is a message.
        sender: &'a mut Option<Sender>,
        /// How long to wait for a message.
        wait: Wait,
    },
    /// Waits for a time: [`Value::Unit`].
    Sleep {
        /// When to wake up.
        until: Ticks,
    },
    /// Gives up waiting, and passes on the wake that may have come (law 4): [`Value::Unit`].
    Cancel,
    /// Lets the others of the same level run first (law 16): [`Value::Unit`].
    Yield,
    /// Changes the task's own priority (law 17): [`Value::Unit`].
    SetPriority {
        /// The new one.
        priority: Priority,
    },
    /// What time it is: [`Value::Now`].
    Now,
    /// Ends the task (law 19): [`Value::Unit`], to nobody but its runner.
    Exit {
        /// How.
        end: End,
    },
}

/// A task as others name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer<'a> {
    /// Whoever has this name now.
    Name(&'a str),
    /// This very incarnation (law 20).
    Task(TaskId),
}

impl<'a> From<&'a str> for Peer<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl From<TaskId> for Peer<'_> {
    fn from(task: TaskId) -> Self {
        Self::Task(task)
    }
}

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
    /// The two ends of a new pipe.
    Ends {
        /// Bytes come out here.
        read: Handle,
        /// Bytes go in here.
        write: Handle,
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

macro_rules! verbs {
    ($($verb:ident $text:literal,)*) => {
        /// Which call it was.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Verb {
            $(#[doc = concat!("[`Call::", stringify!($verb), "`].")] $verb,)*
        }

        impl Verb {
            /// Every verb there is.
            pub const ALL: &[Self] = &[$(Self::$verb,)*];

            /// Its name as a system call, as `set_priority`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$verb => $text,)*
                }
            }
        }

        impl Call<'_> {
            /// Which call it is.
            pub fn verb(&self) -> Verb {
                match self {
                    $(Self::$verb { .. } => Verb::$verb,)*
                }
            }
        }
    };
}

verbs! {
    Pipe "pipe",
    Open "open",
    Duplicate "duplicate",
    Close "close",
    Read "read",
    Write "write",
    Readiness "readiness",
    Send "send",
    Receive "receive",
    Sleep "sleep",
    Cancel "cancel",
    Yield "yield",
    SetPriority "set_priority",
    Now "now",
    Exit "exit",
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Verb {
    /// Whether the call can wait.
    pub const fn can_wait(self) -> bool {
        matches!(self, Self::Read | Self::Write | Self::Send | Self::Receive | Self::Sleep)
    }
}

impl Call<'_> {
    /// How long the call may wait.
    pub(crate) fn wait(&self) -> Wait {
        match *self {
            Self::Read { wait, .. }
            | Self::Write { wait, .. }
            | Self::Send { wait, .. }
            | Self::Receive { wait, .. } => wait,
            Self::Sleep { until } => Wait::Until(until),
            _ => Wait::Try,
        }
    }

    /// The handle that it names, if any.
    pub fn handle(&self) -> Option<Handle> {
        match *self {
            Self::Duplicate { handle }
            | Self::Close { handle }
            | Self::Read { handle, .. }
            | Self::Write { handle, .. }
            | Self::Readiness { handle } => Some(handle),
            _ => None,
        }
    }
}
