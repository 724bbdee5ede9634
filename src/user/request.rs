//! The calls that can wait: how each is put to the door, and what its answer means.

use super::end::{End, Sealed};
use super::kernel::{
    Answer, Call, Destination, Envelope, Error, Handle, Peer, PollEntry, Result, Source, Ticks,
    Value, Wait,
};
use super::message::{Message, Received, Replied};
use super::sockets::Accepts;
use super::sys::Sys;
use core::marker::PhantomData;

/// A call that can wait.
pub trait Waitable: Sealed {
    /// What it returns.
    type Output;

    /// The call, to be made for the first time or again.
    fn call(&mut self, wait: Wait) -> Call<'_>;

    /// What comes of an answer; `None` if there is more to do, by another call.
    fn answer(&mut self, answer: Answer, wait: Wait) -> Option<Result<Self::Output>>;

    /// Whether the kernel holds something for it, to be given up if it goes no further.
    fn is_half_done(&self) -> bool {
        false
    }
}

/// What a value means that answers another question than was asked. No kernel gives one.
pub(super) const ASTRAY: Error = Error::Unsupported;

/// The answer to a call that has nothing to say.
pub(super) fn empty(answer: Answer) -> Result<()> {
    answer.map(drop)
}

/// The call of [`End::read`].
#[derive(Debug)]
pub struct Read<'b> {
    pub(super) handle: Handle,
    pub(super) buffer: &'b mut [u8],
}

impl Sealed for Read<'_> {}

impl Waitable for Read<'_> {
    type Output = usize;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Read { handle: self.handle, buffer: self.buffer, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<usize>> {
        Some(count(answer))
    }
}

/// The calls of [`End::write`].
#[derive(Debug)]
pub struct Write<'b> {
    pub(super) handle: Handle,
    pub(super) bytes: &'b [u8],
    pub(super) done: usize,
}

impl Sealed for Write<'_> {}

impl Waitable for Write<'_> {
    type Output = usize;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Write { handle: self.handle, bytes: &self.bytes[self.done..], wait }
    }

    /// A long write is a loop over calls that each copy what fits. Cut short, it returns the
    /// count so far; the error comes with the next write (laws 8, 32 and 35).
    #[inline]
    fn answer(&mut self, answer: Answer, wait: Wait) -> Option<Result<usize>> {
        match count(answer) {
            Ok(more) => self.done += more,
            Err(error) if self.done == 0 => return Some(Err(error)),
            Err(_) => return Some(Ok(self.done)),
        }
        (self.done == self.bytes.len() || wait == Wait::Try).then_some(Ok(self.done))
    }
}

/// The call of [`Sys::send`], and of queues and sockets that send.
#[derive(Debug)]
pub struct Send<'b> {
    pub(super) to: Destination<'b>,
    pub(super) message: &'b [u8],
}

impl Sealed for Send<'_> {}

impl Waitable for Send<'_> {
    type Output = ();

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Send { to: self.to, message: self.message, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(empty(answer))
    }
}

/// The call of [`Sys::receive`].
#[derive(Debug)]
pub struct Receive<'b> {
    pub(super) from: Source<'b>,
    pub(super) buffer: &'b mut [u8],
    pub(super) envelope: Option<Envelope>,
}

impl Sealed for Receive<'_> {}

impl Waitable for Receive<'_> {
    type Output = Received;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Receive { from: self.from, buffer: self.buffer, envelope: &mut self.envelope, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<Received>> {
        let value = match answer {
            Ok(value) => value,
            Err(error) => return Some(Err(error)),
        };
        let (Value::Message { copied, length }, Some(envelope)) = (value, self.envelope) else {
            return Some(Err(ASTRAY));
        };
        let Some(name) = envelope.name else { return Some(Err(ASTRAY)) };
        Some(Ok(Received {
            task: envelope.sender,
            name,
            request: envelope.request(),
            copied: copied as usize,
            length: length as usize,
        }))
    }
}

/// The call of queues and sockets that receive.
#[derive(Debug)]
pub struct ReceiveMessage<'b> {
    handle: Handle,
    buffer: &'b mut [u8],
    envelope: Option<Envelope>,
}

impl<'b> ReceiveMessage<'b> {
    pub(super) fn new(handle: Handle, buffer: &'b mut [u8]) -> Self {
        Self { handle, buffer, envelope: None }
    }
}

impl Sealed for ReceiveMessage<'_> {}

