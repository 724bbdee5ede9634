//! Scenarios: small programs that each show one thing. Their task bodies need no `std`.
//!
//! A body gets its [`Sys`](crate::Sys) and the [`Stage`], which is all that a runner lends it.
//! With `std`, [`ALL`] lists them, and each `start` wires one up in whatever runs it.

#[cfg(feature = "std")]
mod crew;
mod stage;

pub mod connections;
pub mod datagram;
pub mod deadlock;
pub mod mailbox;
pub mod philosophers;
pub mod pika;
pub mod pipe;
pub mod queue;
pub mod rpc;
pub mod select;
pub mod socket;

#[cfg(feature = "std")]
pub use crew::{ALL, Boxed, Crew, Scenario, boxed};
pub use stage::{Print, Stage, Text};
