//! Every crossing is an event: what the kernel tells about itself.
//!
//! All views are made from this one log, so an event owns its data and says all that a view needs.

use core::fmt;

use super::{
    CallRecord, ChannelId, Error, Kind, Name, Priority, Reason, Result, Sizes, TaskId, Ticks,
};

/// Takes the kernel's events. `()` takes none, and then nothing of this is compiled.
pub trait Trace {
    /// Whether events are made at all.
    const ENABLED: bool = true;

    /// Takes one event, at the time of the kernel's clock.
    fn event(&mut self, now: Ticks, event: &Event);
}

impl Trace for () {
    const ENABLED: bool = false;

    fn event(&mut self, _: Ticks, _: &Event) {}
}

/// Two sinks, one after the other.
impl<A: Trace, B: Trace> Trace for (A, B) {
    const ENABLED: bool = A::ENABLED || B::ENABLED;

    fn event(&mut self, now: Ticks, event: &Event) {
        self.0.event(now, event);
        self.1.event(now, event);
    }
}

/// A sink, if there is one. Whether there is may be decided while the program runs.
impl<T: Trace> Trace for Option<T> {
    const ENABLED: bool = T::ENABLED;

    fn event(&mut self, now: Ticks, event: &Event) {
        if let Some(sink) = self {
            sink.event(now, event);
        }
    }
}

impl<T: Trace> Trace for &mut T {
    const ENABLED: bool = T::ENABLED;

    fn event(&mut self, now: Ticks, event: &Event) {
        (**self).event(now, event);
    }
}

/// Something that happened in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A task came to life.
    Spawn {
        /// Its id.
        task: TaskId,
        /// Its name, which is also its mailbox's.
        name: Name,
        /// Its mailbox.
        mailbox: ChannelId,
        /// Its priority.
        priority: Priority,
    },
    /// A task ended.
    Exit {
        /// Who.
        task: TaskId,
        /// How.
        status: ExitStatus,
    },
    /// A pipe, queue or socket was made.
    Create {
        /// Its id.
        channel: ChannelId,
        /// What it is.
        kind: Kind,
        /// Its name, if it has one.
        name: Option<Name>,
        /// What it holds.
        sizes: Sizes,
    },
    /// A socket was given a name.
    Bind {
        /// Which.
        channel: ChannelId,
        /// Its name.
        name: Name,
    },
    /// A request was refused because it would have closed a circle; this is one link of it.
    Circle {
        /// Who waits, or would wait.
        task: TaskId,
        /// For whose reply.
        waits_for: TaskId,
    },
    /// A channel was freed.
    Destroy {
        /// Which.
        channel: ChannelId,
    },
    /// A system call was answered, or has to wait.
    Call(CallRecord),
    /// Bytes were copied.
    Copy {
        /// For whom.
        task: TaskId,
        /// Out of or into which ring.
        channel: ChannelId,
        /// Which way.
        direction: Direction,
        /// Bytes.
        bytes: usize,
        /// What the ring held before: bytes of a pipe, messages of a mailbox.
        before: usize,
        /// What it held after.
        after: usize,
    },
    /// A task has to wait.
    Block {
        /// Who.
        task: TaskId,
        /// What for.
        reason: Reason,
    },
    /// A waiting task became ready.
    Wake {
        /// Who.
        task: TaskId,
        /// By what.
        cause: Cause,
    },
    /// Another task runs.
    Switch {
        /// Who ran before, if it still lives.
        from: Option<TaskId>,
        /// Who runs now.
        to: TaskId,
    },
}

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the task into the kernel.
    In,
    /// From the kernel to the task.
    Out,
}

/// What made a waiting task ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Something that this task did, which may be the task itself: it gave up waiting.
    Task(TaskId),
    /// Its time had come.
    Timer,
    /// A device.
    Device,
    /// Whoever runs the kernel.
    Runner,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitStatus {
    /// It returned.
    Done,
    /// It returned an error.
    Failed(Error),
    /// It broke the rules of the runner: it waited for something that no call stands for.
    Faulted,
    /// It panicked.
    Panicked,
    /// It was ended from outside.
    Killed,
}

impl From<Result<()>> for ExitStatus {
    fn from(returned: Result<()>) -> Self {
        returned.map_or_else(Self::Failed, |()| Self::Done)
    }
}

impl ExitStatus {
    /// Whether the task did not end as it should: by itself, or because it was told to.
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Done | Self::Killed)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.pad("done"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Faulted => f.pad("faulted: it waits, but not in a system call"),
            Self::Panicked => f.pad("panicked"),
            Self::Killed => f.pad("killed"),
        }
    }
}