impl Waitable for ReceiveMessage<'_> {
    type Output = Option<Message>;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        let from = Source::Object(self.handle);
        Call::Receive { from, buffer: self.buffer, envelope: &mut self.envelope, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<Option<Message>>> {
        Some(match (answer, self.envelope) {
            (Ok(Value::Message { copied, length }), Some(envelope)) => Ok(Some(Message {
                copied: copied as usize,
                length: length as usize,
                task: envelope.sender,
                name: envelope.name,
                urgency: envelope.urgency,
            })),
            (Ok(Value::End), _) => Ok(None),
            (Ok(_), _) => Err(ASTRAY),
            (Err(error), _) => Err(error),
        })
    }
}

/// The calls of [`Sys::call`]: the request, then the wait for its reply.
#[derive(Debug)]
pub struct CallTask<'b> {
    pub(super) to: Peer<'b>,
    pub(super) message: &'b [u8],
    pub(super) reply: &'b mut [u8],
    pub(super) sent: bool,
}

impl Sealed for CallTask<'_> {}

impl Waitable for CallTask<'_> {
    type Output = Replied;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        if self.sent {
            // To try is to have no time: who finds no reply gives up in the same step.
            let wait = if wait == Wait::Try { Wait::Until(Ticks(0)) } else { wait };
            Call::Answer { buffer: self.reply, wait }
        } else {
            let room = self.reply.len();
            Call::Request { to: self.to, message: self.message, room, wait }
        }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, wait: Wait) -> Option<Result<Replied>> {
        match answer {
            Ok(Value::Request(_)) => {
                self.sent = true;
                None
            }
            Ok(Value::Message { copied, length }) => {
                self.sent = false;
                Some(Ok(Replied { copied: copied as usize, length: length as usize }))
            }
            Ok(_) => Some(Err(ASTRAY)),
            Err(Error::TimedOut) if self.sent => {
                self.sent = false;
                let tried = wait == Wait::Try;
                Some(Err(if tried { Error::WouldBlock } else { Error::TimedOut }))
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn is_half_done(&self) -> bool {
        self.sent
    }
}

/// The call of [`Sys::poll`].
#[derive(Debug)]
pub struct PollSet<'b> {
    pub(super) set: &'b mut [PollEntry],
}

impl Sealed for PollSet<'_> {}

impl Waitable for PollSet<'_> {
    type Output = usize;

    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Poll { set: self.set, wait }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<usize>> {
        Some(count(answer))
    }
}

/// The call of [`QueueReceiver::notify`](super::QueueReceiver::notify).
#[derive(Debug)]
pub struct Notify {
    pub(super) handle: Handle,
}

impl Sealed for Notify {}

impl Waitable for Notify {
    type Output = ();

    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Notify { handle: self.handle, wait }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(empty(answer))
    }
}

/// The call of sockets that connect.
#[derive(Debug)]
pub struct Connect<'b> {
    pub(super) handle: Handle,
    pub(super) to: &'b str,
}

impl Sealed for Connect<'_> {}

impl Waitable for Connect<'_> {
    type Output = ();

    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Connect { handle: self.handle, to: self.to, wait }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(empty(answer))
    }
}

/// The call of [`Listener::accept`](super::Listener::accept).
#[derive(Debug)]
pub struct Accept<'k, L> {
    pub(super) sys: Sys<'k>,
    pub(super) handle: Handle,
    pub(super) listens: PhantomData<L>,
}

impl<'k, L: Accepts> Sealed for Accept<'k, L> {}

impl<'k, L: Accepts> Waitable for Accept<'k, L> {
    type Output = End<'k, L::Connection>;

    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Accept { handle: self.handle, wait }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<Self::Output>> {
        Some(match answer {
            Ok(Value::Handle(handle)) => Ok(End::new(self.sys, handle)),
            Ok(_) => Err(ASTRAY),
            Err(error) => Err(error),
        })
    }
}

/// The call of [`Sys::sleep`].
#[derive(Debug)]
pub(super) struct Sleep {
    pub(super) until: Ticks,
}

impl Sealed for Sleep {}

impl Waitable for Sleep {
    type Output = ();

    fn call(&mut self, _: Wait) -> Call<'_> {
        Call::Sleep { until: self.until }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(empty(answer))
    }
}

fn count(answer: Answer) -> Result<usize> {
    match answer? {
        Value::Count(count) => Ok(count),
        _ => Err(ASTRAY),
    }
}
