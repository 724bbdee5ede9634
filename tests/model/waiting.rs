//! Waiting in the model. Everybody who waits stands in one `Vec` in the order of arrival; who is
//! first in line for something is looked up there, and who must be awake is worked out afresh from
//! the state of things after every change.

use postroom::{Error, Priority, State, Ticks, Wait};

use crate::model::{Line, Model, Place, Waiting};
use crate::request::Life;

/// Who in a line would get an answer now.
enum Served {
    Nobody,
    First,
    All,
}

impl Line {
    /// Whether both are the same line, however much room each of them needs.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Room(object, _), Self::Room(other, _)) => object == other,
            _ => self == other,
        }
    }

    /// What serves either of two calls in one line: the smaller need.
    fn nearer(self, other: Self) -> Self {
        match (self, other) {
            (Self::Room(object, need), Self::Room(_, other)) => Self::Room(object, need.min(other)),
            _ => self,
        }
    }
}

impl Model {
    pub(crate) fn waiting_of(&self, me: Life) -> Option<&Waiting> {
        self.waiting.iter().find(|waiting| waiting.task == me)
    }

    /// The line for something: the more urgent first, then first come, first served.
    fn line(&self, line: impl Fn(Line) -> bool) -> Vec<Life> {
        let here = self.waiting.iter().filter(|waiting| line(waiting.line));
        let mut here: Vec<Life> = here.map(|waiting| waiting.task).collect();
        here.sort_by_key(|&task| self.tasks[task].priority);
        here
    }

    /// Nobody may take what someone of its own or a higher priority waits for already.
    pub(crate) fn may_go_first(&self, me: Life, line: Line) -> bool {
        match self.line(|other| line.is(other)).first() {
            None => true,
            Some(&first) => first == me || self.tasks[first].priority > self.tasks[me].priority,
        }
    }

    /// Puts a caller to sleep. If it has waited here before, it keeps its place. One that is ready
    /// stays so: it will come back for another answer, and ask again then.
    pub(crate) fn block(&mut self, mut waiting: Waiting, wait: Wait) -> Result<(), Error> {
        let me = waiting.task;
        let asleep = self.tasks[me].state == State::Blocked;
        let early = self.tasks[me].deadline.filter(|_| asleep);
        let news = std::mem::take(&mut waiting.interests);
        match self.waiting.iter_mut().find(|other| other.task == me) {
            None => self.waiting.push(waiting),
            Some(old) if (old.verb, old.subject) != (waiting.verb, waiting.subject) => {
                return Err(Error::Busy);
            }
            Some(old) if old.line.is(waiting.line) => {
                if asleep {
                    waiting.line = waiting.line.nearer(old.line);
                    waiting.interests.clone_from(&old.interests);
                }
                *old = waiting;
            }
            // What it waited for is gone, or another thing now.
            Some(_) => {
                self.abandon(me);
                self.waiting.push(waiting);
            }
        }
        self.watch(me, &news)?;
        if let Some(Waiting { line: Line::Notice(queue), .. }) = self.waiting_of(me) {
            let queue = *queue;
            self.objects[queue].notice = Some((me, false));
        }
        if self.tasks[me].state == State::Ready {
            return Ok(());
        }
        self.tasks[me].state = State::Blocked;
        // Who waits with several calls at once is woken for the earliest of them.
        let due = match wait {
            Wait::Until(Ticks(due)) => Some(due),
            Wait::Forever | Wait::Try => None,
        };
        let due = early.map(|(early, _)| early).into_iter().chain(due).min();
        self.tasks[me].deadline = due.map(|due| (due, self.timers));
        self.timers += 1;
        Ok(())
    }

    fn wake(&mut self, me: Life) {
        self.tasks[me].state = State::Ready;
        self.tasks[me].deadline = None;
        self.ready.push(me);
    }

    pub(crate) fn wake_if_blocked(&mut self, me: Life) {
        if self.tasks[me].state == State::Blocked {
            self.wake(me);
        }
    }

    /// Gives up waiting, and stays or becomes awake.
    pub(crate) fn leave(&mut self, me: Life) {
        self.abandon(me);
        self.wake_if_blocked(me);
    }

    pub(crate) fn abandon(&mut self, me: Life) {
        let Some(at) = self.waiting.iter().position(|waiting| waiting.task == me) else { return };
        let waiting = self.waiting.remove(at);
        self.tasks[me].deadline = None;
        match waiting.line {
            Line::Notice(queue) => self.objects[queue].notice = None,
            Line::Output(object) | Line::Room(object, _) => self.changed(Place::Object(object)),
            Line::Mail(owner) | Line::MailRoom(owner) => self.changed(Place::Mailbox(owner)),
            _ => {}
        }
    }

