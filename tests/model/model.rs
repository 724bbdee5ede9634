//! The model: what there is, and what has which name.

use std::collections::VecDeque;

use postroom::param::HANDLES;
use postroom::{Error, Handle, Name, Priority, Reason, Rights, State, Value, Verb};

use crate::request::{Life, Request};
use crate::script::Sizes;

/// Everything. Nothing is ever taken out of `tasks` and `pipes`; the dead stay, marked as such.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) sizes: Sizes,
    pub(crate) now: u64,
    pub(crate) tasks: Vec<Task>,
    pub(crate) pipes: Vec<Pipe>,
    /// All who are in the middle of a call, in the order in which they came.
    pub(crate) waiting: Vec<Waiting>,
    /// All who are ready, in the order in which they became so.
    pub(crate) ready: Vec<Life>,
    /// Bytes drawn, handles given out, and timers set, so far.
    pub(crate) drawn: usize,
    pub(crate) handles: u64,
    pub(crate) timers: u64,
}

#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) alive: bool,
    pub(crate) state: State,
    pub(crate) priority: Priority,
    pub(crate) mailbox: VecDeque<(Life, Vec<u8>)>,
    pub(crate) handles: [Option<Held>; HANDLES],
    /// The last handle that was closed in each slot.
    pub(crate) closed: [Option<Handle>; HANDLES],
    /// When it wants to be woken, and the how manieth timer that is.
    pub(crate) deadline: Option<(u64, u64)>,
    /// Calls left in this dispatch.
    pub(crate) quantum: u32,
}

#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) handle: Handle,
    pub(crate) pipe: usize,
    pub(crate) rights: Rights,
}

#[derive(Clone)]
pub(crate) struct Pipe {
    pub(crate) name: Option<&'static str>,
    pub(crate) alive: bool,
    pub(crate) capacity: usize,
    pub(crate) bytes: VecDeque<u8>,
    pub(crate) read_ends: Ends,
    pub(crate) write_ends: Ends,
}

#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) open: u32,
    /// Nobody has opened one yet.
    pub(crate) awaited: bool,
}

/// A call that had to wait.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) task: Life,
    pub(crate) verb: Verb,
    pub(crate) request: Request,
    pub(crate) text: String,
    pub(crate) line: Line,
    pub(crate) reason: Reason,
    /// The answer, if what it waited for is gone.
    pub(crate) verdict: Option<Error>,
}

/// What someone waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Nothing,
    Bytes(usize),
    Room(usize, usize),
    Mail(Life),
    MailFrom(Life),
    MailRoom(Life),
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

/// An answer, with the bytes copied out and who sent them.
pub(crate) type Attempt = std::result::Result<(Value, Vec<u8>, Option<Life>), Refusal>;

impl Model {
    /// Nobody and nothing, at tick 0.
    pub(crate) fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            now: 0,
            tasks: Vec::new(),
            pipes: Vec::new(),
            waiting: Vec::new(),
            ready: Vec::new(),
            drawn: 0,
            handles: 0,
            timers: 0,
        }
    }

    /// What has this name, or why it cannot be a name.
    pub(crate) fn find(&self, name: &str) -> std::result::Result<Named, Error> {
        if name.len() > postroom::param::NAME {
            return Err(Error::NameTooLong);
        }
        if name.is_empty() || name.contains(':') || name.contains('\n') {
            return Err(Error::BadName);
        }
        debug_assert!(Name::new(name).is_ok());
        if let Some(life) = self.tasks.iter().position(|task| task.alive && task.name == name) {
            return Ok(Named::Task(life));
        }
        match self.pipes.iter().position(|pipe| pipe.alive && pipe.name == Some(name)) {
            Some(pipe) => Ok(Named::Pipe(pipe)),
            None => Ok(Named::Nothing),
        }
    }

    /// Whether the channel table is full: each pipe and each task takes a place.
    pub(crate) fn channels_are_full(&self) -> bool {
        let tasks = self.tasks.iter().filter(|task| task.alive).count();
        let pipes = self.pipes.iter().filter(|pipe| pipe.alive).count();
        tasks + pipes == self.sizes.channels
    }
}

/// What a name stands for.
pub(crate) enum Named {
    Task(Life),
    Pipe(usize),
    Nothing,
}
