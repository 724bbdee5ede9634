//! The real kernel, and who is who in it.

use postroom::{
    Call, ChannelId, Envelope, Event, Kernel, Kind, NoDevices, Sizes, TaskId, Ticks, Trace,
};

use crate::deed::{Deed, Said, until_preempted};
use crate::request::{Life, Result, Stamp};
use crate::sizes::ID;
use crate::view::{ObjectLook, TaskLook, View};

pub(crate) struct Bench<const TASKS: usize, const CHANNELS: usize, const RING: usize> {
    kernel: Kernel<TASKS, CHANNELS, RING, NoDevices, Births>,
}

/// The ids of all tasks that ever lived and of all objects that ever were, in the order in which
/// they came, as the model counts them.
struct Births {
    tasks: Vec<TaskId>,
    objects: Vec<ChannelId>,
}

impl Trace for Births {
    fn event(&mut self, _: Ticks, event: &Event) {
        match *event {
            Event::Spawn { task, .. } => self.tasks.push(task),
            Event::Create { channel, .. } => self.objects.push(channel),
            _ => {}
        }
    }
}

impl Births {
    fn id(&self, life: Option<Life>) -> TaskId {
        let task = life.and_then(|life| self.tasks.get(life).copied());
        task.unwrap_or(TaskId::from_parts(0, u32::MAX))
    }

    fn life(&self, task: TaskId) -> Life {
        self.tasks.iter().position(|&id| id == task).unwrap_or(Life::MAX)
    }

    fn stamp(&self, envelope: &Envelope) -> Stamp {
        let name = envelope.name.map(|name| name.as_str().to_owned());
        let request = envelope.request().map(|request| request.serial);
        (self.life(envelope.sender), name, envelope.urgency, request)
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> Bench<TASKS, CHANNELS, RING> {
    pub(crate) fn new() -> Self {
        let births = Births { tasks: Vec::new(), objects: Vec::new() };
        Self { kernel: Kernel::with(NoDevices, births) }
    }

    /// Does it to the kernel.
    pub(crate) fn perform(&mut self, deed: &Deed) -> Said {
        let kernel = &mut self.kernel;
        match *deed {
            Deed::Nothing => Said::Done(Ok(())),
            Deed::Spawn { name, priority } => Said::Done(kernel.spawn(name, priority).map(drop)),
            Deed::Create { name, sizes: Sizes::Bytes(capacity) } => {
                Said::Done(kernel.create_pipe(name, capacity).map(drop))
            }
            Deed::Create { name, sizes: Sizes::Messages { most, longest } } => {
                Said::Done(kernel.create_queue(name, most, longest).map(drop))
            }
            Deed::Entrust { life, victim } => {
                let (me, victim) = (kernel.trace().id(life), kernel.trace().id(victim));
                Said::Done(kernel.entrust(me, victim).map(drop))
            }
            Deed::Rank { life, priority } => {
                let me = kernel.trace().id(life);
                Said::Done(kernel.set_priority(me, priority))
            }
            Deed::Advance { now } => {
                kernel.advance(now);
                Said::Done(Ok(()))
            }
            Deed::Dispatch => {
                let task = kernel.dispatch();
                Said::Dispatched(task.map(|task| kernel.trace().life(task)))
            }
            Deed::Spin { life: None, calls } => Said::Spun(calls),
            Deed::Spin { life, calls } => {
                let me = kernel.trace().id(life);
                Said::Spun(until_preempted(calls, || kernel.syscall(me, Call::Now)))
            }
            Deed::Call { life, ref request, .. } => {
                let me = kernel.trace().id(life);
                let tasks = kernel.trace().tasks.clone();
                let births = Births { tasks, objects: Vec::new() };
                let crossing = |call: Call<'_>| (kernel.syscall(me, call), ());
                let (result, ()) = request.with(|life| births.id(life), crossing);
                let envelope = result.envelope.map(|envelope| births.stamp(&envelope));
                let Result { outcome, buffer, set, .. } = result;
                Said::Called(Result { outcome, buffer, set, envelope })
            }
        }
    }

    pub(crate) fn check(&self) -> std::result::Result<(), postroom::Broken> {
        self.kernel.check()
    }

    pub(crate) fn view(&self) -> View {
        let births = self.kernel.trace();
        let mail = |channel| -> Vec<_> {
            let messages = self.kernel.messages_in(channel);
            messages.map(|(envelope, body)| (births.stamp(&envelope), body.to_vec())).collect()
        };
        let look = |task: postroom::TaskView| {
            let mut mailboxes = self.kernel.channels().filter(|it| it.kind == Kind::Mailbox);
            let mailbox = mailboxes.find(|it| it.name == Some(task.name));
            let mailbox = mailbox.expect("every task has a mailbox");
            TaskLook {
                life: births.life(task.id),
                name: task.name.as_str().to_owned(),
                priority: task.priority,
                state: task.state,
                reason: task.reason,
                handles: task.handles,
                mailbox: (mailbox.capacity, mailbox.longest),
                mail: mail(mailbox.id),
            }
        };
        let mut tasks: Vec<_> = self.kernel.tasks().map(look).collect();
        tasks.sort_by_key(|task| task.life);
        let objects = self.kernel.channels().filter(|channel| channel.kind != Kind::Mailbox);
        let mut objects: Vec<_> = objects
            .map(|it| ObjectLook {
                number: births.objects.iter().position(|&id| id == it.id).unwrap_or(usize::MAX),
                kind: it.kind,
                name: it.name.map(|name| name.as_str().to_owned()),
                capacity: it.capacity,
                longest: it.longest,
                ends: (it.read_ends, it.write_ends),
                bytes: self.kernel.bytes_in(it.id).collect(),
                mail: mail(it.id)
                    .into_iter()
                    // Of a listener these are ids, which are the kernel's own affair.
                    .map(|(stamp, body)| (stamp, if it.longest == ID { Vec::new() } else { body }))
                    .collect(),
            })
            .collect();
        objects.sort_by_key(|object| object.number);
        for (life, &task) in births.tasks.iter().enumerate() {
            let shown = tasks.iter().find(|shown| shown.life == life);
            assert_eq!(self.kernel.state(task), shown.map(|shown| shown.state));
            let name = self.kernel.name(task).map(|name| name.as_str().to_owned());
            assert_eq!(name, shown.map(|shown| shown.name.clone()));
        }
        View { tasks, objects, next_timer: self.kernel.next_timer(), now: self.kernel.now() }
    }
}
