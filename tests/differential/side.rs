//! One of the two sides of a comparison: a kernel driven by hand, over devices or without.

use postroom::{
    Access, Call, Create, Destination, Devices, Handle, Kernel, Kind, Outcome, PollEntry, Priority,
    Rights, Sizes, Sleeper, Source, TaskId, Ticks, Value, Wait,
};

use crate::op::{Bytes, Op};
use crate::seen::{Seen, What};

/// How many tasks wait at one time at the most.
pub(crate) const TASKS: usize = 4;

/// A task, and the call in which it is.
pub(crate) struct Actor {
    id: TaskId,
    pub(crate) pending: Option<Op>,
    /// What its last call came to, and the handle that came of it.
    pub(crate) said: Option<(Op, Seen, Option<Handle>)>,
}

pub(crate) struct Side<D: Devices, const CHANNELS: usize, const RING: usize> {
    kernel: Box<Kernel<TASKS, CHANNELS, RING, D>>,
    pub(crate) actors: Vec<Actor>,
    /// Of each end, the handle on this side.
    pub(crate) handles: Vec<Handle>,
    names: Vec<String>,
    kind: Kind,
    sizes: Sizes,
    wait: Wait,
}

impl<D: Devices, const CHANNELS: usize, const RING: usize> Side<D, CHANNELS, RING> {
    pub(crate) fn new(
        devices: D,
        names: Vec<String>,
        (kind, sizes): (Kind, Sizes),
        tasks: usize,
    ) -> Self {
        let mut kernel = Box::new(Kernel::with(devices, ()));
        let mut spawn = |n| kernel.spawn(&format!("task {n}"), Priority::NORMAL).unwrap();
        let actors =
            (0..tasks).map(|n| Actor { id: spawn(n), pending: None, said: None }).collect();
        let wait = if tasks == 1 { Wait::Try } else { Wait::Forever };
        Self { kernel, actors, handles: Vec::new(), names, kind, sizes, wait }
    }

    /// Has a task do something; whether it has to wait is found by looking at the task.
    pub(crate) fn perform(&mut self, who: usize, op: Op) {
        self.run_all();
        self.attempt(who, op);
    }

    /// Lets everyone go on who can.
    pub(crate) fn settle(&mut self) {
        loop {
            if D::ENABLED {
                // A sleep that is over at once hears of all that is ready.
                self.kernel.devices().sleeper().sleep(Some(Ticks(0)));
                self.kernel.look_at_devices();
            }
            if !self.run_all() {
                return;
            }
        }
    }

    /// Has all who are ready make their calls again, and says whether anyone was.
    fn run_all(&mut self) -> bool {
        let mut any = false;
        while let Some(task) = self.kernel.dispatch() {
            let who = self.actors.iter().position(|actor| actor.id == task).unwrap();
            if let Some(op) = self.actors[who].pending {
                any = true;
                self.attempt(who, op);
            }
        }
        any
    }

    fn attempt(&mut self, who: usize, op: Op) {
        self.actors[who].pending = None;
        match self.call(who, op) {
            Some((seen, handle)) => self.actors[who].said = Some((op, seen, handle)),
            None => self.actors[who].pending = Some(op),
        }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        self.kernel.check().map_err(|broken| format!("{broken:?}"))
    }

