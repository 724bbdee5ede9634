//! Devices: the objects of the world outside.
//!
//! A name with a scheme (`unix:chat`) belongs to the devices. A device takes a slot of the channel
//! table like any other object, and its handles obey the same checks, rights, deadlines, lines and
//! traces; only the bytes lie elsewhere. What the device said of its readiness when it was last
//! asked is kept in the channel, for whoever is next in line.

use super::{
    Answer, Attempt, Body, ByteRing, Cause, ChannelId, Create, Envelope, Error, Event, Kernel,
    Kind, Name, On, Readiness, Reason, Refusal, Result, Rights, Ring, Sizes, Socket, Stage, State,
    TaskId, Ticks, Trace, Value, Verb, has_scheme,
};

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

    /// What a queue is made for and what is in it: [`Value::Attributes`].
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

/// What a channel remembers that stands for a device.
#[derive(Clone, Copy)]
pub(crate) struct Device {
    pub(crate) kind: Kind,
    /// What it said when it was last asked.
    pub(crate) seen: Readiness,
}

impl Device {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { kind, seen: Readiness::NOTHING }
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Which device a channel stands for, if it does for one.
    #[inline]
    pub(super) fn device(&self, slot: u16) -> Option<DeviceId> {
        let device = D::ENABLED && matches!(self.channels.at(slot).body, Body::Device(_));
        device.then_some(DeviceId(slot))
    }

