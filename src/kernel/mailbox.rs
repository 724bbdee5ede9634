//! Mailboxes: messages to a named task (laws 22 to 26).

use super::Kernel;
use super::call::{Peer, Value, Verb};
use super::channel::{Body, Mailbox};
use super::device::Devices;
use super::door::{Attempt, Refusal};
use super::error::{Error, Result};
use super::id::TaskId;
use super::messages::{Message, Sender};
use super::name::Name;
use super::task::{On, Reason, State};
use super::trace::{Direction, Event, Trace};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Puts a message into the mailbox of a task.
    #[inline]
    pub(super) fn send(&mut self, me: u16, to: Peer<'_>, body: &[u8]) -> Attempt {
        let (slot, owner) = self.mailbox_of(to)?;
        let task = self.tasks.at(me);
        let priority = task.priority;
        let from = self.tasks.key(me).map(TaskId).zip(self.names.of(task.mailbox));
        let Some((task, name)) = from else { return Err(Error::PeerDead.into()) };

        let channel = self.channels.at_mut(slot);
        let Body::Mailbox(Mailbox { ring, .. }) = &mut channel.body else {
            return Err(Error::WrongKind.into());
        };
        if ring.longest().is_none_or(|longest| body.len() > longest) {
            return Err(Error::MessageTooLong.into());
        }
        if ring.is_full() {
            return Err(Refusal::Wait(On::Room(slot, 0), Reason::Full));
        }
        if !self.waits.may_pass(&channel.writers, me, priority) {
            return Err(Refusal::Wait(On::Room(slot, 0), Reason::Line));
        }
        let before = ring.len();
        ring.push(&mut channel.store, Sender { task, name }, body);
        self.emit_copy(me, slot, Direction::In, body.len(), before, before + 1);
        self.settle(slot);
        self.tell(owner.index(), me);
        Ok(Value::Unit)
    }

    /// Takes a message out of the task's own mailbox.
    #[inline]
    pub(super) fn receive(
        &mut self,
        me: u16,
        from: Option<Peer<'_>>,
        buffer: &mut [u8],
        sender: &mut Option<Sender>,
    ) -> Attempt {
        let slot = self.tasks.at(me).mailbox;
        let channel = self.channels.at(slot);
        let Body::Mailbox(Mailbox { mut ring, .. }) = channel.body else {
            return Err(Error::WrongKind.into());
        };
        let message = match from {
            None => ring.front(&channel.store),
            Some(Peer::Task(task)) => {
                ring.iter(&channel.store).find(|message| message.sender.task == task)
            }
            Some(Peer::Name(name)) => {
                let name = Name::new(name)?;
                ring.iter(&channel.store).find(|message| message.sender.name == name)
            }
        };
        let Some(message) = message else {
            // A sender that died has none left now.
            if let Some(verdict) = self.verdict(me, Verb::Receive) {
                return Err(verdict.into());
            }
            return Err(match from {
                None => Refusal::Wait(On::Output(slot), Reason::Empty),
                Some(peer) => {
                    let (_, owner) = self.mailbox_of(peer)?;
                    Refusal::Wait(On::Sender(owner.index()), Reason::Sender)
                }
            });
        };
        let Message { length, .. } = message;
        let copied = length.min(buffer.len());
        let before = ring.len();
        buffer[..copied].copy_from_slice(&ring.body(&channel.store, message)[..copied]);
        *sender = Some(message.sender);

        let channel = self.channels.at_mut(slot);
        ring.remove(&mut channel.store, message);
        if let Body::Mailbox(mailbox) = &mut channel.body {
            mailbox.ring = ring;
        }
        self.emit_copy(me, slot, Direction::Out, copied, before, before - 1);
        self.settle(slot);
        // A message fits a ring, and a ring has fewer than 2^32 bytes.
        Ok(Value::Message { copied: copied as u32, length: length as u32 })
    }

    /// The mailbox of a task, and the task.
    ///
    /// # Errors
    /// By name: [`Error::NoSuchName`], [`Error::WrongKind`] if a pipe has the name. By id:
    /// [`Error::PeerDead`] (law 20).
    fn mailbox_of(&self, peer: Peer<'_>) -> Result<(u16, TaskId)> {
        match peer {
            Peer::Task(task) => {
                let it = self.tasks.get(task.0).ok_or(Error::PeerDead)?;
                Ok((it.mailbox, task))
            }
            Peer::Name(name) => {
                let slot = self.names.find(&Name::new(name)?).ok_or(Error::NoSuchName)?;
                match self.channels.at(slot).body {
                    Body::Mailbox(Mailbox { owner, .. }) => Ok((slot, owner)),
                    _ => Err(Error::WrongKind),
                }
            }
        }
    }

    /// Wakes a task that sleeps for want of a message from this very sender (law 25).
    fn tell(&mut self, receiver: u16, sender: u16) {
        let task = self.tasks.at(receiver);
        let waits = task.waiting.is_some_and(|waiting| waiting.on == On::Sender(sender));
        if waits && task.state == State::Blocked {
            self.wake(receiver, self.cause);
        }
    }

    /// Tells the trace of a copy.
    #[inline]
    pub(super) fn emit_copy(
        &mut self,
        me: u16,
        slot: u16,
        direction: Direction,
        bytes: usize,
        before: usize,
        after: usize,
    ) {
        if !T::ENABLED {
            return;
        }
        let ids = self.tasks.key(me).zip(self.channels.key(slot));
        if let Some((task, channel)) = ids {
            let (task, channel) = (TaskId(task), super::ChannelId(channel));
            self.emit(|| Event::Copy { task, channel, direction, bytes, before, after });
        }
    }
}
