//! A kernel driven by hand, call by call, for the laws that speak of exact moments.
//!
//! There are as many cores as tasks: whoever is ready is dispatched before the next call.

use postroom::{
    Access, Answer, Call, Create, Destination, Envelope, Error, Handle, Kernel, Log, NoDevices,
    Outcome, Peer, Priority, Rights, Sizes, Source, State, TaskId, Ticks, Value, Wait,
};

/// Its rings hold three messages for a mailbox, and the reply to its owner's call.
pub(crate) type Small = Kernel<8, 16, 1280, NoDevices, Log<256>>;

/// A kernel, and tasks that do just what they are told.
pub(crate) struct Hand {
    pub(crate) kernel: Small,
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self { kernel: Kernel::with(NoDevices, Log::new()) }
    }

    /// A task of normal priority.
    pub(crate) fn task(&mut self, name: &str) -> TaskId {
        self.task_at(name, Priority::NORMAL.level())
    }

    pub(crate) fn task_at(&mut self, name: &str, level: u8) -> TaskId {
        self.kernel.spawn(name, Priority::new(level).unwrap()).unwrap()
    }

    /// Makes a call, and checks every invariant afterwards.
    pub(crate) fn call(&mut self, task: TaskId, call: Call<'_>) -> Outcome {
        while self.kernel.dispatch().is_some() {}
        let outcome = self.kernel.syscall(task, call);
        assert_eq!(self.kernel.check(), Ok(()));
        outcome
    }

    /// Makes a call that has to be answered.
    pub(crate) fn answer(&mut self, task: TaskId, call: Call<'_>) -> Answer {
        match self.call(task, call) {
            Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
            Outcome::Blocked => panic!("the call has to wait"),
        }
    }

    /// A pipe of the task's own: its read end and its write end.
    pub(crate) fn pipe(
        &mut self,
        task: TaskId,
        name: Option<&str>,
        capacity: usize,
    ) -> [Handle; 2] {
        let Some(name) = name else {
            return match self.answer(task, Call::Pipe { capacity }) {
                Ok(Value::Ends { read, write }) => [read, write],
                other => panic!("{other:?}"),
            };
        };
        let sizes = Sizes::Bytes(capacity);
        let create = Some(Create { sizes, exclusive: true, access: Access::Everyone });
        match self.answer(task, Call::Open { name, rights: Rights::READ, create }) {
            Ok(Value::Handle(read)) => [read, self.open(task, name, Rights::WRITE)],
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn open(&mut self, task: TaskId, name: &str, rights: Rights) -> Handle {
        match self.answer(task, Call::Open { name, rights, create: None }) {
            Ok(Value::Handle(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn close(&mut self, task: TaskId, handle: Handle) {
        assert_eq!(self.answer(task, Call::Close { handle }), Ok(Value::Unit));
    }

    pub(crate) fn write(
        &mut self,
        task: TaskId,
        handle: Handle,
        bytes: &[u8],
        wait: Wait,
    ) -> Outcome {
        self.call(task, Call::Write { handle, bytes, wait })
    }

    /// Reads up to `length` bytes: the outcome, and the bytes.
    pub(crate) fn read(
        &mut self,
        task: TaskId,
        handle: Handle,
        length: usize,
        wait: Wait,
    ) -> (Outcome, Vec<u8>) {
        let mut buffer = vec![0; length];
        let outcome = self.call(task, Call::Read { handle, buffer: &mut buffer, wait });
        match outcome {
            Outcome::Complete(Ok(Value::Count(count)))
            | Outcome::Preempted(Ok(Value::Count(count))) => {
                buffer.truncate(count);
            }
            _ => buffer.clear(),
        }
        (outcome, buffer)
    }

    pub(crate) fn send(&mut self, task: TaskId, to: &str, message: &[u8], wait: Wait) -> Outcome {
        self.call(task, Call::Send { to: Destination::Task(Peer::Name(to)), message, wait })
    }

    /// Receives into a buffer of `length` bytes: the outcome, the bytes copied, and what the
    /// kernel wrote on the message.
    pub(crate) fn receive(
        &mut self,
        task: TaskId,
        from: Option<Peer<'_>>,
        length: usize,
        wait: Wait,
    ) -> (Outcome, Vec<u8>, Option<Envelope>) {
        let from = from.map_or(Source::Anyone, Source::Task);
        let mut buffer = vec![0; length];
        let mut envelope = None;
        let outcome = self
            .call(task, Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait });
        match outcome {
            Outcome::Complete(Ok(Value::Message { copied, .. }))
            | Outcome::Preempted(Ok(Value::Message { copied, .. })) => {
                buffer.truncate(copied as usize);
            }
            _ => buffer.clear(),
        }
        (outcome, buffer, envelope)
    }

    pub(crate) fn is_ready(&self, task: TaskId) -> bool {
        self.kernel.state(task) == Some(State::Ready)
    }

    pub(crate) fn is_blocked(&self, task: TaskId) -> bool {
        self.kernel.state(task) == Some(State::Blocked)
    }
}

/// The outcome of a call that copied so many bytes.
pub(crate) const fn counted(count: usize) -> Outcome {
    Outcome::Complete(Ok(Value::Count(count)))
}

/// The outcome of a call that was refused.
pub(crate) const fn refused(error: Error) -> Outcome {
    Outcome::Complete(Err(error))
}

/// A wait until a tick.
pub(crate) const fn until(tick: u64) -> Wait {
    Wait::Until(Ticks(tick))
}
