//! The mailbox of a task that is a process: what has come, and what is sent.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::thread::sleep;
use std::time::{Duration, Instant};

use postroom::{
    Answer, Call, Destination, Door, Envelope, Error, Handle, Name, Outcome, Peer, RequestId,
    Result, Source, TaskId, Value, Wait,
};

use super::letter::{Kind, Letter, MOST, address};

/// The longest message, in bytes.
const LONGEST: usize = 16 * 1024;

/// The most that is put aside of what others than the one who is waited for have sent, in bytes.
const ASIDE: usize = 64 * LONGEST;

/// How long a reply waits for room with a caller that does not look.
const PATIENCE: Duration = Duration::from_secs(2);

/// What has come for the task, and whom it knows.
pub(super) struct Office {
    me: String,
    pub(super) task: TaskId,
    /// Its own mailbox: a socket.
    pub(super) handle: Handle,
    /// The tasks of the run, as every kernel of the run numbers them.
    ids: BTreeMap<String, TaskId>,
    buffer: Vec<u8>,
    /// What was taken out of the socket and the task has not received.
    pub(super) mail: VecDeque<Mail>,
    /// Bytes of it, those included that a letter has besides its text.
    aside: usize,
    ended: BTreeSet<String>,
    /// Requests of others that are open, the last one of each, and the room for its reply.
    open: BTreeMap<String, (u64, u32)>,
    /// Its own requests: how many there were, and the one that is open.
    requests: u64,
    asked: Option<Asked>,
}

pub(super) struct Mail {
    from: String,
    /// 0 if it is no request.
    serial: u64,
    text: Vec<u8>,
}

impl Mail {
    fn size(&self) -> usize {
        self.text.len() + MOST
    }
}

struct Asked {
    to: String,
    reply: Option<Vec<u8>>,
}

/// What an attempt to take letters out of the socket came to.
pub(super) enum Taken {
    Letter,
    /// One came, but the task has to return to its runner.
    LetterAndReturn,
    Other(Outcome),
}

impl Office {
    pub(super) fn new(
        me: &str,
        task: TaskId,
        handle: Handle,
        ids: BTreeMap<String, TaskId>,
    ) -> Self {
        Self {
            me: me.to_owned(),
            task,
            handle,
            ids,
            buffer: vec![0; LONGEST + MOST],
            mail: VecDeque::new(),
            aside: 0,
            ended: BTreeSet::new(),
            open: BTreeMap::new(),
            requests: 0,
            asked: None,
        }
    }

    /// Who is meant by a peer.
    pub(super) fn name(&self, peer: Peer<'_>) -> Result<String> {
        let found = match peer {
            Peer::Name(name) => self.ids.get_key_value(name),
            Peer::Task(task) => self.ids.iter().find(|(_, id)| **id == task),
        };
        let missing = if let Peer::Task(_) = peer { Error::PeerDead } else { Error::NoSuchName };
        found.map(|(name, _)| name.clone()).ok_or(missing)
    }

    pub(super) fn send(
        &self,
        door: &dyn Door,
        peer: Peer<'_>,
        kind: Kind,
        (serial, room): (u64, u32),
        text: &[u8],
        wait: Wait,
    ) -> Outcome {
        // One that has ended has no name any more; its number is remembered.
        let dead = if let Peer::Task(_) = peer { Error::PeerDead } else { Error::NoSuchName };
        let name = match self.name(peer) {
            Err(error) => return Outcome::Complete(Err(error)),
            Ok(name) if self.ended.contains(&name) => return Outcome::Complete(Err(dead)),
            Ok(_) if text.len() > LONGEST => {
                return Outcome::Complete(Err(Error::MessageTooLong));
            }
            Ok(name) => address(&name),
        };
        let letter = Letter { kind, serial, room, from: &self.me, text }.to_bytes();
        let to = Destination::Socket { handle: self.handle, to: Some(&name) };
        let gone = |answer: Answer| {
            answer.map_err(|error| match error {
                Error::NoSuchName | Error::ConnectionRefused => dead,
                error => error,
            })
        };
        match door.syscall(self.task, Call::Send { to, message: &letter, wait }) {
            Outcome::Complete(answer) => Outcome::Complete(gone(answer)),
            Outcome::Preempted(answer) => Outcome::Preempted(gone(answer)),
            Outcome::Blocked => Outcome::Blocked,
        }
    }