    fn call(&mut self, who: usize, op: Op) -> Option<(Seen, Option<Handle>)> {
        let Self { kernel, names, kind, sizes, wait, .. } = self;
        let (me, wait, sizes, kind) = (self.actors[who].id, *wait, *sizes, *kind);
        let handle = op.end().map(|end| self.handles[end]);
        // Of those that need none; no handle has this number.
        let handle = handle.unwrap_or(Handle::from_parts(0, 0));
        let mut buffer = vec![0; room(op)];
        let bytes = bytes(op);
        let (mut envelope, mut set) = (None, [PollEntry::new(Some(handle), Rights::NONE)]);
        let to = match op {
            Op::Share { to, .. } => self.actors[to].id,
            _ => me,
        };
        let call = match op {
            Op::Open { label, rights, exclusive } => {
                let create = Some(Create { sizes, exclusive, access: Access::Everyone });
                Call::Open { name: &names[label], rights, create }
            }
            Op::Unlink { label } => Call::Unlink { name: &names[label] },
            Op::Socket => Call::Socket { kind, sizes },
            Op::Bind { label, .. } => {
                Call::Bind { handle, name: &names[label], access: Access::Everyone }
            }
            Op::Listen { backlog, .. } => Call::Listen { handle, backlog },
            Op::Connect { label, .. } => Call::Connect { handle, to: &names[label], wait },
            Op::Accept { .. } => Call::Accept { handle, wait },
            Op::Shutdown { rights, .. } => Call::Shutdown { handle, rights },
            Op::Duplicate { .. } => Call::Duplicate { handle },
            Op::Share { rights, .. } => Call::Give { handle, to: to.into(), rights, keep: true },
            Op::Close { .. } => Call::Close { handle },
            Op::Read { .. } => Call::Read { handle, buffer: &mut buffer, wait },
            Op::Write { .. } => Call::Write { handle, bytes, wait },
            Op::Send { to, .. } => {
                let to = Destination::Socket { handle, to: to.map(|to| &names[to][..]) };
                Call::Send { to, message: bytes, wait }
            }
            Op::Enqueue { urgency, .. } => {
                let to = Destination::Queue { handle, urgency };
                Call::Send { to, message: bytes, wait }
            }
            Op::Receive { .. } => {
                let (from, envelope) = (Source::Object(handle), &mut envelope);
                Call::Receive { from, buffer: &mut buffer, envelope, wait }
            }
            Op::Readiness { .. } => Call::Readiness { handle },
            Op::Poll { wants, .. } => {
                set[0].wants = wants;
                Call::Poll { set: &mut set, wait }
            }
            Op::Attributes { .. } => Call::Attributes { handle },
            Op::Cancel { .. } => Call::Cancel,
        };
        let answer = match kernel.syscall(me, call) {
            Outcome::Blocked => return None,
            Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
        };
        let mut opened = None;
        let mut copied = 0;
        let answer = match answer {
            Err(error) => Err(error),
            Ok(value) => Ok(match value {
                Value::Unit => What::Done,
                Value::Handle(handle) => {
                    opened = Some(handle);
                    What::Opened
                }
                Value::End => What::End,
                Value::Readiness(ready) => What::Ready(ready),
                Value::Attributes { most, longest, length } => {
                    What::Attributes { most, longest, length }
                }
                Value::Message { copied: count, length } => {
                    copied = count as usize;
                    let envelope = envelope.expect("a message has an envelope");
                    let known = |name: &str| names.iter().position(|it| it == name);
                    let from = envelope.name.map(|it| known(it.as_str()).unwrap_or(usize::MAX));
                    What::Message { length, urgency: envelope.urgency, from }
                }
                Value::Count(_) if matches!(op, Op::Poll { .. }) => match set[0].ready {
                    Ok(ready) => What::Ready(ready),
                    Err(error) => return Some((Seen { answer: Err(error), bytes: vec![] }, None)),
                },
                Value::Count(count) => {
                    if matches!(op, Op::Read { .. }) {
                        copied = count;
                    }
                    What::Count(count)
                }
                other => panic!("{op} is answered by {other:?}"),
            }),
        };
        buffer.truncate(copied);
        Some((Seen { answer, bytes: buffer }, opened))
    }
}

fn room(op: Op) -> usize {
    match op {
        Op::Read { length, .. } | Op::Receive { length, .. } => length,
        _ => 0,
    }
}

fn bytes(op: Op) -> &'static [u8] {
    match op {
        Op::Write { bytes, .. } | Op::Send { bytes, .. } | Op::Enqueue { bytes, .. } => {
            Bytes::get(bytes)
        }
        _ => &[],
    }
}
