//! The kernel's own source, with loom's lock around it.
//!
//! `kernel` is included file by file from the package `postroom`; only `sync` is another one. A
//! model of it runs like the kernel on real threads: a task is a thread that parks when the door
//! says blocked, and is unparked by whoever drains the ready queue after a system call.

#[path = "../../src/kernel/mod.rs"]
pub mod kernel;
pub mod sync;
pub mod threads;
