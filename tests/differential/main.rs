//! The kernel's own objects against the operating system's.
//!
//! Random scripts of calls are played twice: to a kernel with its own pipes, queues and sockets, and
//! to one whose devices are the [`Host`](postroom::Host)'s, so that the same calls reach real ones.
//! After every step both must have given the same answer, the same bytes and the same readiness; all
//! bytes that are written come from one running counter, so what is lost, doubled or out of order
//! shows. Pipes are compared with plain system calls as well ([`bare`]).
//!
//! With one task, each call only tries, and "would block" stands for "would wait". With several
//! ([`waiting`]), calls wait for ever; after each step all go on who can, and then the same tasks
//! must wait on both sides, and the others must have heard the same.
//!
//! Where the two differ by nature, the difference has a name and a reason ([`mask`]), which hold
//! only where the script makes them possible ([`judge`]); any other difference fails, and so does a
//! name that no script has needed. Some of them leave two sides that are not the same any more:
//! those end a script, or the two are made the same again ([`even`]).
//!
//! Where sizes are counted by the system in its own way, scripts stay clear of them: pipes hold less
//! than shows in pages, or whole pages; messages are short, and so few that they fit. Pipes near
//! full are played apart, and what fits there may differ.
//!
//! # When it fails
//!
//! The script is made shorter and printed, with what both sides have said, line by line.
//!
//! ```text
//! cargo test --test differential                              the scripts of seed 1
//! PROPTEST_CASES=100000 cargo test --test differential        many more scripts
//! PROPTEST_RNG_SEED=7 cargo test --test differential          other scripts
//! DIFFERENTIAL_SECONDS=3600 cargo test --test differential -- --nocapture --test-threads 16
//!                                an hour, seed after seed, all side by side, with their progress
//! ```

#![cfg(target_os = "linux")]

mod bare;
mod config;
mod datagram;
mod even;
mod judge;
mod late;
mod mask;
mod names;
mod op;
mod pipe;
mod play;
mod played;
mod queue;
mod seen;
mod side;
mod socket;
mod waiting;
mod world;
