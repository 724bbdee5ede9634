//! Names and limits in the model.

use postroom::param::{ALLOWED, MAILBOX_LONGEST, MAILBOX_SHORTEST, NAME};
use postroom::{Error, Kind, Name, Sizes};

use crate::model::Model;
use crate::request::{Address, Life};
use crate::script::Limits;
use crate::sizes::ID;

/// Bytes that a message takes in its store besides its own.
const HEADER: usize = 48;

/// Bytes that a list of messages takes: of a mailbox two, of a queue one for each urgency.
const LIST: usize = 2;

/// What a name stands for.
pub(crate) enum Named {
    Task(Life),
    Object(usize),
    Nothing,
}

impl Model {
    /// What has this name, or why it cannot be a name.
    pub(crate) fn find(&self, name: &str) -> Result<Named, Error> {
        if name.len() > NAME {
            return Err(Error::NameTooLong);
        }
        if name.is_empty() || name.contains(':') || name.contains('\n') {
            return Err(Error::BadName);
        }
        debug_assert!(Name::new(name).is_ok());
        if let Some(life) = self.tasks.iter().position(|task| task.alive && task.name == name) {
            return Ok(Named::Task(life));
        }
        match self.objects.iter().position(|it| it.alive && it.name == Some(name)) {
            Some(object) => Ok(Named::Object(object)),
            None => Ok(Named::Nothing),
        }
    }

    /// The living task that is meant.
    pub(crate) fn living(&self, address: Address) -> Result<Life, Error> {
        match address {
            Address::Life(life) => {
                life.filter(|&life| self.tasks[life].alive).ok_or(Error::PeerDead)
            }
            Address::Name(name) => match self.find(name)? {
                Named::Task(life) => Ok(life),
                Named::Object(_) => Err(Error::WrongKind),
                Named::Nothing => Err(Error::NoSuchName),
            },
        }
    }

    /// Places in the channel table: each object and each task takes one.
    pub(crate) fn free_channels(&self) -> usize {
        let tasks = self.tasks.iter().filter(|task| task.alive).count();
        let objects = self.objects.iter().filter(|object| object.alive).count();
        self.limits.channels - tasks - objects
    }

    /// Those whom a task lets in.
    pub(crate) fn allowed(
        &self,
        me: Life,
        only: Option<&[Address]>,
    ) -> Result<Option<Vec<Life>>, Error> {
        let Some(only) = only else { return Ok(None) };
        let mut allowed = vec![me];
        for &address in only {
            let life = self.living(address)?;
            if allowed.len() > ALLOWED {
                return Err(Error::BadArgument);
            }
            allowed.push(life);
        }
        Ok(Some(allowed))
    }

    pub(crate) fn expect_access(&self, me: Life, object: usize) -> Result<(), Error> {
        match &self.objects[object].only {
            Some(only) if !only.contains(&me) => Err(Error::NoRight),
            _ => Ok(()),
        }
    }
}

impl Limits {
    /// Messages that fit a mailbox, and the longest of them. A small one has shorter messages, so
    /// that there are two places; a very small one has a single place, and a tiny one none.
    pub(crate) fn mailbox(self) -> (usize, usize) {
        let room = self.ring.saturating_sub(2 * LIST);
        let places = if room < 2 * (HEADER + MAILBOX_SHORTEST) { 1 } else { 2 };
        match (room / places).checked_sub(HEADER) {
            None => (0, 0),
            Some(longest) => {
                let longest = longest.min(MAILBOX_LONGEST);
                (room / (HEADER + longest), longest)
            }
        }
    }

    /// Places of a mailbox that are for messages, not for replies.
    pub(crate) fn places(self) -> usize {
        let (places, _) = self.mailbox();
        if places > 1 { places - 1 } else { places }
    }

    /// Whether such an object can be made.
    pub(crate) fn fit(self, kind: Kind, sizes: Sizes) -> bool {
        match (kind, sizes) {
            (Kind::Pipe | Kind::Stream, Sizes::Bytes(capacity)) => {
                (1..=self.ring).contains(&capacity)
            }
            (Kind::Queue, Sizes::Messages { most, longest }) => {
                most > 0 && self.take(32, most, longest)
            }
            (Kind::Sequenced | Kind::Datagram, Sizes::Messages { most, longest }) => {
                most > 0 && self.take(1, most, longest)
            }
            _ => false,
        }
    }

    /// Whether a listener can have this backlog.
    pub(crate) fn fits_backlog(self, backlog: usize) -> bool {
        backlog > 0 && self.take(1, backlog, ID)
    }

    fn take(self, lists: usize, most: usize, longest: usize) -> bool {
        let message = HEADER as u128 + longest as u128;
        message.saturating_mul(most as u128).saturating_add((lists * LIST) as u128)
            <= self.ring as u128
    }
}
