//! Messages in the model: a queue, a message socket, each a `VecDeque`.

use postroom::{Error, Handle, Kind, Reason, Rights, Sizes, Value};

use crate::model::{Attempt, Copied, Line, Mail, Model, Place, Refusal, Stage, plain};
use crate::names::Named;
use crate::request::Life;

const QUEUE: &[Kind] = &[Kind::Queue];
const MESSAGES: &[Kind] = &[Kind::Queue, Kind::Sequenced, Kind::Datagram];
const OUT: &[Kind] = &[Kind::Sequenced, Kind::Datagram];

impl Mail {
    /// As much of it as the buffer takes.
    pub(crate) fn copied(self, room: usize) -> (Value, Copied) {
        let Self { stamp, mut body } = self;
        let length = body.len();
        body.truncate(room);
        let value = Value::Message { copied: body.len() as u32, length: length as u32 };
        (value, Copied { bytes: body, stamp: Some(stamp) })
    }
}

impl Model {
    pub(crate) fn enqueue(
        &mut self,
        me: Life,
        handle: Handle,
        urgency: u8,
        message: Vec<u8>,
    ) -> Attempt {
        let queue = self.held_with(me, handle, QUEUE, Rights::WRITE)?;
        if urgency > 31 {
            return Err(Error::BadArgument.into());
        }
        self.put(me, queue, Mail { stamp: (me, None, urgency, None), body: message })
    }

    /// Puts a message in, behind all that are as urgent.
    fn put(&mut self, me: Life, object: usize, mail: Mail) -> Attempt {
        let Sizes::Messages { longest, .. } = self.objects[object].sizes else {
            return Err(Error::WrongKind.into());
        };
        if mail.body.len() > longest {
            return Err(Error::MessageTooLong.into());
        }
        self.expect_room(me, object, 0)?;
        let read = self.waiting.iter().any(|it| it.line == Line::Output(object));
        let it = &mut self.objects[object];
        let notice = it.notice.filter(|&(_, due)| it.mail.is_empty() && !read && !due);
        let behind = it.mail.iter().filter(|other| other.stamp.2 >= mail.stamp.2).count();
        it.mail.insert(behind, mail);
        if let Some((task, _)) = notice {
            it.notice = Some((task, true));
            self.wake_if_blocked(task);
        }
        self.changed(Place::Object(object));
        plain(Value::Unit)
    }

    pub(crate) fn send_out(
        &mut self,
        me: Life,
        handle: Handle,
        to: Option<&str>,
        message: Vec<u8>,
    ) -> Attempt {
        let own = self.held_with(me, handle, OUT, Rights::WRITE)?;
        let datagram = self.objects[own].kind == Kind::Datagram;
        let sink = match (to, &self.objects[own].stage) {
            (Some(_), _) if !datagram => return Err(Error::BadArgument.into()),
            (Some(name), _) => self.bound(me, Kind::Datagram, name)?,
            (None, &Stage::Connected(peer)) if self.objects[peer].alive => peer,
            (None, Stage::Connected(_)) if datagram => return Err(Error::ConnectionRefused.into()),
            (None, Stage::Connected(_)) => return Err(Error::BrokenPipe.into()),
            (None, _) => return Err(Error::NotConnected.into()),
        };
        let elsewhere = matches!(self.objects[sink].stage, Stage::Connected(it) if it != own);
        if datagram && elsewhere {
            return Err(Error::NoRight.into());
        }
        let name = self.objects[own].name.map(str::to_owned);
        self.put(me, sink, Mail { stamp: (me, name, 0, None), body: message })
    }

    /// The socket of this kind that has a name.
    pub(crate) fn bound(&self, me: Life, kind: Kind, name: &str) -> Result<usize, Error> {
        match self.find(name)? {
            Named::Nothing => Err(Error::NoSuchName),
            Named::Object(object) if self.objects[object].kind == kind => {
                self.expect_access(me, object)?;
                Ok(object)
            }
            Named::Object(_) | Named::Task(_) => Err(Error::WrongKind),
        }
    }

    /// Takes the first message out of a queue or a socket.
    pub(crate) fn take_out(&mut self, me: Life, handle: Handle, length: usize) -> Attempt {
        let object = self.held_with(me, handle, MESSAGES, Rights::READ)?;
        self.expect_connection(object)?;
        match (self.objects[object].kind, self.objects[object].sizes) {
            (Kind::Queue, Sizes::Messages { longest, .. }) if length < longest => {
                return Err(Error::MessageTooLong.into());
            }
            _ => {}
        }
        if !self.expect_output(me, object)? {
            return plain(Value::End);
        }
        let Some(mail) = self.objects[object].mail.pop_front() else {
            return plain(Value::End);
        };
        self.changed(Place::Object(object));
        Ok(mail.copied(length))
    }

    pub(crate) fn attributes(&self, me: Life, handle: Handle) -> Result<Value, Error> {
        let queue = &self.objects[self.held_with(me, handle, QUEUE, Rights::NONE)?];
        let Sizes::Messages { most, longest } = queue.sizes else {
            return Err(Error::WrongKind);
        };
        let length = queue.mail.len() as u16;
        Ok(Value::Attributes { most: most as u16, longest: longest as u32, length })
    }

    pub(crate) fn notify(&mut self, me: Life, handle: Handle) -> Attempt {
        let queue = self.held_with(me, handle, QUEUE, Rights::READ)?;
        match self.objects[queue].notice {
            Some((task, _)) if task != me => Err(Error::Busy.into()),
            Some((_, true)) => plain(Value::Unit),
            _ => Err(Refusal::Wait(Line::Notice(queue), Reason::Notice)),
        }
    }
}
