//! Waiting in the model. Everybody who waits stands in one `Vec` in the order of arrival; who is
//! first in line for something is looked up there, and who must be awake is worked out afresh from
//! the state of things after every change.

use postroom::{Error, Priority, State, Ticks, Wait};

use crate::model::{Line, Model, Waiting};
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
            (Self::Room(pipe, _), Self::Room(other, _)) => pipe == other,
            _ => self == other,
        }
    }
}

impl Model {
    pub(crate) fn waiting_of(&self, me: Life) -> Option<&Waiting> {
        self.waiting.iter().find(|waiting| waiting.task == me)
    }

    /// The line for something: the more urgent first, then first come, first served.
    fn line(&self, line: Line) -> Vec<Life> {
        let here = self.waiting.iter().filter(|waiting| waiting.line.is(line));
        let mut here: Vec<Life> = here.map(|waiting| waiting.task).collect();
        here.sort_by_key(|&task| self.tasks[task].priority);
        here
    }

    /// Nobody may take what someone of its own or a higher priority waits for already.
    pub(crate) fn may_go_first(&self, me: Life, line: Line) -> bool {
        match self.line(line).first() {
            None => true,
            Some(&first) => first == me || self.tasks[first].priority > self.tasks[me].priority,
        }
    }

    /// Puts a caller to sleep. If it has waited here before, it keeps its place.
    pub(crate) fn block(&mut self, waiting: Waiting, wait: Wait) -> Result<(), Error> {
        let me = waiting.task;
        match self.waiting.iter_mut().find(|other| other.task == me) {
            None => self.waiting.push(waiting),
            Some(old) if old.verb == waiting.verb && old.line.is(waiting.line) => *old = waiting,
            Some(_) => return Err(Error::Busy),
        }
        self.ready.retain(|&other| other != me);
        self.tasks[me].state = State::Blocked;
        // Who waits with several calls at once is woken for the earliest of them.
        let deadline = &mut self.tasks[me].deadline;
        if let Wait::Until(Ticks(due)) = wait
            && deadline.is_none_or(|(earlier, _)| due < earlier)
        {
            *deadline = Some((due, self.timers));
        }
        self.timers += 1;
        Ok(())
    }

    fn wake(&mut self, me: Life) {
        self.tasks[me].state = State::Ready;
        self.tasks[me].deadline = None;
        self.ready.push(me);
    }

    fn wake_if_blocked(&mut self, me: Life) {
        if self.tasks[me].state == State::Blocked {
            self.wake(me);
        }
    }

    /// Gives up waiting, and stays or becomes awake.
    pub(crate) fn leave(&mut self, me: Life) {
        if self.waiting_of(me).is_some() {
            self.abandon(me);
            self.wake_if_blocked(me);
        }
    }

    pub(crate) fn abandon(&mut self, me: Life) {
        self.waiting.retain(|waiting| waiting.task != me);
        self.tasks[me].deadline = None;
        self.wake_the_served();
    }

    /// Wakes whoever sleeps and would get an answer.
    pub(crate) fn wake_the_served(&mut self) {
        let pipes = (0..self.pipes.len()).flat_map(|pipe| [Line::Bytes(pipe), Line::Room(pipe, 0)]);
        let tasks = (0..self.tasks.len())
            .flat_map(|task| [Line::Mail(task), Line::MailRoom(task), Line::MailFrom(task)]);
        for line in pipes.chain(tasks) {
            let here = self.line(line);
            let served = match line {
                // Each of them looks into a mailbox of its own.
                Line::MailFrom(sender) => here
                    .into_iter()
                    .filter(|&me| self.tasks[me].mailbox.iter().any(|mail| mail.0 == sender))
                    .collect(),
                _ => match self.served(line, here.first()) {
                    Served::Nobody => Vec::new(),
                    Served::First => here.into_iter().take(1).collect(),
                    Served::All => here,
                },
            };
            served.into_iter().for_each(|me| self.wake_if_blocked(me));
        }
    }

    fn served(&self, line: Line, first: Option<&Life>) -> Served {
        let any = |condition| if condition { Served::First } else { Served::Nobody };
        match line {
            Line::Bytes(pipe) => match &self.pipes[pipe] {
                pipe if pipe.bytes.is_empty() && pipe.write_ends.closed() => Served::All,
                pipe => any(!pipe.bytes.is_empty()),
            },
            Line::Room(pipe, _) => match &self.pipes[pipe] {
                pipe if pipe.read_ends.closed() => Served::All,
                pipe => any(first.is_some_and(|&first| {
                    let line = self.waiting_of(first).map(|waiting| waiting.line);
                    matches!(line, Some(Line::Room(_, need)) if need <= pipe.free())
                })),
            },
            Line::Mail(me) => any(!self.tasks[me].mailbox.is_empty()),
            Line::MailRoom(to) => any(self.tasks[to].mailbox.len() < self.sizes.mailbox()),
            Line::MailFrom(_) | Line::Nothing => Served::Nobody,
        }
    }

    /// Sends everyone in a line away with an answer, because what they wait for is gone.
    pub(crate) fn evict(&mut self, line: Line, verdict: Error) {
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
            self.waiting.push(waiting);
        }
        self.wake_the_served();
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
