//! A system call as the trace keeps it.

use core::fmt;

use super::Kernel;
use super::call::{Answer, Call, Outcome, Peer, Value, Verb};
use super::device::Devices;
use super::handles::Object;
use super::id::{ChannelId, Handle, TaskId};
use super::name::Name;
use super::param::PREVIEW;
use super::rights::Rights;
use super::trace::Trace;

/// A system call as the trace keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Who called.
    pub task: TaskId,
    /// Which call.
    pub verb: Verb,
    /// Its handle, if it names one.
    pub handle: Option<Handle>,
    /// The name that it gives, if it gives one that is a name; who sent the message received.
    pub name: Option<Name>,
    /// The rights that it asks for.
    pub rights: Option<Rights>,
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
    fn new(buffer: &[u8]) -> Self {
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

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// The channel that a call is about, before it is made: a close leaves nothing to ask.
    pub(super) fn target(&self, task: TaskId, call: &Call<'_>) -> Option<ChannelId> {
        let mailbox = |slot| self.channels.key(slot).map(ChannelId);
        match *call {
            Call::Send { to: Peer::Task(to), .. } => mailbox(self.tasks.get(to.0)?.mailbox),
            Call::Send { to: Peer::Name(name), .. } | Call::Open { name, .. } => {
                mailbox(self.names.find(&Name::new(name).ok()?)?)
            }
            Call::Receive { .. } => mailbox(self.tasks.get(task.0)?.mailbox),
            _ => match self.tasks.get(task.0)?.handles.get(call.handle()?).ok()?.object {
                Object::Channel(channel) => Some(channel),
                Object::Device(_) => None,
            },
        }
    }

    pub(super) fn record(
        &self,
        task: TaskId,
        call: &Call<'_>,
        target: Option<ChannelId>,
        outcome: Outcome,
    ) -> CallRecord {
        let answer = match outcome {
            Outcome::Complete(answer) | Outcome::Preempted(answer) => Some(answer),
            Outcome::Blocked => None,
        };
        let received = matches!(answer, Some(Ok(Value::Message { .. })));
        let name = match *call {
            Call::Pipe { name, .. } => name.and_then(|name| Name::new(name).ok()),
            Call::Open { name, .. } => Name::new(name).ok(),
            Call::Receive { sender: &mut Some(ref sender), .. } if received => Some(sender.name),
            Call::Send { to, .. } | Call::Receive { from: Some(to), .. } => match to {
                Peer::Name(name) => Name::new(name).ok(),
                Peer::Task(task) => {
                    self.tasks.get(task.0).and_then(|task| self.names.of(task.mailbox))
                }
            },
            _ => None,
        };
        CallRecord {
            task,
            verb: call.verb(),
            handle: call.handle(),
            name,
            rights: match *call {
                Call::Open { rights, .. } => Some(rights),
                _ => None,
            },
            target,
            number: call.number(),
            preview: call.preview(answer),
            outcome,
        }
    }
}

impl Call<'_> {
    /// The number that it gives.
    fn number(&self) -> u64 {
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
    fn preview(&self, answer: Option<Answer>) -> Preview {
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
