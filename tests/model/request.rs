//! A system call that owns its buffers, with all that it names looked up: it can be kept, and made
//! again after a wake.

use postroom::{
    Call, End, Handle, Outcome, Peer, Priority, Rights, Sender, TaskId, Ticks, Verb, Wait,
};

/// A task: one incarnation, counted from the first spawn on.
pub(crate) type Life = usize;

#[derive(Clone)]
pub(crate) enum Request {
    Pipe { name: Option<&'static str>, capacity: usize },
    Open { name: &'static str, rights: Rights },
    Duplicate { handle: Handle },
    Close { handle: Handle },
    Read { handle: Handle, length: usize, wait: Wait },
    Write { handle: Handle, bytes: Vec<u8>, wait: Wait },
    Readiness { handle: Handle },
    Send { to: Address, message: Vec<u8>, wait: Wait },
    Receive { from: Option<Address>, length: usize, wait: Wait },
    Sleep { until: Ticks },
    Cancel,
    Yield,
    SetPriority { priority: Priority },
    Now,
    Exit { end: End },
}

#[derive(Clone, Copy)]
pub(crate) enum Address {
    Name(&'static str),
    /// An incarnation; `None` if there never was one.
    Life(Option<Life>),
}

/// What came of a call: its outcome, the caller's buffer afterwards, and the sender told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Result {
    pub(crate) outcome: Outcome,
    pub(crate) buffer: Vec<u8>,
    pub(crate) sender: Option<Life>,
}

/// What stands in a buffer that nothing was copied to.
pub(crate) const BLANK: u8 = 0xee;

impl Request {
    pub(crate) fn verb(&self) -> Verb {
        self.with(|_| TaskId::from_parts(0, 0), |call| call.verb()).0
    }

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

    /// Bytes of the caller's buffer, where the call fills one.
    pub(crate) fn room(&self) -> usize {
        match *self {
            Self::Read { length, .. } | Self::Receive { length, .. } => length,
            _ => 0,
        }
    }

    /// Runs `f` on the call as the kernel takes it, and returns what came of it, the buffer, and
    /// the sender told.
    pub(crate) fn with<R>(
        &self,
        id: impl Fn(Option<Life>) -> TaskId,
        f: impl FnOnce(Call<'_>) -> R,
    ) -> (R, Vec<u8>, Option<Sender>) {
        let peer = |address: Address| match address {
            Address::Name(name) => Peer::Name(name),
            Address::Life(life) => Peer::Task(id(life)),
        };
        let mut buffer = vec![BLANK; self.room()];
        let mut sender = None;
        let call = match *self {
            Self::Pipe { name, capacity } => Call::Pipe { name, capacity },
            Self::Open { name, rights } => Call::Open { name, rights },
            Self::Duplicate { handle } => Call::Duplicate { handle },
            Self::Close { handle } => Call::Close { handle },
            Self::Read { handle, wait, .. } => Call::Read { handle, buffer: &mut buffer, wait },
            Self::Write { handle, ref bytes, wait } => Call::Write { handle, bytes, wait },
            Self::Readiness { handle } => Call::Readiness { handle },
            Self::Send { to, ref message, wait } => Call::Send { to: peer(to), message, wait },
            Self::Receive { from, wait, .. } => Call::Receive {
                from: from.map(peer),
                buffer: &mut buffer,
                sender: &mut sender,
                wait,
            },
            Self::Sleep { until } => Call::Sleep { until },
            Self::Cancel => Call::Cancel,
            Self::Yield => Call::Yield,
            Self::SetPriority { priority } => Call::SetPriority { priority },
            Self::Now => Call::Now,
            Self::Exit { end } => Call::Exit { end },
        };
        let result = f(call);
        (result, buffer, sender)
    }
}
