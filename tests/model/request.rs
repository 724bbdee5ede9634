//! A system call that owns its buffers, with all that it names looked up: it can be kept, and made
//! again after a wake.

use postroom::{
    Error, ExitStatus, Handle, Kind, Outcome, Priority, Readiness, Rights, Sizes, TaskId, Ticks,
    Verb, Wait,
};

/// A task: one incarnation, counted from the first spawn on.
pub(crate) type Life = usize;

#[derive(Clone)]
pub(crate) enum Request {
    Pipe { capacity: usize },
    Open { name: &'static str, rights: Rights, create: Option<Making> },
    Duplicate { handle: Handle },
    Give { handle: Handle, to: Address, rights: Rights, keep: bool },
    Close { handle: Handle },
    Unlink { name: &'static str },
    Read { handle: Handle, length: usize, wait: Wait },
    Write { handle: Handle, bytes: Vec<u8>, wait: Wait },
    Send { to: Target, message: Vec<u8>, wait: Wait },
    Receive { from: Origin, length: usize, wait: Wait },
    Ask { to: Address, message: Vec<u8>, room: usize, wait: Wait },
    Answer { length: usize, wait: Wait },
    Reply { caller: Option<Life>, serial: u64, message: Vec<u8> },
    Readiness { handle: Handle },
    Poll { set: Vec<(Option<Handle>, Rights)>, wait: Wait },
    Attributes { handle: Handle },
    Notify { handle: Handle, wait: Wait },
    Socket { kind: Kind, sizes: Sizes },
    Pair { kind: Kind, sizes: Sizes },
    Bind { handle: Handle, name: &'static str, only: Option<Vec<Address>> },
    Listen { handle: Handle, backlog: usize },
    Connect { handle: Handle, to: &'static str, wait: Wait },
    Accept { handle: Handle, wait: Wait },
    Shutdown { handle: Handle, rights: Rights },
    Kill { handle: Handle },
    Sleep { until: Ticks },
    Cancel,
    GiveUp,
    Yield,
    SetPriority { priority: Priority },
    Now,
    Exit { status: ExitStatus },
}

#[derive(Clone)]
pub(crate) struct Making {
    pub(crate) sizes: Sizes,
    pub(crate) exclusive: bool,
    pub(crate) only: Option<Vec<Address>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    Name(&'static str),
    /// An incarnation; `None` if there never was one.
    Life(Option<Life>),
}

#[derive(Clone, Copy)]
pub(crate) enum Target {
    Task(Address),
    Queue { handle: Handle, urgency: u8 },
    Socket { handle: Handle, to: Option<&'static str> },
}

#[derive(Clone, Copy)]
pub(crate) enum Origin {
    Anyone,
    Task(Address),
    Object(Handle),
}

/// What tells two waiting calls of one verb apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Nothing,
    Peer(Address),
    Handle(Handle),
    /// Out of this socket, to this name.
    Out(Handle, &'static str),
}

/// What came of a call: its outcome, the caller's buffer and set afterwards, and the envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Result<E = Stamp> {
    pub(crate) outcome: Outcome,
    pub(crate) buffer: Vec<u8>,
    pub(crate) set: Vec<std::result::Result<Readiness, Error>>,
    pub(crate) envelope: Option<E>,
}

/// An envelope: the sender, the name on it, the urgency, the number of the request.
pub(crate) type Stamp = (Life, Option<String>, u8, Option<u64>);

/// What stands in a buffer that nothing was copied to.
pub(crate) const BLANK: u8 = 0xee;

impl Request {
    pub(crate) fn verb(&self) -> Verb {
        self.with(|_| TaskId::from_parts(0, 0), |call| (Outcome::Blocked, call.verb())).1
    }

    pub(crate) fn subject(&self) -> Subject {
        match *self {
            Self::Send { to: Target::Task(peer), .. }
            | Self::Receive { from: Origin::Task(peer), .. }
            | Self::Ask { to: peer, .. } => Subject::Peer(peer),
            Self::Send { to: Target::Socket { handle, to: Some(name) }, .. } => {
                Subject::Out(handle, name)
            }
            Self::Send {
                to: Target::Queue { handle, .. } | Target::Socket { handle, .. }, ..
            }
            | Self::Receive { from: Origin::Object(handle), .. }
            | Self::Read { handle, .. }
            | Self::Write { handle, .. }
            | Self::Notify { handle, .. }
            | Self::Connect { handle, .. }
            | Self::Accept { handle, .. } => Subject::Handle(handle),
            _ => Subject::Nothing,
        }
    }

    /// How long the call may wait.
    pub(crate) fn wait(&self) -> Wait {
        match *self {
            Self::Read { wait, .. }
            | Self::Write { wait, .. }
            | Self::Send { wait, .. }
            | Self::Receive { wait, .. }
            | Self::Ask { wait, .. }
            | Self::Answer { wait, .. }
            | Self::Poll { wait, .. }
            | Self::Notify { wait, .. }
            | Self::Connect { wait, .. }
            | Self::Accept { wait, .. } => wait,
            Self::Sleep { until } => Wait::Until(until),
            _ => Wait::Try,
        }
    }

    /// Bytes of the caller's buffer, where the call fills one.
    pub(crate) fn room(&self) -> usize {
        match *self {
            Self::Read { length, .. }
            | Self::Receive { length, .. }
            | Self::Answer { length, .. } => length,
            _ => 0,
        }
    }
}
