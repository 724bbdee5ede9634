//! What is always true of a kernel, in one place, for tests and fuzzers to ask.

use super::Kernel;
use super::channel::{Body, Chance, Ends};
use super::handles::Object;
use super::id::ChannelId;
use super::rights::Rights;
use super::task::{On, State, Task, Waiting};
use super::trace::Trace;
use super::waits::WaitQueue;

/// An invariant that does not hold: what should be true.
pub type Broken = &'static str;

macro_rules! expect {
    ($condition:expr, $text:literal) => {
        if !$condition {
            return Err($text);
        }
    };
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Looks at everything, in time that grows with the square of the tables.
    ///
    /// # Errors
    /// The first invariant that does not hold. That is a defect of the kernel: no sequence of
    /// calls may lead there.
    pub fn check(&self) -> Result<(), Broken> {
        for (key, task) in self.tasks.iter() {
            self.check_task(key.index, task)?;
        }
        for (key, channel) in self.channels.iter() {
            self.check_names(key.index)?;
            match &channel.body {
                Body::Free => return Err("a channel in use has a kind"),
                Body::Mailbox(mailbox) => {
                    let owner = self.tasks.get(mailbox.owner.0);
                    let is_its = owner.is_some_and(|task| task.mailbox == key.index);
                    expect!(is_its, "a mailbox lives as long as its task");
                }
                Body::Pipe(pipe) => {
                    let id = ChannelId(key);
                    self.check_ends(id, Rights::READ, pipe.read_ends)?;
                    self.check_ends(id, Rights::WRITE, pipe.write_ends)?;
                    let reachable = !pipe.read_ends.are_closed() || !pipe.write_ends.are_closed();
                    expect!(reachable, "a pipe without ends is freed");
                }
            }
            let need = self.need(&channel.writers);
            self.check_line(&channel.readers, On::Output(key.index), channel.output())?;
            self.check_line(&channel.writers, On::Room(key.index, 0), channel.room(need))?;
        }
        self.check_line(&self.device_line, On::Device, Chance::Nobody)?;
        let ready = self.tasks.iter().filter(|(_, task)| task.state == State::Ready).count();
        expect!(self.ready.len() == ready, "the ready queue holds the ready tasks alone");
        Ok(())
    }

    fn check_task(&self, me: u16, task: &Task) -> Result<(), Broken> {
        let ready = task.state == State::Ready;
        let blocked = task.state == State::Blocked;
        expect!(self.ready.contains(me) == ready, "a task is in the ready queue iff it is ready");
        expect!(!blocked || task.waiting.is_some(), "a blocked task waits for something");
        expect!(blocked || !self.timers.contains(me), "only blocked tasks have timers");

        let line = match task.waiting {
            None | Some(Waiting { on: On::Nothing, .. }) => None,
            Some(Waiting { on: On::Output(slot), .. }) => Some(self.channels.at(slot).readers),
            Some(Waiting { on: On::Room(slot, _), .. }) => Some(self.channels.at(slot).writers),
            Some(Waiting { on: On::Sender(sender), .. }) => Some(self.tasks.at(sender).watchers),
            Some(Waiting { on: On::Device, .. }) => Some(self.device_line),
        };
        expect!(self.waits.contains(me) == line.is_some(), "a task stands in line iff it waits");
        let times = line.map_or(1, |line| self.waits.iter(&line).filter(|&at| at == me).count());
        expect!(times == 1, "a task stands once in the line of what it waits for");
        let verdict = task.waiting.is_some_and(|waiting| waiting.verdict.is_some());
        expect!(!(blocked && verdict), "whoever lost what it waited for is awake");

        let Some(Waiting { on: On::Sender(sender), .. }) = task.waiting else { return Ok(()) };
        let channel = self.channels.at(task.mailbox);
        let Body::Mailbox(mailbox) = &channel.body else { return Err("a task has a mailbox") };
        let Some(sender) = self.tasks.key(sender) else { return Err("the awaited sender lives") };
        let sent = mailbox.ring.iter(&channel.store).any(|it| it.sender.task.0 == sender);
        expect!(!(blocked && sent), "no task sleeps while what it wants lies in its mailbox");
        Ok(())
    }

    /// A line is sorted, holds those who wait for this alone, and nobody in it sleeps who would
    /// get an answer now.
    fn check_line(&self, line: &WaitQueue, on: On, chance: Chance) -> Result<(), Broken> {
        let mut last = None;
        for at in self.waits.iter(line) {
            let task = self.tasks.at(at);
            expect!(self.tasks.key(at).is_some(), "only the living stand in line");
            let same = task.waiting.is_some_and(|waiting| waiting.on.is_same_queue(on));
            expect!(same, "a line holds those alone who wait for its object");
            expect!(last <= Some(task.priority), "a line is sorted by priority");
            let served = chance == Chance::All || chance == Chance::First && last.is_none();
            let asleep = task.state == State::Blocked;
            expect!(!(served && asleep), "the condition of a blocked task is false");
            last = Some(task.priority);
        }
        Ok(())
    }

    fn check_ends(&self, channel: ChannelId, right: Rights, ends: Ends) -> Result<(), Broken> {
        let object = Object::Channel(channel);
        let held = |task: &Task| {
            task.handles.iter().filter(|it| it.object == object && it.rights.allow(right)).count()
        };
        let open: usize = self.tasks.iter().map(|(_, task)| held(task)).sum();
        expect!(ends.open as usize == open, "the ends of a pipe are the handles for them");
        Ok(())
    }

    fn check_names(&self, slot: u16) -> Result<(), Broken> {
        let Some(name) = self.names.of(slot) else { return Ok(()) };
        expect!(self.names.find(&name) == Some(slot), "a name finds what has it");
        Ok(())
    }
}
