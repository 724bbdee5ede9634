//! What is always true of a kernel, in one place, for tests and fuzzers to ask.

use super::{
    Body, Chance, Channel, ChannelId, Devices, Entry, Kernel, Kind, MESSAGES, Notice, Object, On,
    REPLIES, Rights, Ring, Socket, Stage, State, Task, Trace, WaitQueue, nodes,
};

/// An invariant that does not hold: what should be true.
pub type Broken = &'static str;

macro_rules! expect {
    ($condition:expr, $text:literal) => {
        if !$condition {
            return Err($text);
        }
    };
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
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
            self.check_body(ChannelId(key), channel)?;
            let need = self.need(&channel.writers);
            self.check_line(&channel.readers, On::Output(key.index), channel.output())?;
            self.check_line(&channel.writers, On::Room(key.index, 0), channel.room(need))?;
            expect!(self.pollers_are_right(key.index), "nobody sleeps who polls what is ready");
        }
        let ready = self.tasks.iter().filter(|(_, task)| task.state == State::Ready).count();
        expect!(self.ready.len() == ready, "the ready queue holds the ready tasks alone");
        let running = self.tasks.iter().filter(|(_, task)| task.state == State::Running).count();
        expect!(usize::from(self.running) == running, "those who run are counted");
        Ok(())
    }

    fn check_task(&self, me: u16, task: &Task) -> Result<(), Broken> {
        let ready = task.state == State::Ready;
        let runs = task.state == State::Running;
        expect!(runs || task.quantum == 0, "only those who run have calls left");
        expect!(task.above == self.policy.above(task.priority), "a task knows who runs before it");
        let blocked = task.state == State::Blocked;
        expect!(self.ready.contains(me) == ready, "a task is in the ready queue iff it is ready");
        expect!(!blocked || task.waiting.is_some(), "a blocked task waits for something");
        let timer = self.timers.get(me);
        expect!(blocked || timer.is_none(), "only blocked tasks have timers");
        expect!(timer.is_none_or(|timer| timer > self.now), "no timer is overdue");
        let sound = |entry: &Entry| match entry.object() {
            Object::Channel(channel) => {
                let channel = self.channels.get(channel.0);
                channel.is_some_and(|channel| channel.kind() == entry.kind)
            }
            Object::Task(_) => true,
        };
        expect!(task.handles.iter().all(sound), "what a handle stands for is there");
        expect!(
            task.handles.iter().all(|it| it.handle.serial() < self.serial),
            "serials are given out once"
        );
        for waiter in self.waits.iter(&task.watchers) {
            let on = self.tasks.at(waiter).waiting.map(|waiting| waiting.on);
            let here = matches!(on, Some(On::Sender(it) | On::Reply(it)) if it == me);
            expect!(here, "those wait at a task who wait for what it sends");
        }

        let line = match task.waiting.map(|waiting| waiting.on) {
            Some(On::Output(slot)) => Some(self.channels.at(slot).readers),
            Some(On::Room(slot, _)) => Some(self.channels.at(slot).writers),
            Some(On::Sender(task) | On::Reply(task)) => Some(self.tasks.at(task).watchers),
            Some(On::Nothing | On::Notice(_) | On::Poll) | None => None,
        };
        expect!(self.waits.contains(me) == line.is_some(), "a task stands in line iff it waits");
        let times = line.map_or(1, |line| self.waits.iter(&line).filter(|&at| at == me).count());
        expect!(times == 1, "a task stands once in the line of what it waits for");
        let verdict = task.waiting.is_some_and(|waiting| waiting.verdict.is_some());
        expect!(!(blocked && verdict), "whoever lost what it waited for is awake");

        let polls = nodes().any(|n| self.interests.get(me, n).is_some());
        let poll = task.waiting.is_some_and(|waiting| waiting.on == On::Poll);
        expect!(poll || !polls, "only a task that polls stands in the lists of those who do");
        self.check_mail(task, blocked)
    }

    fn check_mail(&self, task: &Task, blocked: bool) -> Result<(), Broken> {
        let channel = self.channels.at(task.mailbox);
        let (Body::Mailbox(_), Ring::Messages(ring)) = (channel.body, &channel.ring) else {
            return Err("a task has a mailbox");
        };
        let (replied, listed) = (ring.has(REPLIES), ring.iter(&channel.store, REPLIES).count());
        expect!(listed == ring.len(), "a ring of messages counts what it lists");
        expect!(task.request.is_some() || !replied, "a reply lies there for those alone who wait");
        match task.waiting.map(|waiting| waiting.on) {
            Some(On::Reply(_)) => {
                expect!(!(blocked && replied), "no task sleeps while its reply is there");
            }
            Some(On::Sender(sender)) => {
                let sender = self.task_id(sender);
                expect!(self.tasks.is_live(sender.0), "the awaited sender lives");
                let mut sent = ring.iter(&channel.store, MESSAGES);
                let sent = sent.any(|it| ring.envelope(&channel.store, it).sender == sender);
                expect!(!(blocked && sent), "no task sleeps while what it wants is there");
            }
            _ => {}
        }
        Ok(())
    }

    fn check_body(&self, id: ChannelId, channel: &Channel<RING>) -> Result<(), Broken> {
        let (read, write) = (channel.read_side.open as usize, channel.write_side.open as usize);
        match channel.body {
            Body::Free => return Err("a channel in use has a kind"),
            Body::Mailbox(owner) => {
                let owner = self.tasks.get(owner.0);
                let is_its = owner.is_some_and(|task| task.mailbox == id.index());
                expect!(is_its, "a mailbox lives as long as its task");
            }
            Body::Pipe | Body::Queue(_) => {
                let ends =
                    (self.handles_for(id, Rights::READ), self.handles_for(id, Rights::WRITE));
                expect!((read, write) == ends, "the ends of a channel are the handles for them");
                expect!(!channel.is_unused(), "what nobody can reach is freed");
                if let Body::Queue(Notice::Asked(task) | Notice::Due(task)) = channel.body {
                    let waiting = self.tasks.get(task.0).and_then(|task| task.waiting);
                    let waits = waiting.is_some_and(|it| it.on == On::Notice(id.index()));
                    expect!(waits, "a notice is for a task that waits for it");
                }
            }
            Body::Device(_) => {
                let handles = self.handles_for(id, Rights::NONE);
                expect!(read == handles && read > 0, "a device has handles, and knows them");
            }
            Body::Socket(socket) => {
                let handles = self.handles_for(id, Rights::NONE);
                expect!(read == handles, "a socket knows its handles");
                let pending =
                    |(_, it): (_, &Channel<RING>)| it.pending().filter(|&it| it == id).count();
                let pending: usize = self.channels.iter().map(pending).sum();
                let held = usize::from(handles > 0);
                expect!(held + pending == 1, "a socket has handles, or waits to be accepted");
                if let Stage::Connected(peer) = socket.stage
                    && socket.kind != Kind::Datagram
                {
                    let here = self.channels.get(peer.0).is_some_and(|peer| {
                        matches!(peer.body, Body::Socket(Socket { stage: Stage::Connected(it), .. }) if it == id)
                    });
                    expect!(write == usize::from(here), "a socket knows whether its peer is there");
                }
            }
        }
        Ok(())
    }

    fn handles_for(&self, channel: ChannelId, right: Rights) -> usize {
        let held = |task: &Task| {
            task.handles
                .iter()
                .filter(|it| it.channel() == Some(channel) && it.rights.contains(right))
                .count()
        };
        self.tasks.iter().map(|(_, task)| held(task)).sum()
    }

    /// A line is sorted, holds those who wait for this alone, and nobody in it sleeps who would
    /// get an answer now.
    fn check_line(&self, line: &WaitQueue, on: On, chance: Chance) -> Result<(), Broken> {
        let mut last = None;
        for at in self.waits.iter(line) {
            let task = self.tasks.at(at);
            expect!(self.tasks.is_live(self.tasks.key(at)), "only the living stand in line");
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

    fn check_names(&self, slot: u16) -> Result<(), Broken> {
        let Some(name) = self.names.of(slot) else { return Ok(()) };
        // Devices are found outside.
        let found = self.names.find(&name) == Some(slot) || self.device(slot).is_some();
        expect!(found, "a name finds what has it");
        Ok(())
    }
}
