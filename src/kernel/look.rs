//! What stands where, for those who look at a kernel from outside: tests, debuggers, views.

use super::{ChannelId, Envelope, Kernel, Kind, Name, Priority, Reason, Ring, State, TaskId};

/// A living task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// Its name.
    pub name: Name,
    /// Its priority.
    pub priority: Priority,
    /// What it does.
    pub state: State,
    /// Why it waits, if it is blocked.
    pub reason: Option<Reason>,
    /// Handles that it holds.
    pub handles: usize,
}

/// A channel in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// Its name, if it has one. That of a mailbox is its task's.
    pub name: Option<Name>,
    /// What it is.
    pub kind: Kind,
    /// What it can hold: bytes, messages, or of a listening socket connections.
    pub capacity: usize,
    /// What it holds.
    pub length: usize,
    /// The longest message, in bytes; the longest atomic write of what holds bytes.
    pub longest: usize,
    /// Handles with the right to read; of a socket all its handles.
    pub read_ends: u32,
    /// Handles with the right to write; of a connected socket 1 while its peer is open.
    pub write_ends: u32,
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// All living tasks.
    pub fn tasks(&self) -> impl Iterator<Item = TaskView> {
        self.tasks.iter().filter_map(|(key, task)| {
            Some(TaskView {
                id: TaskId(key),
                name: self.names.of(task.mailbox)?,
                priority: task.priority,
                state: task.state,
                reason: task
                    .waiting
                    .filter(|_| task.state == State::Blocked)
                    .map(|waiting| waiting.reason),
                handles: task.handles.iter().count(),
            })
        })
    }

    /// All channels in use.
    pub fn channels(&self) -> impl Iterator<Item = ChannelView> {
        self.channels.iter().map(|(key, channel)| ChannelView {
            id: ChannelId(key),
            name: self.names.of(key.index),
            kind: channel.kind(),
            capacity: channel.ring.capacity(),
            length: channel.ring.len(),
            longest: channel.ring.messages().map_or(channel.atomic().into(), |ring| ring.longest()),
            read_ends: channel.read_side.open,
            write_ends: channel.write_side.open,
        })
    }

    /// The bytes in a pipe or stream, in their order; none if it holds messages.
    pub fn bytes_in(&self, channel: ChannelId) -> impl Iterator<Item = u8> {
        self.channels.get(channel.0).into_iter().flat_map(|channel| {
            let ring = match channel.ring {
                Ring::Bytes(ring) => Some(ring),
                Ring::Messages(_) => None,
            };
            ring.into_iter().flat_map(|ring| ring.contents(&channel.store))
        })
    }

    /// The messages in a channel, in the order in which they would be taken; none if it holds
    /// bytes. A reply stands before the messages of a mailbox.
    pub fn messages_in(&self, channel: ChannelId) -> impl Iterator<Item = (Envelope, &[u8])> {
        self.channels.get(channel.0).into_iter().flat_map(|channel| {
            channel.ring.messages().into_iter().flat_map(|ring| {
                let store = &channel.store;
                ring.iter(store, 0).map(move |it| (ring.envelope(store, it), ring.body(store, it)))
            })
        })
    }
}
