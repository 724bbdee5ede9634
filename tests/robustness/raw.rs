//! Raw bytes, read as the parts of calls: names, handles, sizes, times. Any bytes mean something.

use postroom::{
    Create, Error, ExitStatus, Handle, Kind, Peer, Policy, Priority, RequestId, Rights, Sizes,
    TaskId, Ticks, Wait,
};

use crate::known::{Held, Known};

/// The bytes not read yet. Past their end, all are zero.
pub(crate) struct Bytes<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(crate) const fn new(raw: &'a [u8]) -> Self {
        Self { rest: raw }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((&first, rest)) => {
                self.rest = rest;
                first
            }
            None => 0,
        }
    }

    pub(crate) fn bit(&mut self) -> bool {
        self.byte() > 127
    }

    fn wide(&mut self) -> u64 {
        (0..8).fold(0, |wide, _| wide << 8 | u64::from(self.byte()))
    }

    /// A size: mostly small, or near a limit, or beyond all limits.
    pub(crate) fn number(&mut self) -> usize {
        match self.byte() {
            small @ 0..=160 => usize::from(small % 64),
            161..=165 => usize::MAX - usize::from(self.byte()),
            near => 8 * usize::from(near - 128) + usize::from(self.byte() % 3),
        }
    }

    pub(crate) fn sizes(&mut self) -> Sizes {
        if self.bit() { Sizes::Bytes(self.number()) } else { self.messages() }
    }

    fn messages(&mut self) -> Sizes {
        let most = match self.byte() {
            few @ 0..=240 => usize::from(few % 5),
            _ => self.number(),
        };
        Sizes::Messages { most, longest: self.number() }
    }

    /// A kind of socket and what it holds; mostly what fits together.
    pub(crate) fn socket(&mut self) -> (Kind, Sizes) {
        match self.byte() {
            0..=4 => (Kind::Pipe, self.sizes()),
            5..=9 => (Kind::Mailbox, self.sizes()),
            10..=16 => (Kind::Stream, self.messages()),
            17..=24 => (Kind::Datagram, Sizes::Bytes(self.number())),
            25..=100 => (Kind::Stream, Sizes::Bytes(self.number())),
            101..=180 => (Kind::Sequenced, self.messages()),
            _ => (Kind::Datagram, self.messages()),
        }
    }

    pub(crate) fn task(&mut self, known: &Known) -> TaskId {
        match self.byte() {
            0..=7 => TaskId::from_parts(u16::from(self.byte()), u32::from(self.byte() % 3)),
            8 => TaskId::from_parts(u16::MAX, self.wide() as u32),
            // Rather one of the last.
            some => {
                let back = usize::from(some) % known.tasks.len().clamp(1, 8);
                let last = known.tasks.len().checked_sub(1 + back);
                last.map_or(TaskId::from_parts(0, 0), |at| known.tasks[at])
            }
        }
    }

    /// Mostly one of the task's own that suits, as far as `suits` can tell; sometimes closed,
    /// unsuitable, another task's, or made up.
    pub(crate) fn handle(
        &mut self,
        known: &Known,
        me: TaskId,
        suits: impl Fn(&Held) -> bool,
    ) -> Handle {
        let mut draw = |wanted: &dyn Fn(&&Held) -> bool| {
            let mut some: Vec<&Held> = known.handles.iter().rev().filter(wanted).take(12).collect();
            if some.is_empty() {
                some = known.handles.iter().rev().take(12).collect();
            }
            let at = usize::from(self.byte()) % some.len().max(1);
            some.get(at).map_or(Handle::from_parts(0, 0), |held| held.handle)
        };
        let handle = draw(&|held| held.task == me && suits(held));
        match self.byte() {
            0..=4 => Handle::from_parts(u16::from(self.byte()), u64::from(self.byte())),
            5 => Handle::from_parts(self.wide() as u16, self.wide()),
            6..=24 => self.any_handle(known, |held| held.task == me),
            25..=34 => self.any_handle(known, |_| true),
            _ => handle,
        }
    }

    fn any_handle(&mut self, known: &Known, wanted: impl Fn(&Held) -> bool) -> Handle {
        let some: Vec<_> = known.handles.iter().rev().filter(|it| wanted(it)).take(40).collect();
        let at = usize::from(self.byte()) % some.len().max(1);
        some.get(at).map_or(Handle::from_parts(0, 0), |held| held.handle)
    }

    pub(crate) fn request(&mut self, known: &Known) -> RequestId {
        let back = usize::from(self.byte()) % known.requests.len().clamp(1, 6);
        match known.requests.len().checked_sub(1 + back) {
            Some(at) if self.byte() > 10 => known.requests[at],
            _ => RequestId { caller: self.task(known), serial: self.number() as u64 },
        }
    }

    pub(crate) fn peer(&mut self, known: &Known) -> Peer<'a> {
        if self.bit() { Peer::Task(self.task(known)) } else { Peer::Name(self.name()) }
    }

    /// One of a few good names, a bad one, or whatever the bytes spell.
    pub(crate) fn name(&mut self) -> &'a str {
        match self.byte() {
            0 => "",
            1 => "a\nb",
            2 => "a name of twenty-four byt",
            3 => "größer als erlaubt wäre!",
            4 => ":",
            5..=18 => "wild:one",
            19..=24 => {
                let length = usize::from(self.byte() % 32).min(self.rest.len());
                let (text, rest) = self.rest.split_at(length);
                self.rest = rest;
                str::from_utf8(text).unwrap_or("ß")
            }
            some => ["a", "b", "c", "p", "q", "s"][usize::from(some % 6)],
        }
    }

    pub(crate) fn rights(&mut self) -> Rights {
        match self.byte() {
            0..=9 => Rights::NONE,
            10..=19 => Rights::KILL,
            20..=29 => Rights::READ | Rights::WRITE | Rights::KILL,
            some => match some % 3 {
                0 => Rights::READ,
                1 => Rights::WRITE,
                _ => Rights::READ | Rights::WRITE,
            },
        }
    }

    pub(crate) fn create(&mut self) -> Option<Create<'static>> {
        let (create, exclusive) = (self.byte() > 90, self.byte() > 220);
        let access = postroom::Access::Everyone;
        create.then(|| Create { sizes: self.sizes(), exclusive, access })
    }

    pub(crate) fn priority(&mut self) -> Priority {
        let few = [0, 15, 16, 16, 17, 31];
        Priority::new(few[usize::from(self.byte()) % few.len()]).unwrap_or_default()
    }

    pub(crate) fn policy(&mut self) -> Policy {
        match self.byte() % 4 {
            0 | 1 => Policy::Priority,
            2 => Policy::RoundRobin,
            _ => Policy::Random(self.wide()),
        }
    }

    pub(crate) fn status(&mut self) -> ExitStatus {
        match self.byte() % 5 {
            0 => ExitStatus::Done,
            1 => ExitStatus::Failed(Error::Device),
            2 => ExitStatus::Faulted,
            3 => ExitStatus::Panicked,
            _ => ExitStatus::Killed,
        }
    }

    /// A time. The kernel's clock must not run to its end too soon, so the last ticks are rare.
    pub(crate) fn ticks(&mut self) -> Ticks {
        Ticks(match self.byte() {
            0 => self.wide(),
            1 => u64::MAX,
            some => u64::from(some) * u64::from(self.byte()),
        })
    }

    pub(crate) fn wait(&mut self) -> Wait {
        match self.byte() % 6 {
            0 => Wait::Try,
            1 => Wait::Until(self.ticks()),
            _ => Wait::Forever,
        }
    }
}
