//! Mailboxes between processes: a door that turns calls on mailboxes into calls on a datagram
//! socket of the task.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use postroom::{
    Access, Answer, Call, Destination, Door, Envelope, Error, Handle, Name, Outcome, Peer,
    PollEntry, Readiness, RequestId, Result, Sizes, Source, TaskId, Value, Wait,
};

use super::letter::{Kind, Letter, MOST, mailbox};

/// The longest message, in bytes.
const LONGEST: usize = 16 * 1024;

/// How long a reply waits for room with a caller that does not look.
const PATIENCE: Duration = Duration::from_secs(2);

/// The door of a task that is alone in its kernel: its mailbox is a socket, and its peers are in
/// other processes. Calls on anything else go through as they are.
pub(super) struct Post<'k> {
    door: &'k (dyn Door + Sync),
    office: Mutex<Option<Office>>,
}

/// What has come for the task, and whom it knows.
struct Office {
    me: String,
    task: TaskId,
    /// Its own mailbox: a socket.
    handle: Handle,
    /// The tasks of the run, as every kernel of the run numbers them.
    ids: BTreeMap<String, TaskId>,
    buffer: Vec<u8>,
    /// What was taken out of the socket and the task has not received.
    mail: VecDeque<Mail>,
    ended: BTreeSet<String>,
    /// Requests of others that are open, and the room for their replies.
    open: BTreeMap<(String, u64), u32>,
    /// Its own requests: how many there were, and the one that is open.
    requests: u64,
    asked: Option<Asked>,
}

struct Mail {
    from: String,
    /// 0 if it is no request.
    serial: u64,
    text: Vec<u8>,
}

struct Asked {
    to: String,
    reply: Option<Vec<u8>>,
}

/// What an attempt to take letters out of the socket came to.
enum Taken {
    Letter,
    /// One came, but the task has to return to its runner.
    LetterAndReturn,
    Other(Outcome),
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
        let office = Office {
            me: me.to_owned(),
            task,
            handle,
            ids,
            buffer: vec![0; LONGEST + MOST],
            mail: VecDeque::new(),
            ended: BTreeSet::new(),
            open: BTreeMap::new(),
            requests: 0,
            asked: None,
        };
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
            Call::Answer { buffer, wait } => office.answer(self.door, buffer, wait),
            Call::Reply { request, message } => office.reply(self.door, request, message),
            Call::GiveUp => office.give_up(self.door),
            Call::Poll { set, wait } if set.iter().any(|entry| entry.handle.is_none()) => {
                office.poll(self.door, set, wait)
            }
            call => self.door.syscall(task, call),
        }
    }
}

impl Office {
    /// Who is meant by a peer.
    fn name(&self, peer: Peer<'_>) -> Result<String> {
        let found = match peer {
            Peer::Name(name) => self.ids.get_key_value(name),
            Peer::Task(task) => self.ids.iter().find(|(_, id)| **id == task),
        };
        let missing = if let Peer::Task(_) = peer { Error::PeerDead } else { Error::NoSuchName };
        found.map(|(name, _)| name.clone()).ok_or(missing)
    }

