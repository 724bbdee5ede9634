//! Scenarios whose tasks are processes.
//!
//! ```text
//!   parent ---- starts, kills -----> child: a kernel with one task
//!     |  ^                             |
//!     |  `-- reports: lines, end ------+
//!     v                                v
//!   the directory of the run: FIFOs, sockets, a mailbox for each task
//! ```
//!
//! The parent makes the directory, the FIFOs and the message queues, starts this program once more
//! for each task, lets all of them go when all are there, and prints what they report, in the order
//! in which it comes. A child waits at its standard input: it ends when the parent is gone.
//!
//! Mailboxes between processes differ from the laws in this:
//!
//! | law | between processes |
//! |---|---|
//! | 22 | how many messages a mailbox holds the system says; what others have sent than who is waited for is put aside, up to 1 MiB: then waiting would be a deadlock |
//! | 23 | a message says itself who sent it; only tasks of the run can reach the mailbox |
//! | 27 | a reply that finds no room waits for it, for 2 seconds |
//! | 28 | whether the caller has given up is learnt from a message, which can come too late: then the reply is thrown away |
//! | 29 | a circle of callers is found with other deadlocks, by all tasks being silent for a second |
//! | 64 | a task of another process cannot be given a handle, nor killed |

mod child;
mod letter;
mod office;
mod parent;
mod poll;
mod post;
mod report;

pub(super) use child::child;
pub(super) use parent::parent;
