//! What the kernel has given out so far, whether still good or not.

use postroom::{Call, Handle, Kernel, Kind, Peer, RequestId, Sizes, TaskId, Trace, Value};

use crate::moody::Moody;

/// Ids, handles and requests that may be named again.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) tasks: Vec<TaskId>,
    pub(crate) handles: Vec<Held>,
    pub(crate) requests: Vec<RequestId>,
}

/// What a handle stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Channel(Kind),
    Device,
    Task,
}

/// A handle: whose it is, and what it was made for.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    pub(crate) task: TaskId,
    pub(crate) handle: Handle,
    pub(crate) what: What,
    pub(crate) listens: bool,
}

/// What a call can give out, noted before it is made.
pub(crate) struct Asked {
    task: TaskId,
    what: What,
    receiver: Option<TaskId>,
    listener: Option<Handle>,
}

impl Known {
    /// What is to be known of a call's answer.
    pub(crate) fn ask<const TASKS: usize, const CHANNELS: usize, const RING: usize, T: Trace>(
        &self,
        kernel: &Kernel<TASKS, CHANNELS, RING, Moody, T>,
        task: TaskId,
        call: &Call<'_>,
    ) -> Asked {
        let of_name = |name: &str| {
            let found = kernel.channels().find(|it| it.name.is_some_and(|it| it.as_str() == name));
            found.map(|found| found.kind)
        };
        let of_sizes = |sizes| match sizes {
            Sizes::Bytes(_) => Kind::Pipe,
            Sizes::Messages { .. } => Kind::Queue,
        };
        let mut asked =
            Asked { task, what: What::Channel(Kind::Pipe), receiver: None, listener: None };
        match *call {
            Call::Socket { kind, .. } | Call::Pair { kind, .. } => {
                asked.what = What::Channel(kind);
            }
            Call::Open { name, .. } if name.contains(':') => asked.what = What::Device,
            Call::Open { name, create, .. } => {
                let made = create.map(|create| of_sizes(create.sizes));
                asked.what = What::Channel(of_name(name).or(made).unwrap_or(Kind::Pipe));
            }
            Call::Duplicate { handle } | Call::Accept { handle, .. } => {
                asked.what = self.what(handle);
            }
            Call::Give { handle, to, .. } => {
                asked.what = self.what(handle);
                asked.receiver = match to {
                    Peer::Task(task) => Some(task),
                    Peer::Name(name) => {
                        kernel.tasks().find(|it| it.name.as_str() == name).map(|it| it.id)
                    }
                };
            }
            Call::Listen { handle, .. } => asked.listener = Some(handle),
            _ => {}
        }
        asked
    }

    /// Notes what came of it.
    pub(crate) fn note(&mut self, asked: &Asked, value: Value) {
        let Asked { task, what, receiver, listener } = *asked;
        let held = |handle| Held { task: receiver.unwrap_or(task), handle, what, listens: false };
        match value {
            Value::Handle(handle) => self.handles.push(held(handle)),
            Value::Ends(ends) => {
                self.handles.extend([held(ends.read()), held(ends.write())]);
            }
            Value::Request(serial) => self.requests.push(RequestId { caller: task, serial }),
            Value::Unit => {
                let listens = self.handles.iter_mut().filter(|it| Some(it.handle) == listener);
                listens.for_each(|it| it.listens = true);
            }
            _ => {}
        }
    }

    fn what(&self, handle: Handle) -> What {
        let found = self.handles.iter().rfind(|held| held.handle == handle);
        found.map_or(What::Channel(Kind::Pipe), |held| held.what)
    }
}
