//! The system calls.

use core::fmt;

use super::{
    Access, Envelope, ExitStatus, Handle, Key, Kind, Priority, Readiness, Result, Rights, Sizes,
    TaskId, Ticks, Wait, hash,
};

/// A system call. It borrows the caller's buffers, and only for as long as it lasts. Which
/// [`Value`](super::Value) it returns is said with each.
#[derive(Debug)]
#[non_exhaustive]
// A tag of its own is found faster than one that is hidden in a field.
#[repr(u8)]
pub enum Call<'a> {
    /// Makes a pipe without a name: `Value::Ends`.
    Pipe {
        /// Bytes that it holds, 1 to the kernel's ring.
        capacity: usize,
    },
    /// Opens the pipe or queue of this name: `Value::Handle`.
    Open {
        /// A name; with a scheme (`unix:chat`), the devices are asked.
        name: &'a str,
        /// What for: to take out, to put in, or both in one.
        rights: Rights,
        /// What to make if nothing has the name; the devices make what they will.
        create: Option<Create<'a>>,
    },
    /// One more handle for the same object, with the same rights: `Value::Handle`.
    Duplicate {
        /// The handle to copy.
        handle: Handle,
    },
    /// Gives another task a handle for the same object (law 64): `Value::Handle`, which is that
    /// task's.
    Give {
        /// The handle to give.
        handle: Handle,
        /// To whom.
        to: Peer<'a>,
        /// Those rights of the handle that are given with it.
        rights: Rights,
        /// Whether the giver keeps its own.
        keep: bool,
    },
    /// Gives a handle back: `Value::Unit`.
    Close {
        /// The handle; afterwards it is nobody's.
        handle: Handle,
    },
    /// Frees the name of a pipe or queue (law 43): `Value::Unit`. Who has it open keeps it.
    Unlink {
        /// The name.
        name: &'a str,
    },
    /// Takes bytes out (laws 33 and 34): `Value::Count`, 0 at the end of file.
    Read {
        /// With the right to read.
        handle: Handle,
        /// Where the bytes go.
        buffer: &'a mut [u8],
        /// How long to wait for the first byte.
        wait: Wait,
    },
    /// Puts bytes in (laws 31 and 32): `Value::Count`. A long write is several calls.
    Write {
        /// With the right to write.
        handle: Handle,
        /// The bytes.
        bytes: &'a [u8],
        /// How long to wait for room.
        wait: Wait,
    },
    /// Puts in a message (laws 22, 41 and 53): `Value::Unit`.
    Send {
        /// Where to.
        to: Destination<'a>,
        /// The message; it may be empty.
        message: &'a [u8],
        /// How long to wait for room.
        wait: Wait,
    },
    /// Takes out a message: `Value::Message`, or `Value::End` at the end of file.
    Receive {
        /// Where from.
        from: Source<'a>,
        /// Where the message goes, as far as it reaches (law 26).
        buffer: &'a mut [u8],
        /// What the kernel wrote on it (law 23); left alone unless there is a message.
        envelope: &'a mut Option<Envelope>,
        /// How long to wait for a message.
        wait: Wait,
    },
    /// Sends a task a request (law 27): `Value::Request`. Its reply is taken by
    /// [`Call::Answer`], or given up by [`Call::GiveUp`]; until then the task makes no other.
    Request {
        /// The serving task.
        to: Peer<'a>,
        /// The request.
        message: &'a [u8],
        /// Bytes that the caller has for the reply (law 28).
        room: usize,
        /// How long to wait for room in its mailbox.
        wait: Wait,
    },
    /// Takes the reply to the task's own request: `Value::Message`. If its time is up, the request
    /// is given up with that: a reply that comes later finds nobody (law 28).
    Answer {
        /// Where the reply goes, as far as it reaches.
        buffer: &'a mut [u8],
        /// How long to wait for it.
        wait: Wait,
    },
    /// Replies to a request (laws 27 and 28): `Value::Message`, of which the caller takes
    /// `copied` bytes. Never waits.
    Reply {
        /// The request, as it was received.
        request: RequestId,
        /// The reply.
        message: &'a [u8],
    },
    /// What could be done now without waiting (law 37): `Value::Readiness`.
    Readiness {
        /// Any handle.
        handle: Handle,
    },
    /// Waits until one of several things is ready (laws 59 to 62): `Value::Count` of those that
    /// are.
    Poll {
        /// What to look at; all that is ready says so.
        set: &'a mut [PollEntry],
        /// How long to wait.
        wait: Wait,
    },
    /// What a queue is made for and what is in it: `Value::Attributes`.
    Attributes {
        /// A queue.
        handle: Handle,
    },
    /// Waits until a queue goes from empty to not empty with nobody waiting for it (law 45):
    /// `Value::Unit`.
    Notify {
        /// A queue, with the right to read.
        handle: Handle,
        /// How long to wait.
        wait: Wait,
    },
    /// Makes a socket (sections F and G of the laws): `Value::Handle`.
    Socket {
        /// [`Kind::Stream`], [`Kind::Sequenced`] or [`Kind::Datagram`].
        kind: Kind,
        /// What it holds of what others send: bytes for a stream, messages for the others.
        sizes: Sizes,
    },
    /// Makes two sockets that are connected to each other: `Value::Ends`.
    Pair {
        /// As for a socket.
        kind: Kind,
        /// What each of them holds.
        sizes: Sizes,
    },
    /// Gives a socket a name (law 46): `Value::Unit`.
    Bind {
        /// A socket without a name, with the right to read.
        handle: Handle,
        /// The name.
        name: &'a str,
        /// Who may connect or send to it.
        access: Access<'a>,
    },
    /// Makes a bound socket accept connections (law 47): `Value::Unit`.
    Listen {
        /// A stream or sequenced socket, with the right to read.
        handle: Handle,
        /// Connections that wait to be accepted, at the most.
        backlog: usize,
    },
    /// Connects a socket to the one of this name (laws 46 to 48): `Value::Unit`.
    Connect {
        /// A socket, with the right to write.
        handle: Handle,
        /// The name of a listening socket, or of a datagram socket.
        to: &'a str,
        /// How long to wait for room in its backlog.
        wait: Wait,
    },
    /// Takes the first connection of a listening socket (law 49): `Value::Handle`.
    Accept {
        /// With the right to read.
        handle: Handle,
        /// How long to wait for one.
        wait: Wait,
    },
    /// Ends one or both directions of a connection (law 50): `Value::Unit`.
    Shutdown {
        /// A connected socket, with the rights to be given up.
        handle: Handle,
        /// [`Rights::READ`]: nothing more comes in; [`Rights::WRITE`]: nothing more goes out.
        rights: Rights,
    },
    /// Ends another task: `Value::Unit`.
    Kill {
        /// A handle for the task, with [`Rights::KILL`].
        handle: Handle,
    },
    /// Waits for a time: `Value::Unit`.
    Sleep {
        /// When to wake up.
        until: Ticks,
    },
    /// Gives up waiting, and passes on the wake that may have come (law 4): `Value::Unit`.
    Cancel,
    /// Gives up the request whose reply has not come (law 27): `Value::Unit`.
    GiveUp,
    /// Lets the others of the same level run first (law 16): `Value::Unit`.
    Yield,
    /// Changes the task's own priority (law 17): `Value::Unit`.
    SetPriority {
        /// The new one.
        priority: Priority,
    },
    /// What time it is: `Value::Now`.
    Now,
    /// Ends the task (law 19): `Value::Unit`, to nobody but its runner.
    Exit {
        /// How.
        status: ExitStatus,
    },
}

