//! `Sys`: what a task body has in its hands to make system calls.

use core::fmt;
use core::future::poll_fn;
use core::task::Poll;

use super::ends::{ReadEnd, WriteEnd};
use super::request::{ASTRAY, Receive, Send, Sleep};
use super::syscall::Syscall;
use crate::kernel::{
    Answer, Call, Door, Outcome, Peer, Priority, Result, Rights, TaskId, Ticks, Value,
};

/// The system calls, for one task.
///
/// Each is a future, to be awaited in the task's own body: the only way for a task to wait is a
/// system call. Calls that can wait are [`Syscall`]s, which come in the four forms of law 13.
#[derive(Clone, Copy)]
pub struct Sys<'k> {
    door: &'k dyn Door,
    task: TaskId,
}

impl<'k> Sys<'k> {
    /// The system calls of a task of the kernel behind this door.
    pub const fn new(door: &'k dyn Door, task: TaskId) -> Self {
        Self { door, task }
    }

    /// Which task makes the calls.
    pub const fn task(&self) -> TaskId {
        self.task
    }

    /// Makes a call as it stands. A call that is [`Outcome::Blocked`] must be made again once the
    /// task has been woken, and it must then return to its runner.
    #[inline]
    pub fn syscall(&self, call: Call<'_>) -> Outcome {
        self.door.syscall(self.task, call)
    }

