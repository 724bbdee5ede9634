//! Scenarios whose objects are the system's own, on one core or with a process for each task.
//!
//! Task bodies stay as they are: only the names that they open become others. A [`Namespace`] in
//! front of the kernel's door sees to that, the [`Directory`] of the run holds what has a name, and
//! [`Outside`] is how the kernel reaches it.

mod crew;
mod devices;
mod directory;
mod fifo;
mod namespace;
mod stale;

pub(super) use crew::Away;
pub(super) use devices::Outside;
pub(super) use directory::{Directory, sweep};
pub(super) use namespace::{Namespace, Object};
