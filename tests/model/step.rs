//! The steps of a script, as they are drawn, shrunk and printed.
//!
//! Every step means something in every state: what it names may be dead, closed, or never have
//! been. So steps can be deleted in any order while a failure is shrunk.

use std::fmt;

use postroom::{Kind, Priority, Rights, Sizes};

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
    End {
        who: Who,
    },
    Create {
        name: &'static str,
        sizes: Sizes,
    },
    Entrust {
        who: Who,
        victim: Who,
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
    Pipe {
        capacity: usize,
    },
    Open {
        name: &'static str,
        rights: Rights,
        create: Option<Making>,
    },
    Duplicate {
        handle: Hold,
    },
    Give {
        handle: Hold,
        to: To,
        rights: Rights,
        keep: bool,
    },
    Close {
        handle: Hold,
    },
    Unlink {
        name: &'static str,
    },
    Read {
        handle: Hold,
        length: usize,
        wait: Patience,
    },
    Write {
        handle: Hold,
        length: usize,
        wait: Patience,
    },
    Send {
        to: To,
        length: usize,
        wait: Patience,
    },
    Enqueue {
        handle: Hold,
        urgency: u8,
        length: usize,
        wait: Patience,
    },
    SendOut {
        handle: Hold,
        to: Option<&'static str>,
        length: usize,
        wait: Patience,
    },
    Receive {
        from: Option<To>,
        length: usize,
        wait: Patience,
    },
    TakeOut {
        handle: Hold,
        length: usize,
        wait: Patience,
    },
    Request {
        to: To,
        length: usize,
        room: usize,
        wait: Patience,
    },
    Answer {
        length: usize,
        wait: Patience,
    },
    /// To the last or an earlier request of this task.
    Reply {
        to: Who,
        back: u64,
        length: usize,
    },
    Readiness {
        handle: Hold,
    },
    Poll {
        set: Vec<(Option<Hold>, Rights)>,
        wait: Patience,
    },
    Attributes {
        handle: Hold,
    },
    Notify {
        handle: Hold,
        wait: Patience,
    },
    Socket {
        kind: Kind,
        sizes: Sizes,
    },
    Pair {
        kind: Kind,
        sizes: Sizes,
    },
    Bind {
        handle: Hold,
        name: &'static str,
        only: Option<Vec<To>>,
    },
    Listen {
        handle: Hold,
        backlog: usize,
    },
    Connect {
        handle: Hold,
        to: &'static str,
        wait: Patience,
    },
    Accept {
        handle: Hold,
        wait: Patience,
    },
    Shutdown {
        handle: Hold,
        rights: Rights,
    },
    Kill {
        handle: Hold,
    },
    Sleep {
        ticks: u64,
    },
    Cancel,
    GiveUp,
    Yield,
    SetPriority {
        priority: Priority,
    },
    Now,
    Exit,
}

/// What to make of a name that nothing has.
#[derive(Clone, Debug)]
pub(crate) struct Making {
    pub(crate) sizes: Sizes,
    pub(crate) exclusive: bool,
    pub(crate) only: Option<Vec<To>>,
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
            Self::End { who } => write!(f, "end {}", NAMES[*who]),
            Self::Create { name, sizes } => write!(f, "create `{name}`, {sizes:?}"),
            Self::Entrust { who, victim } => {
                write!(f, "entrust {} with {}", NAMES[*who], NAMES[*victim])
            }
            Self::Rank { who, priority } => write!(f, "set {} to priority {priority}", NAMES[*who]),
            Self::Advance { ticks } => write!(f, "advance {ticks} ticks"),
            Self::TurnBack => write!(f, "turn the clock back"),
            Self::Dispatch => write!(f, "dispatch"),
            Self::Call { who, wish } => write!(f, "{}: {wish:?}", NAMES[*who]),
            Self::Spin { who, calls } => write!(f, "{}: {calls} times Now", NAMES[*who]),
            Self::Again { who } => write!(f, "{}: the same again", NAMES[*who]),
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
