//! What stands where, for those who look at a kernel from outside: tests, debuggers, views.

use super::Kernel;
use super::channel::{Body, Kind};
use super::id::{ChannelId, TaskId};
use super::messages::Sender;
use super::name::Name;
use super::priority::Priority;
use super::task::{Reason, State};

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
    /// What it can hold: bytes of a pipe, messages of a mailbox.
    pub capacity: usize,
    /// What it holds.
    pub length: usize,
    /// The longest message of a mailbox, in bytes; the longest atomic write of a pipe.
    pub longest: usize,
    /// Read ends open; of a mailbox there is one, its task.
    pub read_ends: u32,
    /// Write ends open; a mailbox has none, anyone may send.
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
        self.channels.iter().filter_map(|(key, channel)| {
            let name = self.names.of(key.index);
            let id = ChannelId(key);
            match &channel.body {
                Body::Free => None,
                Body::Pipe(pipe) => Some(ChannelView {
                    id,
                    name,
                    kind: Kind::Pipe,
                    capacity: pipe.ring.capacity(),
                    length: pipe.ring.len(),
                    longest: pipe.atomic(),
                    read_ends: pipe.read_ends.open,
                    write_ends: pipe.write_ends.open,
                }),
                Body::Mailbox(mailbox) => Some(ChannelView {
                    id,
                    name,
                    kind: Kind::Mailbox,
                    capacity: mailbox.ring.capacity(),
                    length: mailbox.ring.len(),
                    longest: mailbox.ring.longest().unwrap_or(0),
                    read_ends: 1,
                    write_ends: 0,
                }),
            }
        })
    }

    /// The bytes in a pipe, in their order; none if it is no pipe.
    pub fn bytes_in(&self, pipe: ChannelId) -> impl Iterator<Item = u8> {
        let channel = self.channels.get(pipe.0);
        channel.into_iter().flat_map(|channel| {
            let ring = match channel.body {
                Body::Pipe(pipe) => Some(pipe.ring),
                _ => None,
            };
            ring.into_iter().flat_map(|ring| ring.contents(&channel.store))
        })
    }

    /// The messages in a mailbox, in their order; none if it is no mailbox.
    pub fn messages_in(&self, mailbox: ChannelId) -> impl Iterator<Item = (Sender, &[u8])> {
        let channel = self.channels.get(mailbox.0);
        channel.into_iter().flat_map(|channel| {
            let ring = match channel.body {
                Body::Mailbox(mailbox) => Some(mailbox.ring),
                _ => None,
            };
            let messages = move |ring: super::messages::MessageRing| {
                ring.iter(&channel.store)
                    .map(move |message| (message.sender, ring.body(&channel.store, message)))
            };
            ring.into_iter().flat_map(messages)
        })
    }
}
