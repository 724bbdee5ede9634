//! The ends of pipes and queues.

use super::end::{End, Kinded, Sealed};
use super::kernel::{Call, Destination, Result, Rights, Value};
use super::request::{Notify, Read, ReceiveMessage, Send, Write};
use super::syscall::Syscall;

/// A kind from which bytes can be read.
pub trait Reads: Kinded {}
/// A kind to which bytes can be written.
pub trait Writes: Kinded {}

/// A kind of end of a queue.
pub trait Queues: Kinded {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $rights:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $kind {}

            impl Sealed for $kind {}

            impl Kinded for $kind {
                const RIGHTS: Rights = $rights;
            }
        )*
    };
}
pub(super) use kinds;

kinds! {
    /// The kind of [`ReadEnd`].
    Reader, Rights::READ;
    /// The kind of [`WriteEnd`].
    Writer, Rights::WRITE;
    /// The kind of [`QueueSender`].
    Sender, Rights::WRITE;
    /// The kind of [`QueueReceiver`].
    Receiver, Rights::READ;
}

/// Where bytes come out of a pipe.
pub type ReadEnd<'k> = End<'k, Reader>;
/// Where bytes go into a pipe.
pub type WriteEnd<'k> = End<'k, Writer>;
/// Where messages go into a queue.
pub type QueueSender<'k> = End<'k, Sender>;
/// Where messages come out of a queue.
pub type QueueReceiver<'k> = End<'k, Receiver>;

impl Reads for Reader {}
impl Writes for Writer {}
impl Queues for Sender {}
impl Queues for Receiver {}

impl<K: Reads> End<'_, K> {
    /// Reads what there is, as soon as there is a byte: how many bytes that were (law 33). 0 is
    /// the end of file, when all write ends are closed and all bytes read (law 34).
    ///
    /// # Errors
    /// Of a socket, [`ConnectionReset`](crate::Error::ConnectionReset) and
    /// [`NotConnected`](crate::Error::NotConnected); those of waiting for the first byte.
    #[inline]
    pub fn read<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, Read<'s>> {
        Syscall::new(&self.sys, Read { handle: self.handle, buffer })
    }

    /// Reads until the buffer is full, or the end of file has come: how many bytes that were.
    /// Fewer are returned if something else came in between; the next read tells what (law 8).
    ///
    /// # Errors
    /// As [`read`](Self::read), if it was the first.
    pub async fn read_full(&self, buffer: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read(&mut buffer[done..]).await {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if done == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(done)
    }
}

impl<K: Writes> End<'_, K> {
    /// Writes all the bytes, and returns how many they were. Up to `PIPE_BUF` of them go in all
    /// at once or not at all (law 31); more may mix with those of other writers (law 32). Fewer
    /// are returned if the last reader left, or the time was up, after so many.
    ///
    /// # Errors
    /// [`BrokenPipe`](crate::Error::BrokenPipe) if nobody can read any more (law 35); of a socket,
    /// [`NotConnected`](crate::Error::NotConnected); those of waiting for room.
    #[inline]
    pub fn write<'s>(&'s self, bytes: &'s [u8]) -> Syscall<'s, Write<'s>> {
        Syscall::new(&self.sys, Write { handle: self.handle, bytes, done: 0 })
    }

    /// Writes all the bytes, or says why it cannot.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_all(&self, bytes: &[u8]) -> Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            done += self.write(&bytes[done..]).await?;
        }
        Ok(())
    }
}

impl QueueSender<'_> {
    /// Puts a message into the queue. The most urgent is received first; 31 is the highest
    /// (law 40).
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if the urgency is above 31,
    /// [`MessageTooLong`](crate::Error::MessageTooLong) (law 41), those of waiting for room.
    #[inline]
    pub fn send<'s>(&'s self, urgency: u8, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        let to = Destination::Queue { handle: self.handle, urgency };
        Syscall::new(&self.sys, Send { to, message })
    }
}

impl QueueReceiver<'_> {
    /// Takes the first message of the highest urgency; `None` when the last sender has closed and
    /// the queue is empty (law 44).
    ///
    /// # Errors
    /// [`MessageTooLong`](crate::Error::MessageTooLong) if the buffer could not take the queue's
    /// longest message (law 42), those of waiting for a message.
    #[inline]
    pub fn receive<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, ReceiveMessage<'s>> {
        Syscall::new(&self.sys, ReceiveMessage::new(self.handle, buffer))
    }

    /// Waits until the queue goes from empty to not empty with nobody waiting for it (law 45).
    ///
    /// # Errors
    /// [`Busy`](crate::Error::Busy) if another task waits for that, those of waiting.
    pub fn notify(&self) -> Syscall<'_, Notify> {
        Syscall::new(&self.sys, Notify { handle: self.handle })
    }
}

impl<K: Queues> End<'_, K> {
    /// What the queue is made for, and what is in it (mq_getattr(3)).
    ///
    /// # Errors
    /// None of an open queue.
    pub async fn attributes(&self) -> Result<Attributes> {
        let read = |value| match value {
            Value::Attributes { most, longest, length } => Some(Attributes {
                most: most.into(),
                longest: longest as usize,
                length: length.into(),
            }),
            _ => None,
        };
        self.sys.once(Call::Attributes { handle: self.handle }, read).await
    }
}

/// What a queue is made for, and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The most messages that it holds.
    pub most: usize,
    /// The longest message, in bytes.
    pub longest: usize,
    /// Messages in it.
    pub length: usize,
}
