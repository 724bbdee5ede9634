//! What a script does, step by step.

use std::fmt;

use postroom::Rights;

/// One of the ends that a script has opened so far, by its number.
pub(crate) type End = usize;

/// One of the names of a script.
pub(crate) type Label = usize;

/// Bytes of the one running counter: where they begin, and how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes {
    pub(crate) from: usize,
    pub(crate) length: usize,
}

impl Bytes {
    /// The most in one piece.
    const LONGEST: usize = 16_640;

    pub(crate) fn get(self) -> &'static [u8] {
        &COUNTER[self.from % TURN..][..self.length]
    }
}

/// The counter begins again after so many: no power of two, so that bytes that are off by a page
/// are not the same.
const TURN: usize = 251;

static COUNTER: [u8; Bytes::LONGEST + TURN] = {
    let mut counter = [0; Bytes::LONGEST + TURN];
    let mut n = 0;
    while n < counter.len() {
        counter[n] = (n % TURN) as u8;
        n += 1;
    }
    counter
};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// Opens the pipe or queue of this name, and makes it if there is none.
    Open {
        label: Label,
        rights: Rights,
        exclusive: bool,
    },
    Unlink {
        label: Label,
    },
    Socket,
    Bind {
        end: End,
        label: Label,
    },
    Listen {
        end: End,
        backlog: usize,
    },
    Connect {
        end: End,
        label: Label,
    },
    Accept {
        end: End,
    },
    Shutdown {
        end: End,
        rights: Rights,
    },
    Duplicate {
        end: End,
    },
    /// One more handle for the same thing, for another task.
    Share {
        end: End,
        to: usize,
        rights: Rights,
    },
    Close {
        end: End,
    },
    Read {
        end: End,
        length: usize,
    },
    Write {
        end: End,
        bytes: Bytes,
    },
    Send {
        end: End,
        to: Option<Label>,
        bytes: Bytes,
    },
    Enqueue {
        end: End,
        urgency: u8,
        bytes: Bytes,
    },
    Receive {
        end: End,
        length: usize,
    },
    Readiness {
        end: End,
    },
    Poll {
        end: End,
        wants: Rights,
    },
    Attributes {
        end: End,
    },
    /// Gives up the call in which the task waits.
    Cancel {
        task: usize,
    },
}

impl Op {
    /// The end that it is about.
    pub(crate) fn end(self) -> Option<End> {
        match self {
            Self::Bind { end, .. }
            | Self::Listen { end, .. }
            | Self::Connect { end, .. }
            | Self::Accept { end }
            | Self::Shutdown { end, .. }
            | Self::Duplicate { end }
            | Self::Share { end, .. }
            | Self::Close { end }
            | Self::Read { end, .. }
            | Self::Write { end, .. }
            | Self::Send { end, .. }
            | Self::Enqueue { end, .. }
            | Self::Receive { end, .. }
            | Self::Readiness { end }
            | Self::Poll { end, .. }
            | Self::Attributes { end } => Some(end),
            Self::Open { .. } | Self::Unlink { .. } | Self::Socket | Self::Cancel { .. } => None,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Open { label, rights, exclusive } => {
                write!(f, "open name {label} to {rights}{}", if exclusive { ", new" } else { "" })
            }
            Self::Unlink { label } => write!(f, "unlink name {label}"),
            Self::Socket => f.write_str("socket"),
            Self::Bind { end, label } => write!(f, "bind #{end} to name {label}"),
            Self::Listen { end, backlog } => write!(f, "listen #{end}, backlog {backlog}"),
            Self::Connect { end, label } => write!(f, "connect #{end} to name {label}"),
            Self::Accept { end } => write!(f, "accept #{end}"),
            Self::Shutdown { end, rights } => write!(f, "shutdown #{end} to {rights}"),
            Self::Duplicate { end } => write!(f, "duplicate #{end}"),
            Self::Share { end, to, .. } => write!(f, "share #{end} with task {to}"),
            Self::Close { end } => write!(f, "close #{end}"),
            Self::Read { end, length } => write!(f, "read {length} from #{end}"),
            Self::Write { end, bytes } => write!(f, "write {} to #{end}", bytes.length),
            Self::Send { end, to: None, bytes } => write!(f, "send {} out of #{end}", bytes.length),
            Self::Send { end, to: Some(label), bytes } => {
                write!(f, "send {} out of #{end} to name {label}", bytes.length)
            }
            Self::Enqueue { end, urgency, bytes } => {
                write!(f, "send {} to #{end}, urgency {urgency}", bytes.length)
            }
            Self::Receive { end, length } => write!(f, "receive from #{end} into {length}"),
            Self::Readiness { end } => write!(f, "readiness of #{end}"),
            Self::Poll { end, wants } => write!(f, "poll #{end} to {wants}"),
            Self::Attributes { end } => write!(f, "attributes of #{end}"),
            Self::Cancel { task } => write!(f, "task {task} gives up"),
        }
    }
}
