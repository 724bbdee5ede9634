//! The tests of the laws again, on the objects of the operating system (law 66).
#![cfg(target_os = "linux")]

extern crate postroom as real;
extern crate self as postroom;

mod executor;
mod kernel;
mod listed;
mod lists;
mod no_object;
mod objects;
mod verdict;

pub(crate) use executor::{Executor, Lock};
pub(crate) use kernel::Kernel;
pub(crate) use real::*;

#[path = "../laws/hand.rs"]
mod hand;
#[path = "../laws/program.rs"]
mod program;

#[path = "../laws/corners.rs"]
mod corners;
#[path = "../laws/datagram.rs"]
mod datagram;
#[path = "../laws/death.rs"]
mod death;
#[path = "../laws/handles.rs"]
mod handles;
#[path = "../laws/mailbox.rs"]
mod mailbox;
#[path = "../laws/pipe.rs"]
mod pipe;
#[path = "../laws/poll.rs"]
mod poll;
#[path = "../laws/queue.rs"]
mod queue;
#[path = "../laws/request.rs"]
mod request;
#[path = "../laws/rights.rs"]
mod rights;
#[path = "../laws/several.rs"]
mod several;
#[path = "../laws/stream.rs"]
mod stream;
#[path = "../laws/tasks.rs"]
mod tasks;
#[path = "../laws/waiting.rs"]
mod waiting;
