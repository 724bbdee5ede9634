//! The world outside, as the kernel asks for it: a trait, and what a runner sleeps with.

use super::{Answer, Create, Error, Kind, Name, Readiness, Result, Rights, Ticks, Verb};

/// An open device, as the kernel numbers it: by its slot in the channel table. No two that are open
/// have the same number; that of one that was closed is given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub u16);

/// A message that a device took out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Bytes copied: the message, or as much of it as the buffer took.
    pub copied: usize,
    /// Bytes of the whole message.
    pub length: usize,
    /// The name to which an answer can be sent, if there is one.
    pub from: Option<Name>,
    /// Of a queue, how urgent it was.
    pub urgency: u8,
}

/// The devices of a kernel.
///
/// No call may block, and none may come back to the kernel, which is locked meanwhile. A connect,
/// accept, read, write, receive or send that cannot be done now is [`Error::WouldBlock`]: then the
/// task waits, the kernel says what for ([`watch`](Self::watch)), and asks before each dispatch what
/// is [`ready`](Self::ready). Calls that some devices have no use for need not be written: they are
/// [`Error::Unsupported`]. Devices for which a task may wait write `watch`, `is_watching`, `ready`
/// and `now`, which go together.
pub trait Devices {
    /// Whether there are any devices at all.
    const ENABLED: bool = true;

    /// What a runner sleeps with while nobody is ready.
    type Sleeper: Sleeper;

    /// Makes one. It is used outside the kernel's lock.
    fn sleeper(&self) -> Self::Sleeper;

    /// What time it is, if the devices know; if not, time is simulated. A runner that waits for a
    /// device sleeps until a tick of this clock at the latest.
    fn now(&self) -> Option<Ticks> {
        None
    }

    /// Opens what has this name, as `device`, and says what kind of object it is: any but a
    /// mailbox.
    ///
    /// # Errors
    /// What the device says; [`Error::NoSuchName`] if there is none.
    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Kind>;

    /// Frees a name.
    ///
    /// # Errors
    /// What the devices say.
    fn unlink(&mut self, name: &str) -> Result<()> {
        let _ = name;
        Err(Error::Unsupported)
    }

    /// Makes a socket, as `device`, that can have this name or reach it.
    ///
    /// # Errors
    /// [`Error::WrongKind`] if the name is for other sockets; what the devices say.
    fn socket(&mut self, device: DeviceId, kind: Kind, name: &str) -> Result<()> {
        let _ = (device, kind, name);
        Err(Error::NoSuchName)
    }

    /// Gives a socket its name.
    ///
    /// # Errors
    /// What the device says.
    fn bind(&mut self, device: DeviceId, name: &str) -> Result<()> {
        let _ = (device, name);
        Err(Error::Unsupported)
    }

    /// Makes a bound socket accept connections.
    ///
    /// # Errors
    /// What the device says.
    fn listen(&mut self, device: DeviceId, backlog: usize) -> Result<()> {
        let _ = (device, backlog);
        Err(Error::Unsupported)
    }

    /// Connects a socket; called again until it says how that ended, unless the task gives up.
    ///
    /// # Errors
    /// What the device says; [`Error::WouldBlock`] until it is connected.
    fn connect(&mut self, device: DeviceId, to: &str) -> Result<()> {
        let _ = (device, to);
        Err(Error::Unsupported)
    }

    /// Takes the first connection of a listening socket, as `connection`. It is not asked while the
    /// kernel has no room for one.
    ///
    /// # Errors
    /// What the device says.
    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        let _ = (device, connection);
        Err(Error::Unsupported)
    }

    /// Ends one or both directions of a connection.
    ///
    /// # Errors
    /// What the device says.
    fn shutdown(&mut self, device: DeviceId, rights: Rights) -> Result<()> {
        let _ = (device, rights);
        Err(Error::Unsupported)
    }

    /// Takes bytes out, and returns how many; 0 is the end of file.
    ///
    /// # Errors
    /// What the device says.
    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        let _ = (device, buffer);
        Err(Error::Unsupported)
    }

    /// Puts bytes in, and returns how many: at least 1.
    ///
    /// # Errors
    /// What the device says.
    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        let _ = (device, bytes);
        Err(Error::Unsupported)
    }

    /// Takes a message out; `None` at the end of file.
    ///
    /// # Errors
    /// What the device says.
    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        let _ = (device, buffer);
        Err(Error::Unsupported)
    }

    /// Puts a message in: into a queue with its urgency, or out of a socket to this name.
    ///
    /// # Errors
    /// What the device says.
    fn send(
        &mut self,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Result<()> {
        let _ = (device, to, urgency, message);
        Err(Error::Unsupported)
    }

    /// What a queue is made for and what is in it: [`Value::Attributes`](super::Value::Attributes).
    ///
    /// # Errors
    /// What the device says.
    fn attributes(&mut self, device: DeviceId) -> Answer {
        let _ = device;
        Err(Error::Unsupported)
    }

    /// Whether a call of so many bytes may stand in line for what the device has or takes. One that
    /// will be refused in any case, for what the device is or how long the message, need not wait.
    ///
    /// # Errors
    /// What the device would say.
    fn admit(&mut self, device: DeviceId, verb: Verb, length: usize) -> Result<()> {
        let _ = (device, verb, length);
        Ok(())
    }

    /// Whether a call that names something learns at once whether that is there. One that has to
    /// ask elsewhere, as for the address of a host, may learn it after a wait.
    fn finds_names_at_once(&self, device: DeviceId) -> bool {
        let _ = device;
        true
    }

    /// What a call would meet now.
    fn readiness(&mut self, device: DeviceId) -> Readiness;

    /// Says what the kernel waits for from now on, instead of what it waited for before: `None` if
    /// for nothing, [`Rights::NONE`] if only for a hang-up or an error. A device that is ready for
    /// it already is to be told of as well. Closing the device ends it.
    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        let _ = (device, wants);
    }

    /// Whether the kernel waits for anything.
    fn is_watching(&self) -> bool {
        false
    }

    /// A device that may be ready for what it is watched for; `None` if there is no more. Devices
    /// take turns: one that was told of comes again after all others.
    fn ready(&mut self) -> Option<DeviceId> {
        None
    }

    /// Closes a device whose last handle is closed.
    fn close(&mut self, device: DeviceId);
}

/// What a runner sleeps with while nobody is ready.
pub trait Sleeper: Send + Sync + 'static {
    /// Sleeps until a device that is watched may be ready, until this tick, or until it is
    /// interrupted, if that was not done before; or for a shorter time. What is watched may change
    /// while it sleeps.
    fn sleep(&self, until: Option<Ticks>);

    /// Ends a sleep, now or as soon as it begins. It comes from another thread.
    fn interrupt(&self);
}

/// A kernel without devices: every name with a scheme is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDevices;

impl Devices for NoDevices {
    const ENABLED: bool = false;

    type Sleeper = Self;

    fn sleeper(&self) -> Self {
        Self
    }

    fn open(&mut self, _: DeviceId, _: &str, _: Rights, _: Option<Create<'_>>) -> Result<Kind> {
        Err(Error::NoSuchName)
    }

    fn unlink(&mut self, _: &str) -> Result<()> {
        Err(Error::NoSuchName)
    }

    fn readiness(&mut self, _: DeviceId) -> Readiness {
        Readiness::NOTHING
    }

    fn close(&mut self, _: DeviceId) {}
}

/// Nobody waits for what is not there.
impl Sleeper for NoDevices {
    fn sleep(&self, _: Option<Ticks>) {}

    fn interrupt(&self) {}
}
