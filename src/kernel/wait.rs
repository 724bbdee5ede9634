//! Waiting: going to sleep, being woken, and leaving the queue.
//!
//! The words: a task that cannot be served *joins* a line and sleeps; whatever changes a channel
//! *settles* it, which *rouses* those who have a *chance* now; whoever *leaves* passes the chance
//! on. When the object goes, its lines are *evicted*, and each waiter is *condemned* to a
//! *verdict*.
//!
//! A task that is woken keeps its place in line until it has made its call again: the wake is a
//! hint (law 4), and the place is what keeps others of its priority from taking what it was woken
//! for (law 5). Only the head of a line is woken, unless there is an answer for all, and whoever
//! leaves the line lets the next one be woken: a wake that is not used is passed on, and no herd
//! comes running.

use super::{
    Body, Call, Cause, Chance, Devices, Error, Event, Handle, Kernel, Notice, On, Reason, Result,
    State, Ticks, Trace, Wait, WaitQueue, Waiting, Waits, nodes,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Whether the task is in the middle of this call.
    #[inline]
    pub(super) fn is_waiting(&self, me: u16, call: &Call<'_>) -> bool {
        self.tasks.at(me).waiting.as_ref().is_some_and(|waiting| waiting.is_for(call))
    }

    /// The answer that a waiting call was given by the death of what it waited for.
    #[inline]
    pub(super) fn verdict(&self, me: u16, call: &Call<'_>) -> Option<Error> {
        let waiting = self.tasks.at(me).waiting.as_ref()?;
        waiting.verdict.filter(|_| waiting.is_for(call))
    }

    /// Sends a task to sleep, in line for what it needs; or back to sleep, in its old place.
    ///
    /// Whoever could wake it comes through the same `&mut self`, so nothing can happen between
    /// the test that failed and this (law 1).
    ///
    /// # Errors
    /// [`Error::Busy`] if the task waits for something else already.
    pub(super) fn block(
        &mut self,
        me: u16,
        call: &Call<'_>,
        mut on: On,
        reason: Reason,
        wait: Wait,
    ) -> Result<()> {
        let asleep = self.tasks.at(me).state == State::Blocked;
        // Asked again in its sleep, perhaps by a second call for the same thing: what serves
        // either of them is to wake it.
        let early = if asleep { self.timers.get(me) } else { None };
        if asleep && let Call::Poll { set, .. } = call {
            // Before it has any effect.
            self.expect_places(me, set)?;
        }
        let queued = match &self.tasks.at(me).waiting {
            None => false,
            Some(waiting) if !waiting.is_for(call) => return Err(Error::Busy),
            Some(waiting) if waiting.on.is_same_queue(on) => {
                if asleep {
                    on = waiting.on.nearer(on);
                }
                true
            }
            // What it is about has moved: a socket can be connected anew.
            Some(_) => {
                self.abandon(me);
                false
            }
        };
        let (verb, subject, handle) =
            (call.verb(), call.subject(), call.handle().unwrap_or(Handle::NONE));
        self.tasks.at_mut(me).waiting =
            Some(Waiting { verb, subject, handle, on, reason, verdict: None });
        if !queued {
            self.join(me, on);
        }
        if let Call::Poll { set, .. } = call {
            // A poll in its sleep adds to what is looked at; one that was woken looks anew.
            if !asleep {
                self.withdraw(me);
            }
            self.enroll(me, set);
        }
        if self.tasks.at(me).state == State::Ready {
            // Another call of the same task was answered, and the task is to come back for it: it
            // will ask again then.
            return Ok(());
        }
        if !asleep {
            self.running -= 1;
            let task = self.tasks.at_mut(me);
            (task.state, task.quantum) = (State::Blocked, 0);
        }
        let deadline = match wait {
            Wait::Until(deadline) => Some(early.map_or(deadline, |early| early.min(deadline))),
            Wait::Forever | Wait::Try => early,
        };
        if let Some(deadline) = deadline {
            self.timers.set(me, deadline);
        }
        self.watch_for(me, on);
        let task = self.task_id(me);
        self.emit(|| Event::Block { task, reason });
        Ok(())
    }

    /// The lines, and the line of those who wait for this, if there is a line.
    #[inline(always)]
    fn line(&mut self, on: On) -> (&mut Waits<TASKS>, Option<&mut WaitQueue>) {
        let line = match on {
            On::Output(channel) => Some(&mut self.channels.at_mut(channel).readers),
            On::Room(channel, _) => Some(&mut self.channels.at_mut(channel).writers),
            On::Sender(task) | On::Reply(task) => Some(&mut self.tasks.at_mut(task).watchers),
            On::Nothing | On::Notice(_) | On::Poll => None,
        };
        (&mut self.waits, line)
    }

    #[inline(always)]
    fn join(&mut self, me: u16, on: On) {
        let priority = self.tasks.at(me).priority;
        if let (waits, Some(line)) = self.line(on) {
            waits.join(line, me, priority);
        } else if let On::Notice(queue) = on {
            self.channels.at_mut(queue).body = Body::Queue(Notice::Asked(self.task_id(me)));
        }
    }

    #[inline(always)]
    fn quit(&mut self, me: u16, on: On) {
        if let (waits, Some(line)) = self.line(on) {
            waits.leave(line, me);
        } else if let On::Notice(queue) = on {
            self.channels.at_mut(queue).body = Body::Queue(Notice::Nobody);
        } else if on == On::Poll {
            self.withdraw(me);
        }
    }

    /// Makes a blocked task ready, to try again.
    pub(super) fn wake(&mut self, me: u16, cause: Cause) {
        let task = self.tasks.at_mut(me);
        debug_assert!(task.state == State::Blocked, "only the blocked are woken");
        task.state = State::Ready;
        let level = self.policy.level(task.priority);
        self.timers.clear(me);
        self.ready.push(me, level);
        let task = self.task_id(me);
        self.emit(|| Event::Wake { task, cause });
    }

    /// Ends the waiting of a task, if it waits: it runs on.
    pub(super) fn leave(&mut self, me: u16) {
        self.abandon(me);
        if self.tasks.at(me).state == State::Blocked {
            self.wake(me, self.cause);
        }
    }

    /// Takes a task off every queue of those who wait, and passes on what it may have been woken
    /// for (law 4).
    pub(super) fn abandon(&mut self, me: u16) {
        let Some(waiting) = self.tasks.at_mut(me).waiting.take() else { return };
        self.timers.clear(me);
        self.quit(me, waiting.on);
        if let On::Output(channel) | On::Room(channel, _) = waiting.on {
            self.settle(channel);
        }
    }

    /// Has those devices watched for which a task has just gone to sleep.
    fn watch_for(&mut self, me: u16, on: On) {
        match on {
            _ if !D::ENABLED => {}
            On::Output(channel) | On::Room(channel, _) => self.watch(channel),
            On::Poll => {
                for n in nodes() {
                    if let Some(interest) = self.interests.get(me, n) {
                        self.watch(interest.list);
                    }
                }
            }
            _ => {}
        }
    }

    /// Wakes whoever could be served after a change of a channel (law 2): those in its lines before
    /// those who poll it.
    ///
    /// Called after every change, and after every departure from one of its lines.
    #[inline]
    pub(super) fn settle(&mut self, channel: u16) {
        if self.channels.at(channel).readers.head().is_some() {
            self.rouse_readers(channel);
        }
        self.settle_writers(channel);
        // A device is to be watched for those who sleep on.
        self.watch(channel);
    }

    /// The same after something was put in, which gives no writer a chance.
    #[inline(always)]
    pub(super) fn settle_readers(&mut self, channel: u16) {
        if self.channels.at(channel).readers.head().is_some() {
            self.rouse_readers(channel);
        }
        if !self.channels.at(channel).pollers.is_empty() {
            self.tell_pollers(channel);
        }
    }

    /// The same after something was taken out, which gives no reader a chance.
    #[inline(always)]
    pub(super) fn settle_writers(&mut self, channel: u16) {
        if self.channels.at(channel).writers.head().is_some() {
            self.rouse_writers(channel);
        }
        if !self.channels.at(channel).pollers.is_empty() {
            self.tell_pollers(channel);
        }
    }

    #[cold]
    #[inline(never)]
    fn rouse_readers(&mut self, channel: u16) {
        let it = self.channels.at(channel);
        self.rouse(it.readers, it.output());
    }

    #[cold]
    #[inline(never)]
    fn rouse_writers(&mut self, channel: u16) {
        let it = self.channels.at(channel);
        self.rouse(it.writers, it.room(self.need(&it.writers)));
    }

    /// The room that the first of the writers in line needs.
    pub(super) fn need(&self, writers: &WaitQueue) -> u16 {
        match writers.head().and_then(|head| self.tasks.at(head).waiting) {
            Some(Waiting { on: On::Room(_, need), .. }) => need,
            _ => 0,
        }
    }

    /// Wakes those in line who have a chance and sleep.
    #[inline(always)]
    pub(super) fn rouse(&mut self, line: WaitQueue, chance: Chance) {
        let mut at = if chance == Chance::Nobody { None } else { line.head() };
        while let Some(task) = at {
            at = if chance == Chance::All { self.waits.after(task, &line) } else { None };
            if self.tasks.at(task).state == State::Blocked {
                self.wake(task, self.cause);
            }
        }
    }

    /// Empties a line whose object is going away (law 6): `verdict` will be the answer to all.
    pub(super) fn evict(&mut self, on: On, verdict: Error) {
        while let (waits, Some(line)) = self.line(on)
            && let Some(task) = line.head()
        {
            waits.leave(line, task);
            self.condemn(task, verdict);
        }
    }

    /// Tells a task that what it waited for is gone, once it stands in no line any more.
    pub(super) fn condemn(&mut self, task: u16, verdict: Error) {
        if let Some(waiting) = &mut self.tasks.at_mut(task).waiting {
            waiting.on = On::Nothing;
            waiting.verdict = Some(verdict);
        }
        if self.tasks.at(task).state == State::Blocked {
            self.wake(task, self.cause);
        }
    }

    /// Moves a task to its new place in every queue in which it stands (law 17).
    pub(super) fn reprioritize(&mut self, me: u16, priority: super::Priority) {
        let task = self.tasks.at_mut(me);
        let old = core::mem::replace(&mut task.priority, priority);
        task.above = self.policy.above(priority);
        if old == priority {
            return;
        }
        let waiting = task.waiting;
        let (old, level) = (self.policy.level(old), self.policy.level(priority));
        if old != level && self.ready.remove(me) {
            self.ready.push(me, level);
        }
        let Some(Waiting { on, .. }) = waiting else { return };
        if self.line(on).1.is_some() {
            self.quit(me, on);
            self.join(me, on);
        }
        if let On::Output(channel) | On::Room(channel, _) = on {
            self.settle(channel);
        }
    }

    /// Takes note of the time, and wakes those whose deadline has come, the earliest first. Time
    /// never goes back: an earlier tick than the last one changes nothing.
    #[inline]
    pub fn advance(&mut self, now: Ticks) {
        self.now = self.now.max(now);
        while let Some(task) = self.timers.expire(self.now) {
            self.wake(task, Cause::Timer);
        }
    }

    /// The earliest deadline that anyone waits for.
    pub fn next_timer(&self) -> Option<Ticks> {
        self.timers.next()
    }
}
