//! Objects under a name: made, opened, and unlinked.

use super::{
    Access, Allowed, Body, ChannelId, Create, Devices, Error, Event, Handle, Kernel, Kind, LEVELS,
    Name, Notice, Object, Result, Rights, Ring, Sizes, Trace, Value, WHOLE, has_scheme,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Opens the pipe or queue that has a name, or makes it.
    pub(super) fn open(
        &mut self,
        me: u16,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Value> {
        // The door lets nobody through who wants to make something here.
        let create = create.filter(|_| WHOLE);
        if !rights.is_access() {
            return Err(Error::BadArgument);
        }
        self.expect_room_for_handles(me, 1)?;
        if has_scheme(name) {
            return self.open_device(me, name, rights, create);
        }
        let name = Name::new(name)?;
        let channel = match (self.names.find(&name), create) {
            (None, None) => return Err(Error::NoSuchName),
            (None, Some(create)) => self.create(me, name, create)?,
            (Some(_), Some(Create { exclusive: true, .. })) => return Err(Error::NameTaken),
            (Some(slot), create) => {
                let wanted = create.map(|create| match create.sizes {
                    Sizes::Bytes(_) => Kind::Pipe,
                    Sizes::Messages { .. } => Kind::Queue,
                });
                let kind = self.channels.at(slot).kind();
                if !matches!(kind, Kind::Pipe | Kind::Queue)
                    || wanted.is_some_and(|wanted| wanted != kind)
                {
                    return Err(Error::WrongKind);
                }
                self.expect_access(me, slot)?;
                self.channel_id(slot)
            }
        };
        Ok(Value::Handle(self.open_channel(me, channel, rights)?))
    }

    pub(super) fn open_channel(
        &mut self,
        me: u16,
        channel: ChannelId,
        rights: Rights,
    ) -> Result<Handle> {
        let handle = self.grant(me, Object::Channel(channel), rights)?;
        self.channels.at_mut(channel.index()).open(rights);
        Ok(handle)
    }

    /// Makes what a task wants to open and nobody has made yet.
    pub(super) fn create(&mut self, me: u16, name: Name, create: Create<'_>) -> Result<ChannelId> {
        let allowed = self.allowed(me, create.access)?;
        self.make(Some(name), create.sizes, allowed)
    }

    /// Those whom a task means to let in.
    pub(super) fn allowed(&self, me: u16, access: Access<'_>) -> Result<Allowed> {
        Allowed::new(access, self.task_id(me), |peer| Ok(self.mailbox_of(peer)?.1))
    }

    pub(super) fn make(
        &mut self,
        name: Option<Name>,
        sizes: Sizes,
        allowed: Allowed,
    ) -> Result<ChannelId> {
        let (body, levels) = match sizes {
            Sizes::Bytes(_) => (Body::Pipe, 0),
            Sizes::Messages { .. } => (Body::Queue(Notice::Nobody), LEVELS),
        };
        let channel = self.make_channel(body, sizes, levels)?;
        self.channels.at_mut(channel.index()).allowed = allowed;
        if let Some(name) = name {
            self.names.insert(channel.index(), name);
        }
        let kind = self.channels.at(channel.index()).kind();
        self.emit(|| Event::Create { channel, kind, name, sizes });
        Ok(channel)
    }

    /// Takes a channel for a new object.
    pub(super) fn make_channel(
        &mut self,
        body: Body,
        sizes: Sizes,
        levels: usize,
    ) -> Result<ChannelId> {
        let ring = Ring::new(RING, sizes, levels).ok_or(Error::BadArgument)?;
        let channel = self.channels.insert().map(ChannelId).ok_or(Error::ChannelsFull)?;
        self.channels.at_mut(channel.index()).become_new(body, ring);
        Ok(channel)
    }

    /// Makes an object for tasks that are still to come.
    pub(super) fn create_kept(&mut self, name: &str, sizes: Sizes) -> Result<ChannelId> {
        let name = Name::new(name)?;
        if self.names.find(&name).is_some() {
            return Err(Error::NameTaken);
        }
        let channel = self.make(Some(name), sizes, Allowed::EVERYONE)?;
        self.channels.at_mut(channel.index()).kept = true;
        Ok(channel)
    }

    /// Frees the name of a pipe or a queue (law 43).
    pub(super) fn unlink(&mut self, me: u16, name: &str) -> Result<Value> {
        if has_scheme(name) {
            self.devices.unlink(name)?;
            return Ok(Value::Unit);
        }
        let slot = self.names.find(&Name::new(name)?).ok_or(Error::NoSuchName)?;
        if !matches!(self.channels.at(slot).kind(), Kind::Pipe | Kind::Queue) {
            return Err(Error::WrongKind);
        }
        self.expect_access(me, slot)?;
        self.names.remove(slot);
        let channel = self.channels.at_mut(slot);
        channel.kept = false;
        if channel.is_unused() {
            self.destroy(slot, Error::BadHandle);
        }
        Ok(Value::Unit)
    }

    /// Refuses those whom the creator of an object did not name (law 65).
    pub(super) fn expect_access(&self, me: u16, slot: u16) -> Result<()> {
        let me = self.task_id(me);
        if self.channels.at(slot).allowed.permits(me) { Ok(()) } else { Err(Error::NoRight) }
    }
}
