//! What the kernel keeps of a task.

use super::{Call, Error, Handle, Handles, NONE, Priority, TaskId, Vacant, Verb, WaitQueue};

/// The states of a living task.
///
/// ```text
///              1 dispatch
///   spawn --> Ready -----> Running --> exit
///              ^  ^----------|  |
///    4 wake    |  2 preempt,    | 3 block
///    5 cancel  |    yield       |
///              +--- Blocked <---+
/// ```
///
/// 1 `Kernel::dispatch`; 2 `Kernel::after`, at the end of a call; 3 `Kernel::block`, at the end
/// of a call that cannot be served; 4 `Kernel::wake`, when it could be, or its deadline has come;
/// 5 `Kernel::leave`. An `exit` from outside comes from any state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In the ready queue.
    Ready,
    /// Chosen, and not back yet.
    Running,
    /// Waiting: for an object, in its wait queue, or for a time.
    Blocked,
}

// What every call looks at lies in one line of the cache.
#[repr(C)]
pub(crate) struct Task {
    /// Calls left in this dispatch; 0 for whoever does not run.
    pub(crate) quantum: u32,
    /// The levels of the ready queue whose tasks run before it.
    pub(crate) above: u32,
    pub(crate) state: State,
    pub(crate) priority: Priority,
    /// The slot in the channel table; its name is the task's.
    pub(crate) mailbox: u16,
    /// Who waits for a message or a reply from this task alone (laws 25 and 28).
    pub(crate) watchers: WaitQueue,
    pub(crate) waiting: Option<Waiting>,
    pub(crate) handles: Handles,
    /// The request that the task has sent and whose reply it has not taken.
    pub(crate) request: Option<Outgoing>,
    /// Requests that it has sent.
    pub(crate) requests: u64,
}

/// A request whose reply has not been taken.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing {
    pub(crate) serial: u64,
    pub(crate) server: TaskId,
    /// Bytes that the caller has for the reply.
    pub(crate) room: usize,
}

/// A call that could not be served, from then until it is made again and answered.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) verb: Verb,
    /// Which object or task the call is about: see [`Call::subject`](super::Call::subject).
    pub(crate) subject: u64,
    /// The handle that it names; `Handle::NONE` if it names none.
    pub(crate) handle: Handle,
    pub(crate) on: On,
    /// Why it waits.
    pub(crate) reason: Reason,
    /// The answer, where the object of the call is gone.
    pub(crate) verdict: Option<Error>,
}

/// What a task waits for, which says in which queue it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// A time, or nothing any more: in no queue.
    Nothing,
    /// The output of a channel.
    Output(u16),
    /// Room in a channel, for so many bytes of a pipe.
    Room(u16, u16),
    /// A message from this task.
    Sender(u16),
    /// A reply from this task.
    Reply(u16),
    /// The first message in this queue.
    Notice(u16),
    /// One of several things.
    Poll,
}

impl Waiting {
    /// Whether this is the call that waits, made again.
    pub(crate) fn is_for(&self, call: &Call<'_>) -> bool {
        self.verb == call.verb() && self.subject == call.subject()
    }
}

impl On {
    /// Whether both stand for the same line.
    pub(crate) fn is_same_queue(self, other: Self) -> bool {
        match (self, other) {
            (Self::Room(channel, _), Self::Room(other, _)) => channel == other,
            _ => self == other,
        }
    }

    /// What serves either of two that stand for the same line.
    pub(crate) fn nearer(self, other: Self) -> Self {
        match (self, other) {
            (Self::Room(channel, need), Self::Room(_, other)) => {
                Self::Room(channel, need.min(other))
            }
            _ => other,
        }
    }
}

/// Why a call had to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in it.
    Empty,
    /// There is no room for the bytes, or for the message.
    Full,
    /// Someone came first who is at least as urgent (law 5).
    Line,
    /// The one sender asked for has sent nothing.
    Sender,
    /// The reply has not come.
    Reply,
    /// No message has come into the empty queue.
    Notice,
    /// Nothing of what is polled is ready.
    Poll,
    /// It is not yet time.
    Asleep,
    /// The device is not ready.
    Device,
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Empty => "empty",
            Self::Full => "full",
            Self::Line => "others came first",
            Self::Sender => "nothing from this sender",
            Self::Reply => "no reply yet",
            Self::Notice => "no message has come",
            Self::Poll => "nothing is ready",
            Self::Asleep => "asleep",
            Self::Device => "device not ready",
        })
    }
}

impl Vacant for Task {
    const VACANT: Self = Self {
        state: State::Ready,
        priority: Priority::NORMAL,
        mailbox: NONE,
        waiting: None,
        handles: Handles::EMPTY,
        watchers: WaitQueue::EMPTY,
        request: None,
        requests: 0,
        quantum: 0,
        above: 0,
    };
}
