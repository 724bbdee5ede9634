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

mod child;
mod letter;
mod parent;
mod post;
mod report;

pub(super) use child::child;
pub(super) use parent::parent;
