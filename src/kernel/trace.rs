//! Every crossing is an event: what the kernel tells about itself.
//!
//! All views are made from this one log, so an event owns its data and says all that a view needs.

use core::fmt;

use super::call::{Call, Outcome, Value, Verb};
use super::error::{Error, Result};
use super::id::{ChannelId, Handle, TaskId};
use super::name::Name;
use super::param::PREVIEW;
use super::priority::Priority;
use super::task::Reason;
use super::time::Ticks;

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
        end: End,
    },
    /// A pipe was made.
    Create {
        /// Its id.
        channel: ChannelId,
        /// Its name, if it has one.
        name: Option<Name>,
        /// Bytes that it holds.
        capacity: usize,
    },
    /// A pipe was freed, with the last end.
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
pub enum End {
    /// It returned.
    Done,
    /// It returned an error.
    Failed(Error),
    /// It broke the rules of the runner: it waited for something that no call stands for.
    Faulted,
    /// It was ended from outside.
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.pad("done"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Faulted => f.pad("faulted: it waits, but not in a system call"),
            Self::Killed => f.pad("killed"),
        }
    }
}

/// A system call as the trace keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Who called.
    pub task: TaskId,
    /// Which call.
    pub verb: Verb,
    /// Its handle, if it names one.
    pub handle: Option<Handle>,
    /// The name that it gives, if it gives one that is a name.
    pub name: Option<Name>,
    /// What the handle or the name stands for, or what was made.
    pub target: Option<ChannelId>,
    /// The number that it gives: bytes of the buffer, capacity in bytes, tick, or priority.
    pub number: u64,
    /// The first bytes that it copied, or wanted to write, or of the name that it gives.
    pub preview: Preview,
    /// How it ended.
    pub outcome: Outcome,
}

/// The first bytes of a buffer, at most [`PREVIEW`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    bytes: [u8; PREVIEW],
    length: u8,
}

impl Preview {
    pub(crate) fn new(buffer: &[u8]) -> Self {
        let length = buffer.len().min(PREVIEW);
        let mut bytes = [0; PREVIEW];
        bytes[..length].copy_from_slice(&buffer[..length]);
        Self { bytes, length: length as u8 }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl Call<'_> {
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Pipe { capacity, .. } => *capacity as u64,
            Self::Read { buffer, .. } | Self::Receive { buffer, .. } => buffer.len() as u64,
            Self::Write { bytes, .. } | Self::Send { message: bytes, .. } => bytes.len() as u64,
            Self::Sleep { until } => until.0,
            Self::SetPriority { priority } => priority.level().into(),
            _ => 0,
        }
    }

    /// The first bytes that crossed, once the answer is known.
    pub(crate) fn preview(&self, answer: Option<Result<Value>>) -> Preview {
        let crossed: &[u8] = match (self, answer) {
            (Self::Write { bytes, .. } | Self::Send { message: bytes, .. }, _) => bytes,
            (Self::Open { name, .. } | Self::Pipe { name: Some(name), .. }, _) => name.as_bytes(),
            (Self::Read { buffer, .. }, Some(Ok(Value::Count(count)))) => &buffer[..count],
            (Self::Receive { buffer, .. }, Some(Ok(Value::Message { copied, .. }))) => {
                &buffer[..copied as usize]
            }
            _ => &[],
        };
        Preview::new(crossed)
    }
}
