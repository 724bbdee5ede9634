//! A kernel driven by hand, call by call, for the laws that speak of exact moments.
//!
//! There are as many cores as tasks: whoever is ready is dispatched before the next call.

use postroom::{
    Access, Answer, Call, Create, Destination, Envelope, Error, ExitStatus, Handle, Kernel, Kind,
    Log, NoDevices, Outcome, Peer, Priority, Rights, Sizes, Source, State, TaskId, Ticks, Value,
    Wait,
};

/// Its rings hold three messages for a mailbox, and the reply to its owner's call.
/// Bytes of a ring: those of the longest atomic write twice, and of four messages of a mailbox.
pub(crate) const RING: usize = 1280;

pub(crate) type Small = Kernel<8, 16, RING, NoDevices, Log<256>>;

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

    /// Makes a call, and checks every invariant afterwards. To be sent to the end of the line by
    /// a used-up quantum is no answer of its own while nobody else is ready.
    pub(crate) fn call(&mut self, task: TaskId, call: Call<'_>) -> Outcome {
        while self.kernel.dispatch().is_some() {}
        let outcome = self.kernel.syscall(task, call);
        assert_eq!(self.kernel.check(), Ok(()));
        let ready = self.kernel.tasks().filter(|task| task.state == State::Ready);
        match outcome {
            Outcome::Preempted(answer) if ready.count() == 1 => Outcome::Complete(answer),
            outcome => outcome,
        }
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
                Ok(Value::Ends(ends)) => [ends.read(), ends.write()],
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

// Queues and sockets.
impl Hand {
    /// Makes a call that has to be answered with a handle.
    pub(crate) fn handle(&mut self, task: TaskId, call: Call<'_>) -> Handle {
        match self.answer(task, call) {
            Ok(Value::Handle(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    /// Makes a call that has to be refused, and must change nothing that can be seen.
    pub(crate) fn refusal(&mut self, task: TaskId, call: Call<'_>) -> Error {
        while self.kernel.dispatch().is_some() {}
        let before = (Vec::from_iter(self.kernel.tasks()), Vec::from_iter(self.kernel.channels()));
        let answer = self.answer(task, call);
        let after = (Vec::from_iter(self.kernel.tasks()), Vec::from_iter(self.kernel.channels()));
        assert_eq!(after, before);
        answer.unwrap_err()
    }

    /// A queue of the task's own: its end to receive, and its end to send.
    pub(crate) fn queue(
        &mut self,
        task: TaskId,
        name: &str,
        most: usize,
        longest: usize,
    ) -> [Handle; 2] {
        let sizes = Sizes::Messages { most, longest };
        let create = Some(Create { sizes, exclusive: true, access: Access::Everyone });
        let receive = self.handle(task, Call::Open { name, rights: Rights::READ, create });
        [receive, self.open(task, name, Rights::WRITE)]
    }

    pub(crate) fn socket(&mut self, task: TaskId, kind: Kind, sizes: Sizes) -> Handle {
        self.handle(task, Call::Socket { kind, sizes })
    }

    /// Two sockets that are connected to each other, one for each task.
    pub(crate) fn pair(
        &mut self,
        [one, other]: [TaskId; 2],
        kind: Kind,
        sizes: Sizes,
    ) -> [Handle; 2] {
        match self.answer(one, Call::Pair { kind, sizes }) {
            Ok(Value::Ends(ends)) => {
                let handle = ends.write();
                let (to, rights) = (Peer::Task(other), Rights::READ | Rights::WRITE);
                [ends.read(), self.handle(one, Call::Give { handle, to, rights, keep: false })]
            }
            other => panic!("{other:?}"),
        }
    }

    /// Gives a socket a name.
    pub(crate) fn bind(&mut self, task: TaskId, handle: Handle, name: &str) {
        let call = Call::Bind { handle, name, access: Access::Everyone };
        assert_eq!(self.answer(task, call), Ok(Value::Unit));
    }

    /// A socket that accepts connections.
    pub(crate) fn listener(
        &mut self,
        task: TaskId,
        name: &str,
        (kind, sizes): (Kind, Sizes),
        backlog: usize,
    ) -> Handle {
        let handle = self.socket(task, kind, sizes);
        self.bind(task, handle, name);
        assert_eq!(self.answer(task, Call::Listen { handle, backlog }), Ok(Value::Unit));
        handle
    }

    pub(crate) fn connect(
        &mut self,
        task: TaskId,
        handle: Handle,
        to: &str,
        wait: Wait,
    ) -> Outcome {
        self.call(task, Call::Connect { handle, to, wait })
    }

    /// Accepts a connection that is there.
    pub(crate) fn accept(&mut self, task: TaskId, handle: Handle) -> Handle {
        self.handle(task, Call::Accept { handle, wait: Wait::Try })
    }

    /// Puts a message into a queue.
    pub(crate) fn enqueue(
        &mut self,
        task: TaskId,
        handle: Handle,
        urgency: u8,
        message: &[u8],
        wait: Wait,
    ) -> Outcome {
        self.call(task, Call::Send { to: Destination::Queue { handle, urgency }, message, wait })
    }

    /// Sends a message out of a socket, to the peer or to a name.
    pub(crate) fn post(
        &mut self,
        task: TaskId,
        handle: Handle,
        to: Option<&str>,
        message: &[u8],
        wait: Wait,
    ) -> Outcome {
        self.call(task, Call::Send { to: Destination::Socket { handle, to }, message, wait })
    }

    /// Takes a message out of a queue or a socket: the outcome, and the bytes copied.
    pub(crate) fn take(
        &mut self,
        task: TaskId,
        handle: Handle,
        length: usize,
        wait: Wait,
    ) -> (Outcome, Vec<u8>) {
        let (mut buffer, mut envelope) = (vec![0; length], None);
        let from = Source::Object(handle);
        let call = Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait };
        let outcome = self.call(task, call);
        match outcome {
            Outcome::Complete(Ok(Value::Message { copied, .. }))
            | Outcome::Preempted(Ok(Value::Message { copied, .. })) => {
                buffer.truncate(copied as usize);
            }
            _ => buffer.clear(),
        }
        (outcome, buffer)
    }

    pub(crate) fn exit(&mut self, task: TaskId) -> Outcome {
        self.call(task, Call::Exit { status: ExitStatus::Killed })
    }

    /// Channels in use.
    pub(crate) fn channels(&self) -> usize {
        self.kernel.channels().count()
    }
}

/// The outcome of a call that has nothing to say.
pub(crate) const DONE: Outcome = Outcome::Complete(Ok(Value::Unit));

/// What comes of reading bytes or receiving a message, when there are none for this reason.
pub(crate) const fn nothing(outcome: Outcome) -> (Outcome, Vec<u8>) {
    (outcome, Vec::new())
}

/// What comes of receiving this message whole.
pub(crate) fn message(bytes: &[u8]) -> (Outcome, Vec<u8>) {
    let length = bytes.len() as u32;
    (Outcome::Complete(Ok(Value::Message { copied: length, length })), bytes.to_vec())
}
