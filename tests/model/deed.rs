//! From a step of the script to a deed: what it means in the present state, for both to do.

use std::fmt;

use postroom::{End, Error, Handle, Outcome, Priority, Ticks, Wait};

use crate::model::Model;
use crate::request::{Address, BLANK, Life, Request, Result};
use crate::step::{Hold, NAMES, Patience, Step, To, Who, Wish};

const DEAD: Outcome = Outcome::Complete(Err(Error::PeerDead));

/// Something to do, with all names looked up.
pub(crate) enum Deed {
    Nothing,
    Spawn { name: &'static str, priority: Priority },
    CreatePipe { name: &'static str, capacity: usize },
    Rank { life: Option<Life>, priority: Priority },
    Advance { now: Ticks },
    Dispatch,
    Spin { life: Option<Life>, calls: u32 },
    Call { life: Option<Life>, request: Request, text: String },
}

/// What came of it.
#[derive(PartialEq, Eq)]
pub(crate) enum Said {
    Done(std::result::Result<(), Error>),
    Dispatched(Option<Life>),
    /// How many calls were made.
    Spun(u32),
    Called(Result),
}

impl Model {
    /// What a step means now. Bytes to be written are drawn from one counter, so none of them is
    /// like another one nearby: loss, doubling and disorder show.
    pub(crate) fn deed(&mut self, step: &Step) -> Deed {
        match *step {
            Step::Spawn { who, priority } => Deed::Spawn { name: NAMES[who], priority },
            Step::CreatePipe { name, capacity } => Deed::CreatePipe { name, capacity },
            Step::Rank { who, priority } => Deed::Rank { life: self.last(NAMES[who]), priority },
            Step::Advance { ticks } => Deed::Advance { now: Ticks(self.now + ticks) },
            Step::TurnBack => Deed::Advance { now: Ticks(0) },
            Step::Dispatch => Deed::Dispatch,
            Step::Spin { who, calls } => Deed::Spin { life: self.last(NAMES[who]), calls },
            Step::Kill { who } => {
                let request = Request::Exit { end: End::Killed };
                Deed::Call { life: self.last(NAMES[who]), request, text: step.to_string() }
            }
            Step::Call { who, ref wish } => {
                let life = self.last(NAMES[who]);
                let request = self.request(life, wish);
                Deed::Call { life, request, text: wish.to_string() }
            }
            Step::Again { who } => {
                match self.last(NAMES[who]).and_then(|life| self.waiting_of(life)) {
                    None => Deed::Nothing,
                    Some(waiting) => Deed::Call {
                        life: Some(waiting.task),
                        request: waiting.request.clone(),
                        text: waiting.text.clone(),
                    },
                }
            }
        }
    }

    /// Does it to the model.
    pub(crate) fn perform(&mut self, deed: &Deed) -> Said {
        match *deed {
            Deed::Nothing => Said::Done(Ok(())),
            Deed::Spawn { name, priority } => Said::Done(self.spawn(name, priority).map(drop)),
            Deed::CreatePipe { name, capacity } => {
                Said::Done(self.create_pipe(Some(name), capacity).map(drop))
            }
            Deed::Rank { life, priority } => {
                Said::Done(match life.filter(|&life| self.tasks[life].alive) {
                    None => Err(Error::PeerDead),
                    Some(life) => {
                        self.rank(life, priority);
                        Ok(())
                    }
                })
            }
            Deed::Advance { now } => {
                self.advance(now.0);
                Said::Done(Ok(()))
            }
            Deed::Dispatch => Said::Dispatched(self.dispatch()),
            Deed::Spin { life: None, calls } => Said::Spun(calls),
            Deed::Spin { life: Some(life), calls } => Said::Spun(until_preempted(calls, || {
                if self.tasks[life].alive {
                    self.call(life, &Request::Now, "").outcome
                } else {
                    DEAD
                }
            })),
            Deed::Call { life, ref request, ref text } => {
                Said::Called(match life.filter(|&life| self.tasks[life].alive) {
                    Some(life) => self.call(life, request, text),
                    None => {
                        Result { outcome: DEAD, buffer: vec![BLANK; request.room()], sender: None }
                    }
                })
            }
        }
    }

    fn request(&mut self, me: Option<Life>, wish: &Wish) -> Request {
        let wait = |patience: Patience, now: u64| match patience {
            Patience::Try => Wait::Try,
            Patience::For(ticks) => Wait::Until(Ticks(now + ticks)),
            Patience::Forever => Wait::Forever,
        };
        let now = self.now;
        match *wish {
            Wish::Pipe { name, capacity } => Request::Pipe { name, capacity },
            Wish::Open { name, rights } => Request::Open { name, rights },
            Wish::Duplicate { handle } => Request::Duplicate { handle: self.handle(me, handle) },
            Wish::Close { handle } => Request::Close { handle: self.handle(me, handle) },
            Wish::Read { handle, length, wait: patience } => {
                Request::Read { handle: self.handle(me, handle), length, wait: wait(patience, now) }
            }
            Wish::Write { handle, length, wait: patience } => Request::Write {
                handle: self.handle(me, handle),
                bytes: self.draw(length),
                wait: wait(patience, now),
            },
            Wish::Readiness { handle } => Request::Readiness { handle: self.handle(me, handle) },
            Wish::Send { to, length, wait: patience } => Request::Send {
                to: self.address(to),
                message: self.draw(length),
                wait: wait(patience, now),
            },
            Wish::Receive { from, length, wait: patience } => Request::Receive {
                from: from.map(|from| self.address(from)),
                length,
                wait: wait(patience, now),
            },
            Wish::Sleep { ticks } => Request::Sleep { until: Ticks(now + ticks) },
            Wish::Cancel => Request::Cancel,
            Wish::Yield => Request::Yield,
            Wish::SetPriority { priority } => Request::SetPriority { priority },
            Wish::Now => Request::Now,
            Wish::Exit => Request::Exit { end: End::Done },
        }
    }

    /// The next bytes. 251 is a prime, so the cycle fits no size of a ring.
    fn draw(&mut self, length: usize) -> Vec<u8> {
        let bytes = (self.drawn..self.drawn + length).map(|at| (at % 251) as u8).collect();
        self.drawn += length;
        bytes
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
        let other = |who: Who| self.last(NAMES[who]);
        match hold {
            Hold::Own(slot) => current(me, slot).ok_or(slot),
            Hold::Of(who, slot) => current(other(who), slot).ok_or(slot),
            Hold::Closed(slot) => {
                me.and_then(|me| *self.tasks[me].closed.get(usize::from(slot))?).ok_or(slot)
            }
        }
        // One that was never given out.
        .unwrap_or_else(|slot| Handle::from_parts(slot, u64::MAX))
    }
}

/// Makes calls until one is followed by a switch: how many that were.
pub(crate) fn until_preempted(calls: u32, mut call: impl FnMut() -> Outcome) -> u32 {
    (1..=calls).find(|_| matches!(call(), Outcome::Preempted(_))).unwrap_or(calls)
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(Ok(())) => write!(f, "done"),
            Self::Done(Err(error)) => write!(f, "{error:?}"),
            Self::Spun(calls) => write!(f, "{calls} calls"),
            Self::Dispatched(None) => write!(f, "nobody"),
            Self::Dispatched(Some(life)) => write!(f, "task {life}"),
            Self::Called(Result { outcome, buffer, sender }) => {
                write!(f, "{outcome:?}")?;
                if buffer.iter().any(|&byte| byte != BLANK) {
                    write!(f, ", buffer {buffer:?}")?;
                }
                sender.map_or(Ok(()), |sender| write!(f, ", from task {sender}"))
            }
        }
    }
}
