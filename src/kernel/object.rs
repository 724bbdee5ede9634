//! Objects: what a handle stands for, and the calls that all of them share.

use core::ops::RangeInclusive;

use super::Kernel;
use super::call::Value;
use super::channel::Body;
use super::device::Devices;
use super::door::{Attempt, Refusal};
use super::error::{Error, Result};
use super::handles::{Entry, Object};
use super::id::{ChannelId, Handle};
use super::name::{Name, has_scheme};
use super::rights::Rights;
use super::task::{On, Reason};
use super::trace::{Event, Trace};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// What a task's handle stands for, if it carries the right.
    ///
    /// # Errors
    /// In the order of law 63: [`Error::BadHandle`], [`Error::WrongKind`], [`Error::NoRight`].
    #[inline]
    fn object(&self, me: u16, handle: Handle, right: Rights) -> Result<Object> {
        let entry = self.tasks.at(me).handles.get(handle)?;
        if let Object::Channel(channel) = entry.object
            && !matches!(self.channels.at(channel.index()).body, Body::Pipe(_))
        {
            return Err(Error::WrongKind);
        }
        if !entry.rights.allow(right) {
            return Err(Error::NoRight);
        }
        Ok(entry.object)
    }

    /// Takes bytes out. None at all is an answer at once, whatever the state of the object
    /// (law 10).
    #[inline]
    pub(super) fn read(&mut self, me: u16, handle: Handle, buffer: &mut [u8]) -> Attempt {
        match self.object(me, handle, Rights::READ)? {
            _ if buffer.is_empty() => Ok(Value::Count(0)),
            Object::Channel(channel) => self.read_pipe(me, channel.index(), buffer),
            Object::Device(device) => counted(self.devices.read(device, buffer), 0..=buffer.len()),
        }
    }

    /// Puts bytes in. None at all is an answer at once, whatever the state of the object
    /// (law 10).
    #[inline]
    pub(super) fn write(&mut self, me: u16, handle: Handle, bytes: &[u8]) -> Attempt {
        match self.object(me, handle, Rights::WRITE)? {
            _ if bytes.is_empty() => Ok(Value::Count(0)),
            Object::Channel(channel) => self.write_pipe(me, channel.index(), bytes),
            Object::Device(device) => counted(self.devices.write(device, bytes), 1..=bytes.len()),
        }
    }

    /// Opens what has a name.
    pub(super) fn open(&mut self, me: u16, name: &str, rights: Rights) -> Result<Value> {
        if has_scheme(name) {
            self.expect_room_for_handles(me, 1)?;
            let device = self.devices.open(name, rights)?;
            return Ok(Value::Handle(self.grant(me, Object::Device(device), rights)?));
        }
        let slot = self.names.find(&Name::new(name)?).ok_or(Error::NoSuchName)?;
        let Body::Pipe(_) = self.channels.at(slot).body else { return Err(Error::WrongKind) };
        let channel = self.channels.key(slot).map(ChannelId).ok_or(Error::NoSuchName)?;
        self.expect_room_for_handles(me, 1)?;
        let handle = self.grant(me, Object::Channel(channel), rights)?;
        self.open_ends(slot, rights);
        Ok(Value::Handle(handle))
    }

    pub(super) fn duplicate(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let Entry { object, rights, .. } = *self.tasks.at(me).handles.get(handle)?;
        self.expect_room_for_handles(me, 1)?;
        let object = match object {
            Object::Channel(channel) => {
                self.open_ends(channel.index(), rights);
                object
            }
            Object::Device(device) => Object::Device(self.devices.duplicate(device)?),
        };
        Ok(Value::Handle(self.grant(me, object, rights)?))
    }

    pub(super) fn close(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let entry = self.tasks.at_mut(me).handles.remove(handle)?;
        self.release(entry);
        Ok(Value::Unit)
    }

    /// Ends what an entry of a handle table stood for.
    pub(super) fn release(&mut self, entry: Entry) {
        match entry.object {
            Object::Channel(channel) => self.close_ends(channel.index(), entry.rights),
            Object::Device(device) => self.devices.close(device),
        }
    }

    pub(super) fn readiness(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let Entry { object, rights, .. } = *self.tasks.at(me).handles.get(handle)?;
        Ok(Value::Readiness(match object {
            Object::Channel(channel) => self.pipe_readiness(channel.index(), rights),
            Object::Device(device) => self.devices.readiness(device),
        }))
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
        let entry = Entry { serial: self.serial, object, rights };
        let handle = self.tasks.at_mut(me).handles.insert(entry)?;
        self.serial += 1;
        Ok(handle)
    }

    /// Frees a channel that nobody can reach any more. Whoever still stands in a line there is
    /// told (law 6).
    pub(super) fn destroy(&mut self, slot: u16, verdict: Error) {
        self.evict(|kernel| &mut kernel.channels.at_mut(slot).readers, verdict);
        self.evict(|kernel| &mut kernel.channels.at_mut(slot).writers, verdict);
        self.names.remove(slot);
        let channel = self.channels.key(slot);
        self.channels.at_mut(slot).body = Body::Free;
        self.channels.remove(slot);
        if let Some(key) = channel {
            self.emit(|| Event::Destroy { channel: ChannelId(key) });
        }
    }
}

/// What a device says that it copied. A count out of range is a defect of the device, and would
/// be one of its task.
fn counted(copied: Result<usize>, range: RangeInclusive<usize>) -> Attempt {
    match copied {
        Ok(count) if range.contains(&count) => Ok(Value::Count(count)),
        Ok(_) => Err(Error::Device.into()),
        Err(Error::WouldBlock) => Err(Refusal::Wait(On::Device, Reason::Device)),
        Err(error) => Err(error.into()),
    }
}
