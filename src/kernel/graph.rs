//! The wait-for graph: who waits for whom, and on what (law 18).

use core::fmt;

use heapless::Vec;

use super::Kernel;
use super::call::Verb;
use super::channel::{Body, Kind};
use super::handles::Object;
use super::id::ChannelId;
use super::name::Name;
use super::param::PEERS;
use super::rights::Rights;
use super::task::{On, Reason, State, Waiting};

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
        let step = |at: &u16| self.peers(*at).next();
        let walk = |start: u16| core::iter::successors(step(&start), step).take(TASKS);
        let starts = self.tasks.iter().map(|(key, _)| key.index);
        let Some(start) = starts.into_iter().find(|&start| walk(start).any(|at| at == start))
        else {
            return Vec::new();
        };
        let others = walk(start).take_while(|&at| at != start);
        core::iter::once(start).chain(others).filter_map(|at| self.name_of(at)).collect()
    }

    fn edge(&self, me: u16) -> Option<Edge> {
        let task = self.tasks.at(me);
        let Waiting { verb, on, reason, .. } =
            task.waiting.filter(|_| task.state == State::Blocked)?;
        let slot = match on {
            On::Output(slot) | On::Room(slot, _) => Some(slot),
            On::Sender(sender) => Some(self.tasks.at(sender).mailbox),
            On::Nothing | On::Device => None,
        };
        let object = slot.and_then(|slot| {
            let kind = match self.channels.at(slot).body {
                Body::Pipe(_) => Kind::Pipe,
                _ => Kind::Mailbox,
            };
            Some((kind, ChannelId(self.channels.key(slot)?)))
        });
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

    /// Who could end a task's wait.
    fn peers(&self, me: u16) -> impl Iterator<Item = u16> {
        let task = self.tasks.at(me);
        let on = task.waiting.filter(|_| task.state == State::Blocked).map(|waiting| waiting.on);
        self.tasks
            .iter()
            .filter(move |(key, task)| match on {
                Some(On::Output(slot)) => self.reaches(task.handles.iter(), slot, Rights::WRITE),
                Some(On::Room(slot, _)) => {
                    task.mailbox == slot || self.reaches(task.handles.iter(), slot, Rights::READ)
                }
                Some(On::Sender(sender)) => key.index == sender,
                Some(On::Nothing | On::Device) | None => false,
            })
            .map(|(key, _)| key.index)
    }

    fn reaches<'a>(
        &self,
        mut handles: impl Iterator<Item = &'a super::handles::Entry>,
        slot: u16,
        right: Rights,
    ) -> bool {
        let object = self.channels.key(slot).map(|key| Object::Channel(ChannelId(key)));
        handles.any(|entry| Some(entry.object) == object && entry.rights.allow(right))
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
        match (verb, &self.name, self.object) {
            (Verb::Send, Some(name), _) => write!(f, " to {name}")?,
            (Verb::Receive, ..) if *reason == Reason::Sender => {
                if let Some(name) = &self.name {
                    write!(f, " from {name}")?;
                }
            }
            (Verb::Receive, ..) => {}
            (_, Some(name), Some((kind, _))) => write!(f, " {kind} `{name}`")?,
            (_, None, Some((kind, id))) => write!(f, " {kind} {id}")?,
            _ => {}
        }
        write!(f, " ({reason})")?;
        let act = match verb {
            Verb::Read => "writes",
            Verb::Write => "reads",
            Verb::Send => "receives",
            Verb::Receive => "sends",
            _ => return Ok(()),
        };
        match self.peers.split_first() {
            None if *verb == Verb::Receive => write!(f, " until someone {act}"),
            None if self.object.is_none() => Ok(()),
            None => write!(f, " until someone opens it and {act}"),
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
