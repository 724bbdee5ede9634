//! Mailboxes: messages to a named task (laws 22 to 26).

use super::{
    Attempt, Body, Devices, Envelope, Error, Kernel, MESSAGES, Name, On, Peer, Reason, Refusal,
    Result, State, TaskId, Trace, Value,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Puts a message into the mailbox of a task; `request` is its number if it is a request.
    #[inline(never)]
    pub(super) fn send(&mut self, me: u16, to: Peer<'_>, body: &[u8], request: u64) -> Attempt {
        let (slot, owner) = self.mailbox_of(to)?;
        let name = self.names.of(self.tasks.at(me).mailbox);
        let envelope = Envelope { request, ..self.envelope(me, name) };
        self.put_message(me, slot, MESSAGES, &envelope, body)?;
        self.tell(owner.index(), On::Sender(me));
        Ok(Value::Unit)
    }

    /// What the kernel writes on a message of this task.
    #[inline]
    pub(super) fn envelope(&self, me: u16, name: Option<Name>) -> Envelope {
        Envelope { sender: self.task_id(me), name, urgency: 0, request: 0 }
    }

    /// Takes a message out of the task's own mailbox: the first, or the first of this sender.
    #[inline(never)]
    pub(super) fn receive(
        &mut self,
        me: u16,
        from: Option<Peer<'_>>,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Attempt {
        let slot = self.tasks.at(me).mailbox;
        let channel = self.channels.at(slot);
        let ring = channel.ring.messages().ok_or(Error::WrongKind)?;
        let message = match from {
            None => ring.front(&channel.store, MESSAGES),
            Some(Peer::Task(task)) => ring
                .iter(&channel.store, MESSAGES)
                .find(|&it| ring.envelope(&channel.store, it).sender == task),
            Some(Peer::Name(name)) => {
                let name = Some(Name::new(name)?);
                ring.iter(&channel.store, MESSAGES)
                    .find(|&it| ring.envelope(&channel.store, it).name == name)
            }
        };
        if let Some(message) = message {
            return Ok(self.pull_message(me, slot, message, buffer, envelope));
        }
        Err(match from {
            None => Refusal::Wait(On::Output(slot), Reason::Empty),
            Some(peer) => {
                let (_, owner) = self.mailbox_of(peer)?;
                Refusal::Wait(On::Sender(owner.index()), Reason::Sender)
            }
        })
    }

    /// The mailbox of a task, and the task.
    ///
    /// # Errors
    /// By name: [`Error::NoSuchName`], [`Error::WrongKind`] if something else has the name. By id:
    /// [`Error::PeerDead`] (law 20).
    pub(super) fn mailbox_of(&self, peer: Peer<'_>) -> Result<(u16, TaskId)> {
        match peer {
            Peer::Task(task) => {
                let it = self.tasks.get(task.0).ok_or(Error::PeerDead)?;
                Ok((it.mailbox, task))
            }
            Peer::Name(name) => {
                let slot = self.names.find(&Name::new(name)?).ok_or(Error::NoSuchName)?;
                match self.channels.at(slot).body {
                    Body::Mailbox(owner) => Ok((slot, owner)),
                    _ => Err(Error::WrongKind),
                }
            }
        }
    }

    /// Wakes a task that sleeps for want of this alone.
    #[inline]
    pub(super) fn tell(&mut self, task: u16, on: On) {
        let it = self.tasks.at(task);
        if it.state == State::Blocked && it.waiting.is_some_and(|waiting| waiting.on == on) {
            self.wake(task, self.cause);
        }
    }
}