    /// After a change: wakes whoever sleeps and would get an answer, there first.
    pub(crate) fn changed(&mut self, place: Place) {
        let lines = |place| match place {
            Place::Object(object) => [Line::Output(object), Line::Room(object, 0), Line::Nothing],
            Place::Mailbox(owner) => [Line::Mail(owner), Line::MailRoom(owner), Line::Nothing],
        };
        lines(place).into_iter().for_each(|line| self.wake_line(line));
        self.wake_the_pollers(place);
        let objects = (0..self.objects.len()).map(Place::Object);
        let mailboxes = (0..self.tasks.len()).map(Place::Mailbox);
        objects.chain(mailboxes).flat_map(lines).for_each(|line| self.wake_line(line));
        for task in 0..self.tasks.len() {
            self.wake_line(Line::MailFrom(task));
            self.wake_line(Line::Reply(task));
        }
    }

    /// Wakes a whole line.
    pub(crate) fn wake_all(&mut self, line: Line) {
        for me in self.line(|other| line.is(other)) {
            self.wake_if_blocked(me);
        }
    }

    fn wake_line(&mut self, line: Line) {
        if line == Line::Nothing {
            return;
        }
        let here = self.line(|other| line.is(other));
        let served: Vec<Life> = match line {
            // Each of them looks into a mailbox of its own.
            Line::MailFrom(sender) => {
                let sent =
                    |&me: &Life| self.tasks[me].mailbox.iter().any(|it| it.stamp.0 == sender);
                here.into_iter().filter(sent).collect()
            }
            Line::Reply(_) => {
                here.into_iter().filter(|&me| self.tasks[me].reply.is_some()).collect()
            }
            _ => match self.served(line, here.first()) {
                Served::Nobody => Vec::new(),
                Served::First => here.into_iter().take(1).collect(),
                Served::All => here,
            },
        };
        served.into_iter().for_each(|me| self.wake_if_blocked(me));
    }

    fn served(&self, line: Line, first: Option<&Life>) -> Served {
        let any = |condition| if condition { Served::First } else { Served::Nobody };
        match line {
            Line::Output(object) => match &self.objects[object] {
                it if it.length() > 0 || it.reset => Served::First,
                it if it.writes.is_closed() || it.reads.is_shut() => Served::All,
                _ => Served::Nobody,
            },
            Line::Room(object, _) => match &self.objects[object] {
                it if it.reads.is_closed() || it.writes.is_shut() => Served::All,
                it => any(first.is_some_and(|&first| {
                    let line = self.waiting_of(first).map(|waiting| waiting.line);
                    matches!(line, Some(Line::Room(_, need)) if it.fits(need))
                })),
            },
            Line::Mail(me) => any(!self.tasks[me].mailbox.is_empty()),
            Line::MailRoom(to) => any(self.tasks[to].mailbox.len() < self.limits.places()),
            _ => Served::Nobody,
        }
    }

    /// Sends everyone in a line away with an answer, because what they wait for is gone.
    pub(crate) fn evict(&mut self, line: impl Fn(Line) -> bool, verdict: Error) {
        for me in self.line(line) {
            if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.task == me) {
                waiting.line = Line::Nothing;
                waiting.verdict = Some(verdict);
            }
            self.wake_if_blocked(me);
        }
    }

    /// Changes a priority. Whoever gets another one comes last among those who have it.
    pub(crate) fn rank(&mut self, me: Life, priority: Priority) {
        if self.tasks[me].priority == priority {
            return;
        }
        self.tasks[me].priority = priority;
        if let Some(at) = self.ready.iter().position(|&other| other == me) {
            let me = self.ready.remove(at);
            self.ready.push(me);
        }
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.task == me) {
            let waiting = self.waiting.remove(at);
            let place = match waiting.line {
                Line::Output(object) | Line::Room(object, _) => Some(Place::Object(object)),
                Line::MailRoom(owner) => Some(Place::Mailbox(owner)),
                _ => None,
            };
            self.waiting.push(waiting);
            place.into_iter().for_each(|place| self.changed(place));
        }
    }

    /// Time goes on, never back, and wakes those whose deadline has come, the earliest first.
    pub(crate) fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        while let Some((_, me)) = self.next_deadline().filter(|&(due, _)| due <= self.now) {
            self.wake(me);
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<(u64, Life)> {
        let timers = self.tasks.iter().enumerate();
        timers.filter_map(|(me, task)| Some((task.deadline?, me))).min().map(|(at, me)| (at.0, me))
    }
}
