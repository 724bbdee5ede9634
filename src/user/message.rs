//! What is told of a message that was received. Its bytes are in the buffer.

use super::kernel::{Name, RequestId, TaskId};

/// A message from the task's own mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who sent it, as the kernel knows it (law 23). The task may have ended since.
    pub task: TaskId,
    /// The name that the sender had.
    pub name: Name,
    /// The request, if the sender waits for a reply to this very message (law 27).
    pub request: Option<RequestId>,
    /// Bytes copied into the buffer.
    pub copied: usize,
    /// Bytes of the whole message; more than `copied` if the buffer was too small (law 26).
    pub length: usize,
}

/// A message from a queue or a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Bytes copied into the buffer.
    pub copied: usize,
    /// Bytes of the whole message; more than `copied` if the buffer was too small (law 56).
    pub length: usize,
    /// Who sent it.
    pub task: TaskId,
    /// The name that the sending socket is bound to, if it is: where an answer can go (law 54).
    pub name: Option<Name>,
    /// How urgent it was in its queue, 0 to 31.
    pub urgency: u8,
}

/// A reply that was received, or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Bytes that the caller's buffer took.
    pub copied: usize,
    /// Bytes of the whole reply; more than `copied` if the buffer was too small (law 28).
    pub length: usize,
}
