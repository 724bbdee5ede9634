//! Requests and replies: a message, and the wait for the answer to that very one (laws 27 to 29).
//!
//! A reply lies in the caller's own mailbox, in a slot that is kept free for it, so a server never
//! waits to reply. It is told from every other by the caller's id and a number that is never used
//! again.

use super::{
    Attempt, Body, Channel, Devices, Envelope, Error, Event, Kernel, Message, On, Outgoing, Peer,
    REPLIES, Reason, Refusal, RequestId, Result, TaskId, Trace, Value, Verb, Waiting, reserved,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Sends a request. One that would close a circle of tasks that wait for each other's replies
    /// is refused at once (law 29).
    pub(super) fn request(&mut self, me: u16, to: Peer<'_>, body: &[u8], room: usize) -> Attempt {
        if self.tasks.at(me).request.is_some() {
            return Err(Error::Busy.into());
        }
        let (_, server) = self.mailbox_of(to)?;
        if self.closes_a_circle(me, server) {
            self.emit_circle(me, server);
            return Err(Error::Deadlock.into());
        }
        let mailbox = self.channels.at(self.tasks.at(me).mailbox).ring.messages();
        if mailbox.is_none_or(|ring| reserved(&ring) == 0) {
            return Err(Error::Unsupported.into());
        }
        let serial = self.tasks.at(me).requests + 1;
        self.send(me, Peer::Task(server), body, serial)?;
        let task = self.tasks.at_mut(me);
        task.requests = serial;
        task.request = Some(Outgoing { serial, server, room });
        Ok(Value::Request(serial))
    }

    /// Takes the reply to the task's request.
    pub(super) fn answer(&mut self, me: u16, buffer: &mut [u8]) -> Attempt {
        let task = self.tasks.at(me);
        let (slot, Outgoing { server, .. }) =
            (task.mailbox, task.request.ok_or(Error::NoSuchRequest)?);
        let channel = self.channels.at(slot);
        if let Some(reply) = channel.reply() {
            self.tasks.at_mut(me).request = None;
            return Ok(self.pull_message(me, slot, reply, buffer, &mut None));
        }
        if !self.tasks.is_live(server.0) {
            self.tasks.at_mut(me).request = None;
            return Err(Error::PeerDead.into());
        }
        Err(Refusal::Wait(On::Reply(server.index()), Reason::Reply))
    }

    /// Replies to a request. A late, repeated or foreign reply has no effect (law 27).
    pub(super) fn reply(&mut self, me: u16, request: RequestId, body: &[u8]) -> Result<Value> {
        let RequestId { caller, serial } = request;
        let task = self.tasks.get(caller.0).ok_or(Error::PeerDead)?;
        let slot = task.mailbox;
        let open = task.request.filter(|it| it.serial == serial && it.server == self.task_id(me));
        let Outgoing { room, .. } = open.ok_or(Error::NoSuchRequest)?;
        let channel = self.channels.at(slot);
        if channel.reply().is_some() {
            return Err(Error::NoSuchRequest);
        }
        if channel.ring.messages().is_none_or(|ring| body.len() > ring.longest()) {
            return Err(Error::MessageTooLong);
        }
        let envelope = Envelope { request: serial, ..self.envelope(me, None) };
        self.push_message(me, slot, REPLIES, &envelope, body);
        self.tell(caller.index(), On::Reply(me));
        // A message fits a ring, and its length is kept in 32 bits there.
        let length = body.len() as u32;
        Ok(Value::Message { copied: body.len().min(room) as u32, length })
    }

    /// Gives up the request of a task, if it has one; a reply that comes later finds nobody.
    pub(super) fn give_up(&mut self, me: u16) {
        let task = self.tasks.at_mut(me);
        if task.request.take().is_none() {
            return;
        }
        let channel = self.channels.at_mut(task.mailbox);
        if let Some(reply) = channel.reply()
            && let Some(ring) = channel.ring.messages_mut()
        {
            ring.remove(&mut channel.store, reply);
        }
    }

    /// Whom a task waits for: to take its request, or to reply to it.
    fn called(&self, me: u16) -> Option<TaskId> {
        let task = self.tasks.at(me);
        if let Some(Waiting { verb: Verb::Request, on: On::Room(slot, _), .. }) = task.waiting
            && let Body::Mailbox(server) = self.channels.at(slot).body
        {
            return Some(server);
        }
        let replied = self.channels.at(task.mailbox).reply().is_some();
        let server = task.request.filter(|_| !replied)?.server;
        self.tasks.is_live(server.0).then_some(server)
    }

    /// The chain of those who wait for a reply, from this server on. It ends: whoever would have
    /// closed a circle was refused.
    fn chain(&self, server: TaskId) -> impl Iterator<Item = TaskId> {
        core::iter::successors(Some(server), |task| self.called(task.index())).take(TASKS)
    }

    fn closes_a_circle(&self, me: u16, server: TaskId) -> bool {
        self.chain(server).any(|task| task.index() == me)
    }

    /// Names the circle to the trace, link by link.
    fn emit_circle(&mut self, me: u16, server: TaskId) {
        let (mut at, mut next) = (Some(self.task_id(me)), Some(server));
        while let (Some(task), Some(waits_for)) = (at, next) {
            self.emit(|| Event::Circle { task, waits_for });
            (at, next) = (next, self.called(waits_for.index()));
            if waits_for.index() == me {
                return;
            }
        }
    }
}

impl<const RING: usize> Channel<RING> {
    /// The reply that lies in a mailbox, if one has come.
    fn reply(&self) -> Option<Message> {
        let ring = self.ring.messages().filter(|ring| ring.has(REPLIES))?;
        ring.front(&self.store, REPLIES)
    }
}
