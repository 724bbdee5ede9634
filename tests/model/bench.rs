//! The real kernel, and who is who in it.

use postroom::{Call, ChannelId, Kernel, Kind, NoDevices, TaskId};

use crate::deed::{Deed, Said, until_preempted};
use crate::request::{Life, Result};
use crate::view::{PipeLook, TaskLook, View, name};

pub(crate) struct Bench<const TASKS: usize, const CHANNELS: usize, const RING: usize> {
    kernel: Kernel<TASKS, CHANNELS, RING, NoDevices, ()>,
    /// The ids of all tasks that ever lived and of all pipes that ever were, as the model counts
    /// them.
    lives: Vec<TaskId>,
    pipes: Vec<ChannelId>,
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> Bench<TASKS, CHANNELS, RING> {
    pub(crate) fn new() -> Self {
        Self { kernel: Kernel::new(), lives: Vec::new(), pipes: Vec::new() }
    }

    /// Does it to the kernel.
    pub(crate) fn perform(&mut self, deed: &Deed) -> Said {
        match *deed {
            Deed::Nothing => Said::Done(Ok(())),
            Deed::Spawn { name, priority } => {
                Said::Done(self.kernel.spawn(name, priority).map(|task| self.lives.push(task)))
            }
            Deed::CreatePipe { name, capacity } => {
                let created = self.kernel.create_pipe(name, capacity);
                Said::Done(created.map(|pipe| self.pipes.push(pipe)))
            }
            Deed::Rank { life, priority } => {
                Said::Done(self.kernel.set_priority(self.id(life), priority))
            }
            Deed::Advance { now } => {
                self.kernel.advance(now);
                Said::Done(Ok(()))
            }
            Deed::Dispatch => Said::Dispatched(self.kernel.dispatch().map(|task| self.life(task))),
            Deed::Spin { life: None, calls } => Said::Spun(calls),
            Deed::Spin { life, calls } => {
                let me = self.id(life);
                Said::Spun(until_preempted(calls, || self.kernel.syscall(me, Call::Now)))
            }
            Deed::Call { life, ref request, .. } => {
                let me = self.id(life);
                let lives = &self.lives;
                let kernel = &mut self.kernel;
                let (outcome, buffer, sender) =
                    request.with(|life| id(lives, life), |call| kernel.syscall(me, call));
                self.meet_new_pipes();
                let sender = sender.map(|sender| self.life(sender.task));
                Said::Called(Result { outcome, buffer, sender })
            }
        }
    }

    pub(crate) fn check(&self) -> std::result::Result<(), postroom::Broken> {
        self.kernel.check()
    }

    pub(crate) fn view(&self) -> View {
        let mut tasks: Vec<_> = self
            .kernel
            .tasks()
            .map(|task| {
                let mailbox = self
                    .kernel
                    .channels()
                    .find(|it| it.kind == Kind::Mailbox && it.name == Some(task.name))
                    .expect("every task has a mailbox");
                let mail = self.kernel.messages_in(mailbox.id);
                TaskLook {
                    life: self.life(task.id),
                    name: task.name,
                    priority: task.priority,
                    state: task.state,
                    reason: task.reason,
                    handles: task.handles,
                    mailbox: (mailbox.capacity, mailbox.longest),
                    mail: mail
                        .map(|(sender, body)| (self.life(sender.task), sender.name, body.to_vec()))
                        .collect(),
                }
            })
            .collect();
        tasks.sort_by_key(|task| task.life);
        let mut pipes: Vec<_> = self
            .kernel
            .channels()
            .filter(|channel| channel.kind == Kind::Pipe)
            .map(|pipe| PipeLook {
                number: self.pipes.iter().position(|&id| id == pipe.id).unwrap_or(usize::MAX),
                name: pipe.name,
                capacity: pipe.capacity,
                atomic: pipe.longest,
                read_ends: pipe.read_ends,
                write_ends: pipe.write_ends,
                bytes: self.kernel.bytes_in(pipe.id).collect(),
            })
            .collect();
        pipes.sort_by_key(|pipe| pipe.number);
        for (life, &task) in self.lives.iter().enumerate() {
            let shown = tasks.iter().find(|shown| shown.life == life);
            assert_eq!(self.kernel.state(task), shown.map(|shown| shown.state));
            assert_eq!(self.kernel.name(task), shown.map(|shown| name(shown.name.as_str())));
        }
        View { tasks, pipes, next_timer: self.kernel.next_timer(), now: self.kernel.now() }
    }

    fn id(&self, life: Option<Life>) -> TaskId {
        id(&self.lives, life)
    }

    fn life(&self, task: TaskId) -> Life {
        self.lives.iter().position(|&id| id == task).unwrap_or(Life::MAX)
    }

    fn meet_new_pipes(&mut self) {
        let pipes = self.kernel.channels().filter(|channel| channel.kind == Kind::Pipe);
        let known = &mut self.pipes;
        for pipe in pipes {
            if !known.contains(&pipe.id) {
                known.push(pipe.id);
            }
        }
    }
}

fn id(lives: &[TaskId], life: Option<Life>) -> TaskId {
    life.and_then(|life| lives.get(life).copied()).unwrap_or(TaskId::from_parts(0, u32::MAX))
}
