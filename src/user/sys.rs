//! `Sys`: what a task body has in its hands to make system calls.

use core::fmt;
use core::future::poll_fn;
use core::task::Poll;

use super::end::End;
use super::ends::{ReadEnd, Reader, Receiver, Sender, WriteEnd, Writer};
use super::kernel::{
    Call, Destination, Door, Handle, Outcome, Peer, PollEntry, Priority, RequestId, Result, Sizes,
    Source, TaskId, Ticks, Value,
};
use super::message::Replied;
use super::open::Open;
use super::request::{ASTRAY, CallTask, PollSet, Receive, Send, Sleep};
use super::sockets::{
    Datagram, DatagramSocket, Sequenced, SequencedSocket, Socket, Stream, StreamSocket,
};
use super::syscall::Syscall;

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
    /// assert_eq!(message.name.as_str(), "sender");
    /// # Ok(())
    /// # })?;
    /// # assert!(matches!(executor.run(), Stop::Done));
    /// # Ok::<(), postroom::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName), [`WrongKind`](crate::Error::WrongKind) if the
    /// name is not a task's, [`PeerDead`](crate::Error::PeerDead) if the task ended,
    /// [`MessageTooLong`](crate::Error::MessageTooLong), and those of waiting for room.
    #[inline]
    pub fn send<'s>(&'s self, to: impl Into<Peer<'s>>, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        Syscall::new(self, Send { to: Destination::Task(to.into()), message })
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
        Syscall::new(self, Receive { from: Source::Anyone, buffer, envelope: None })
    }

    /// Receives the first message from this sender; those of others keep their places (law 25).
    /// They also keep their room: a mailbox full of them lets the one that is waited for wait too.
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
        Syscall::new(self, Receive { from: Source::Task(from.into()), buffer, envelope: None })
    }

    /// Sends a task a request and waits for its reply to this very request (law 27). Given up,
    /// for whatever reason, a late reply has no effect.
    ///
    /// ```
    /// # use postroom::{Executor, Kernel, Lock, Priority, Stop};
    /// # let kernel = Lock::new(Kernel::<2, 2, 256>::new());
    /// # let mut executor = Executor::new(&kernel);
    /// # executor.spawn("client", Priority::NORMAL, async |sys| {
    /// let mut reply = [0; 64];
    /// let replied = sys.call("server", b"ping", &mut reply).await?;
    /// assert_eq!(&reply[..replied.copied], b"pong");
    /// # Ok(())
    /// # })?;
    /// # executor.spawn("server", Priority::NORMAL, async |sys| {
    /// let mut buffer = [0; 64];
    /// let message = sys.receive(&mut buffer).await?;
    /// if let Some(request) = message.request {
    ///     sys.reply(request, b"pong").await?;
    /// }
    /// # Ok(())
    /// # })?;
    /// # assert!(matches!(executor.run(), Stop::Done));
    /// # Ok::<(), postroom::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Sys::send`]; [`Deadlock`](crate::Error::Deadlock) if the task called waits for
    /// this one (law 29); [`PeerDead`](crate::Error::PeerDead) if it ends before it replies;
    /// [`Busy`](crate::Error::Busy) if the task makes another request already;
    /// [`Unsupported`](crate::Error::Unsupported) if the kernel's rings are too small for replies.
    pub fn call<'s>(
        &'s self,
        to: impl Into<Peer<'s>>,
        message: &'s [u8],
        reply: &'s mut [u8],
    ) -> Syscall<'s, CallTask<'s>> {
        Syscall::new(self, CallTask { to: to.into(), message, reply, sent: false })
    }

    /// Replies to a request, without ever waiting, and learns how much of the reply the caller's
    /// buffer takes (law 28).
    ///
    /// # Errors
    /// [`PeerDead`](crate::Error::PeerDead) if the caller has ended,
    /// [`NoSuchRequest`](crate::Error::NoSuchRequest) if it has given up, or has a reply, or had
    /// not asked this task; [`MessageTooLong`](crate::Error::MessageTooLong).
    pub async fn reply(&self, request: RequestId, message: &[u8]) -> Result<Replied> {
        let read = |value| match value {
            Value::Message { copied, length } => {
                Some(Replied { copied: copied as usize, length: length as usize })
            }
            _ => None,
        };
        self.once(Call::Reply { request, message }, read).await
    }

    /// Makes a pipe of so many bytes, with no name: both its ends.
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if the capacity is 0 or more than a ring of the
    /// kernel; [`ChannelsFull`](crate::Error::ChannelsFull),
    /// [`HandlesFull`](crate::Error::HandlesFull).
    pub async fn pipe(&self, capacity: usize) -> Result<(ReadEnd<'k>, WriteEnd<'k>)> {
        self.two(Call::Pipe { capacity }).await
    }

    /// Opens a pipe to read from it.
    pub fn open_read<'s>(&'s self, name: &'s str) -> Open<'s, 'k, Reader> {
        Open::new(self, name)
    }

    /// Opens a pipe to write to it.
    pub fn open_write<'s>(&'s self, name: &'s str) -> Open<'s, 'k, Writer> {
        Open::new(self, name)
    }

    /// Opens a queue to receive from it.
    pub fn open_receiver<'s>(&'s self, name: &'s str) -> Open<'s, 'k, Receiver> {
        Open::new(self, name)
    }

    /// Opens a queue to send to it.
    pub fn open_sender<'s>(&'s self, name: &'s str) -> Open<'s, 'k, Sender> {
        Open::new(self, name)
    }

    /// Frees the name of a pipe or queue (law 43). Who has it open keeps it.
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName), [`WrongKind`](crate::Error::WrongKind),
    /// [`NoRight`](crate::Error::NoRight).
    pub async fn unlink(&self, name: &str) -> Result<()> {
        self.perform(Call::Unlink { name }).await
    }

    /// Makes a stream socket whose peer can send so many bytes ahead.
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if a ring of the kernel cannot hold that much;
    /// [`ChannelsFull`](crate::Error::ChannelsFull), [`HandlesFull`](crate::Error::HandlesFull).
    pub async fn stream(&self, capacity: usize) -> Result<Stream<'k>> {
        self.socket(Sizes::Bytes(capacity)).await
    }

    /// Makes a sequenced socket whose peer can send so many messages ahead.
    ///
    /// # Errors
    /// As [`Sys::stream`].
    pub async fn sequenced(&self, most: usize, longest: usize) -> Result<Sequenced<'k>> {
        self.socket(Sizes::Messages { most, longest }).await
    }

    /// Makes a datagram socket that holds so many messages of others.
    ///
    /// # Errors
    /// As [`Sys::stream`].
    pub async fn datagram(&self, most: usize, longest: usize) -> Result<Datagram<'k>> {
        self.socket(Sizes::Messages { most, longest }).await
    }

    async fn socket<K: Socket>(&self, sizes: Sizes) -> Result<End<'k, K>> {
        self.one(Call::Socket { kind: K::KIND, sizes }).await
    }

    /// Makes two stream sockets that are connected to each other (socketpair(2)).
    ///
    /// # Errors
    /// As [`Sys::stream`].
    pub async fn stream_pair(&self, capacity: usize) -> Result<(Stream<'k>, Stream<'k>)> {
        let sizes = Sizes::Bytes(capacity);
        self.two(Call::Pair { kind: StreamSocket::KIND, sizes }).await
    }

    /// Makes two sequenced sockets that are connected to each other.
    ///
    /// # Errors
    /// As [`Sys::stream`].
    pub async fn sequenced_pair(
        &self,
        most: usize,
        longest: usize,
    ) -> Result<(Sequenced<'k>, Sequenced<'k>)> {
        let sizes = Sizes::Messages { most, longest };
        self.two(Call::Pair { kind: SequencedSocket::KIND, sizes }).await
    }

    /// Makes two datagram sockets that are connected to each other.
    ///
    /// # Errors
    /// As [`Sys::stream`].
    pub async fn datagram_pair(
        &self,
        most: usize,
        longest: usize,
    ) -> Result<(Datagram<'k>, Datagram<'k>)> {
        let sizes = Sizes::Messages { most, longest };
        self.two(Call::Pair { kind: DatagramSocket::KIND, sizes }).await
    }

    /// Makes a call that opens something.
    pub(super) async fn one<K>(&self, call: Call<'_>) -> Result<End<'k, K>> {
        let read = |value| match value {
            Value::Handle(handle) => Some(End::new(*self, handle)),
            _ => None,
        };
        self.once(call, read).await
    }

    async fn two<A, B>(&self, call: Call<'_>) -> Result<(End<'k, A>, End<'k, B>)> {
        let read = |value| match value {
            Value::Ends(ends) => {
                Some((End::new(*self, ends.read()), End::new(*self, ends.write())))
            }
            _ => None,
        };
        self.once(call, read).await
    }

    /// Waits until at least one of several things is ready, and returns how many are; each that is
    /// says so in `ready` (laws 59 to 62). All are told in the order of the set: whom to serve
    /// first is for the task to choose. What has hung up stays ready: leave it out of the next set.
    ///
    /// ```
    /// # use postroom::{Executor, Kernel, Lock, PollEntry, Priority, Stop};
    /// # let kernel = Lock::new(Kernel::<2, 4, 256>::new());
    /// # let mut executor = Executor::new(&kernel);
    /// # executor.spawn("task", Priority::NORMAL, async |sys| {
    /// let (input, output) = sys.pipe(8).await?;
    /// let mailbox = PollEntry::mailbox();
    /// let mut set = [input.entry(), mailbox];
    /// output.write_all(b"!").await?;
    /// assert_eq!(sys.poll(&mut set).await, Ok(1));
    /// assert!(set[0].ready?.readable && !set[1].ready?.readable);
    /// # Ok(())
    /// # })?;
    /// # assert!(matches!(executor.run(), Stop::Done));
    /// # Ok::<(), postroom::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if the set is empty and the wait for ever, or if
    /// it has more than [`POLL`](crate::param::POLL) things to wait for; those of waiting. A bad
    /// handle is not an error of the call, but of its entry.
    pub fn poll<'s>(&'s self, set: &'s mut [PollEntry]) -> Syscall<'s, PollSet<'s>> {
        Syscall::new(self, PollSet { set })
    }

    /// Ends another task, by a handle that carries [`Rights::KILL`](crate::Rights::KILL).
    ///
    /// # Errors
    /// [`BadHandle`](crate::Error::BadHandle), [`WrongKind`](crate::Error::WrongKind),
    /// [`NoRight`](crate::Error::NoRight), [`PeerDead`](crate::Error::PeerDead) if it has ended.
    pub async fn kill(&self, handle: Handle) -> Result<()> {
        self.perform(Call::Kill { handle }).await
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
        self.perform(Call::Yield).await
    }

    /// Changes the task's own priority (law 17).
    ///
    /// # Errors
    /// None of a living task.
    pub async fn set_priority(&self, priority: Priority) -> Result<()> {
        self.perform(Call::SetPriority { priority }).await
    }

    /// What time it is. For a task that has ended, time stands still at 0.
    pub fn now(&self) -> Ticks {
        match self.syscall(Call::Now) {
            Outcome::Complete(Ok(Value::Now(now))) | Outcome::Preempted(Ok(Value::Now(now))) => now,
            _ => Ticks(0),
        }
    }

    /// Makes a call that never waits, reads its answer, and lets another task run first if it
    /// must. What was opened is an [`End`] before that, so it is closed whatever happens.
    pub(super) async fn once<T>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Result<T> {
        let (answer, preempted) = match self.syscall(call) {
            Outcome::Complete(answer) => (answer, false),
            Outcome::Preempted(answer) => (answer, true),
            // Only a task that was killed is stopped here; it is not asked again.
            Outcome::Blocked => (Err(ASTRAY), true),
        };
        let result = answer.and_then(|value| read(value).ok_or(ASTRAY));
        if preempted {
            step_aside().await;
        }
        result
    }

    /// The same for a call that has nothing to say.
    pub(super) async fn perform(&self, call: Call<'_>) -> Result<()> {
        self.once(call, |_| Some(())).await
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