    /// Sends a message to a task, by its name or its id (law 22). It may be empty.
    ///
    /// ```
    /// # use postroom::{Executor, Kernel, Lock, Priority, Stop};
    /// # let kernel = Lock::new(Kernel::<2, 2, 256>::new());
    /// # let mut executor = Executor::new(&kernel);
    /// # executor.spawn("sender", Priority::NORMAL, async |sys| {
    /// sys.send("receiver", b"Hello World!").await?;
    /// # Ok(())
    /// # })?;
    /// # executor.spawn("receiver", Priority::NORMAL, async |sys| {
    /// let mut buffer = [0; 64];
    /// let message = sys.receive(&mut buffer).await?;
    /// assert_eq!(&buffer[..message.copied], b"Hello World!");
    /// assert_eq!(message.sender.name.as_str(), "sender");
    /// # Ok(())
    /// # })?;
    /// # assert!(matches!(executor.run(), Stop::Done));
    /// # Ok::<(), postroom::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName), [`WrongKind`](crate::Error::WrongKind) if a pipe
    /// has the name, [`PeerDead`](crate::Error::PeerDead) if the task ended,
    /// [`MessageTooLong`](crate::Error::MessageTooLong), and those of waiting for room.
    #[inline]
    pub fn send<'s>(&'s self, to: impl Into<Peer<'s>>, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        Syscall::new(self, Send { to: to.into(), message })
    }

    /// Receives the first message in the task's own mailbox, whoever sent it.
    ///
    /// A buffer too small gets the first part of the message, and the full length is told; the
    /// rest is gone (law 26).
    ///
    /// # Errors
    /// Those of waiting for a message.
    #[inline]
    pub fn receive<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, Receive<'s>> {
        Syscall::new(self, Receive { from: None, buffer, sender: None })
    }

    /// Receives the first message from this sender; those of others keep their places (law 25).
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName) or [`PeerDead`](crate::Error::PeerDead) if there
    /// is no message and its sender does not live (any more), and those of waiting.
    #[inline]
    pub fn receive_from<'s>(
        &'s self,
        from: impl Into<Peer<'s>>,
        buffer: &'s mut [u8],
    ) -> Syscall<'s, Receive<'s>> {
        Syscall::new(self, Receive { from: Some(from.into()), buffer, sender: None })
    }

    /// Makes a pipe of so many bytes, with no name: both its ends.
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if the capacity is 0 or more than a ring of the
    /// kernel; [`ChannelsFull`](crate::Error::ChannelsFull),
    /// [`HandlesFull`](crate::Error::HandlesFull).
    pub async fn pipe(&self, capacity: usize) -> Result<(ReadEnd<'k>, WriteEnd<'k>)> {
        self.make_pipe(None, capacity).await
    }

    /// Makes a pipe that others can open by its name. It lives until the last end is closed.
    ///
    /// # Errors
    /// As [`Sys::pipe`], and [`BadName`](crate::Error::BadName),
    /// [`NameTooLong`](crate::Error::NameTooLong), [`NameTaken`](crate::Error::NameTaken).
    pub async fn named_pipe(
        &self,
        name: &str,
        capacity: usize,
    ) -> Result<(ReadEnd<'k>, WriteEnd<'k>)> {
        self.make_pipe(Some(name), capacity).await
    }

    async fn make_pipe(
        &self,
        name: Option<&str>,
        capacity: usize,
    ) -> Result<(ReadEnd<'k>, WriteEnd<'k>)> {
        match self.once(Call::Pipe { name, capacity }).await? {
            Value::Ends { read, write } => {
                Ok((ReadEnd::new(*self, read), WriteEnd::new(*self, write)))
            }
            _ => Err(ASTRAY),
        }
    }

    /// Opens a pipe to read from it.
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName), [`WrongKind`](crate::Error::WrongKind) if it is
    /// a task's name, [`HandlesFull`](crate::Error::HandlesFull), and what a device says.
    pub async fn open_read(&self, name: &str) -> Result<ReadEnd<'k>> {
        match self.once(Call::Open { name, rights: Rights::READ }).await? {
            Value::Handle(handle) => Ok(ReadEnd::new(*self, handle)),
            _ => Err(ASTRAY),
        }
    }

    /// Opens a pipe to write to it.
    ///
    /// # Errors
    /// As [`Sys::open_read`].
    pub async fn open_write(&self, name: &str) -> Result<WriteEnd<'k>> {
        match self.once(Call::Open { name, rights: Rights::WRITE }).await? {
            Value::Handle(handle) => Ok(WriteEnd::new(*self, handle)),
            _ => Err(ASTRAY),
        }
    }

    /// Sleeps for so many ticks; none at all does not even yield.
    ///
    /// # Errors
    /// [`Busy`](crate::Error::Busy) if the task waits for something else at the same time.
    pub async fn sleep(&self, ticks: Ticks) -> Result<()> {
        self.sleep_until(self.now() + ticks).await
    }

    /// Sleeps until a point in time.
    ///
    /// # Errors
    /// As [`Sys::sleep`].
    pub async fn sleep_until(&self, until: Ticks) -> Result<()> {
        Syscall::new(self, Sleep { until }).await
    }

    /// Lets the others of the same priority run first (law 16).
    ///
    /// # Errors
    /// None of a living task.
    pub async fn yield_now(&self) -> Result<()> {
        self.once(Call::Yield).await.map(drop)
    }

    /// Changes the task's own priority (law 17).
    ///
    /// # Errors
    /// None of a living task.
    pub async fn set_priority(&self, priority: Priority) -> Result<()> {
        self.once(Call::SetPriority { priority }).await.map(drop)
    }

    /// What time it is. For a task that has ended, time stands still at 0.
    pub fn now(&self) -> Ticks {
        match self.syscall(Call::Now) {
            Outcome::Complete(Ok(Value::Now(now))) | Outcome::Preempted(Ok(Value::Now(now))) => now,
            _ => Ticks(0),
        }
    }

    /// Makes a call that never waits, and lets another task run first if it must.
    pub(super) async fn once(&self, call: Call<'_>) -> Answer {
        match self.syscall(call) {
            Outcome::Complete(answer) => answer,
            Outcome::Preempted(answer) => {
                step_aside().await;
                answer
            }
            Outcome::Blocked => Err(ASTRAY),
        }
    }
}

/// Returns to the runner once. The task stands in the ready queue.
async fn step_aside() {
    let mut stepped = false;
    poll_fn(
        |_| {
            if core::mem::replace(&mut stepped, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

impl fmt::Debug for Sys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sys({})", self.task)
    }
}
