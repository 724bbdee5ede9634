//! The tests of the laws (`tests/laws`) again, on the objects of the operating system (law 66).
//!
//! They are the same files. But what they know as `postroom` is this crate, with a [`Kernel`] of its
//! own: the real one over the host, and in front of its door a namespace, in which a plain name is
//! an object of the host. Before and after each call the kernel hears what the system has to tell,
//! so that "is woken" means the same. Time is simulated, as it is for the laws: all that happens to
//! the objects is done by the tasks of the test, so when these sleep, time can go on.
//!
//! A test that does not hold on the host is [`listed`] with its reason, and seen to fail there;
//! one in which the host has no part is listed too ([`no_object`]). See [`verdict`].
//!
//! ```text
//! cargo test --test laws_on_host              all of them; it says how many are where, and why
//! POSTROOM_LAW_TO_FAIL=1 cargo test --test laws_on_host law_44
//!                                             listed ones too as they are on the host
//! ```

#![cfg(target_os = "linux")]

extern crate postroom as real;
extern crate self as postroom;

mod devices;
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
