//! Life and death of tasks.

use super::{
    Body, ChannelId, Devices, Error, Event, ExitStatus, Handle, Kernel, MessageRing, Name, Object,
    On, Priority, Result, Rights, Ring, State, Task, TaskId, Trace, Vacant, Value,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Brings a task to life, ready to run, with a mailbox under its name.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::NameTooLong`], [`Error::NameTaken`] (law 14);
    /// [`Error::TasksFull`], [`Error::ChannelsFull`].
    pub fn spawn(&mut self, name: &str, priority: Priority) -> Result<TaskId> {
        let name = Name::new(name)?;
        if self.names.find(&name).is_some() {
            return Err(Error::NameTaken);
        }
        if !self.channels.has_room() {
            return Err(Error::ChannelsFull);
        }
        let task = self.tasks.insert().map(TaskId).ok_or(Error::TasksFull)?;
        let mailbox = self.channels.insert().map(ChannelId).ok_or(Error::ChannelsFull)?;
        let ring = Ring::Messages(MessageRing::mailbox(RING));
        self.channels.at_mut(mailbox.index()).become_new(Body::Mailbox(task), ring);
        self.names.insert(mailbox.index(), name);
        let above = self.policy.above(priority);
        *self.tasks.at_mut(task.index()) =
            Task { priority, above, mailbox: mailbox.index(), ..Task::VACANT };
        self.ready.push(task.index(), self.policy.level(priority));
        self.emit(|| Event::Spawn { task, name, mailbox, priority });
        Ok(task)
    }

    /// Ends a task, from whatever state (law 19): it leaves every queue and passes on what it was
    /// woken for; its handles are closed; its peers are released; then its name is free. What it
    /// has sent stays deliverable.
    pub(super) fn exit(&mut self, me: u16, status: ExitStatus) {
        let task = self.task_id(me);
        let mailbox = self.tasks.at(me).mailbox;
        self.abandon(me);
        match self.tasks.at(me).state {
            State::Running => self.running -= 1,
            State::Ready => {
                self.ready.remove(me);
            }
            State::Blocked => {}
        }
        while let Some(entry) = self.tasks.at_mut(me).handles.pop() {
            self.release(entry);
        }
        self.evict(On::Sender(me), Error::PeerDead);
        self.destroy(mailbox, Error::PeerDead);
        self.tasks.remove(me);
        if self.last == Some(task) {
            self.last = None;
        }
        self.emit(|| Event::Exit { task, status });
    }

    /// Ends another task, by a handle for it.
    pub(super) fn kill(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let entry = self.tasks.at(me).handles.get(handle)?;
        let Object::Task(task) = entry.object() else { return Err(Error::WrongKind) };
        if !entry.rights.contains(Rights::KILL) {
            return Err(Error::NoRight);
        }
        if task.index() == me {
            return Err(Error::BadArgument);
        }
        if !self.tasks.is_live(task.0) {
            return Err(Error::PeerDead);
        }
        self.exit(task.index(), ExitStatus::Killed);
        self.killed = true;
        Ok(Value::Unit)
    }

    /// Gives a task a handle with which it may end another one.
    ///
    /// # Errors
    /// [`Error::PeerDead`] if one of them has ended, [`Error::HandlesFull`].
    pub fn entrust(&mut self, supervisor: TaskId, task: TaskId) -> Result<Handle> {
        if !self.tasks.is_live(supervisor.0) || !self.tasks.is_live(task.0) {
            return Err(Error::PeerDead);
        }
        self.expect_room_for_handles(supervisor.index(), 1)?;
        self.grant(supervisor.index(), Object::Task(task), Rights::KILL)
    }

    /// A task's state; `None` if it has ended.
    pub fn state(&self, task: TaskId) -> Option<State> {
        Some(self.tasks.get(task.0)?.state)
    }

    /// A task's name; `None` if it has ended.
    pub fn name(&self, task: TaskId) -> Option<Name> {
        self.names.of(self.tasks.get(task.0)?.mailbox)
    }

    /// Tasks alive now.
    pub fn living(&self) -> usize {
        self.tasks.len()
    }
}
