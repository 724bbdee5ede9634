//! `Host`: the objects of the operating system as devices, what they are and where they are kept.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::vec::Vec;

use super::address::{Address, Place};
use super::alias::Aliases;
use super::descriptor::{Descriptor, Lent};
use super::pipe::Pipes;
use super::queue::{Queue, Queues};
use super::sleep::Sleep;
use super::socket::Socket;
use super::watch::{Watch, Watches};
use crate::kernel::{DeviceId, Error, Result};

/// The operating system's own pipes, sockets and message queues, as devices of a kernel. Linux, and
/// macOS, which has neither `mq:` nor `unix-seqpacket:` ([`Error::Unsupported`]).
///
/// | name | what it is | opened by |
/// |---|---|---|
/// | `pipe:NAME` | a pipe of this host, pipe(2) | [`open_read`], [`open_write`] |
/// | `fd:N`, `stdin:`, `stdout:` | what the program has open | the same |
/// | `unix:PATH`, `tcp:HOST:PORT` | a stream socket | [`stream`], then `bind` or `connect` |
/// | `unix-seqpacket:PATH` | a sequenced socket | [`sequenced`], likewise |
/// | `unix-datagram:PATH`, `udp:HOST:PORT` | a datagram socket | [`datagram`], likewise, or `send_to` |
/// | `mq:/NAME` | a POSIX message queue | [`open_receiver`], [`open_sender`] |
///
/// Sizes of sockets are the system's. So are those of a pipe or a queue that exists; one that is
/// made has the sizes it is made with, a pipe rounded up to whole pages. Nobody can be named who
/// alone may open something ([`Error::Unsupported`]). A queue is made for its user alone.
///
/// **Pipes.** All who open a `pipe:` of one name in one host share a pipe; the first one makes it.
/// As with a FIFO there is no end of file before the first writer came, and no broken pipe before
/// the first reader. It is kept until both sides have been opened and closed again.
///
/// **Given descriptors.** They are duplicated, and never closed. Others who share them notice
/// nothing of pipes and terminals, which are opened anew, and of sockets, which are asked not to wait
/// call by call. What else can wait is made non-blocking for all until the device is closed: the
/// master of a pseudoterminal, say.
///
/// **Senders.** A datagram's sender is told by its whole name, `udp:127.0.0.1:7000`. One that does
/// not fit a [`Name`](crate::Name), as a long path, gets another for answers, as `unix-datagram:#3`. The host
/// remembers the last 64 of these. So a path that begins with `#` is written `./#3`.
///
/// **Waiting.** All descriptors are non-blocking and close-on-exec, and whoever waits sleeps in one
/// epoll(7), or kqueue(2): an idle program uses no CPU. Only room in the backlog of a Unix socket and in a
/// datagram socket that the sender is not connected to is told by no event; while a task waits for
/// that, it is tried every 5 milliseconds.
///
/// **Names of machines.** For an address and for `localhost` nobody is asked. To connect to another
/// one, a thread asks the system's resolver, and only the task that connects waits. But `bind` and
/// `send_to` ask on the spot, which may take a while in which nothing else runs: where that matters,
/// use addresses, or connect.
///
/// A connection over TCP, once begun, goes on though the task that wanted it gives up; until it is
/// asked for again and done, the socket cannot be connected elsewhere ([`Error::Busy`]).
///
/// **Signals.** A call that a signal interrupts is made again. `SIGPIPE` is ignored by Rust's
/// runtime, and sockets do not send it; `Host` changes no signal.
///
/// **What is left.** A socket file goes when its socket is closed; a stale one, to which nobody is
/// bound, is replaced. When the host is dropped, so are all devices, and the message queues that it
/// made are unlinked, unless [`keep_queues`](Self::keep_queues) says otherwise.
///
/// ```
/// use postroom::{Executor, Host, Kernel, Lock, Priority, Stop};
///
/// let kernel = Lock::new(Kernel::<2, 8, 1024, Host>::with(Host::new()?, ()));
/// let mut executor = Executor::new(&kernel);
/// executor.spawn("writer", Priority::NORMAL, async |sys| {
///     sys.open_write("pipe:greeting").await?.write_all(b"Hello World!").await
/// })?;
/// executor.spawn("reader", Priority::NORMAL, async |sys| {
///     let mut buffer = [0; 64];
///     let count = sys.open_read("pipe:greeting").await?.read_full(&mut buffer).await?;
///     assert_eq!(&buffer[..count], b"Hello World!");
///     Ok(())
/// })?;
/// assert!(matches!(executor.run(), Stop::Done));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`open_read`]: crate::Sys::open_read
/// [`open_write`]: crate::Sys::open_write
/// [`open_receiver`]: crate::Sys::open_receiver
/// [`open_sender`]: crate::Sys::open_sender
/// [`stream`]: crate::Sys::stream
/// [`sequenced`]: crate::Sys::sequenced
/// [`datagram`]: crate::Sys::datagram
#[derive(Debug)]
pub struct Host {
    /// By their numbers.
    pub(super) devices: Vec<Option<Device>>,
    pub(super) watches: Watches,
    pub(super) pipes: Pipes,
    pub(super) queues: Queues,
    pub(super) aliases: Aliases,
    pub(super) lent: Lent,
}

