//! The kernel's own source under loom: every order in which threads can meet in it.
//!
//! [`system`] is the kernel, the system calls, the ring and the thread runner, with loom's lock,
//! atomics, cells and threads in place of the real ones, and the models that run on it. For each bug
//! that the models are to find, the test `bugs` holds the same system once more, with that bug.
//! `docs/loom.md` is the walk through it.

pub mod explore;
mod sync;
pub mod system;
