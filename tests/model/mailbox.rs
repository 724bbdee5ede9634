//! Mailboxes in the model: a `VecDeque` of senders and messages for each task.

use postroom::param::MAILBOX_LONGEST;
use postroom::{Error, Reason, Value};

use crate::model::{Attempt, Line, Model, Named, Refusal};
use crate::request::{Address, Life};
use crate::script::Sizes;

/// Bytes that a message takes in its store besides its own.
const HEADER: usize = 40;

impl Sizes {
    /// The longest message of a mailbox, in bytes; `None` if it can hold no message at all.
    pub(crate) fn longest(self) -> Option<usize> {
        Some(self.ring.checked_sub(HEADER)?.min(MAILBOX_LONGEST))
    }

    /// Messages that fit a mailbox.
    pub(crate) fn mailbox(self) -> usize {
        self.longest().map_or(0, |longest| self.ring / (HEADER + longest))
    }
}

impl Model {
    pub(crate) fn send(&mut self, me: Life, to: Address, message: Vec<u8>) -> Attempt {
        let to = self.living(to)?;
        if self.sizes.longest().is_none_or(|longest| message.len() > longest) {
            return Err(Error::MessageTooLong.into());
        }
        if self.tasks[to].mailbox.len() == self.sizes.mailbox() {
            return Err(Refusal::Wait(Line::MailRoom(to), Reason::Full));
        }
        if !self.may_go_first(me, Line::MailRoom(to)) {
            return Err(Refusal::Wait(Line::MailRoom(to), Reason::Line));
        }
        self.tasks[to].mailbox.push_back((me, message));
        self.wake_the_served();
        Ok((Value::Unit, Vec::new(), None))
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
        let Some(at) = self.tasks[me].mailbox.iter().position(|mail| wanted(mail.0)) else {
            if let Some(verdict) = verdict {
                return Err(verdict.into());
            }
            return Err(match from {
                None => Refusal::Wait(Line::Mail(me), Reason::Empty),
                Some(from) => Refusal::Wait(Line::MailFrom(self.living(from)?), Reason::Sender),
            });
        };
        let (sender, mut message) = self.tasks[me].mailbox.remove(at).unwrap_or_default();
        self.wake_the_served();
        let full = message.len();
        message.truncate(length);
        let value = Value::Message { copied: message.len() as u32, length: full as u32 };
        Ok((value, message, Some(sender)))
    }

    fn living(&self, address: Address) -> Result<Life, Error> {
        match address {
            Address::Life(life) => {
                life.filter(|&life| self.tasks[life].alive).ok_or(Error::PeerDead)
            }
            Address::Name(name) => match self.find(name)? {
                Named::Task(life) => Ok(life),
                Named::Pipe(_) => Err(Error::WrongKind),
                Named::Nothing => Err(Error::NoSuchName),
            },
        }
    }
}
