//! The least that the work can cost.
//!
//! A kernel that copies messages between tasks needs a table of channels behind an index, a lock
//! around it or none, lengths that only the run knows, two copies through a ring; and to wait, a
//! mark on the channel and a queue of those who are ready. The floor is this and nothing else: no
//! check of rights, no names, no ends of file, no priorities, no time.

mod kernel;
mod order;
mod programs;

pub use kernel::{Around, Kernel, Task};
pub use order::{priority, sleep};
pub use programs::{fan_in, fan_out, round_trip, send_receive, streaming, two_copies};
