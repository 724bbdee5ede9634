//! The face of the door for task bodies: every system call is a future.

mod end;
mod ends;
mod message;
mod open;
mod request;
mod sockets;
mod sys;
mod syscall;

use super::kernel;

pub use end::{End, Kinded};
pub use ends::{Attributes, QueueReceiver, QueueSender, ReadEnd, WriteEnd};
pub use message::{Message, Received, Replied};
pub use open::Open;
pub use sockets::{Datagram, Listener, Sequenced, Stream};
pub use sys::Sys;
pub use syscall::Syscall;

/// The kinds of open objects, and what each can do.
pub mod kinds {
    pub use super::ends::{Queues, Reader, Reads, Receiver, Sender, Writer, Writes};
    pub use super::sockets::{
        Accepts, Connects, DatagramSocket, SequencedListener, SequencedSocket, Socket,
        StreamListener, StreamSocket,
    };
}

/// The system calls that can wait, each in the making.
pub mod calls {
    pub use super::request::{
        Accept, CallTask, Connect, Notify, PollSet, Read, Receive, ReceiveMessage, Send, Waitable,
        Write,
    };
}
