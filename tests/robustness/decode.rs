//! Raw bytes, read as things to do to a kernel.
//!
//! It needs nothing but the crate itself, so a fuzz target can take it as it is.

use postroom::{
    Access, Call, Create, Destination, Envelope, Kind, Peer, Policy, PollEntry, Priority, Rights,
    Source, TaskId, Ticks,
};

use crate::known::{Held, Known, What};
use crate::raw::Bytes;

/// The longest buffer that a call can have, in bytes.
pub(crate) const LONGEST: usize = 2100;

/// Something to do to a kernel from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed<'a> {
    /// A system call in the name of this task; [`Bytes::call`] says which.
    Call(TaskId),
    Spawn(&'a str, Priority),
    CreatePipe(&'a str, usize),
    CreateQueue(&'a str, usize, usize),
    Entrust(TaskId, TaskId),
    SetPriority(TaskId, Priority),
    SetPolicy(Policy),
    Advance(Ticks),
    Dispatch,
    LookAtDevices,
}

/// What calls borrow from their task.
pub(crate) struct Memory<'a> {
    buffer: [u8; LONGEST],
    envelope: Option<Envelope>,
    set: [PollEntry; 20],
    peers: [Peer<'a>; 6],
}

impl Memory<'_> {
    pub(crate) const fn new() -> Self {
        Self {
            buffer: [7; LONGEST],
            envelope: None,
            set: [PollEntry::new(None, Rights::NONE); 20],
            peers: [Peer::Name("a"); 6],
        }
    }
}

impl<'a> Bytes<'a> {
    /// What to do next; `None` at the end of the bytes.
    pub(crate) fn deed(&mut self, known: &Known) -> Option<Deed<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        Some(match self.byte() {
            0..=11 => Deed::Spawn(self.name(), self.priority()),
            12..=13 => Deed::CreatePipe(self.name(), self.number()),
            14..=15 => Deed::CreateQueue(self.name(), self.number() % 7, self.number()),
            16..=17 => Deed::Entrust(self.task(known), self.task(known)),
            18..=21 => Deed::SetPriority(self.task(known), self.priority()),
            22..=23 => Deed::SetPolicy(self.policy()),
            24..=30 => Deed::Advance(self.ticks()),
            31..=48 => Deed::Dispatch,
            49..=52 => Deed::LookAtDevices,
            _ => Deed::Call(self.task(known)),
        })
    }

    /// A system call of this task.
    pub(crate) fn call<'b>(
        &mut self,
        known: &Known,
        me: TaskId,
        memory: &'b mut Memory<'a>,
    ) -> Call<'b>
    where
        'a: 'b,
    {
        let of = |kinds: &'static [Kind]| move |held: &Held| matches!(held.what, What::Channel(kind) if kinds.contains(&kind));
        let streams = of(&[Kind::Pipe, Kind::Stream]);
        let bytes = |held: &Held| held.what == What::Device || streams(held);
        let queue = of(&[Kind::Queue]);
        let socket = of(&[Kind::Stream, Kind::Sequenced, Kind::Datagram]);
        let connection = of(&[Kind::Stream, Kind::Sequenced]);
        let Memory { buffer, envelope, set, peers } = memory;
        let buffer = &mut buffer[..self.number().min(LONGEST)];
        match self.byte() {
            0..=4 => Call::Pipe { capacity: self.number() },
            5..=18 => {
                let (name, rights, create) = (self.name(), self.rights(), self.create());
                let create = create.map(|it| Create { access: self.access(known, peers), ..it });
                Call::Open { name, rights, create }
            }
            19..=24 => Call::Duplicate { handle: self.handle(known, me, |_| true) },
            25..=32 => Call::Give {
                handle: self.handle(known, me, |_| true),
                to: self.peer(known),
                rights: self.rights(),
                keep: self.bit(),
            },
            33..=42 => Call::Close { handle: self.handle(known, me, |_| true) },
            43..=44 => Call::Unlink { name: self.name() },
            45..=62 => {
                Call::Read { handle: self.handle(known, me, bytes), buffer, wait: self.wait() }
            }
            63..=80 => Call::Write {
                handle: self.handle(known, me, bytes),
                bytes: buffer,
                wait: self.wait(),
            },
            81..=108 => {
                let to = match self.byte() {
                    0..=80 => Destination::Task(self.peer(known)),
                    81..=150 => Destination::Queue {
                        handle: self.handle(known, me, queue),
                        urgency: self.byte() % 34,
                    },
                    some => Destination::Socket {
                        handle: self.handle(known, me, of(&[Kind::Sequenced, Kind::Datagram])),
                        to: (some > 200).then(|| self.name()),
                    },
                };
                Call::Send { to, message: buffer, wait: self.wait() }
            }
            109..=136 => {
                let from = match self.byte() {
                    0..=50 => Source::Anyone,
                    51..=100 => Source::Task(self.peer(known)),
                    _ => Source::Object(self.handle(
                        known,
                        me,
                        of(&[Kind::Queue, Kind::Sequenced, Kind::Datagram]),
                    )),
                };
                Call::Receive { from, buffer, envelope, wait: self.wait() }
            }
            137..=146 => Call::Request {
                to: self.peer(known),
                message: buffer,
                room: self.number(),
                wait: self.wait(),
            },
            147..=152 => Call::Answer { buffer, wait: self.wait() },
            153..=160 => Call::Reply { request: self.request(known), message: buffer },
            161..=163 => Call::Readiness { handle: self.handle(known, me, |_| true) },
            164..=178 => {
                let set = &mut set[..usize::from(self.byte() % 40) * 20 / 39];
                for entry in set.iter_mut() {
                    let handle = self.bit().then(|| self.handle(known, me, |_| true));
                    *entry = PollEntry::new(handle, self.rights());
                }
                Call::Poll { set, wait: self.wait() }
            }
            179..=180 => Call::Attributes { handle: self.handle(known, me, queue) },
            181..=184 => Call::Notify { handle: self.handle(known, me, queue), wait: self.wait() },
            185..=192 => {
                let (kind, sizes) = self.socket();
                Call::Socket { kind, sizes }
            }
            193..=197 => {
                let (kind, sizes) = self.socket();
                Call::Pair { kind, sizes }
            }
            198..=204 => Call::Bind {
                handle: self.handle(known, me, socket),
                name: self.name(),
                access: self.access(known, peers),
            },
            205..=210 => Call::Listen {
                handle: self.handle(known, me, connection),
                backlog: match self.byte() {
                    few @ 0..=200 => usize::from(few % 3),
                    _ => self.number(),
                },
            },
            211..=218 => Call::Connect {
                handle: self.handle(known, me, |held| socket(held) && !held.listens),
                to: self.name(),
                wait: self.wait(),
            },
            219..=225 => Call::Accept {
                handle: self.handle(known, me, |held| held.listens),
                wait: self.wait(),
            },
            226..=230 => {
                Call::Shutdown { handle: self.handle(known, me, connection), rights: self.rights() }
            }
            231..=232 => {
                Call::Kill { handle: self.handle(known, me, |held| held.what == What::Task) }
            }
            233..=236 => Call::Sleep { until: self.ticks() },
            237..=240 => Call::Cancel,
            241..=242 => Call::GiveUp,
            243..=245 => Call::Yield,
            246..=249 => Call::SetPriority { priority: self.priority() },
            250..=252 => Call::Now,
            _ => Call::Exit { status: self.status() },
        }
    }

    /// Mostly everyone; otherwise some tasks, dead ones and too many among them.
    fn access<'b>(&mut self, known: &Known, peers: &'b mut [Peer<'a>; 6]) -> Access<'b> {
        let few = match self.byte() {
            0..=180 => return Access::Everyone,
            some => &mut peers[..usize::from(some % 7)],
        };
        few.iter_mut().for_each(|peer| *peer = self.peer(known));
        Access::Only(few)
    }
}
