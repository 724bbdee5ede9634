//! One object, and the two sides of it: those who crowd there, and a host who gives them chances.

use postroom::{
    Access, Call, Create, Destination, Error, Handle, Kernel, Kind, Outcome, Peer, Priority,
    Rights, Sizes, Source, TaskId, Value, Wait,
};

use crate::MOST;

pub(crate) type Small = Kernel<{ MOST + 1 }, 64, 256>;

/// Which object it is, and what the crowd wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    PipeToRead,
    PipeToWrite,
    QueueToReceive,
    QueueToSend,
    Mailbox,
    ListenerToAccept,
    ListenerToConnect,
}

const BYTE: &[u8] = &[7];

/// The most bytes, messages or connections that it holds.
pub(crate) const HOLDS: usize = 3;

impl Object {
    /// What the object is opened with.
    fn sizes(self) -> Option<Sizes> {
        match self {
            Self::PipeToRead | Self::PipeToWrite => Some(Sizes::Bytes(HOLDS)),
            Self::QueueToReceive | Self::QueueToSend => {
                Some(Sizes::Messages { most: HOLDS, longest: 1 })
            }
            _ => None,
        }
    }

    /// The host opens the object, so that everyone finds it under its name.
    pub(crate) fn host(self, kernel: &mut Small, host: TaskId) -> Handle {
        let rights = Rights::READ | Rights::WRITE;
        if let Some(sizes) = self.sizes() {
            let create = Some(Create { sizes, exclusive: true, access: Access::Everyone });
            return handle(kernel, host, Call::Open { name: "it", rights, create });
        }
        let socket = socket(kernel, host);
        let access = Access::Everyone;
        answered(kernel.syscall(host, Call::Bind { handle: socket, name: "it", access }));
        answered(kernel.syscall(host, Call::Listen { handle: socket, backlog: HOLDS }));
        socket
    }

    /// What a newcomer calls the object.
    pub(crate) fn enter(self, kernel: &mut Small, host: TaskId, it: Handle, me: TaskId) -> Handle {
        match self {
            Self::Mailbox | Self::ListenerToConnect => socket(kernel, me),
            _ => {
                let (to, rights) = (Peer::Task(me), Rights::READ | Rights::WRITE);
                handle(kernel, host, Call::Give { handle: it, to, rights, keep: true })
            }
        }
    }

    /// What everybody in the crowd wants.
    pub(crate) fn want(self, kernel: &mut Small, me: TaskId, handle: Handle) -> Outcome {
        let (wait, mut envelope) = (Wait::Forever, None);
        let mut buffer = [0];
        kernel.syscall(
            me,
            match self {
                Self::PipeToRead => Call::Read { handle, buffer: &mut buffer, wait },
                Self::PipeToWrite => Call::Write { handle, bytes: BYTE, wait },
                Self::QueueToReceive => {
                    let from = Source::Object(handle);
                    Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait }
                }
                Self::QueueToSend => {
                    let to = Destination::Queue { handle, urgency: 0 };
                    Call::Send { to, message: BYTE, wait }
                }
                Self::Mailbox => {
                    let to = Destination::Task(Peer::Name("host"));
                    Call::Send { to, message: BYTE, wait }
                }
                Self::ListenerToAccept => Call::Accept { handle, wait },
                Self::ListenerToConnect => Call::Connect { handle, to: "it", wait },
            },
        )
    }

    /// The host gives one of them a chance, if there is anything left to give.
    pub(crate) fn chance(self, kernel: &mut Small, host: TaskId, it: Handle) -> bool {
        let (wait, mut envelope, mut buffer) = (Wait::Try, None, [0]);
        let outcome = match self {
            Self::PipeToRead => kernel.syscall(host, Call::Write { handle: it, bytes: BYTE, wait }),
            Self::QueueToReceive => {
                let to = Destination::Queue { handle: it, urgency: 0 };
                kernel.syscall(host, Call::Send { to, message: BYTE, wait })
            }
            Self::PipeToWrite => {
                kernel.syscall(host, Call::Read { handle: it, buffer: &mut buffer, wait })
            }
            Self::QueueToSend | Self::Mailbox => {
                let queue = self == Self::QueueToSend;
                let from = if queue { Source::Object(it) } else { Source::Anyone };
                let (buffer, envelope) = (&mut buffer, &mut envelope);
                kernel.syscall(host, Call::Receive { from, buffer, envelope, wait })
            }
            Self::ListenerToAccept => {
                let client = socket(kernel, host);
                let done = kernel.syscall(host, Call::Connect { handle: client, to: "it", wait });
                answered(kernel.syscall(host, Call::Close { handle: client }));
                done
            }
            Self::ListenerToConnect => {
                let done = kernel.syscall(host, Call::Accept { handle: it, wait });
                if let Some(Value::Handle(handle)) = served(done) {
                    answered(kernel.syscall(host, Call::Close { handle }));
                }
                done
            }
        };
        served(outcome).is_some()
    }

    /// Whether the crowd puts in, so that the object must be filled before anyone waits.
    pub(crate) fn puts_in(self) -> bool {
        !matches!(self, Self::PipeToRead | Self::QueueToReceive | Self::ListenerToAccept)
    }
}

pub(crate) fn host(kernel: &mut Small) -> TaskId {
    kernel.spawn("host", Priority::HIGHEST).expect("the first task has a place")
}

fn socket(kernel: &mut Small, me: TaskId) -> Handle {
    handle(kernel, me, Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(1) })
}

fn handle(kernel: &mut Small, me: TaskId, call: Call<'_>) -> Handle {
    match answered(kernel.syscall(me, call)) {
        Value::Handle(handle) => handle,
        other => panic!("{other:?} is no handle"),
    }
}

/// The value of a call that must not be refused.
fn answered(outcome: Outcome) -> Value {
    served(outcome).unwrap_or_else(|| panic!("{outcome:?}"))
}

/// The value of a call that was served; `None` if it would have to wait, or waits.
pub(crate) fn served(outcome: Outcome) -> Option<Value> {
    match outcome {
        Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => Some(value),
        Outcome::Blocked
        | Outcome::Complete(Err(Error::WouldBlock))
        | Outcome::Preempted(Err(Error::WouldBlock)) => None,
        other => panic!("{other:?}"),
    }
}
