//! The wait-for graph: who waits for whom, and on what (law 18).

use core::fmt;

use heapless::Vec;

use super::{
    Body, ChannelId, Entry, Interest, Kernel, Kind, Name, On, PEERS, Reason, Rights, Socket, Stage,
    State, Task, Verb, Waiting, nodes,
};

/// A task that waits, what it waits for, and who could end that.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Who waits.
    pub task: Name,
    /// In which call.
    pub verb: Verb,
    /// Why.
    pub reason: Reason,
    /// What the call is about, if it is about an object.
    pub object: Option<(Kind, ChannelId)>,
    /// The object's name, if it has one.
    pub name: Option<Name>,
    /// Who could end the wait; the first few of them.
    pub peers: Vec<Name, PEERS>,
    /// How many more there are.
    pub more: usize,
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// The wait-for graph: an edge for each task that waits.
    pub fn edges(&self) -> impl Iterator<Item = Edge> {
        self.tasks.iter().filter_map(|(key, _)| self.edge(key.index))
    }

    /// A circle of tasks of which each waits for the next, and the last for the first; empty if
    /// there is none.
    pub fn circle(&self) -> Vec<Name, TASKS> {
        // A walk in depth: `path` is where it stands, `seen` how many peers of each it has tried.
        let mut seen = [0usize; TASKS];
        for (key, _) in self.tasks.iter() {
            let mut path = Vec::<u16, TASKS>::new();
            let _ = path.push(key.index);
            while let Some(&at) = path.last() {
                let tried = &mut seen[usize::from(at)];
                *tried += 1;
                match self.peers(at).nth(*tried - 1) {
                    Some(peer) => match path.iter().position(|&it| it == peer) {
                        Some(start) => {
                            let circle = path[start..].iter().filter_map(|&at| self.name_of(at));
                            return circle.collect();
                        }
                        // A path has no task twice, so there is room for it.
                        None if seen[usize::from(peer)] == 0 => drop(path.push(peer)),
                        None => {}
                    },
                    None => drop(path.pop()),
                }
            }
        }
        Vec::new()
    }

    fn edge(&self, me: u16) -> Option<Edge> {
        let task = self.tasks.at(me);
        let Waiting { verb, on, reason, .. } =
            task.waiting.filter(|_| task.state == State::Blocked)?;
        let slot = match on {
            On::Output(slot) | On::Room(slot, _) | On::Notice(slot) => Some(slot),
            On::Sender(task) | On::Reply(task) => Some(self.tasks.at(task).mailbox),
            On::Nothing | On::Poll => None,
        };
        let object = slot.map(|slot| (self.channels.at(slot).kind(), self.channel_id(slot)));
        // Those who came first may have gone since.
        let reason = match on {
            _ if reason == Reason::Device => reason,
            On::Output(slot) if !self.channels.at(slot).is_readable() => Reason::Empty,
            On::Room(slot, need) if !self.channels.at(slot).fits(need.into()) => Reason::Full,
            _ => reason,
        };
        let mut edge = Edge {
            task: self.name_of(me)?,
            verb,
            reason,
            object,
            name: slot.and_then(|slot| self.names.of(slot)),
            peers: Vec::new(),
            more: 0,
        };
        for peer in self.peers(me).filter_map(|peer| self.name_of(peer)) {
            if edge.peers.push(peer).is_err() {
                edge.more += 1;
            }
        }
        Some(edge)
    }

    /// Who could end a task's wait; the task itself only if nobody else could.
    fn peers(&self, me: u16) -> impl Iterator<Item = u16> {
        let others = self.tasks.iter().map(|(key, _)| key.index).filter(move |&it| it != me);
        let others = others.filter(move |&it| self.can_serve(it, me));
        let alone = (others.clone().next().is_none() && self.can_serve(me, me)).then_some(me);
        others.chain(alone)
    }

    fn can_serve(&self, peer: u16, me: u16) -> bool {
        let (task, peer_task) = (self.tasks.at(me), self.tasks.at(peer));
        match task.waiting.filter(|_| task.state == State::Blocked).map(|waiting| waiting.on) {
            Some(On::Output(slot)) => match self.channels.at(slot).body {
                Body::Socket(Socket { stage: Stage::Connected(socket), .. }) => {
                    self.reaches(peer_task, socket, Rights::WRITE)
                }
                // Anyone may connect, or send to its name; who is behind a device, nobody knows.
                Body::Socket(_) | Body::Device(_) => false,
                _ => self.reaches_slot(peer_task, slot, Rights::WRITE),
            },
            Some(On::Notice(slot)) => self.reaches_slot(peer_task, slot, Rights::WRITE),
            Some(On::Room(slot, _)) => match self.channels.at(slot).body {
                Body::Device(_) => false,
                _ => peer_task.mailbox == slot || self.reaches_slot(peer_task, slot, Rights::READ),
            },
            Some(On::Sender(it) | On::Reply(it)) => it == peer,
            Some(On::Poll) => nodes()
                .filter_map(|n| self.interests.get(me, n))
                .any(|interest| self.can_make_ready(peer_task, interest)),
            Some(On::Nothing) | None => false,
        }
    }

    fn can_make_ready(
        &self,
        peer: &Task,
        Interest { object: channel, wants, .. }: Interest,
    ) -> bool {
        match self.channels.at(channel.index()).body {
            Body::Socket(Socket { stage: Stage::Connected(socket), .. }) => {
                self.reaches(peer, socket, Rights::NONE)
            }
            Body::Socket(_) | Body::Device(_) => false,
            _ => {
                wants.contains(Rights::READ) && self.reaches(peer, channel, Rights::WRITE)
                    || wants.contains(Rights::WRITE) && self.reaches(peer, channel, Rights::READ)
            }
        }
    }

    fn reaches_slot(&self, task: &Task, slot: u16, right: Rights) -> bool {
        self.reaches(task, self.channel_id(slot), right)
    }

    fn reaches(&self, task: &Task, channel: ChannelId, right: Rights) -> bool {
        let same = |entry: &Entry| entry.channel() == Some(channel);
        task.handles.iter().any(|entry| same(entry) && entry.rights.contains(right))
    }

    fn name_of(&self, task: u16) -> Option<Name> {
        self.names.of(self.tasks.at(task).mailbox)
    }
}

