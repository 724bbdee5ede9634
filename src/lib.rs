//! A message-passing kernel small enough to read in an afternoon and real enough to use.
//!
//! Named tasks run under a small scheduler. They share no memory: to say something, a task makes
//! a system call, the kernel copies the bytes out of the task's buffer into a ring of its own, and
//! later out of the ring into the receiver's buffer.
//!
//! ```text
//!  task         an async fn with a name: owns its buffers, holds handles
//!    |  Sys     send, receive, open_read, open_write, read, write, sleep ...
//!    v
//!  the door     syscall(task, call) -> outcome       the only way in: an event a crossing
//!    |
//!  the kernel   plain data and `&mut self` methods
//!    |- tasks       name, priority, state, generation, handle table
//!    |- scheduler   ready queue, policy, timers
//!    |- names       name -> object
//!    |- channels    rings of bytes or of messages: pipes, mailboxes, queues, sockets
//!    |- waits       who waits for what, in which order
//!    v
//!  devices      a trait: the world outside, if there is one
//! ```
//!
//! # The tour
//!
//! A **task** is an async function over [`Sys`], its system calls. The only way for it to wait is
//! to await one of them.
//!
//! ```
//! use postroom::{Executor, Kernel, Lock, Priority, Result, Stop, Sys};
//!
//! async fn writer(sys: Sys<'_>) -> Result<()> {
//!     let pipe = sys.open_write("greeting").await?;
//!     pipe.write_all(b"Hello World!").await
//! }
//!
//! async fn reader(sys: Sys<'_>) -> Result<()> {
//!     let pipe = sys.open_read("greeting").await?;
//!     let mut buffer = [0; 64];
//!     let count = pipe.read_full(&mut buffer).await?;
//!     assert_eq!(&buffer[..count], b"Hello World!");
//!     Ok(())
//! }
//!
//! // At most 4 tasks and 8 channels; each channel has a store of 1 KiB.
//! let kernel = Lock::new(Kernel::<4, 8, 1024>::new());
//! kernel.with(|kernel| kernel.create_pipe("greeting", 64))?;
//!
//! let mut executor = Executor::new(&kernel);
//! executor.spawn("writer", Priority::NORMAL, writer)?;
//! executor.spawn("reader", Priority::NORMAL, reader)?;
//! assert!(matches!(executor.run(), Stop::Done));
//! # Ok::<(), postroom::Error>(())
//! ```
//!
//! The [`Kernel`] is passive: a plain struct that fits in a `static`, whose operations return what
//! is to happen next. It has no clock, no heap, no `unsafe`, and calls no task. So the same code
//! can be driven by an executor, by threads, by a model checker, by a property test.
//!
//! Every system call is a [`Call`] that crosses the [`Door`], and comes back as an [`Outcome`]:
//! answered; answered, but another task runs first; or blocked. A blocked task stands in a wait
//! queue, and makes its call again when it has been woken: a wake is a hint.
//!
//! A task names an object by a [`Handle`], a small number in its own table, with [`Rights`]. Ids of
//! tasks and channels, [`TaskId`] and [`ChannelId`], carry a generation, so what is gone is never
//! mistaken for what came after it. In a task's hands an open object is an [`End`] of some kind,
//! which closes itself: [`ReadEnd`], [`QueueSender`], [`Stream`], [`Listener`] ...
//!
//! There are **five mechanisms** on two kinds of ring. A *mailbox* holds the messages to a task,
//! and the reply to its own request ([`Sys::call`]). A *pipe* carries bytes one way. A *queue*
//! holds messages by urgency, for whoever opens it. A *stream socket* is one side of two pipes
//! crossed. A *datagram socket* holds single messages sent to its name. [`Sys::poll`] waits for
//! several of them.
//!
//! Around the kernel stands a [`Lock`], or on one core a `RefCell`: anything that lets a closure
//! [`Enter`]. The [`Executor`] picks tasks by [`Policy`], polls them, moves the clock, and says how
//! it ended: [`Stop`]. [`Threads`] runs the same tasks on threads. Every crossing is an [`Event`]
//! for a [`Trace`]; all views are made from
//! these, and with `()` for a trace nothing is compiled at all.
//!
//! # Principles
//!
//! - **One door.** Arguments are checked there, once, in one order, each with its own [`Error`].
//! - **Testing and going to sleep are one step**, under one lock, so no wakeup is lost.
//! - **Two rings are the only stores**: one of bytes, one of messages. Their indices and their
//!   bytes change together, when a copy is complete.
//! - **Nothing is scanned.** Lists are linked through tables: what a call costs does not grow with
//!   the number of tasks or channels that have nothing to do with it.
//! - **Time is given, not taken.** A run on the simulated clock is a function of its program, its
//!   policy and its seed.
//!
//! What the kernel promises stands in `docs/laws.md`, numbered; where code keeps a promise, it
//! cites the law.
//!
//! # Features
//!
//! Without any, the crate needs no `std` and no heap. `std` adds boxed tasks that can be spawned
//! while others run, the thread runner, the mapping of errors to `std::io::Error`, and on Linux and
//! macOS `Host`, the system's own objects as devices; `view` the views of the event log; `cli`, on by
//! default, the command line. A library that builds on postroom wants `default-features = false`.
//! `small`, without `std`, leaves mailboxes and pipes alone, with the lower limits of [`param`]: for a
//! program on a board where every byte counts.

#![no_std]

#[cfg(any(feature = "std", test, doc))]
extern crate std;

mod kernel;
mod run;
mod spsc;
mod sync;
mod user;

#[cfg(feature = "std")]
mod host;
pub mod scenario;
#[cfg(feature = "view")]
pub mod view;

#[cfg(all(feature = "std", any(target_os = "linux", target_os = "macos")))]
pub use host::{Host, HostSleeper};
pub use kernel::*;
pub use run::*;
pub use spsc::{Consumer, Producer, SpscRing};
pub use sync::Lock;
pub use user::*;

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
