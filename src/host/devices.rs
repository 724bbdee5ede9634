//! `Host`: the objects of the operating system as devices.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::vec::Vec;

use rustix::event::PollFlags;
use rustix::net::SocketAddrAny;

use super::address::{Address, Place};
use super::alias::Aliases;
use super::descriptor::Descriptor;
use super::file;
use super::pipe::Pipes;
use super::queue::{Queue, Queues};
use super::sleep::{HostSleeper, Sleep};
use super::socket::{Socket, look};
use super::watch::{Watch, Watches};
use crate::kernel::{
    Answer, Create, DeviceId, Devices, Error, Kind, Readiness, Result, Rights, Taken, Ticks, Verb,
};

/// The operating system's own pipes, sockets and message queues, as devices of a kernel. Linux.
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
/// nothing: what can be opened anew is, sockets are asked not to wait call by call, and what else
/// has to be made non-blocking is put back when the device is closed.
///
/// **Senders.** A datagram's sender is told by its whole name, `udp:127.0.0.1:7000`. One that does
/// not fit a [`Name`](crate::Name), as a long path, gets another for answers, as `unix-datagram:#3`. The host
/// remembers the last 64 of these. So a path that begins with `#` is written `./#3`.
///
/// **Waiting.** All descriptors are non-blocking and close-on-exec, and whoever waits sleeps in one
/// epoll(7): an idle program uses no CPU. Only room in the backlog of a Unix socket and in a
/// datagram socket that the sender is not connected to is told by no event; while a task waits for
/// that, it is tried every 5 milliseconds. Host names are resolved by the system, which may take a
/// while in which nothing else runs: where that matters, use addresses.
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
    devices: Vec<Option<Device>>,
    watches: Watches,
    pipes: Pipes,
    queues: Queues,
    aliases: Aliases,
}

#[derive(Debug)]
struct Device {
    object: Object,
    watch: Watch,
}

#[derive(Debug)]
enum Object {
    Bytes(Descriptor),
    Socket(Socket),
    Queue(Queue),
}

