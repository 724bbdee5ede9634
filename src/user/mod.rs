//! The face of the door for task bodies: every system call is a future.

mod ends;
mod request;
mod sys;
mod syscall;

pub use ends::{ReadEnd, WriteEnd};
pub use request::{Read, Receive, Received, Request, Send, Write};
pub use sys::Sys;
pub use syscall::Syscall;
