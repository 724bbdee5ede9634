//! What a wish means in the present state: the request, with handles, ids and deadlines.

use postroom::{ExitStatus, Handle, Ticks, Wait};

use crate::deed::forged;
use crate::model::Model;
use crate::request::{Address, Life, Making, Origin, Request, Target};
use crate::step::{self, Hold, NAMES, Patience, To, Wish};

impl Model {
    pub(crate) fn request(&mut self, me: Option<Life>, wish: &Wish) -> Request {
        let now = self.now;
        let until = |patience: Patience| match patience {
            Patience::Try => Wait::Try,
            Patience::For(ticks) => Wait::Until(Ticks(now + ticks)),
            Patience::Forever => Wait::Forever,
        };
        let drawn = self.drawn;
        // 251 is a prime, so the cycle fits no size of a ring.
        let bytes = |length: usize| (drawn..drawn + length).map(|at| (at % 251) as u8).collect();
        self.drawn += match *wish {
            Wish::Write { length, .. }
            | Wish::Send { length, .. }
            | Wish::Enqueue { length, .. }
            | Wish::SendOut { length, .. }
            | Wish::Request { length, .. }
            | Wish::Reply { length, .. } => length,
            _ => 0,
        };
        let of = |handle| self.handle(me, handle);
        let to = |to| self.address(to);
        let all = |only: &Option<Vec<To>>| {
            only.as_ref().map(|only| only.iter().map(|&it| to(it)).collect::<Vec<Address>>())
        };
        match *wish {
            Wish::Pipe { capacity } => Request::Pipe { capacity },
            Wish::Open { name, rights, ref create } => Request::Open {
                name,
                rights,
                create: create.as_ref().map(|step::Making { sizes, exclusive, only }| Making {
                    sizes: *sizes,
                    exclusive: *exclusive,
                    only: all(only),
                }),
            },
            Wish::Duplicate { handle } => Request::Duplicate { handle: of(handle) },
            Wish::Give { handle, to: receiver, rights, keep } => {
                Request::Give { handle: of(handle), to: to(receiver), rights, keep }
            }
            Wish::Close { handle } => Request::Close { handle: of(handle) },
            Wish::Unlink { name } => Request::Unlink { name },
            Wish::Read { handle, length, wait } => {
                Request::Read { handle: of(handle), length, wait: until(wait) }
            }
            Wish::Write { handle, length, wait } => {
                Request::Write { handle: of(handle), bytes: bytes(length), wait: until(wait) }
            }
            Wish::Send { to: receiver, length, wait } => Request::Send {
                to: Target::Task(to(receiver)),
                message: bytes(length),
                wait: until(wait),
            },
            Wish::Enqueue { handle, urgency, length, wait } => Request::Send {
                to: Target::Queue { handle: of(handle), urgency },
                message: bytes(length),
                wait: until(wait),
            },
            Wish::SendOut { handle, to, length, wait } => Request::Send {
                to: Target::Socket { handle: of(handle), to },
                message: bytes(length),
                wait: until(wait),
            },
            Wish::Receive { from, length, wait } => {
                let from = from.map_or(Origin::Anyone, |from| Origin::Task(to(from)));
                Request::Receive { from, length, wait: until(wait) }
            }
            Wish::TakeOut { handle, length, wait } => {
                Request::Receive { from: Origin::Object(of(handle)), length, wait: until(wait) }
            }
            Wish::Request { to: server, length, room, wait } => {
                Request::Ask { to: to(server), message: bytes(length), room, wait: until(wait) }
            }
            Wish::Answer { length, wait } => Request::Answer { length, wait: until(wait) },
            Wish::Reply { to: caller, back, length } => {
                let caller = self.last(NAMES[caller]);
                let requests = caller.map_or(0, |caller| self.tasks[caller].requests);
                let serial = requests.saturating_sub(back);
                Request::Reply { caller, serial, message: bytes(length) }
            }
            Wish::Readiness { handle } => Request::Readiness { handle: of(handle) },
            Wish::Poll { ref set, wait } => Request::Poll {
                set: set.iter().map(|&(handle, wants)| (handle.map(of), wants)).collect(),
                wait: until(wait),
            },
            Wish::Attributes { handle } => Request::Attributes { handle: of(handle) },
            Wish::Notify { handle, wait } => {
                Request::Notify { handle: of(handle), wait: until(wait) }
            }
            Wish::Socket { kind, sizes } => Request::Socket { kind, sizes },
            Wish::Pair { kind, sizes } => Request::Pair { kind, sizes },
            Wish::Bind { handle, name, ref only } => {
                Request::Bind { handle: of(handle), name, only: all(only) }
            }
            Wish::Listen { handle, backlog } => Request::Listen { handle: of(handle), backlog },
            Wish::Connect { handle, to, wait } => {
                Request::Connect { handle: of(handle), to, wait: until(wait) }
            }
            Wish::Accept { handle, wait } => {
                Request::Accept { handle: of(handle), wait: until(wait) }
            }
            Wish::Shutdown { handle, rights } => Request::Shutdown { handle: of(handle), rights },
            Wish::Kill { handle } => Request::Kill { handle: of(handle) },
            Wish::Sleep { ticks } => Request::Sleep { until: Ticks(now + ticks) },
            Wish::Cancel => Request::Cancel,
            Wish::GiveUp => Request::GiveUp,
            Wish::Yield => Request::Yield,
            Wish::SetPriority { priority } => Request::SetPriority { priority },
            Wish::Now => Request::Now,
            Wish::Exit => Request::Exit { status: ExitStatus::Done },
        }
    }

    fn address(&self, to: To) -> Address {
        match to {
            To::Name(name) => Address::Name(name),
            To::Last(who) => Address::Life(self.last(NAMES[who])),
            To::First(who) => Address::Life(self.first(NAMES[who])),
        }
    }

    fn handle(&self, me: Option<Life>, hold: Hold) -> Handle {
        let current = |life: Option<Life>, slot: u16| {
            let held = self.tasks[life?].handles.get(usize::from(slot))?.as_ref()?;
            Some(held.handle)
        };
        let found = match hold {
            Hold::Own(slot) => current(me, slot).ok_or(slot),
            Hold::Of(who, slot) => current(self.last(NAMES[who]), slot).ok_or(slot),
            Hold::Closed(slot) => {
                me.and_then(|me| *self.tasks[me].closed.get(usize::from(slot))?).ok_or(slot)
            }
        };
        found.unwrap_or_else(forged)
    }
}