impl Object {
    /// Its descriptor, while it is open.
    fn fd(&self) -> Option<BorrowedFd<'_>> {
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
        })
    }

    /// Whether the message queues that this host makes stay when it is dropped, for other programs
    /// to find; at first they do not (law 68).
    #[must_use]
    pub fn keep_queues(mut self, keep: bool) -> Self {
        self.queues.keep = keep;
        self
    }

    fn insert(&mut self, DeviceId(device): DeviceId, object: Object) {
        let at = usize::from(device);
        if self.devices.len() <= at {
            self.devices.resize_with(at + 1, || None);
        }
        self.devices[at] = Some(Device { object, watch: Watch::NOTHING });
    }

    fn device(&mut self, DeviceId(device): DeviceId) -> Result<&mut Device> {
        let device = self.devices.get_mut(usize::from(device));
        device.and_then(Option::as_mut).ok_or(Error::BadHandle)
    }

    fn socket_of(&mut self, device: DeviceId) -> Result<&mut Socket> {
        match &mut self.device(device)?.object {
            Object::Socket(socket) => Ok(socket),
            _ => Err(Error::WrongKind),
        }
    }

    /// Where a name is that a socket wants to have or to reach.
    fn place<'n>(&mut self, device: DeviceId, name: &'n str) -> Result<Place<'n>> {
        match (Address::read(name)?, self.socket_of(device)?.scheme) {
            (Address::Socket(scheme, place), own) if scheme == own => Ok(place),
            _ => Err(Error::WrongKind),
        }
    }

    /// Takes note of what a call has changed in the way a socket is to be waited for.
    fn rewatch(&mut self, device: DeviceId) {
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

/// The addresses of a place, which may be a sender's.
fn resolve(aliases: &Aliases, place: Place<'_>) -> Result<Vec<SocketAddrAny>> {
    match place {
        Place::Alias(number) => Ok(std::vec![aliases.find(number)?]),
        place => place.resolve(),
    }
}

impl Devices for Host {
    type Sleeper = HostSleeper;

    fn sleeper(&self) -> HostSleeper {
        HostSleeper(Arc::clone(&self.watches.sleep))
    }

    fn now(&self) -> Option<Ticks> {
        Some(self.watches.sleep.now())
    }

    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Kind> {
        let address = Address::read(name)?;
        let object = match address {
            Address::Pipe(name) => {
                Object::Bytes(Descriptor::of_pipe(self.pipes.open(name, rights, create)?))
            }
            Address::Queue(name) => Object::Queue(self.queues.open(name, rights, create)?),
            Address::Socket(..) => return Err(Error::WrongKind),
            // What the program was given exists.
            _ if create.is_some_and(|create| create.exclusive) => return Err(Error::NameTaken),
            Address::Descriptor(number) => Object::Bytes(Descriptor::numbered(number, rights)?),
            Address::Input => Object::Bytes(Descriptor::given(io::stdin().as_fd(), rights)?),
            Address::Output => Object::Bytes(Descriptor::given(io::stdout().as_fd(), rights)?),
        };
        let kind = if let Object::Queue(_) = object { Kind::Queue } else { Kind::Pipe };
        self.insert(device, object);
        Ok(kind)
    }

    fn unlink(&mut self, name: &str) -> Result<()> {
        match Address::read(name)? {
            Address::Pipe(name) => self.pipes.unlink(name),
            Address::Queue(name) => self.queues.unlink(name),
            Address::Socket(_, Place::Path(path)) => file::unlink(path),
            _ => Err(Error::Unsupported),
        }
    }

    fn socket(&mut self, device: DeviceId, kind: Kind, name: &str) -> Result<()> {
        let Address::Socket(scheme, place) = Address::read(name)? else {
            return Err(Error::WrongKind);
        };
        if scheme.kind() != kind {
            return Err(Error::WrongKind);
        }
        let socket = Socket::new(scheme, &resolve(&self.aliases, place)?)?;
        self.insert(device, Object::Socket(socket));
        Ok(())
    }

    fn bind(&mut self, device: DeviceId, name: &str) -> Result<()> {
        match self.place(device, name)? {
            Place::Alias(_) => Err(Error::BadName),
            place => self.socket_of(device)?.bind(place),
        }
    }

    fn listen(&mut self, device: DeviceId, backlog: usize) -> Result<()> {
        self.socket_of(device)?.listen(backlog)
    }

    fn connect(&mut self, device: DeviceId, to: &str) -> Result<()> {
        let place = self.place(device, to)?;
        let Some(Some(Device { object: Object::Socket(socket), .. })) =
            self.devices.get_mut(usize::from(device.0))
        else {
            return Err(Error::WrongKind);
        };
        let connected = socket.connect(to, || resolve(&self.aliases, place));
        self.rewatch(device);
        connected
    }

    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        let accepted = self.socket_of(device)?.accept()?;
        self.insert(connection, Object::Socket(accepted));
        Ok(())
    }

    fn shutdown(&mut self, device: DeviceId, rights: Rights) -> Result<()> {
        self.socket_of(device)?.shutdown(rights)
    }

    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        match &self.device(device)?.object {
            Object::Bytes(bytes) => bytes.read(buffer),
            Object::Socket(socket) => socket.read(buffer),
            Object::Queue(_) => Err(Error::WrongKind),
        }
    }

    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        match &self.device(device)?.object {
            Object::Bytes(own) => own.write(bytes),
            Object::Socket(socket) => socket.write(bytes),
            Object::Queue(_) => Err(Error::WrongKind),
        }
    }

    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        let (scheme, taken) = match &self.device(device)?.object {
            Object::Bytes(_) => return Err(Error::WrongKind),
            Object::Queue(queue) => return queue.receive(buffer).map(Some),
            Object::Socket(socket) => (socket.scheme, socket.receive(buffer)?),
        };
        Ok(taken.map(|taken| {
            let from = taken.from.and_then(|from| self.aliases.name(scheme, from));
            Taken { copied: taken.copied, length: taken.length, from, urgency: 0 }
        }))
    }

    fn send(
        &mut self,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Result<()> {
        if let Object::Queue(queue) = &self.device(device)?.object {
            return queue.send(urgency, message);
        }
        let to = match to {
            Some(to) => {
                let place = self.place(device, to)?;
                resolve(&self.aliases, place)?
            }
            None => Vec::new(),
        };
        let sent = self.socket_of(device)?.send(to.first(), message);
        self.rewatch(device);
        sent
    }

    fn attributes(&mut self, device: DeviceId) -> Answer {
        match &self.device(device)?.object {
            Object::Queue(queue) => queue.attributes(),
            _ => Err(Error::WrongKind),
        }
    }

    fn admit(&mut self, device: DeviceId, verb: Verb, length: usize) -> Result<()> {
        match &self.device(device)?.object {
            Object::Bytes(_) => Ok(()),
            Object::Socket(socket) => socket.admit(verb),
            Object::Queue(queue) => queue.admit(verb, length),
        }
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        let Ok(device) = self.device(device) else { return Readiness::NOTHING };
        let object = &device.object;
        let Some(fd) = object.fd() else { return Readiness::NOTHING };
        let can_be_read = !matches!(object, Object::Socket(socket) if !socket.can_be_read());
        let now = look(fd, PollFlags::IN | PollFlags::OUT | PollFlags::RDHUP);
        Readiness {
            readable: can_be_read && now.intersects(PollFlags::IN | PollFlags::HUP),
            writable: now.contains(PollFlags::OUT),
            hung_up: now.intersects(PollFlags::HUP | PollFlags::RDHUP),
            error: now.intersects(PollFlags::ERR | PollFlags::NVAL),
        }
    }

    fn watch(&mut self, device: DeviceId, wants: Rights) {
        if let Some(Some(Device { object, watch })) = self.devices.get_mut(usize::from(device.0))
            && let Some(fd) = object.fd()
        {
            self.watches.watch(device, fd, watch, wants);
        }
    }

    fn is_watching(&self) -> bool {
        self.watches.is_watching()
    }

    fn ready(&mut self) -> Option<DeviceId> {
        let devices = &self.devices;
        self.watches.ready(|| {
            let waits = |it: &Option<Device>| it.as_ref().is_some_and(|it| it.watch.is_for_timer());
            let all = devices.iter().enumerate();
            all.filter(|(_, it)| waits(it)).map(|(at, _)| DeviceId(at as u16)).collect()
        })
    }

    fn close(&mut self, device: DeviceId) {
        self.watch(device, Rights::NONE);
        let place = self.devices.get_mut(usize::from(device.0));
        if let Some(Device { object: Object::Bytes(bytes), .. }) = place.and_then(Option::take)
            && let Some(pipe) = bytes.pipe
        {
            drop(bytes);
            self.pipes.close(pipe);
        }
    }
}