/// One line: ``reader waits to read pipe `greeting` (empty) until writer writes``.
impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, verb, reason, .. } = self;
        write!(f, "{task} waits to {verb}")?;
        match (&self.name, self.object) {
            // Mailboxes are told by their tasks.
            (Some(name), Some((Kind::Mailbox, _))) => match (verb, reason) {
                (Verb::Receive, Reason::Sender) | (Verb::Answer, _) => write!(f, " from {name}")?,
                (Verb::Receive, _) => {}
                _ => write!(f, " to {name}")?,
            },
            (Some(name), Some((kind, _))) => write!(f, " {kind} `{name}`")?,
            (None, Some((kind, id))) => write!(f, " {kind} {id}")?,
            (_, None) => {}
        }
        write!(f, " ({reason})")?;
        let act = match (verb, self.object) {
            (Verb::Read, _) => "writes",
            (Verb::Write, _) => "reads",
            (Verb::Send | Verb::Request, _) => "receives",
            (Verb::Receive | Verb::Notify, _) => "sends",
            (Verb::Answer, _) => "replies",
            (Verb::Accept, _) => "connects",
            (Verb::Connect, _) => "accepts",
            (Verb::Poll, _) => "acts",
            _ => return Ok(()),
        };
        match self.peers.split_first() {
            None if self.object.is_none() && *verb != Verb::Poll => Ok(()),
            None => write!(f, " until someone {act}"),
            Some((first, others)) => {
                write!(f, " until {first}")?;
                for peer in others {
                    write!(f, " or {peer}")?;
                }
                if self.more > 0 {
                    write!(f, " or one of {} more", self.more)?;
                }
                write!(f, " {act}")
            }
        }
    }
}
