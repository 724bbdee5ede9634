//! Polling in the model, and what a call would meet.

use postroom::param::POLL;
use postroom::{Error, Handle, Kind, Readiness, Reason, Rights, Value, Wait};

use crate::model::{Interest, Line, Looks, Model, Place, Refusal, Stage, What};
use crate::request::Life;

type Set = [(Option<Handle>, Rights)];

impl Model {
    pub(crate) fn readiness(&self, me: Life, handle: Handle) -> Result<Readiness, Error> {
        let held = self.held(me, handle)?;
        match held.what {
            What::Task(_) => Err(Error::WrongKind),
            What::Object(object) => Ok(self.readiness_of(Place::Object(object), held.rights)),
        }
    }

    fn readiness_of(&self, place: Place, rights: Rights) -> Readiness {
        let object = match place {
            Place::Object(object) => object,
            Place::Mailbox(owner) => {
                let readable = !self.tasks[owner].mailbox.is_empty();
                return Readiness { readable, ..Readiness::NOTHING };
            }
        };
        let it = &self.objects[object];
        let (reads, writes) = (rights.contains(Rights::READ), rights.contains(Rights::WRITE));
        let (sink, listens) = match it.stage {
            Stage::Connected(peer) => (Some(&self.objects[peer]).filter(|peer| peer.alive), false),
            Stage::Listening(..) => (Some(it), true),
            Stage::Idle if it.is_socket() => {
                let datagram = it.kind == Kind::Datagram;
                return Readiness {
                    readable: reads && datagram && it.length() > 0,
                    writable: writes,
                    hung_up: reads && !datagram,
                    error: false,
                };
            }
            Stage::Idle => (Some(it), false),
        };
        let ended = it.writes.is_closed() || it.reads.is_shut();
        // A datagram socket that is connected takes from its peer alone.
        let refused = sink.is_some_and(|sink| {
            let elsewhere = matches!(sink.stage, Stage::Connected(peer) if peer != object);
            elsewhere && sink.kind == Kind::Datagram
        });
        Readiness {
            readable: reads && (it.length() > 0 || it.reset || ended),
            writable: writes && !listens && sink.is_some_and(|sink| sink.fits(sink.atomic())),
            hung_up: reads && it.writes.is_closed(),
            error: writes
                && (refused || sink.is_none_or(|it| it.reads.is_closed() || it.writes.is_shut())),
        }
    }

    pub(crate) fn poll(&self, me: Life, set: &Set, wait: Wait) -> (Result<Value, Refusal>, Looks) {
        if set.is_empty() && wait == Wait::Forever {
            return (Err(Error::BadArgument.into()), Looks::new());
        }
        let looks: Looks =
            set.iter().map(|&(handle, wants)| self.look(me, handle, wants)).collect();
        let idle = |look: &&Result<Readiness, Error>| **look == Ok(Readiness::NOTHING);
        let watched = self.interests(me, set, &looks).len();
        let answer = match looks.len() - looks.iter().filter(idle).count() {
            0 if watched > POLL => Err(Error::BadArgument.into()),
            0 => Err(Refusal::Wait(Line::Poll, Reason::Poll)),
            ready => Ok(Value::Count(ready)),
        };
        (answer, looks)
    }

    fn look(&self, me: Life, handle: Option<Handle>, wants: Rights) -> Result<Readiness, Error> {
        let readiness = match handle {
            None if !Rights::READ.contains(wants) => return Err(Error::NoRight),
            None => self.readiness_of(Place::Mailbox(me), Rights::READ),
            Some(handle) => {
                let readiness = self.readiness(me, handle)?;
                if !self.held(me, handle)?.rights.contains(wants) {
                    return Err(Error::NoRight);
                }
                Readiness {
                    readable: readiness.readable && wants.contains(Rights::READ),
                    writable: readiness.writable && wants.contains(Rights::WRITE),
                    ..readiness
                }
            }
        };
        Ok(if readiness.serves(wants) { readiness } else { Readiness::NOTHING })
    }

    /// What someone who polls in vain looks at. A connection has two ends to it.
    pub(crate) fn interests(&self, me: Life, set: &Set, looks: &Looks) -> Vec<Interest> {
        let mut interests = Vec::new();
        let idle = set.iter().zip(looks).filter(|(_, look)| **look == Ok(Readiness::NOTHING));
        for (&(handle, wants), _) in idle {
            let Some(handle) = handle else {
                let (list, rights) = (Place::Mailbox(me), Rights::READ);
                interests.push(Interest { list, what: list, rights, wants, stamp: 0 });
                continue;
            };
            let Ok(held) = self.held(me, handle) else { continue };
            let What::Object(object) = held.what else { continue };
            let (what, rights) = (Place::Object(object), held.rights);
            interests.push(Interest { list: what, what, rights, wants, stamp: 0 });
            if let Stage::Connected(peer) = self.objects[object].stage
                && self.objects[peer].alive
            {
                interests.push(Interest {
                    list: Place::Object(peer),
                    what,
                    rights,
                    wants,
                    stamp: 0,
                });
            }
        }
        interests
    }

    /// Adds to what a waiting task looks at, each thing once.
    pub(crate) fn watch(&mut self, me: Life, news: &[Interest]) -> Result<(), Error> {
        let Some(waiting) = self.waiting.iter_mut().find(|it| it.task == me) else {
            return Ok(());
        };
        for &interest in news {
            if waiting.interests.iter().any(|old| old.is(interest)) {
                continue;
            }
            if waiting.interests.len() == POLL {
                return Err(Error::Busy);
            }
            waiting.interests.push(Interest { stamp: self.polled, ..interest });
            self.polled += 1;
        }
        Ok(())
    }

    /// Who polls what, the last first.
    fn watched(&self) -> Vec<(Life, Interest)> {
        let all = self.waiting.iter().flat_map(|it| it.interests.iter().map(|&of| (it.task, of)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(_, interest)| std::cmp::Reverse(interest.stamp));
        all
    }

    /// Wakes those who poll what is ready now, first those who look at what has changed.
    pub(crate) fn wake_the_pollers(&mut self, place: Place) {
        let mut watched = self.watched();
        watched.sort_by_key(|(_, interest)| interest.list != place);
        for (me, it) in watched {
            if self.readiness_of(it.what, it.rights).serves(it.wants) {
                self.wake_if_blocked(me);
            }
        }
    }

    /// Lets those look again who poll what is going away, or becomes another thing.
    pub(crate) fn dismiss_pollers(&mut self, place: Place) {
        for (me, _) in self.watched().into_iter().filter(|(_, it)| it.list == place) {
            self.wake_if_blocked(me);
        }
        for waiting in &mut self.waiting {
            waiting.interests.retain(|interest| interest.list != place);
        }
    }
}
