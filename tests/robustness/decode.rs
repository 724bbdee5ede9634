//! Raw bytes, read as things to do to a kernel. Any bytes mean something.
//!
//! It needs nothing but the crate itself, so a fuzz target can take it as it is.

use postroom::{
    Call, End, Error, Handle, Peer, Policy, Priority, Rights, Sender, TaskId, Ticks, Wait,
};

/// The longest buffer that a call can have, in bytes.
pub(crate) const LONGEST: usize = 2100;

/// Ids and handles that the kernel has given out, whether still good or not.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) tasks: Vec<TaskId>,
    pub(crate) handles: Vec<Handle>,
}

/// Something to do to a kernel from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed<'a> {
    /// A system call in the name of this task; [`Bytes::call`] says which.
    Call(TaskId),
    Spawn(&'a str, Priority),
    CreatePipe(&'a str, usize),
    SetPriority(TaskId, Priority),
    SetPolicy(Policy),
    Advance(Ticks),
    Dispatch,
    WaitForDevices,
}

/// The bytes not read yet. Past their end, all are zero.
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(crate) const fn new(raw: &'a [u8]) -> Self {
        Self { rest: raw }
    }

    /// What to do next; `None` at the end of the bytes.
    pub(crate) fn deed(&mut self, known: &Known) -> Option<Deed<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        Some(match self.byte() {
            0..=15 => Deed::Spawn(self.name(), self.priority()),
            16..=19 => Deed::CreatePipe(self.name(), self.number()),
            20..=25 => Deed::SetPriority(self.task(known), self.priority()),
            26..=28 => Deed::SetPolicy(match self.byte() % 4 {
                0 | 1 => Policy::Priority,
                2 => Policy::RoundRobin,
                _ => Policy::Random(self.wide()),
            }),
            29..=38 => Deed::Advance(self.ticks()),
            39..=60 => Deed::Dispatch,
            61..=66 => Deed::WaitForDevices,
            _ => Deed::Call(self.task(known)),
        })
    }

    /// A system call, which may use this buffer.
    pub(crate) fn call<'b>(
        &mut self,
        known: &Known,
        buffer: &'b mut [u8; LONGEST],
        sender: &'b mut Option<Sender>,
    ) -> Call<'b>
    where
        'a: 'b,
    {
        match self.byte() {
            0..=19 => {
                let name = (self.byte() > 80).then(|| self.name());
                Call::Pipe { name, capacity: self.number() }
            }
            20..=44 => Call::Open { name: self.name(), rights: self.rights() },
            45..=54 => Call::Duplicate { handle: self.handle(known) },
            55..=68 => Call::Close { handle: self.handle(known) },
            69..=108 => Call::Read {
                handle: self.handle(known),
                buffer: &mut buffer[..self.length()],
                wait: self.wait(),
            },
            109..=150 => Call::Write {
                handle: self.handle(known),
                bytes: &buffer[..self.length()],
                wait: self.wait(),
            },
            151..=160 => Call::Readiness { handle: self.handle(known) },
            161..=190 => Call::Send {
                to: self.peer(known),
                message: &buffer[..self.length()],
                wait: self.wait(),
            },
            191..=220 => Call::Receive {
                from: (self.byte() > 127).then(|| self.peer(known)),
                buffer: &mut buffer[..self.length()],
                sender,
                wait: self.wait(),
            },
            221..=226 => Call::Sleep { until: self.ticks() },
            227..=234 => Call::Cancel,
            235..=238 => Call::Yield,
            239..=246 => Call::SetPriority { priority: self.priority() },
            247..=249 => Call::Now,
            _ => Call::Exit {
                end: match self.byte() % 4 {
                    0 => End::Done,
                    1 => End::Failed(Error::Device),
                    2 => End::Faulted,
                    _ => End::Killed,
                },
            },
        }
    }

    fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((&first, rest)) => {
                self.rest = rest;
                first
            }
            None => 0,
        }
    }

    fn wide(&mut self) -> u64 {
        (0..8).fold(0, |wide, _| wide << 8 | u64::from(self.byte()))
    }

    /// A size: mostly small, or near a limit, or beyond all limits.
    fn number(&mut self) -> usize {
        match self.byte() {
            small @ 0..=127 => usize::from(small),
            128..=135 => usize::MAX - usize::from(self.byte()),
            near => 8 * usize::from(near - 128) + usize::from(self.byte() % 3),
        }
    }

    fn length(&mut self) -> usize {
        self.number().min(LONGEST)
    }

    fn task(&mut self, known: &Known) -> TaskId {
        match self.byte() {
            0..=7 => TaskId::from_parts(u16::from(self.byte()), u32::from(self.byte() % 3)),
            8 => TaskId::from_parts(u16::MAX, self.wide() as u32),
            // Rather one of the last.
            some => {
                let back = usize::from(some) % known.tasks.len().clamp(1, 12);
                let last = known.tasks.len().checked_sub(1 + back);
                last.map_or(TaskId::from_parts(0, 0), |at| known.tasks[at])
            }
        }
    }

    fn handle(&mut self, known: &Known) -> Handle {
        match self.byte() {
            0..=7 => Handle::from_parts(u16::from(self.byte()), u64::from(self.byte())),
            8 => Handle::from_parts(self.wide() as u16, self.wide()),
            some => {
                let back = usize::from(some) % known.handles.len().clamp(1, 40);
                let last = known.handles.len().checked_sub(1 + back);
                last.map_or(Handle::from_parts(0, 0), |at| known.handles[at])
            }
        }
    }

    fn peer(&mut self, known: &Known) -> Peer<'a> {
        if self.byte() > 127 { Peer::Task(self.task(known)) } else { Peer::Name(self.name()) }
    }

    /// One of a few good names, a bad one, or whatever the bytes spell.
    fn name(&mut self) -> &'a str {
        match self.byte() {
            0 => "",
            1 => "a\nb",
            2 => "a name of twenty-four byt",
            3 => "größer als erlaubt wäre!",
            4 => ":",
            5..=30 => "wild:one",
            31..=50 => {
                let length = usize::from(self.byte() % 32).min(self.rest.len());
                let (text, rest) = self.rest.split_at(length);
                self.rest = rest;
                str::from_utf8(text).unwrap_or("ß")
            }
            some => ["a", "b", "c", "d", "p", "q", "r", "s"][usize::from(some % 8)],
        }
    }

    fn rights(&mut self) -> Rights {
        match self.byte() % 3 {
            0 => Rights::READ,
            1 => Rights::WRITE,
            _ => Rights::READ | Rights::WRITE,
        }
    }

    fn priority(&mut self) -> Priority {
        let few = [0, 15, 16, 16, 17, 31];
        Priority::new(few[usize::from(self.byte()) % few.len()]).unwrap_or_default()
    }

    /// A time. The kernel's clock must not run to its end too soon, so the last ticks are rare.
    fn ticks(&mut self) -> Ticks {
        Ticks(match self.byte() {
            0 => self.wide(),
            1 => u64::MAX,
            some => u64::from(some) * u64::from(self.byte()),
        })
    }

    fn wait(&mut self) -> Wait {
        match self.byte() % 4 {
            0 => Wait::Try,
            1 => Wait::Until(self.ticks()),
            _ => Wait::Forever,
        }
    }
}
