//! The face of the door for task bodies: every system call is a future.

mod end;
mod ends;
mod message;
mod open;
mod request;
mod sockets;
mod sys;
mod syscall;

pub use end::{End, Kinded};
pub use ends::{
    Attributes, QueueReceiver, QueueSender, Queues, ReadEnd, Reader, Reads, Receiver, Sender,
    WriteEnd, Writer, Writes,
};
pub use message::{Message, Received, Replied};
pub use open::Open;
pub use request::{
    Accept, CallTask, Connect, Notify, PollSet, Read, Receive, ReceiveMessage, Request, Send, Write,
};
pub use sockets::{
    Accepts, Connects, Datagram, DatagramSocket, Listener, Sequenced, SequencedListener,
    SequencedSocket, Socket, Stream, StreamListener, StreamSocket,
};
pub use sys::Sys;
pub use syscall::Syscall;
