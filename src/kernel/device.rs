//! Devices: the objects of the world outside.
//!
//! A name with a scheme (`unix:chat`) belongs to the devices. A device takes a slot of the channel
//! table like any other object, and its handles obey the same checks, rights, deadlines, lines and
//! traces; only the bytes lie elsewhere. What the device said of its readiness when it was last
//! asked is kept in the channel, for whoever is next in line.

use super::{
    Attempt, Body, ByteRing, Cause, ChannelId, Create, DeviceId, Devices, Envelope, Error, Event,
    Kernel, Kind, Name, On, Readiness, Reason, Refusal, Result, Rights, Ring, Sizes, Socket, Stage,
    State, Taken, TaskId, Trace, Value, Verb, Waiting, has_scheme,
};

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

    /// Takes note of a device's name, for those who look. Nobody is found by it here, and several
    /// can be open under one name.
    fn call_device(&mut self, channel: ChannelId, name: &str) -> Option<Name> {
        let name = Name::of_device(name)?;
        if self.names.of(channel.index()).is_none() {
            self.names.note(channel.index(), name);
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
        let connected = self.refuses_who_waited(connected, me, device, Verb::Connect);
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
        let sent = self.refuses_who_waited(sent, me, device, Verb::Send);
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

    /// What a device said; whoever stood in line for what had a name, and went meanwhile, has been
    /// refused (laws 49 and 55). The device knows of no line: to it, each try is the first.
    fn refuses_who_waited<R>(
        &self,
        said: Result<R>,
        me: u16,
        device: DeviceId,
        verb: Verb,
    ) -> Result<R> {
        let DeviceId(slot) = device;
        match (said, self.tasks.at(me).waiting) {
            (Err(Error::NoSuchName), Some(Waiting { on: On::Room(at, _), verb: its, .. }))
                if at == slot && its == verb && self.devices.finds_names_at_once(device) =>
            {
                Err(Error::ConnectionRefused)
            }
            (said, _) => said,
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
