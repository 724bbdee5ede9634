//! Waiting on many things at once (laws 59 to 62).

use super::{
    Attempt, Body, Devices, Error, Interest, Kernel, On, POLL, PollEntry, Readiness, Reason,
    Refusal, Result, Rights, Socket, Stage, State, Trace, Value, Wait, nodes,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Looks at everything in the set. All that is ready says so, in the order of the set; whom to
    /// serve first is the caller's choice (law 62).
    pub(super) fn poll(&mut self, me: u16, set: &mut [PollEntry], wait: Wait) -> Attempt {
        if set.is_empty() && wait == Wait::Forever {
            return Err(Error::BadArgument.into());
        }
        let mut ready = 0;
        for entry in set.iter_mut() {
            entry.ready = self.look(me, entry);
            match entry.ready {
                Ok(readiness) if !readiness.serves(entry.wants) => {
                    entry.ready = Ok(Readiness::NOTHING);
                }
                _ => ready += 1,
            }
        }
        if ready > 0 {
            return Ok(Value::Count(ready));
        }
        let watched = set.iter().flat_map(|entry| self.interests_of(me, entry)).flatten();
        if watched.count() > POLL {
            return Err(Error::BadArgument.into());
        }
        Err(Refusal::Wait(On::Poll, Reason::Poll))
    }

    fn look(&mut self, me: u16, entry: &PollEntry) -> Result<Readiness> {
        let Some(handle) = entry.handle else {
            if !Rights::READ.contains(entry.wants) {
                return Err(Error::NoRight);
            }
            let mailbox = self.channels.at(self.tasks.at(me).mailbox);
            return Ok(Readiness { readable: mailbox.is_readable(), ..Readiness::NOTHING });
        };
        let held = *self.tasks.at(me).handles.get(handle)?;
        let readiness = self.readiness_of(&held)?;
        if !held.rights.contains(entry.wants) {
            return Err(Error::NoRight);
        }
        Ok(Readiness {
            readable: readiness.readable && entry.wants.contains(Rights::READ),
            writable: readiness.writable && entry.wants.contains(Rights::WRITE),
            ..readiness
        })
    }

    /// Whose changes can make an entry ready. What is read from a socket stands in its own ring,
    /// what is written to it in the peer's.
    fn interests_of(&self, me: u16, entry: &PollEntry) -> [Option<Interest>; 2] {
        let wants = entry.wants;
        let (channel, rights) = match entry.handle {
            None => {
                let list = self.tasks.at(me).mailbox;
                let object = self.channel_id(list);
                return [Some(Interest { list, object, rights: Rights::READ, wants }), None];
            }
            Some(handle) => match self.tasks.at(me).handles.get(handle) {
                Ok(entry) => (entry.channel(), entry.rights),
                Err(_) => return [None; 2],
            },
        };
        let Some(object) = channel else { return [None; 2] };
        let list = object.index();
        let own = Interest { list, object, rights, wants };
        let peer = match self.channels.at(list).body {
            Body::Socket(Socket { stage: Stage::Connected(peer), .. })
                if self.channels.is_live(peer.0) =>
            {
                Some(Interest { list: peer.index(), ..own })
            }
            _ => None,
        };
        [Some(own), peer]
    }

    /// Refuses a poll for which another one of the same task leaves no place.
    pub(super) fn expect_places(&self, me: u16, set: &[PollEntry]) -> Result<()> {
        let free = nodes().filter(|&n| self.interests.get(me, n).is_none()).count();
        let wanted = set.iter().flat_map(|entry| self.interests_of(me, entry)).flatten();
        let new = wanted.filter(|&interest| !self.has_interest(me, interest)).count();
        if new <= free { Ok(()) } else { Err(Error::Busy) }
    }

    fn has_interest(&self, me: u16, interest: Interest) -> bool {
        nodes().any(|n| self.interests.get(me, n) == Some(interest))
    }

    /// Joins the lists of all that is in the set, for which there is place; once in each, however
    /// often it is named.
    pub(super) fn enroll(&mut self, me: u16, set: &[PollEntry]) {
        for entry in set {
            for interest in self.interests_of(me, entry).into_iter().flatten() {
                if self.has_interest(me, interest) {
                    continue;
                }
                let free = nodes().find(|&n| self.interests.get(me, n).is_none());
                let Some(n) = free else { return };
                let list = &mut self.channels.at_mut(interest.list).pollers;
                self.interests.add(list, me, n, interest);
            }
        }
    }

    /// Leaves all lists.
    pub(super) fn withdraw(&mut self, me: u16) {
        for n in nodes() {
            if let Some(interest) = self.interests.get(me, n) {
                self.interests.remove(&mut self.channels.at_mut(interest.list).pollers, me, n);
                self.watch(interest.list);
            }
        }
    }

    /// Wakes those who poll a channel and sleep, if what they want is there.
    #[cold]
    #[inline(never)]
    pub(super) fn tell_pollers(&mut self, channel: u16) {
        let list = self.channels.at(channel).pollers;
        let mut at = self.interests.first(list);
        while let Some(node) = at {
            at = self.interests.after(list, node);
            if self.is_asleep(node.0) && self.is_served(node) {
                self.wake(node.0, self.cause);
            }
        }
    }

    /// Lets those look again who poll a channel that is going away.
    pub(super) fn dismiss_pollers(&mut self, slot: u16) {
        while let Some((task, n)) = self.interests.first(self.channels.at(slot).pollers) {
            self.interests.remove(&mut self.channels.at_mut(slot).pollers, task, n);
            if self.is_asleep(task) {
                self.wake(task, self.cause);
            }
        }
    }

    fn is_asleep(&self, task: u16) -> bool {
        self.tasks.at(task).state == State::Blocked
    }

    fn is_served(&self, (task, n): (u16, usize)) -> bool {
        self.interests
            .get(task, n)
            .is_some_and(|it| self.channel_readiness(it.object.index(), it.rights).serves(it.wants))
    }

    /// Whether nobody in a channel's list sleeps who would be served: for the check.
    pub(super) fn pollers_are_right(&self, slot: u16) -> bool {
        self.interests.iter(self.channels.at(slot).pollers).all(|(task, n)| {
            let here = self.interests.get(task, n).map(|it| it.list);
            here == Some(slot) && !(self.is_asleep(task) && self.is_served((task, n)))
        })
    }
}
