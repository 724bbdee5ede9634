//! Pipes: bytes, one way (laws 30 to 38).

use super::Kernel;
use super::bytes::ByteRing;
use super::call::{Readiness, Value};
use super::channel::{Body, Chance, Ends, Pipe};
use super::device::Devices;
use super::door::{Attempt, Refusal};
use super::error::{Error, Result};
use super::handles::Object;
use super::id::ChannelId;
use super::name::Name;
use super::rights::Rights;
use super::task::{On, Reason};
use super::trace::{Direction, Event, Trace};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Makes a pipe that tasks find under its name, before any of them runs: as `mkfifo` does.
    ///
    /// Neither side counts as closed before a task has opened it for the first time, so it does
    /// not matter who comes first. The pipe goes when both sides have been opened and closed.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::NameTooLong`], [`Error::NameTaken`]; [`Error::BadArgument`]
    /// if the capacity is not 1 to `RING` bytes; [`Error::ChannelsFull`].
    pub fn create_pipe(&mut self, name: &str, capacity: usize) -> Result<ChannelId> {
        self.make_pipe(Some(name), capacity)
    }

    /// Makes a pipe and gives the task both ends: as `pipe` does (pipe(2)).
    pub(super) fn pipe(&mut self, me: u16, name: Option<&str>, capacity: usize) -> Result<Value> {
        self.expect_room_for_handles(me, 2)?;
        let channel = self.make_pipe(name, capacity)?;
        let read = self.grant(me, Object::Channel(channel), Rights::READ)?;
        let write = self.grant(me, Object::Channel(channel), Rights::WRITE)?;
        self.open_ends(channel.index(), Rights::READ | Rights::WRITE);
        Ok(Value::Ends { read, write })
    }

    fn make_pipe(&mut self, name: Option<&str>, capacity: usize) -> Result<ChannelId> {
        let name = name.map(Name::new).transpose()?;
        if capacity == 0 || capacity > RING {
            return Err(Error::BadArgument);
        }
        if name.is_some_and(|name| self.names.find(&name).is_some()) {
            return Err(Error::NameTaken);
        }
        let channel = self.channels.insert().map(ChannelId).ok_or(Error::ChannelsFull)?;
        self.channels.at_mut(channel.index()).body = Body::Pipe(Pipe {
            ring: ByteRing::new(capacity),
            read_ends: Ends::AWAITED,
            write_ends: Ends::AWAITED,
        });
        if let Some(name) = name {
            self.names.insert(channel.index(), name);
        }
        self.emit(|| Event::Create { channel, name, capacity });
        Ok(channel)
    }

    /// Counts one more end for each of these rights.
    pub(super) fn open_ends(&mut self, slot: u16, rights: Rights) {
        if let Body::Pipe(pipe) = &mut self.channels.at_mut(slot).body {
            if rights.allow(Rights::READ) {
                pipe.read_ends.open();
            }
            if rights.allow(Rights::WRITE) {
                pipe.write_ends.open();
            }
        }
    }

    /// Counts one end less for each of these rights. The last close of a side wakes the other
    /// side (law 36), the last close of both frees the pipe.
    pub(super) fn close_ends(&mut self, slot: u16, rights: Rights) {
        let Body::Pipe(pipe) = &mut self.channels.at_mut(slot).body else { return };
        if rights.allow(Rights::READ) {
            pipe.read_ends.close();
        }
        if rights.allow(Rights::WRITE) {
            pipe.write_ends.close();
        }
        if pipe.read_ends.are_closed() && pipe.write_ends.are_closed() {
            // Only someone who closed a handle while waiting with it can still be in line.
            self.destroy(slot, Error::BadHandle);
        } else {
            self.settle(slot);
        }
    }

    /// Takes out what there is, as far as the buffer reaches (laws 33 and 34).
    #[inline]
    pub(super) fn read_pipe(&mut self, me: u16, slot: u16, buffer: &mut [u8]) -> Attempt {
        let priority = self.tasks.at(me).priority;
        let channel = self.channels.at_mut(slot);
        match channel.output() {
            Chance::Nobody => return Err(Refusal::Wait(On::Output(slot), Reason::Empty)),
            Chance::All => return Ok(Value::Count(0)),
            Chance::First if !self.waits.may_pass(&channel.readers, me, priority) => {
                return Err(Refusal::Wait(On::Output(slot), Reason::Line));
            }
            Chance::First => {}
        }
        let Body::Pipe(pipe) = &mut channel.body else { return Err(Error::WrongKind.into()) };
        let before = pipe.ring.len();
        let count = pipe.ring.read(&channel.store, buffer);
        self.emit_copy(me, slot, Direction::Out, count, before, before - count);
        self.settle(slot);
        Ok(Value::Count(count))
    }

    /// Puts bytes in: all or none of them up to `PIPE_BUF`, else as many as fit (laws 31, 32
    /// and 35).
    #[inline]
    pub(super) fn write_pipe(&mut self, me: u16, slot: u16, bytes: &[u8]) -> Attempt {
        let priority = self.tasks.at(me).priority;
        let channel = self.channels.at_mut(slot);
        let Body::Pipe(pipe) = &channel.body else { return Err(Error::WrongKind.into()) };
        let need = if bytes.len() <= pipe.atomic() { bytes.len() } else { 1 };
        match channel.room(need) {
            Chance::Nobody => return Err(Refusal::Wait(On::Room(slot, need), Reason::Full)),
            Chance::All => return Err(Error::BrokenPipe.into()),
            Chance::First if !self.waits.may_pass(&channel.writers, me, priority) => {
                return Err(Refusal::Wait(On::Room(slot, need), Reason::Line));
            }
            Chance::First => {}
        }
        let Body::Pipe(pipe) = &mut channel.body else { return Err(Error::WrongKind.into()) };
        let before = pipe.ring.len();
        let count = pipe.ring.write(&mut channel.store, bytes);
        self.emit_copy(me, slot, Direction::In, count, before, before + count);
        self.settle(slot);
        Ok(Value::Count(count))
    }

    /// What a call would meet that these rights allow (law 37).
    pub(super) fn pipe_readiness(&self, slot: u16, rights: Rights) -> Readiness {
        let Body::Pipe(pipe) = &self.channels.at(slot).body else { return Readiness::default() };
        let (reads, writes) = (rights.allow(Rights::READ), rights.allow(Rights::WRITE));
        let hung_up = pipe.write_ends.are_closed();
        Readiness {
            readable: reads && (pipe.ring.len() > 0 || hung_up),
            writable: writes && pipe.ring.free() >= pipe.atomic(),
            hung_up: reads && hung_up,
            error: writes && pipe.read_ends.are_closed(),
        }
    }
}
