//! Scheduling: who runs next, and what happens when nobody can.

use super::{Devices, Error, Event, Kernel, Policy, Priority, Result, State, TaskId, Trace};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Chooses the next task to run, and takes it out of the ready queue. `None` if nobody is
    /// ready.
    #[inline]
    pub fn dispatch(&mut self) -> Option<TaskId> {
        let me = self.policy.pick(&mut self.ready)?;
        let quantum = self.policy.quantum();
        let task = self.tasks.at_mut(me);
        task.state = State::Running;
        task.quantum = quantum;
        self.running += 1;
        let to = self.task_id(me);
        let from = self.last.replace(to);
        if from != Some(to) {
            self.emit(|| Event::Switch { from, to });
        }
        Some(to)
    }

    /// Whether a task was killed by another one since the last time that this was asked.
    pub const fn take_killed(&mut self) -> bool {
        core::mem::replace(&mut self.killed, false)
    }

    /// Whether nobody runs, and nobody is ready to.
    pub fn is_idle(&self) -> bool {
        self.running == 0 && self.ready.len() == 0
    }

    /// Changes the policy. Those who are ready line up anew, in the order in which they would
    /// have run.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        for slot in 0..TASKS as u16 {
            let task = self.tasks.at_mut(slot);
            task.above = policy.above(task.priority);
        }
        let mut old = core::mem::replace(&mut self.ready, super::ReadyQueue::new());
        while let Some(me) = old.pop() {
            self.ready.push(me, policy.level(self.tasks.at(me).priority));
        }
    }

    /// Changes a task's priority, and its place in every queue in which it stands (law 17).
    ///
    /// # Errors
    /// [`Error::PeerDead`] if the task has ended.
    pub fn set_priority(&mut self, task: TaskId, priority: Priority) -> Result<()> {
        if !self.tasks.is_live(task.0) {
            return Err(Error::PeerDead);
        }
        self.reprioritize(task.index(), priority);
        Ok(())
    }
}