    /// Opens what has a name with a scheme.
    pub(super) fn open_device(
        &mut self,
        me: u16,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Value> {
        if !D::ENABLED {
            return Err(Error::NoSuchName);
        }
        // Which kind it is, the device says.
        let channel = self.make_device(Kind::Pipe)?;
        let device = DeviceId(channel.index());
        match self.devices.open(device, name, rights, create) {
            Ok(Kind::Mailbox) => {
                // Only a task has one.
                self.devices.close(device);
                self.unmake_device(channel);
                Err(Error::Device)
            }
            Ok(kind) => {
                self.channels.at_mut(channel.index()).body = Body::Device(Device::new(kind));
                let name = self.call_device(channel, name);
                let sizes = Sizes::Bytes(0);
                self.emit(|| Event::Create { channel, kind, name, sizes });
                Ok(Value::Handle(self.open_channel(me, channel, rights)?))
            }
            Err(error) => {
                self.unmake_device(channel);
                Err(error)
            }
        }
    }

    /// A slot for a device that is still to be opened.
    fn make_device(&mut self, kind: Kind) -> Result<ChannelId> {
        let channel = self.channels.insert().map(ChannelId).ok_or(Error::ChannelsFull)?;
        let body = Body::Device(Device::new(kind));
        self.channels.at_mut(channel.index()).become_new(body, Ring::Bytes(ByteRing::new(0)));
        Ok(channel)
    }

    /// Gives the slot of a device back that could not be opened.
    fn unmake_device(&mut self, channel: ChannelId) {
        self.channels.at_mut(channel.index()).body = Body::Free;
        self.channels.remove(channel.index());
    }

    /// Takes note of a device's name, for those who look. Nobody is found by it here.
    fn call_device(&mut self, channel: ChannelId, name: &str) -> Option<Name> {
        let name = Name::of_device(name)?;
        let free = self.names.find(&name).is_none() && self.names.of(channel.index()).is_none();
        if free {
            self.names.insert(channel.index(), name);
        }
        Some(name)
    }

    /// The device that a socket is, or becomes by being given a name with a scheme.
    pub(super) fn device_socket(&mut self, slot: u16, name: &str) -> Result<Option<DeviceId>> {
        if D::ENABLED
            && has_scheme(name)
            && let Body::Socket(Socket { kind, stage: Stage::Idle, .. }) =
                self.channels.at(slot).body
        {
            if self.names.of(slot).is_some() {
                // It has a name in here.
                return Err(Error::BadArgument);
            }
            self.devices.socket(DeviceId(slot), kind, name)?;
            self.channels.at_mut(slot).body = Body::Device(Device::new(kind));
            self.dismiss_pollers(slot);
            // Whoever waits to receive waits for the device from now on.
            self.ask_device(DeviceId(slot));
        }
        Ok(self.device(slot))
    }

    pub(super) fn bind_device(&mut self, device: DeviceId, name: &str) -> Result<Value> {
        self.devices.bind(device, name)?;
        let channel = self.channel_id(device.0);
        if let Some(name) = self.call_device(channel, name) {
            self.emit(|| Event::Bind { channel, name });
        }
        Ok(Value::Unit)
    }

    pub(super) fn connect_device(&mut self, me: u16, device: DeviceId, to: &str) -> Attempt {
        self.expect_turn(me, device, Verb::Connect, 0)?;
        let connected = self.devices.connect(device, to);
        self.waits_if_it_would(connected, device, Rights::WRITE)?;
        Ok(Value::Unit)
    }

    pub(super) fn accept_device(&mut self, me: u16, device: DeviceId) -> Attempt {
        self.expect_turn(me, device, Verb::Accept, 0)?;
        let kind = self.channels.at(device.0).kind();
        let connection = self.make_device(kind)?;
        match self.devices.accept(device, DeviceId(connection.index())) {
            Ok(()) => {
                let (name, sizes) = (None, Sizes::Bytes(0));
                self.emit(|| Event::Create { channel: connection, kind, name, sizes });
                let rights = Rights::READ | Rights::WRITE;
                Ok(Value::Handle(self.open_channel(me, connection, rights)?))
            }
            Err(error) => {
                self.unmake_device(connection);
                self.waits_if_it_would(Err(error), device, Rights::READ)
            }
        }
    }

    pub(super) fn read_device(&mut self, me: u16, device: DeviceId, buffer: &mut [u8]) -> Attempt {
        self.expect_turn(me, device, Verb::Read, buffer.len())?;
        let read = self.devices.read(device, buffer);
        let count = self.waits_if_it_would(read, device, Rights::READ)?;
        // A count out of range is a defect of the device, and would be one of its task.
        if count <= buffer.len() { Ok(Value::Count(count)) } else { Err(Error::Device.into()) }
    }

    pub(super) fn write_device(&mut self, me: u16, device: DeviceId, bytes: &[u8]) -> Attempt {
        self.expect_turn(me, device, Verb::Write, bytes.len())?;
        let written = self.devices.write(device, bytes);
        let count = self.waits_if_it_would(written, device, Rights::WRITE)?;
        let possible = 1..=bytes.len();
        if possible.contains(&count) { Ok(Value::Count(count)) } else { Err(Error::Device.into()) }
    }

    pub(super) fn receive_device(
        &mut self,
        me: u16,
        device: DeviceId,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Attempt {
        self.expect_turn(me, device, Verb::Receive, buffer.len())?;
        let taken = self.devices.receive(device, buffer);
        match self.waits_if_it_would(taken, device, Rights::READ)? {
            None => Ok(Value::End),
            Some(Taken { copied, length, .. })
                if copied > buffer.len().min(length) || u32::try_from(length).is_err() =>
            {
                Err(Error::Device.into())
            }
            Some(Taken { copied, length, from, urgency }) => {
                let sender = TaskId::NOBODY;
                *envelope = Some(Envelope { sender, name: from, urgency, request: 0 });
                Ok(Value::Message { copied: copied as u32, length: length as u32 })
            }
        }
    }

    pub(super) fn send_device(
        &mut self,
        me: u16,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Attempt {
        self.expect_turn(me, device, Verb::Send, message.len())?;
        let sent = self.devices.send(device, to, urgency, message);
        self.waits_if_it_would(sent, device, Rights::WRITE)?;
        Ok(Value::Unit)
    }

    /// Asks a device what a call would meet now, and wakes those whom that serves (law 2).
    pub(super) fn ask_device(&mut self, device: DeviceId) {
        let now = self.devices.readiness(device);
        if let Body::Device(Device { seen, .. }) = &mut self.channels.at_mut(device.0).body {
            *seen = now;
        }
        self.settle(device.0);
    }

    /// Lets nobody past those of the same or a higher priority that wait for the same (law 5). What
    /// will be refused in any case is refused at once.
    fn expect_turn(
        &mut self,
        me: u16,
        device: DeviceId,
        verb: Verb,
        length: usize,
    ) -> Result<(), Refusal> {
        let takes = matches!(verb, Verb::Accept | Verb::Read | Verb::Receive);
        let right = if takes { Rights::READ } else { Rights::WRITE };
        let channel = self.channels.at(device.0);
        let line = if right == Rights::READ { &channel.readers } else { &channel.writers };
        if self.waits.may_pass(line, me, self.tasks.at(me).priority) {
            Ok(())
        } else {
            self.devices.admit(device, verb, length)?;
            Err(Refusal::Wait(on(device, right), Reason::Line))
        }
    }

    /// What a device said; if it would block, it is not ready, and the task can wait.
    fn waits_if_it_would<R>(
        &mut self,
        said: Result<R>,
        device: DeviceId,
        right: Rights,
    ) -> Result<R, Refusal> {
        said.map_err(|error| match error {
            Error::WouldBlock => {
                if let Body::Device(Device { seen, .. }) = &mut self.channels.at_mut(device.0).body
                {
                    seen.readable &= right != Rights::READ;
                    seen.writable &= right != Rights::WRITE;
                    (seen.hung_up, seen.error) = (false, false);
                }
                Refusal::Wait(on(device, right), Reason::Device)
            }
            error => Refusal::Error(error),
        })
    }

    /// Wakes those who wait for a device that is ready now (law 2), and takes note of the time, if
    /// the devices know it.
    pub fn look_at_devices(&mut self) {
        if !D::ENABLED {
            return;
        }
        if let Some(now) = self.devices.now() {
            self.advance(now);
        }
        self.cause = Cause::Device;
        // No longer than it takes to hear of each once: some may stay ready.
        for _ in 0..CHANNELS {
            let Some(device) = self.devices.ready() else { break };
            // A device that tells of another's slot is mistaken.
            if usize::from(device.0) < CHANNELS && self.device(device.0).is_some() {
                self.ask_device(device);
            }
        }
        self.cause = Cause::Runner;
    }

    /// Says for what a device is waited by those who sleep; nothing, if the channel is none.
    pub(super) fn watch(&mut self, slot: u16) {
        let Some(device) = self.device(slot) else { return };
        let channel = self.channels.at(slot);
        let sleeps = |task| self.tasks.at(task).state == State::Blocked;
        let mut wants = None;
        let mut want = |right| wants = Some(wants.unwrap_or(Rights::NONE) | right);
        if channel.readers.head().is_some_and(sleeps) {
            want(Rights::READ);
        }
        if channel.writers.head().is_some_and(sleeps) {
            want(Rights::WRITE);
        }
        for (task, n) in self.interests.iter(channel.pollers) {
            if sleeps(task)
                && let Some(interest) = self.interests.get(task, n)
            {
                want(interest.wants);
            }
        }
        self.devices.watch(device, wants);
    }

    /// The devices.
    pub const fn devices(&self) -> &D {
        &self.devices
    }
}

/// What waits for a device, for reading or for writing.
fn on(DeviceId(slot): DeviceId, right: Rights) -> On {
    if right == Rights::READ { On::Output(slot) } else { On::Room(slot, 0) }
}