    pub(super) fn receive(
        &mut self,
        door: &dyn Door,
        from: Option<&str>,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
        wait: Wait,
    ) -> Outcome {
        self.until(door, wait, |office| {
            let wanted = |mail: &Mail| from.is_none_or(|from| mail.from == from);
            let Some(mail) = office.mail.iter().position(wanted) else {
                let ended = from.is_some_and(|from| office.ended.contains(from));
                return ended.then_some(Err(Error::PeerDead));
            };
            let mail = office.mail.remove(mail)?;
            office.aside -= mail.size();
            let sender = *office.ids.get(&mail.from)?;
            let (name, urgency, request) = (Name::new(&mail.from).ok(), 0, mail.serial);
            *envelope = Some(Envelope { sender, name, urgency, request });
            Some(Ok(copy(&mail.text, buffer)))
        })
    }

    pub(super) fn request(
        &mut self,
        door: &dyn Door,
        to: Peer<'_>,
        message: &[u8],
        room: usize,
        wait: Wait,
    ) -> Outcome {
        if self.asked.is_some() {
            return Outcome::Complete(Err(Error::Busy));
        }
        let serial = self.requests + 1;
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let sent = self.send(door, to, Kind::Request, (serial, room), message, wait);
        let (Outcome::Complete(Ok(_)) | Outcome::Preempted(Ok(_)), Ok(to)) = (sent, self.name(to))
        else {
            return sent;
        };
        self.requests = serial;
        self.asked = Some(Asked { to, reply: None });
        let value = Ok(Value::Request(serial));
        if let Outcome::Preempted(_) = sent {
            Outcome::Preempted(value)
        } else {
            Outcome::Complete(value)
        }
    }

    pub(super) fn answer(&mut self, door: &dyn Door, buffer: &mut [u8], wait: Wait) -> Outcome {
        self.until(door, wait, |office| {
            let Some(asked) = &office.asked else { return Some(Err(Error::NoSuchRequest)) };
            let answer = match &asked.reply {
                Some(reply) => Ok(copy(reply, buffer)),
                None if office.ended.contains(&asked.to) => Err(Error::PeerDead),
                None => return None,
            };
            office.asked = None;
            Some(answer)
        })
    }

    /// Replies. As a reply is not to wait, but there is no slot for it, this holds the process up
    /// until the caller has made room by looking at its letters.
    pub(super) fn reply(&mut self, door: &dyn Door, request: RequestId, message: &[u8]) -> Outcome {
        // It may have been given up since.
        while self.has_room()
            && let Taken::Letter | Taken::LetterAndReturn = self.take(door, Wait::Try)
        {}
        let caller = self.name(Peer::Task(request.caller)).ok();
        let Some(caller) = caller.filter(|caller| !self.ended.contains(caller)) else {
            return Outcome::Complete(Err(Error::PeerDead));
        };
        let room = match self.open.get(&caller) {
            Some(&(serial, room)) if serial == request.serial => room,
            _ => return Outcome::Complete(Err(Error::NoSuchRequest)),
        };
        self.open.remove(&caller);
        let (peer, about) = (Peer::Task(request.caller), (request.serial, 0));
        let start = Instant::now();
        let (copied, length) = (message.len().min(room as usize) as u32, message.len() as u32);
        let value = Value::Message { copied, length };
        loop {
            match self.send(door, peer, Kind::Reply, about, message, Wait::Try) {
                Outcome::Complete(Err(Error::WouldBlock))
                | Outcome::Preempted(Err(Error::WouldBlock))
                    if start.elapsed() < PATIENCE =>
                {
                    sleep(Duration::from_millis(1));
                }
                Outcome::Complete(answer) => return Outcome::Complete(answer.map(|_| value)),
                Outcome::Preempted(answer) => return Outcome::Preempted(answer.map(|_| value)),
                Outcome::Blocked => return Outcome::Blocked,
            }
        }
    }