/// What to make of a name that nothing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Create<'a> {
    /// Bytes make a pipe, messages a queue.
    pub sizes: Sizes,
    /// Whether it is an error if something has the name (law 39).
    pub exclusive: bool,
    /// Who else may open it.
    pub access: Access<'a>,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// Into the mailbox of a task.
    Task(Peer<'a>),
    /// Into a queue.
    Queue {
        /// With the right to write.
        handle: Handle,
        /// 0 to 31; the highest is received first (law 40).
        urgency: u8,
    },
    /// Out of a socket: a datagram socket, or a sequenced one that is connected.
    Socket {
        /// With the right to write.
        handle: Handle,
        /// The name of a datagram socket; `None` for the peer that it is connected to.
        to: Option<&'a str>,
    },
}

/// Where a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// The task's own mailbox, whoever sent it.
    Anyone,
    /// The task's own mailbox, from this sender alone (law 25).
    Task(Peer<'a>),
    /// A queue or a socket, with the right to read.
    Object(Handle),
}

/// One request of one task. No other request has the same (law 27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId {
    /// Who waits for the reply.
    pub caller: TaskId,
    /// Which of its requests.
    pub serial: u64,
}

/// One thing to look at in a poll, and what it turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollEntry {
    /// A handle; `None` for the task's own mailbox.
    pub handle: Option<Handle>,
    /// What for: to read, to write, or both. Hang-up and error are always told.
    pub wants: Rights,
    /// What a call would meet; an error if there is no such handle. All `false` if not ready.
    pub ready: Result<Readiness>,
}