    fn send(
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

    fn receive(
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
            let sender = *office.ids.get(&mail.from)?;
            let (name, urgency, request) = (Name::new(&mail.from).ok(), 0, mail.serial);
            *envelope = Some(Envelope { sender, name, urgency, request });
            Some(Ok(copy(&mail.text, buffer)))
        })
    }

    fn request(
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

    fn answer(&mut self, door: &dyn Door, buffer: &mut [u8], wait: Wait) -> Outcome {
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
    fn reply(&mut self, door: &dyn Door, request: RequestId, message: &[u8]) -> Outcome {
        // It may have been given up since.
        while let Taken::Letter | Taken::LetterAndReturn = self.take(door, Wait::Try) {}
        let caller = self.name(Peer::Task(request.caller)).ok();
        let Some(caller) = caller.filter(|caller| !self.ended.contains(caller)) else {
            return Outcome::Complete(Err(Error::PeerDead));
        };
        let Some(room) = self.open.remove(&(caller, request.serial)) else {
            return Outcome::Complete(Err(Error::NoSuchRequest));
        };
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
    fn give_up(&mut self, door: &dyn Door) -> Outcome {
        if let Some(Asked { to, .. }) = self.asked.take() {
            let about = (self.requests, 0);
            let _ = self.send(door, Peer::Name(&to), Kind::GivenUp, about, &[], Wait::Try);
        }
        door.syscall(self.task, Call::GiveUp)
    }

    /// Looks at the mailbox among others.
    fn poll(&mut self, door: &dyn Door, set: &mut [PollEntry], wait: Wait) -> Outcome {
        let mut preempted = false;
        loop {
            while let Taken::Letter | Taken::LetterAndReturn = self.take(door, Wait::Try) {}
            let has_mail = !self.mail.is_empty();
            let mut inner: Vec<PollEntry> = set
                .iter()
                .filter(|entry| entry.handle.is_some())
                .copied()
                .collect();
            inner.push(PollEntry::new(Some(self.handle), postroom::Rights::READ));
            let how = if has_mail { Wait::Try } else { wait };
            let outcome = door.syscall(self.task, Call::Poll { set: &mut inner, wait: how });
            let polled = match outcome {
                Outcome::Blocked => return Outcome::Blocked,
                Outcome::Preempted(answer) => {
                    preempted = true;
                    answer
                }
                Outcome::Complete(answer) => answer,
            };
            // What woke it may be a letter that is no mail.
            while let Taken::Letter | Taken::LetterAndReturn = self.take(door, Wait::Try) {}
            let mailbox = Readiness { readable: !self.mail.is_empty(), ..Readiness::NOTHING };
            let mut others = inner.iter();
            let mut ready = 0;
            for entry in set.iter_mut() {
                entry.ready = match entry.handle {
                    None => Ok(mailbox),
                    Some(_) => others.next().map_or(Ok(Readiness::NOTHING), |it| it.ready),
                };
                ready += usize::from(entry.ready != Ok(Readiness::NOTHING));
            }
            let answer = match polled {
                _ if ready > 0 => Ok(Value::Count(ready)),
                Err(error) => Err(error),
                // The task has to return to its runner, and asks again.
                Ok(_) if preempted => return Outcome::Blocked,
                Ok(_) => continue,
            };
            return if preempted { Outcome::Preempted(answer) } else { Outcome::Complete(answer) };
        }
    }

    /// Takes letters in until there is an answer, or until there are no more: then the task waits.
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
            match self.take(door, wait) {
                Taken::Letter => {}
                Taken::LetterAndReturn => preempted = true,
                Taken::Other(outcome) => return outcome,
            }
        }
    }

    /// Takes a letter out of the socket.
    fn take(&mut self, door: &dyn Door, wait: Wait) -> Taken {
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
        let mail = |from, text: &[u8]| Mail { from, serial, text: text.to_owned() };
        match letter.kind {
            Kind::Message => self.mail.push_back(mail(from, letter.text)),
            Kind::Request => {
                self.open.insert((from.clone(), serial), letter.room);
                self.mail.push_back(mail(from, letter.text));
            }
            Kind::Reply => {
                if let Some(asked) = &mut self.asked
                    && (asked.to == from && self.requests == serial)
                {
                    asked.reply = Some(letter.text.to_owned());
                }
            }
            Kind::GivenUp => drop(self.open.remove(&(from, serial))),
            Kind::Ended => drop(self.ended.insert(from)),
        }
    }
}

fn address(task: &str) -> String {
    format!("unix-datagram:{}", mailbox(task))
}

fn copy(text: &[u8], buffer: &mut [u8]) -> Value {
    let copied = text.len().min(buffer.len());
    buffer[..copied].copy_from_slice(&text[..copied]);
    Value::Message { copied: copied as u32, length: text.len() as u32 }
}

/// The answer to a call that cannot wait.
fn answer(outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
        Outcome::Blocked => Err(Error::WouldBlock),
    }
}
