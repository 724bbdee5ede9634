//! A system call as the trace keeps it.

use core::fmt;

use super::{
    Answer, Call, ChannelId, Destination, Devices, Handle, Kernel, Name, Object, Outcome, PREVIEW,
    Peer, Rights, Source, TaskId, Trace, Value, Verb,
};

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
    pub number: Option<u64>,
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
        let named = |name| Some(self.channel_id(self.names.find(&Name::new(name).ok()?)?));
        let of_peer = |peer| Some(self.channel_id(self.mailbox_of(peer).ok()?.0));
        match *call {
            Call::Send { to: Destination::Task(to), .. } | Call::Request { to, .. } => of_peer(to),
            Call::Open { name, .. } | Call::Unlink { name } => named(name),
            Call::Receive { from: Source::Anyone | Source::Task(_), .. } | Call::Answer { .. } => {
                Some(self.channel_id(self.tasks.get(task.0)?.mailbox))
            }
            _ => match self.tasks.get(task.0)?.handles.get(call.handle()?).ok()?.object() {
                Object::Channel(channel) => Some(channel),
                Object::Task(_) => None,
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
        let of_task = |task: TaskId| self.names.of(self.tasks.get(task.0)?.mailbox);
        let of_peer = |peer| match peer {
            Peer::Name(name) => Name::new(name).ok(),
            Peer::Task(task) => of_task(task),
        };
        let name = match *call {
            Call::Receive { envelope: &mut Some(ref it), .. } if received => {
                it.name.or_else(|| of_task(it.sender))
            }
            Call::Receive { from: Source::Task(peer), .. }
            | Call::Send { to: Destination::Task(peer), .. }
            | Call::Request { to: peer, .. }
            | Call::Give { to: peer, .. } => of_peer(peer),
            Call::Send { to: Destination::Socket { to: Some(name), .. }, .. }
            | Call::Open { name, .. }
            | Call::Unlink { name }
            | Call::Bind { name, .. }
            | Call::Connect { to: name, .. } => Name::new(name).ok(),
            Call::Reply { request, .. } => of_task(request.caller),
            Call::Kill { handle } => {
                let entry = self.tasks.get(task.0).and_then(|it| it.handles.get(handle).ok());
                match entry.map(|entry| entry.object()) {
                    Some(Object::Task(task)) => of_task(task),
                    _ => None,
                }
            }
            _ => None,
        };
        CallRecord {
            task,
            verb: call.verb(),
            handle: call.handle(),
            name,
            rights: match *call {
                Call::Open { rights, .. }
                | Call::Give { rights, .. }
                | Call::Shutdown { rights, .. } => Some(rights),
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
    fn number(&self) -> Option<u64> {
        Some(match self {
            Self::Pipe { capacity } => *capacity as u64,
            Self::Read { buffer, .. }
            | Self::Receive { buffer, .. }
            | Self::Answer { buffer, .. } => buffer.len() as u64,
            Self::Write { bytes: sent, .. }
            | Self::Send { message: sent, .. }
            | Self::Request { message: sent, .. }
            | Self::Reply { message: sent, .. } => sent.len() as u64,
            Self::Poll { set, .. } => set.len() as u64,
            Self::Listen { backlog, .. } => *backlog as u64,
            Self::Sleep { until } => until.0,
            Self::SetPriority { priority } => priority.level().into(),
            _ => return None,
        })
    }

    /// The first bytes that crossed, once the answer is known.
    fn preview(&self, answer: Option<Answer>) -> Preview {
        let crossed: &[u8] = match (self, answer) {
            (
                Self::Write { bytes: sent, .. }
                | Self::Send { message: sent, .. }
                | Self::Request { message: sent, .. }
                | Self::Reply { message: sent, .. },
                _,
            ) => sent,
            (
                Self::Open { name, .. }
                | Self::Unlink { name }
                | Self::Bind { name, .. }
                | Self::Connect { to: name, .. },
                _,
            ) => name.as_bytes(),
            (Self::Read { buffer, .. }, Some(Ok(Value::Count(count)))) => &buffer[..count],
            (
                Self::Receive { buffer, .. } | Self::Answer { buffer, .. },
                Some(Ok(Value::Message { copied, .. })),
            ) => &buffer[..copied as usize],
            _ => &[],
        };
        Preview::new(crossed)
    }
}
