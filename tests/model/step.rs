//! The steps of a script, as they are drawn, shrunk and printed.
//!
//! Every step means something in every state: what it names may be dead, closed, or never have
//! been. So steps can be deleted in any order while a failure is shrunk.

use std::fmt;

use postroom::{Priority, Rights};

/// A task by its name, which outlives it: an index into [`NAMES`].
pub(crate) type Who = usize;

/// What tasks are called.
pub(crate) const NAMES: [&str; 4] = ["ann", "bob", "cid", "dan"];

#[derive(Clone)]
pub(crate) enum Step {
    Spawn {
        who: Who,
        priority: Priority,
    },
    Kill {
        who: Who,
    },
    CreatePipe {
        name: &'static str,
        capacity: usize,
    },
    Rank {
        who: Who,
        priority: Priority,
    },
    Advance {
        ticks: u64,
    },
    /// Tells the kernel of a time long past.
    TurnBack,
    Dispatch,
    Call {
        who: Who,
        wish: Wish,
    },
    /// Makes a call that does nothing, so many times or until someone else is to run.
    Spin {
        who: Who,
        calls: u32,
    },
    /// Makes the call that had to wait again, if there is one.
    Again {
        who: Who,
    },
}

/// A system call with everything in it that does not depend on the past.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    Pipe { name: Option<&'static str>, capacity: usize },
    Open { name: &'static str, rights: Rights },
    Duplicate { handle: Hold },
    Close { handle: Hold },
    Read { handle: Hold, length: usize, wait: Patience },
    Write { handle: Hold, length: usize, wait: Patience },
    Readiness { handle: Hold },
    Send { to: To, length: usize, wait: Patience },
    Receive { from: Option<To>, length: usize, wait: Patience },
    Sleep { ticks: u64 },
    Cancel,
    Yield,
    SetPriority { priority: Priority },
    Now,
    Exit,
}

/// A handle.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hold {
    /// What the caller has in this slot now.
    Own(u16),
    /// What it had in this slot before.
    Closed(u16),
    /// What someone else has in this slot.
    Of(Who, u16),
}

/// A task as it is addressed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    Name(&'static str),
    /// By the id of its last incarnation, dead or alive.
    Last(Who),
    /// By the id of its first incarnation.
    First(Who),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    Try,
    /// So many ticks from the first attempt.
    For(u64),
    Forever,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn { who, priority } => {
                write!(f, "spawn {}, priority {priority}", NAMES[*who])
            }
            Self::Kill { who } => write!(f, "kill {}", NAMES[*who]),
            Self::CreatePipe { name, capacity } => {
                write!(f, "create pipe `{name}`, {capacity} bytes")
            }
            Self::Rank { who, priority } => write!(f, "set {} to priority {priority}", NAMES[*who]),
            Self::Advance { ticks } => write!(f, "advance {ticks} ticks"),
            Self::TurnBack => write!(f, "turn the clock back"),
            Self::Dispatch => write!(f, "dispatch"),
            Self::Call { who, wish } => write!(f, "{}: {wish}", NAMES[*who]),
            Self::Spin { who, calls } => write!(f, "{}: {calls} times now()", NAMES[*who]),
            Self::Again { who } => write!(f, "{}: the same again", NAMES[*who]),
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipe { name: Some(name), capacity } => write!(f, "pipe(`{name}`, {capacity})"),
            Self::Pipe { name: None, capacity } => write!(f, "pipe({capacity})"),
            Self::Open { name, rights } => write!(f, "open(`{name}`, {rights})"),
            Self::Duplicate { handle } => write!(f, "duplicate({handle})"),
            Self::Close { handle } => write!(f, "close({handle})"),
            Self::Read { handle, length, wait } => {
                write!(f, "read({handle}, {length} bytes, {wait})")
            }
            Self::Write { handle, length, wait } => {
                write!(f, "write({handle}, {length} bytes, {wait})")
            }
            Self::Readiness { handle } => write!(f, "readiness({handle})"),
            Self::Send { to, length, wait } => write!(f, "send({to}, {length} bytes, {wait})"),
            Self::Receive { from: None, length, wait } => {
                write!(f, "receive({length} bytes, {wait})")
            }
            Self::Receive { from: Some(from), length, wait } => {
                write!(f, "receive_from({from}, {length} bytes, {wait})")
            }
            Self::Sleep { ticks } => write!(f, "sleep({ticks} ticks)"),
            Self::Cancel => write!(f, "cancel()"),
            Self::Yield => write!(f, "yield()"),
            Self::SetPriority { priority } => write!(f, "set_priority({priority})"),
            Self::Now => write!(f, "now()"),
            Self::Exit => write!(f, "exit()"),
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(slot) => write!(f, "h{slot}"),
            Self::Closed(slot) => write!(f, "the former h{slot}"),
            Self::Of(who, slot) => write!(f, "{}'s h{slot}", NAMES[*who]),
        }
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Last(who) => write!(f, "id of {}", NAMES[*who]),
            Self::First(who) => write!(f, "id of the first {}", NAMES[*who]),
        }
    }
}

impl fmt::Display for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Try => write!(f, "try"),
            Self::For(ticks) => write!(f, "for {ticks} ticks"),
            Self::Forever => write!(f, "for ever"),
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
