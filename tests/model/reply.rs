//! Requests and replies in the model: a task has one request, and a place for its reply.

use postroom::{Error, Reason, Value, Verb};

use crate::model::{Attempt, Copied, Line, Mail, Model, Outgoing, Place, Refusal, Waiting, plain};
use crate::request::{Address, Life};

impl Model {
    pub(crate) fn ask(&mut self, me: Life, to: Address, message: Vec<u8>, room: usize) -> Attempt {
        if self.tasks[me].request.is_some() {
            return Err(Error::Busy.into());
        }
        let server = self.living(to)?;
        let mut chain = vec![server];
        while let Some(next) = chain.last().and_then(|&last| self.awaited(last))
            && !chain.contains(&next)
        {
            chain.push(next);
        }
        if chain.contains(&me) {
            return Err(Error::Deadlock.into());
        }
        if self.limits.mailbox().0 < 2 {
            return Err(Error::Unsupported.into());
        }
        let serial = self.tasks[me].requests + 1;
        self.send(me, Address::Life(Some(server)), message, Some(serial))?;
        self.tasks[me].requests = serial;
        self.tasks[me].request = Some(Outgoing { serial, server, room });
        plain(Value::Request(serial))
    }

    /// Whose reply a task needs, or will need once there is room for its request.
    fn awaited(&self, me: Life) -> Option<Life> {
        let waiting = self.waiting_of(me).filter(|it| it.verb == Verb::Request);
        if let Some(Waiting { line: Line::MailRoom(server), .. }) = waiting {
            return Some(*server);
        }
        let task = &self.tasks[me];
        let server = task.request.filter(|_| task.reply.is_none())?.server;
        Some(server).filter(|&server| self.tasks[server].alive)
    }

    pub(crate) fn answer(&mut self, me: Life, length: usize) -> Attempt {
        let Outgoing { server, .. } = self.tasks[me].request.ok_or(Error::NoSuchRequest)?;
        if let Some(reply) = self.tasks[me].reply.take() {
            self.tasks[me].request = None;
            self.changed(Place::Mailbox(me));
            let (value, copied) = reply.copied(length);
            return Ok((value, Copied { stamp: None, ..copied }));
        }
        if !self.tasks[server].alive {
            self.tasks[me].request = None;
            return Err(Error::PeerDead.into());
        }
        Err(Refusal::Wait(Line::Reply(server), Reason::Reply))
    }

    pub(crate) fn reply(
        &mut self,
        me: Life,
        caller: Option<Life>,
        serial: u64,
        message: Vec<u8>,
    ) -> Result<Value, Error> {
        let caller = self.living(Address::Life(caller))?;
        let request =
            self.tasks[caller].request.filter(|it| (it.serial, it.server) == (serial, me));
        let Outgoing { room, .. } = request.ok_or(Error::NoSuchRequest)?;
        if self.tasks[caller].reply.is_some() {
            return Err(Error::NoSuchRequest);
        }
        if message.len() > self.limits.mailbox().1 {
            return Err(Error::MessageTooLong);
        }
        let length = message.len();
        self.tasks[caller].reply = Some(Mail { stamp: (me, None, 0, Some(serial)), body: message });
        self.changed(Place::Mailbox(caller));
        Ok(Value::Message { copied: length.min(room) as u32, length: length as u32 })
    }

    pub(crate) fn give_up(&mut self, me: Life) {
        self.tasks[me].request = None;
        self.tasks[me].reply = None;
    }
}
