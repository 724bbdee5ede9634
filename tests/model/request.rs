//! A system call that owns its buffers, with all that it names looked up: it can be kept, and made
//! again after a wake.

use postroom::{
    Access, Call, Create, Destination, Envelope, Error, ExitStatus, Handle, Kind, Outcome, Peer,
    PollEntry, Priority, Readiness, RequestId, Rights, Sizes, Source, TaskId, Ticks, Verb, Wait,
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
    Request { to: Address, message: Vec<u8>, room: usize, wait: Wait },
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
            | Self::Request { to: peer, .. } => Subject::Peer(peer),
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
            | Self::Request { wait, .. }
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

    /// Runs `f` on the call as the kernel takes it, and returns what came of it.
    pub(crate) fn with<R>(
        &self,
        id: impl Fn(Option<Life>) -> TaskId,
        f: impl FnOnce(Call<'_>) -> (Outcome, R),
    ) -> (Result<Envelope>, R) {
        let peer = |address: Address| match address {
            Address::Name(name) => Peer::Name(name),
            Address::Life(life) => Peer::Task(id(life)),
        };
        let peers = |only: &Option<Vec<Address>>| -> Vec<_> {
            only.iter().flatten().map(|&it| peer(it)).collect()
        };
        let everyone = |only: &Option<Vec<Address>>| only.is_none();
        let mut buffer = vec![BLANK; self.room()];
        let (mut envelope, mut entries, allowed) = (
            None,
            Vec::new(),
            match self {
                Self::Open { create: Some(Making { only, .. }), .. } | Self::Bind { only, .. } => {
                    peers(only)
                }
                _ => Vec::new(),
            },
        );
        let access = |all| if all { Access::Everyone } else { Access::Only(&allowed) };
        let call = match *self {
            Self::Pipe { capacity } => Call::Pipe { capacity },
            Self::Open { name, rights, ref create } => Call::Open {
                name,
                rights,
                create: create.as_ref().map(|&Making { sizes, exclusive, ref only }| Create {
                    sizes,
                    exclusive,
                    access: access(everyone(only)),
                }),
            },
            Self::Duplicate { handle } => Call::Duplicate { handle },
            Self::Give { handle, to, rights, keep } => {
                Call::Give { handle, to: peer(to), rights, keep }
            }
            Self::Close { handle } => Call::Close { handle },
            Self::Unlink { name } => Call::Unlink { name },
            Self::Read { handle, wait, .. } => Call::Read { handle, buffer: &mut buffer, wait },
            Self::Write { handle, ref bytes, wait } => Call::Write { handle, bytes, wait },
            Self::Send { to, ref message, wait } => {
                let to = match to {
                    Target::Task(to) => Destination::Task(peer(to)),
                    Target::Queue { handle, urgency } => Destination::Queue { handle, urgency },
                    Target::Socket { handle, to } => Destination::Socket { handle, to },
                };
                Call::Send { to, message, wait }
            }
            Self::Receive { from, wait, .. } => {
                let from = match from {
                    Origin::Anyone => Source::Anyone,
                    Origin::Task(from) => Source::Task(peer(from)),
                    Origin::Object(handle) => Source::Object(handle),
                };
                Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait }
            }
            Self::Request { to, ref message, room, wait } => {
                Call::Request { to: peer(to), message, room, wait }
            }
            Self::Answer { wait, .. } => Call::Answer { buffer: &mut buffer, wait },
            Self::Reply { caller, serial, ref message } => {
                Call::Reply { request: RequestId { caller: id(caller), serial }, message }
            }
            Self::Readiness { handle } => Call::Readiness { handle },
            Self::Poll { ref set, wait } => {
                entries =
                    set.iter().map(|&(handle, wants)| PollEntry::new(handle, wants)).collect();
                Call::Poll { set: &mut entries, wait }
            }
            Self::Attributes { handle } => Call::Attributes { handle },
            Self::Notify { handle, wait } => Call::Notify { handle, wait },
            Self::Socket { kind, sizes } => Call::Socket { kind, sizes },
            Self::Pair { kind, sizes } => Call::Pair { kind, sizes },
            Self::Bind { handle, name, ref only } => {
                Call::Bind { handle, name, access: access(everyone(only)) }
            }
            Self::Listen { handle, backlog } => Call::Listen { handle, backlog },
            Self::Connect { handle, to, wait } => Call::Connect { handle, to, wait },
            Self::Accept { handle, wait } => Call::Accept { handle, wait },
            Self::Shutdown { handle, rights } => Call::Shutdown { handle, rights },
            Self::Kill { handle } => Call::Kill { handle },
            Self::Sleep { until } => Call::Sleep { until },
            Self::Cancel => Call::Cancel,
            Self::Yield => Call::Yield,
            Self::SetPriority { priority } => Call::SetPriority { priority },
            Self::Now => Call::Now,
            Self::Exit { status } => Call::Exit { status },
        };
        let (outcome, more) = f(call);
        let set = entries.iter().map(|entry| entry.ready).collect();
        (Result { outcome, buffer, set, envelope }, more)
    }
}
