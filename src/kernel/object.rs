//! Objects: what a handle stands for, and the calls that all of them share.

use super::{
    Attempt, Body, Channel, ChannelId, Device, DeviceId, Devices, Entry, Error, Event, Handle,
    Kernel, Kind, Kinds, Notice, Object, On, Peer, Readiness, Result, Rights, Socket, Stage, Trace,
    Value,
};

/// What bytes go through.
const BYTES: Kinds = Kinds::of(&[Kind::Pipe, Kind::Stream]);

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// The channel that a task's handle stands for, if it is of one of these kinds and carries the
    /// right.
    ///
    /// # Errors
    /// In the order of law 63: [`Error::BadHandle`], [`Error::WrongKind`], [`Error::NoRight`].
    #[inline(always)]
    pub(super) fn channel(
        &self,
        me: u16,
        handle: Handle,
        kinds: Kinds,
        right: Rights,
    ) -> Result<ChannelId> {
        let entry = self.tasks.at(me).handles.get(handle)?;
        let channel = entry.channel_of(kinds).ok_or(Error::WrongKind)?;
        if entry.rights.contains(right) { Ok(channel) } else { Err(Error::NoRight) }
    }

    /// Takes bytes out. None at all is an answer at once, whatever the state of the object
    /// (law 10).
    #[inline(always)]
    pub(super) fn read(&mut self, me: u16, handle: Handle, buffer: &mut [u8]) -> Attempt {
        let slot = self.channel(me, handle, BYTES, Rights::READ)?.index();
        if buffer.is_empty() {
            return Ok(Value::Count(0));
        }
        if let Some(device) = self.device(slot) {
            return self.read_device(me, device, buffer);
        }
        self.expect_connection(slot)?;
        self.take_bytes(me, slot, buffer)
    }

    /// Puts bytes in. None at all is an answer at once, whatever the state of the object
    /// (law 10).
    #[inline(always)]
    pub(super) fn write(&mut self, me: u16, handle: Handle, bytes: &[u8]) -> Attempt {
        let slot = self.channel(me, handle, BYTES, Rights::WRITE)?.index();
        if bytes.is_empty() {
            return Ok(Value::Count(0));
        }
        if let Some(device) = self.device(slot) {
            return self.write_device(me, device, bytes);
        }
        let sink = self.sink(slot)?;
        self.put_bytes(me, sink, bytes)
    }

    pub(super) fn duplicate(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let entry = *self.tasks.at(me).handles.get(handle)?;
        self.expect_room_for_handles(me, 1)?;
        Ok(Value::Handle(self.reopen(me, entry.object(), entry.rights)?))
    }

    /// Hands a handle to another task in one step (law 64).
    pub(super) fn give(
        &mut self,
        me: u16,
        handle: Handle,
        to: Peer<'_>,
        rights: Rights,
        keep: bool,
    ) -> Result<Value> {
        let entry = *self.tasks.at(me).handles.get(handle)?;
        if !entry.rights.contains(rights) {
            return Err(Error::NoRight);
        }
        if !rights.is_access() && entry.channel().is_some() {
            return Err(Error::BadArgument);
        }
        let (_, receiver) = self.mailbox_of(to)?;
        self.expect_room_for_handles(receiver.index(), 1)?;
        // The new end is open before the old one closes, so that the peer sees no end of file.
        let given = self.reopen(receiver.index(), entry.object(), rights)?;
        if !keep {
            self.close(me, handle)?;
        }
        Ok(Value::Handle(given))
    }

    fn reopen(&mut self, task: u16, object: Object, rights: Rights) -> Result<Handle> {
        match object {
            Object::Channel(channel) => self.open_channel(task, channel, rights),
            Object::Task(_) => self.grant(task, object, rights),
        }
    }

    pub(super) fn close(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let entry = self.tasks.at_mut(me).handles.remove(handle)?;
        let waiting = self.tasks.at(me).waiting;
        if waiting.is_some_and(|it| it.handle == handle || it.on == On::Poll) {
            self.leave(me);
        }
        self.release(entry);
        Ok(Value::Unit)
    }

    /// Ends what an entry of a handle table stood for. The last close of a side wakes the other
    /// side (law 36), the last close of all frees the object.
    pub(super) fn release(&mut self, entry: Entry) {
        let Some(channel) = entry.channel() else { return };
        let slot = channel.index();
        let channel = self.channels.at_mut(slot);
        channel.close(entry.rights);
        match channel.body {
            _ if !channel.is_unused() => self.settle(slot),
            Body::Device(_) => {
                self.devices.close(DeviceId(slot));
                self.destroy(slot, Error::BadHandle);
            }
            Body::Socket(socket) => self.end_socket(slot, socket),
            // Only someone who closed a handle while waiting with it can still be in line.
            _ => self.destroy(slot, Error::BadHandle),
        }
    }

    pub(super) fn readiness(&mut self, me: u16, handle: Handle) -> Result<Readiness> {
        let entry = *self.tasks.at(me).handles.get(handle)?;
        self.readiness_of(&entry)
    }

    /// The same, of what stands in a handle table.
    pub(super) fn readiness_of(&mut self, entry: &Entry) -> Result<Readiness> {
        let channel = entry.channel().ok_or(Error::WrongKind)?;
        if let Some(device) = self.device(channel.index()) {
            self.ask_device(device);
        }
        Ok(self.channel_readiness(channel.index(), entry.rights))
    }

    /// What a call would meet that these rights allow (law 37).
    pub(super) fn channel_readiness(&self, slot: u16, rights: Rights) -> Readiness {
        let channel = self.channels.at(slot);
        let (reads, writes) = (rights.contains(Rights::READ), rights.contains(Rights::WRITE));
        // What goes in goes into the channel itself, or into the peer's.
        let sink = match channel.body {
            Body::Device(Device { seen, .. }) => {
                return Readiness {
                    readable: reads && seen.readable,
                    writable: writes && seen.writable,
                    ..seen
                };
            }
            Body::Socket(Socket { stage: Stage::Connected(peer), .. }) => self.channels.get(peer.0),
            Body::Socket(Socket { stage: Stage::Idle, kind, .. }) => {
                let datagram = kind == Kind::Datagram;
                return Readiness {
                    readable: reads && datagram && channel.ring.len() > 0,
                    writable: writes,
                    hung_up: reads && !datagram,
                    error: false,
                };
            }
            _ => Some(channel),
        };
        // A datagram socket that is connected takes from its peer alone (law 57).
        let refused = sink.is_some_and(|sink| match sink.body {
            Body::Socket(Socket {
                stage: Stage::Connected(peer), kind: Kind::Datagram, ..
            }) => peer != self.channel_id(slot),
            _ => false,
        });
        let hung_up = channel.write_side.is_closed();
        let listens = matches!(channel.body, Body::Socket(Socket { stage: Stage::Listening, .. }));
        Readiness {
            readable: reads && channel.is_readable(),
            writable: writes
                && !listens
                && sink.is_some_and(|sink| sink.fits(sink.atomic().into())),
            hung_up: reads && hung_up,
            error: writes && (refused || sink.is_none_or(Channel::is_closed_to_writers)),
        }
    }

    /// Refuses what would need more handles than the task can hold, before it has any effect.
    pub(super) fn expect_room_for_handles(&self, me: u16, count: usize) -> Result<()> {
        let room = self.tasks.at(me).handles.have_room(count);
        if room && self.serial + count as u64 <= Handle::LAST_SERIAL {
            Ok(())
        } else {
            Err(Error::HandlesFull)
        }
    }

    /// Gives a task a handle for an object.
    pub(super) fn grant(&mut self, me: u16, object: Object, rights: Rights) -> Result<Handle> {
        let kind = match object {
            Object::Channel(channel) => self.channels.at(channel.index()).kind(),
            Object::Task(_) => Kind::Mailbox,
        };
        let handle = self.tasks.at_mut(me).handles.insert(self.serial, object, kind, rights)?;
        self.serial += 1;
        Ok(handle)
    }

    /// Frees a channel that nobody can reach any more. Whoever still waits there is told (law 6):
    /// `verdict` is for those who wait to put something in.
    pub(super) fn destroy(&mut self, slot: u16, verdict: Error) {
        self.evict(On::Output(slot), Error::BadHandle);
        self.evict(On::Room(slot, 0), verdict);
        self.dismiss_pollers(slot);
        if let Body::Queue(Notice::Asked(task) | Notice::Due(task)) = self.channels.at(slot).body {
            self.condemn(task.index(), Error::BadHandle);
        }
        self.names.remove(slot);
        let channel = self.channel_id(slot);
        self.channels.at_mut(slot).body = Body::Free;
        self.channels.remove(slot);
        self.emit(|| Event::Destroy { channel });
    }
}
