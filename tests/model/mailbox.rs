//! Mailboxes in the model: a `VecDeque` of messages for each task.

use postroom::{Error, Reason, Value};

use crate::model::{Attempt, Line, Mail, Model, Place, Refusal, plain};
use crate::request::{Address, Life};

impl Model {
    pub(crate) fn send(
        &mut self,
        me: Life,
        to: Address,
        message: Vec<u8>,
        request: Option<u64>,
    ) -> Attempt {
        let to = self.living(to)?;
        let (places, longest) = self.limits.mailbox();
        if places == 0 || message.len() > longest {
            return Err(Error::MessageTooLong.into());
        }
        if self.tasks[to].mailbox.len() == self.limits.places() {
            return Err(Refusal::Wait(Line::MailRoom(to), Reason::Full));
        }
        if !self.may_go_first(me, Line::MailRoom(to)) {
            return Err(Refusal::Wait(Line::MailRoom(to), Reason::Line));
        }
        let name = Some(self.tasks[me].name.to_owned());
        self.tasks[to].mailbox.push_back(Mail { stamp: (me, name, 0, request), body: message });
        self.changed(Place::Mailbox(to));
        plain(Value::Unit)
    }

    pub(crate) fn receive(
        &mut self,
        me: Life,
        from: Option<Address>,
        length: usize,
        verdict: Option<Error>,
    ) -> Attempt {
        if let Some(Address::Name(name)) = from {
            self.find(name)?;
        }
        let wanted = |sender: Life| match from {
            None => true,
            Some(Address::Name(name)) => self.tasks[sender].name == name,
            Some(Address::Life(life)) => life == Some(sender),
        };
        let Some(at) = self.tasks[me].mailbox.iter().position(|mail| wanted(mail.stamp.0)) else {
            if let Some(verdict) = verdict {
                return Err(verdict.into());
            }
            return Err(match from {
                None => Refusal::Wait(Line::Mail(me), Reason::Empty),
                Some(from) => Refusal::Wait(Line::MailFrom(self.living(from)?), Reason::Sender),
            });
        };
        let Some(mail) = self.tasks[me].mailbox.remove(at) else { return plain(Value::End) };
        self.changed(Place::Mailbox(me));
        Ok(mail.copied(length))
    }
}
