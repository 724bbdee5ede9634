//! Mailboxes between processes: a door that turns calls on mailboxes into calls on a datagram
//! socket of the task.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use postroom::{
    Access, Answer, Call, Destination, Door, Error, Outcome, Result, Sizes, Source, TaskId, Value,
};

use super::letter::{Kind, address};
use super::office::Office;

/// The door of a task that is alone in its kernel: its mailbox is a socket, and its peers are in
/// other processes. Calls on anything else go through as they are.
pub(super) struct Post<'k> {
    door: &'k (dyn Door + Sync),
    office: Mutex<Option<Office>>,
}

impl<'k> Post<'k> {
    pub(super) fn new(door: &'k (dyn Door + Sync)) -> Self {
        Self { door, office: Mutex::new(None) }
    }

    /// Opens the mailbox of a task. Its name has to be among those of the run.
    pub(super) fn open(&self, me: &str, task: TaskId, ids: BTreeMap<String, TaskId>) -> Result<()> {
        let sizes = Sizes::Messages { most: 1, longest: 1 };
        let kind = postroom::Kind::Datagram;
        let Value::Handle(handle) = answer(self.door.syscall(task, Call::Socket { kind, sizes }))?
        else {
            return Err(Error::Device);
        };
        let (name, access) = (address(me), Access::Everyone);
        answer(self.door.syscall(task, Call::Bind { handle, name: &name, access }))?;
        let office = Office::new(me, task, handle, ids);
        *self.office.lock().unwrap_or_else(PoisonError::into_inner) = Some(office);
        Ok(())
    }
}

impl Door for Post<'_> {
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        let mut office = self.office.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(office) = office.as_mut().filter(|office| office.task == task) else {
            return self.door.syscall(task, call);
        };
        match call {
            Call::Send { to: Destination::Task(peer), message, wait } => {
                office.send(self.door, peer, Kind::Message, (0, 0), message, wait)
            }
            Call::Receive { from: Source::Anyone, buffer, envelope, wait } => {
                office.receive(self.door, None, buffer, envelope, wait)
            }
            Call::Receive { from: Source::Task(peer), buffer, envelope, wait } => {
                match office.name(peer) {
                    Ok(name) => office.receive(self.door, Some(&name), buffer, envelope, wait),
                    Err(error) => Outcome::Complete(Err(error)),
                }
            }
            Call::Request { to, message, room, wait } => {
                office.request(self.door, to, message, room, wait)
            }
            Call::Answer { buffer, wait } => {
                let outcome = office.answer(self.door, buffer, wait);
                if let Outcome::Complete(Err(Error::TimedOut))
                | Outcome::Preempted(Err(Error::TimedOut)) = outcome
                {
                    // Whose time is up has given up with that (law 28).
                    let _ = office.give_up(self.door);
                }
                outcome
            }
            Call::Reply { request, message } => office.reply(self.door, request, message),
            Call::GiveUp => office.give_up(self.door),
            Call::Poll { set, wait } if set.iter().any(|entry| entry.handle.is_none()) => {
                office.poll(self.door, set, wait)
            }
            call => self.door.syscall(task, call),
        }
    }
}

/// The answer to a call that cannot wait.
fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
        Outcome::Blocked => Err(Error::WouldBlock),
    }
}
