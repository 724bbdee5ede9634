//! The calls that can wait: how each is put to the door, and what its answer means.

use crate::kernel::{Answer, Call, Error, Handle, Peer, Result, Sender, Ticks, Value, Wait};

/// A call that can wait.
pub trait Request {
    /// What it returns.
    type Output;

    /// The call, to be made for the first time or again.
    fn call(&mut self, wait: Wait) -> Call<'_>;

    /// What comes of an answer; `None` if there is more to do, by the same call again.
    fn answer(&mut self, answer: Answer, wait: Wait) -> Option<Result<Self::Output>>;
}

/// What a value means that answers another question than was asked. No kernel gives one.
pub(super) const ASTRAY: Error = Error::Unsupported;

/// [`ReadEnd::read`](super::ReadEnd::read).
#[derive(Debug)]
pub struct Read<'b> {
    pub(super) handle: Handle,
    pub(super) buffer: &'b mut [u8],
}

impl Request for Read<'_> {
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

/// [`WriteEnd::write`](super::WriteEnd::write).
#[derive(Debug)]
pub struct Write<'b> {
    pub(super) handle: Handle,
    pub(super) bytes: &'b [u8],
    pub(super) done: usize,
}

impl Request for Write<'_> {
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

/// [`Sys::send`](super::Sys::send).
#[derive(Debug)]
pub struct Send<'b> {
    pub(super) to: Peer<'b>,
    pub(super) message: &'b [u8],
}

impl Request for Send<'_> {
    type Output = ();

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Send { to: self.to, message: self.message, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(answer.map(drop))
    }
}

/// [`Sys::receive`](super::Sys::receive).
#[derive(Debug)]
pub struct Receive<'b> {
    pub(super) from: Option<Peer<'b>>,
    pub(super) buffer: &'b mut [u8],
    pub(super) sender: Option<Sender>,
}

/// A message that was received: its bytes are in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who sent it, as the kernel knows it (law 23).
    pub sender: Sender,
    /// Bytes copied into the buffer.
    pub copied: usize,
    /// Bytes of the whole message; more than `copied` if the buffer was too small (law 26).
    pub length: usize,
}

impl Request for Receive<'_> {
    type Output = Received;

    #[inline]
    fn call(&mut self, wait: Wait) -> Call<'_> {
        Call::Receive { from: self.from, buffer: self.buffer, sender: &mut self.sender, wait }
    }

    #[inline]
    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<Received>> {
        Some(match (answer, self.sender) {
            (Ok(Value::Message { copied, length }), Some(sender)) => {
                Ok(Received { sender, copied: copied as usize, length: length as usize })
            }
            (Ok(_), _) => Err(ASTRAY),
            (Err(error), _) => Err(error),
        })
    }
}

/// [`Sys::sleep`](super::Sys::sleep).
#[derive(Debug)]
pub(super) struct Sleep {
    pub(super) until: Ticks,
}

impl Request for Sleep {
    type Output = ();

    fn call(&mut self, _: Wait) -> Call<'_> {
        Call::Sleep { until: self.until }
    }

    fn answer(&mut self, answer: Answer, _: Wait) -> Option<Result<()>> {
        Some(answer.map(drop))
    }
}

fn count(answer: Answer) -> Result<usize> {
    match answer? {
        Value::Count(count) => Ok(count),
        _ => Err(ASTRAY),
    }
}