/// An open device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) object: Object,
    pub(super) watch: Watch,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Object {
    Bytes(Descriptor),
    Socket(Socket),
    Queue(Queue),
}

impl Object {
    /// Its descriptor, while it is open.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.as_fd()),
            Self::Socket(socket) => Some(socket.as_fd()),
            Self::Queue(queue) => queue.fd(),
        }
    }
}

impl Host {
    /// A host without any open device. Its clock starts now.
    ///
    /// # Errors
    /// What the system says if it has no descriptors left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            devices: Vec::new(),
            watches: Watches::new(Sleep::new()?),
            pipes: Pipes::default(),
            queues: Queues::default(),
            aliases: Aliases::default(),
            lent: Lent::default(),
        })
    }

    /// Whether the message queues that this host makes stay when it is dropped, for other programs
    /// to find; at first they do not (law 68).
    #[must_use]
    pub fn keep_queues(mut self, keep: bool) -> Self {
        self.queues.keep = keep;
        self
    }

    pub(super) fn insert(&mut self, DeviceId(device): DeviceId, object: Object) {
        let at = usize::from(device);
        if self.devices.len() <= at {
            self.devices.resize_with(at + 1, || None);
        }
        self.devices[at] = Some(Device { object, watch: Watch::NOTHING });
    }

    pub(super) fn device(&mut self, DeviceId(device): DeviceId) -> Result<&mut Device> {
        let device = self.devices.get_mut(usize::from(device));
        device.and_then(Option::as_mut).ok_or(Error::BadHandle)
    }

    pub(super) fn socket_of(&mut self, device: DeviceId) -> Result<&mut Socket> {
        match &mut self.device(device)?.object {
            Object::Socket(socket) => Ok(socket),
            _ => Err(Error::WrongKind),
        }
    }

    /// Where a name is that a socket wants to have or to reach.
    pub(super) fn place<'n>(&mut self, device: DeviceId, name: &'n str) -> Result<Place<'n>> {
        match (Address::read(name)?, self.socket_of(device)?.scheme) {
            (Address::Socket(scheme, place), own) if scheme == own => Ok(place),
            _ => Err(Error::WrongKind),
        }
    }

    /// Takes note of what a call has changed in the way a socket is to be waited for.
    pub(super) fn rewatch(&mut self, device: DeviceId) {
        let Some(Some(Device { object, watch })) = self.devices.get_mut(usize::from(device.0))
        else {
            return;
        };
        if let Object::Socket(socket) = object {
            if core::mem::take(&mut socket.is_new) {
                watch.forget();
            }
            watch.retries = socket.retries;
            self.watches.update(device, socket.as_fd(), watch);
        }
    }
}