    /// Gives the open request up, and says so if that can be said at once; if not, the reply will
    /// be thrown away.
    pub(super) fn give_up(&mut self, door: &dyn Door) -> Outcome {
        if let Some(Asked { to, .. }) = self.asked.take() {
            let about = (self.requests, 0);
            let _ = self.send(door, Peer::Name(&to), Kind::GivenUp, about, &[], Wait::Try);
        }
        door.syscall(self.task, Call::GiveUp)
    }

    /// Takes letters in until there is an answer, or until there are no more: then the task waits. If
    /// no more can be put aside, what is waited for can never come, and the task is told so. In a
    /// kernel the mailbox is full then, and who is waited for waits as well.
    fn until(
        &mut self,
        door: &dyn Door,
        wait: Wait,
        mut answer: impl FnMut(&mut Self) -> Option<Answer>,
    ) -> Outcome {
        let mut preempted = false;
        loop {
            if let Some(answer) = answer(self) {
                return if preempted {
                    Outcome::Preempted(answer)
                } else {
                    Outcome::Complete(answer)
                };
            }
            if preempted {
                // The task has to return to its runner, and asks again.
                return Outcome::Blocked;
            }
            if !self.has_room() {
                return Outcome::Complete(Err(Error::Deadlock));
            }
            match self.take(door, wait) {
                Taken::Letter => {}
                Taken::LetterAndReturn => preempted = true,
                Taken::Other(outcome) => return outcome,
            }
        }
    }

    fn has_room(&self) -> bool {
        self.aside < ASIDE
    }

    /// Takes a letter out of the socket.
    pub(super) fn take(&mut self, door: &dyn Door, wait: Wait) -> Taken {
        let mut buffer = core::mem::take(&mut self.buffer);
        let from = Source::Object(self.handle);
        let call = Call::Receive { from, buffer: &mut buffer, envelope: &mut None, wait };
        let outcome = door.syscall(self.task, call);
        let taken = match outcome {
            Outcome::Complete(Ok(Value::Message { .. })) => Taken::Letter,
            Outcome::Preempted(Ok(Value::Message { .. })) => Taken::LetterAndReturn,
            other => Taken::Other(other),
        };
        if let Outcome::Complete(Ok(Value::Message { copied, .. }))
        | Outcome::Preempted(Ok(Value::Message { copied, .. })) = outcome
            && let Some(letter) = Letter::read(&buffer[..copied as usize])
        {
            self.sort(letter);
        }
        self.buffer = buffer;
        taken
    }

    /// Puts a letter where it belongs.
    fn sort(&mut self, letter: Letter<'_>) {
        let (from, serial) = (letter.from.to_owned(), letter.serial);
        match letter.kind {
            Kind::Message | Kind::Request => {
                if letter.kind == Kind::Request {
                    // Whoever asks again has given up what it had asked before.
                    self.open.insert(from.clone(), (serial, letter.room));
                }
                let mail = Mail { from, serial, text: letter.text.to_owned() };
                self.aside += mail.size();
                self.mail.push_back(mail);
            }
            Kind::Reply => {
                if let Some(asked) = &mut self.asked
                    && (asked.to == from && self.requests == serial)
                {
                    asked.reply = Some(letter.text.to_owned());
                }
            }
            Kind::GivenUp => self.open.retain(|caller, it| *caller != from || it.0 != serial),
            Kind::Ended => drop(self.ended.insert(from)),
        }
    }
}

fn copy(text: &[u8], buffer: &mut [u8]) -> Value {
    let copied = text.len().min(buffer.len());
    buffer[..copied].copy_from_slice(&text[..copied]);
    Value::Message { copied: copied as u32, length: text.len() as u32 }
}
