//! The model: what there is.

use std::collections::VecDeque;

use postroom::param::HANDLES;
use postroom::{
    Error, Handle, Kind, Priority, Readiness, Reason, Rights, Sizes, State, Value, Verb,
};

use crate::request::{Life, Request, Stamp, Subject};
use crate::script::Limits;

/// Everything. Nothing is ever taken out of `tasks` and `objects`; the dead stay, marked as such.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) limits: Limits,
    pub(crate) now: u64,
    pub(crate) tasks: Vec<Task>,
    pub(crate) objects: Vec<Object>,
    /// All who are in the middle of a call, in the order in which they came.
    pub(crate) waiting: Vec<Waiting>,
    /// All who are ready, in the order in which they became so.
    pub(crate) ready: Vec<Life>,
    /// Bytes drawn, handles given out, timers set, and things polled, so far.
    pub(crate) drawn: usize,
    pub(crate) handles: u64,
    pub(crate) timers: u64,
    pub(crate) polled: u64,
}

#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) alive: bool,
    pub(crate) state: State,
    pub(crate) priority: Priority,
    pub(crate) mailbox: VecDeque<Mail>,
    pub(crate) handles: [Option<Held>; HANDLES],
    /// The last handle that was closed in each slot.
    pub(crate) closed: [Option<Handle>; HANDLES],
    /// Requests made, the one without an answer, and the reply to it.
    pub(crate) requests: u64,
    pub(crate) request: Option<Outgoing>,
    pub(crate) reply: Option<Mail>,
    /// When it wants to be woken, and the how manieth timer that is.
    pub(crate) deadline: Option<(u64, u64)>,
    /// Calls left in this dispatch.
    pub(crate) quantum: u32,
}

#[derive(Clone, Copy)]
pub(crate) struct Outgoing {
    pub(crate) serial: u64,
    pub(crate) server: Life,
    pub(crate) room: usize,
}

/// A message, and who sent it.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) stamp: Stamp,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) handle: Handle,
    pub(crate) what: What,
    pub(crate) rights: Rights,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Object(usize),
    Task(Life),
}

/// A pipe, a queue or a socket.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) sizes: Sizes,
    pub(crate) name: Option<&'static str>,
    pub(crate) alive: bool,
    /// Made by the runner, and not unlinked yet.
    pub(crate) kept: bool,
    /// Who may open it; everyone if `None`.
    pub(crate) only: Option<Vec<Life>>,
    pub(crate) bytes: VecDeque<u8>,
    pub(crate) mail: VecDeque<Mail>,
    pub(crate) reads: Side,
    pub(crate) writes: Side,
    pub(crate) stage: Stage,
    /// The connection was reset, and nobody has been told.
    pub(crate) reset: bool,
    /// Who wants to be told of the next message, and whether it has come.
    pub(crate) notice: Option<(Life, bool)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Nobody has opened it yet.
    Awaited,
    Open(u32),
    /// It never closes.
    Lasting(u32),
    Shut(u32),
}

/// How far a socket is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    Idle,
    /// The most connections, and those that wait to be accepted.
    Listening(usize, VecDeque<usize>),
    Connected(usize),
}

/// A call that had to wait.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) task: Life,
    pub(crate) verb: Verb,
    pub(crate) subject: Subject,
    pub(crate) request: Request,
    pub(crate) text: String,
    pub(crate) line: Line,
    pub(crate) reason: Reason,
    /// The answer, if what it waited for is gone.
    pub(crate) verdict: Option<Error>,
    /// What it polls.
    pub(crate) interests: Vec<Interest>,
}

/// What someone waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Nothing,
    Output(usize),
    Room(usize, usize),
    Mail(Life),
    MailFrom(Life),
    MailRoom(Life),
    Reply(Life),
    Notice(usize),
    Poll,
}

/// One thing that someone polls.
#[derive(Clone, Copy)]
pub(crate) struct Interest {
    /// Whose going away ends it.
    pub(crate) list: Place,
    /// What has to become ready.
    pub(crate) what: Place,
    pub(crate) rights: Rights,
    pub(crate) wants: Rights,
    /// The how manieth that is.
    pub(crate) stamp: u64,
}

impl Interest {
    /// Whether both are the same, however old each of them is.
    pub(crate) fn is(self, other: Self) -> bool {
        (self.list, self.what, self.rights, self.wants)
            == (other.list, other.what, other.rights, other.wants)
    }
}

/// Something that can change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Object(usize),
    Mailbox(Life),
}

/// Why a call cannot be answered now.
pub(crate) enum Refusal {
    Error(Error),
    Wait(Line, Reason),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// An answer, with the bytes copied out, the envelope, and what was polled.
#[derive(Default)]
pub(crate) struct Copied {
    pub(crate) bytes: Vec<u8>,
    pub(crate) stamp: Option<Stamp>,
}

pub(crate) type Attempt = std::result::Result<(Value, Copied), Refusal>;

/// The answers of a poll, entry by entry.
pub(crate) type Looks = Vec<std::result::Result<Readiness, Error>>;

/// An answer without any copy.
pub(crate) fn plain(value: Value) -> Attempt {
    Ok((value, Copied::default()))
}

impl Model {
    /// Nobody and nothing, at tick 0.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: 0,
            tasks: Vec::new(),
            objects: Vec::new(),
            waiting: Vec::new(),
            ready: Vec::new(),
            drawn: 0,
            handles: 1,
            timers: 0,
            polled: 0,
        }
    }
}