impl PollEntry {
    /// Something to look at.
    pub const fn new(handle: Option<Handle>, wants: Rights) -> Self {
        Self { handle, wants, ready: Ok(Readiness::NOTHING) }
    }

    /// The task's own mailbox.
    pub const fn mailbox() -> Self {
        Self::new(None, Rights::READ)
    }

    /// The same, but for this alone.
    pub const fn wanting(self, wants: Rights) -> Self {
        Self::new(self.handle, wants)
    }
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
    Give "give",
    Close "close",
    Unlink "unlink",
    Read "read",
    Write "write",
    Send "send",
    Receive "receive",
    Request "request",
    Answer "answer",
    Reply "reply",
    Readiness "readiness",
    Poll "poll",
    Attributes "attributes",
    Notify "notify",
    Socket "socket",
    Pair "pair",
    Bind "bind",
    Listen "listen",
    Connect "connect",
    Accept "accept",
    Shutdown "shutdown",
    Kill "kill",
    Sleep "sleep",
    Cancel "cancel",
    GiveUp "give_up",
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

impl Call<'_> {
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

    /// What tells this call from another one of the same verb: the object or the task that it is
    /// about, as a number.
    pub(crate) fn subject(&self) -> u64 {
        let of_peer = |peer| match peer {
            Peer::Name(name) => u64::from(hash(name.as_bytes())),
            Peer::Task(TaskId(Key { index, generation })) => {
                1 << 63 | u64::from(index) << 32 | u64::from(generation)
            }
        };
        match *self {
            Self::Send { to: Destination::Task(peer), .. }
            | Self::Receive { from: Source::Task(peer), .. }
            | Self::Request { to: peer, .. } => of_peer(peer),
            Self::Send { to: Destination::Socket { handle, to: Some(name) }, .. } => {
                handle.number() ^ u64::from(hash(name.as_bytes())) << 32
            }
            _ => self.handle().map_or(0, Handle::number),
        }
    }

    /// The handle that it names, if any.
    pub fn handle(&self) -> Option<Handle> {
        match *self {
            Self::Duplicate { handle }
            | Self::Give { handle, .. }
            | Self::Close { handle }
            | Self::Read { handle, .. }
            | Self::Write { handle, .. }
            | Self::Send {
                to: Destination::Queue { handle, .. } | Destination::Socket { handle, .. },
                ..
            }
            | Self::Receive { from: Source::Object(handle), .. }
            | Self::Readiness { handle }
            | Self::Attributes { handle }
            | Self::Notify { handle, .. }
            | Self::Bind { handle, .. }
            | Self::Listen { handle, .. }
            | Self::Connect { handle, .. }
            | Self::Accept { handle, .. }
            | Self::Shutdown { handle, .. }
            | Self::Kill { handle } => Some(handle),
            _ => None,
        }
    }
}
