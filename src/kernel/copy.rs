//! Copies: from a task's buffer into a ring, and out of a ring into a task's buffer. All bytes
//! that cross the kernel cross it here.

use super::{
    Attempt, Body, Chance, Devices, Direction, Envelope, Error, Event, Kernel, Message, Notice, On,
    Reason, Refusal, Ring, State, Trace, Value,
};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Whether a task may put a message in.
    #[inline(always)]
    pub(super) fn expect_room(&self, me: u16, slot: u16) -> Result<(), Refusal> {
        // Mostly there is room, and nobody came first.
        if self.channels.at(slot).is_open_for(me, 0) {
            return Ok(());
        }
        self.look_for_room(me, slot, 0)
    }

    #[cold]
    #[inline(never)]
    fn look_for_room(&self, me: u16, slot: u16, need: u16) -> Result<(), Refusal> {
        let channel = self.channels.at(slot);
        match channel.room(need) {
            Chance::Nobody => Err(Refusal::Wait(On::Room(slot, need), Reason::Full)),
            Chance::All => Err(Error::BrokenPipe.into()),
            Chance::First => {
                if self.waits.may_pass(&channel.writers, me, self.tasks.at(me).priority) {
                    Ok(())
                } else {
                    Err(Refusal::Wait(On::Room(slot, need), Reason::Line))
                }
            }
        }
    }

    /// Whether a task may take something out; `false` at the end of file.
    #[inline(always)]
    pub(super) fn expect_output(&mut self, me: u16, slot: u16) -> Result<bool, Refusal> {
        let channel = self.channels.at(slot);
        // Mostly there is something, and nobody came first.
        if channel.readers.has_nobody_but(me) && channel.has_output() {
            return Ok(true);
        }
        self.look_for_output(me, slot)
    }

    #[cold]
    #[inline(never)]
    fn look_for_output(&mut self, me: u16, slot: u16) -> Result<bool, Refusal> {
        let channel = self.channels.at_mut(slot);
        match channel.output() {
            Chance::Nobody => Err(Refusal::Wait(On::Output(slot), Reason::Empty)),
            Chance::All => Ok(false),
            Chance::First => {
                if !self.waits.may_pass(&channel.readers, me, self.tasks.at(me).priority) {
                    return Err(Refusal::Wait(On::Output(slot), Reason::Line));
                }
                if let Body::Socket(socket) = &mut channel.body
                    && channel.ring.len() == 0
                {
                    // There is an answer, but nothing in the ring: it is told once (law 51).
                    socket.reset = false;
                    self.settle(slot);
                    return Err(Error::ConnectionReset.into());
                }
                Ok(true)
            }
        }
    }

    /// Puts bytes in: all or none of them up to `PIPE_BUF`, else as many as fit (laws 31, 32
    /// and 35).
    #[inline(always)]
    pub(super) fn put_bytes(&mut self, me: u16, slot: u16, bytes: &[u8]) -> Attempt {
        let channel = self.channels.at(slot);
        // Mostly there is room for all of them, and nobody came first.
        if !channel.is_open_for(me, bytes.len()) {
            let whole = u16::try_from(bytes.len()).ok().filter(|&it| it <= channel.atomic());
            self.look_for_room(me, slot, whole.unwrap_or(1))?;
        }
        let channel = self.channels.at_mut(slot);
        let Ring::Bytes(ring) = &mut channel.ring else { return Err(Error::WrongKind.into()) };
        let before = ring.len();
        let count = ring.write(&mut channel.store, bytes);
        self.emit_copy(me, slot, Direction::In, count, before, before + count);
        self.settle_readers(slot);
        Ok(Value::Count(count))
    }

    /// Takes out what there is, as far as the buffer reaches (laws 33 and 34).
    #[inline(always)]
    pub(super) fn take_bytes(&mut self, me: u16, slot: u16, buffer: &mut [u8]) -> Attempt {
        if !self.expect_output(me, slot)? {
            return Ok(Value::Count(0));
        }
        let channel = self.channels.at_mut(slot);
        let Ring::Bytes(ring) = &mut channel.ring else { return Err(Error::WrongKind.into()) };
        let before = ring.len();
        let count = ring.read(&channel.store, buffer);
        self.emit_copy(me, slot, Direction::Out, count, before, before - count);
        self.settle_writers(slot);
        Ok(Value::Count(count))
    }

    /// Puts a message in. One that is too long is refused before anything else (laws 22, 41
    /// and 56).
    #[inline(always)]
    pub(super) fn put_message(
        &mut self,
        me: u16,
        slot: u16,
        level: u8,
        envelope: &Envelope,
        body: &[u8],
    ) -> Attempt {
        let ring = self.channels.at(slot).ring.messages().ok_or(Error::WrongKind)?;
        if body.len() > ring.longest() || ring.capacity() == 0 {
            return Err(Error::MessageTooLong.into());
        }
        self.expect_room(me, slot)?;
        self.push_message(me, slot, level, envelope, body);
        Ok(Value::Unit)
    }

    /// Puts a message in that is known to fit.
    #[inline(always)]
    pub(super) fn push_message(
        &mut self,
        me: u16,
        slot: u16,
        level: u8,
        envelope: &Envelope,
        body: &[u8],
    ) {
        let channel = self.channels.at_mut(slot);
        let Some(ring) = channel.ring.messages_mut() else { return };
        let before = ring.len();
        ring.push(&mut channel.store, level, envelope, body);
        if let Body::Queue(notice) = &mut channel.body
            && let Notice::Asked(task) = *notice
            && before == 0
            && channel.readers.head().is_none()
        {
            *notice = Notice::Due(task);
            if self.tasks.at(task.index()).state == State::Blocked {
                self.wake(task.index(), self.cause);
            }
        }
        self.emit_copy(me, slot, Direction::In, body.len(), before, before + 1);
        self.settle_readers(slot);
    }

    /// Takes out the first message.
    #[inline(always)]
    pub(super) fn take_message(
        &mut self,
        me: u16,
        slot: u16,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Attempt {
        if !self.expect_output(me, slot)? {
            return Ok(Value::End);
        }
        let channel = self.channels.at(slot);
        let ring = channel.ring.messages().ok_or(Error::WrongKind)?;
        match ring.front(&channel.store, 0) {
            Some(message) => Ok(self.pull_message(me, slot, message, buffer, envelope)),
            None => Ok(Value::End),
        }
    }

    /// Takes out this message, as far as the buffer reaches (laws 9 and 26).
    #[inline(always)]
    pub(super) fn pull_message(
        &mut self,
        me: u16,
        slot: u16,
        message: Message,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Value {
        let channel = self.channels.at_mut(slot);
        let before = channel.ring.len();
        let (mut copied, mut length) = (0, 0);
        if let Some(ring) = channel.ring.messages_mut() {
            let body = ring.body(&channel.store, message);
            length = body.len();
            copied = length.min(buffer.len());
            buffer[..copied].copy_from_slice(&body[..copied]);
            *envelope = Some(ring.envelope(&channel.store, message));
            ring.remove(&mut channel.store, message);
        }
        self.emit_copy(me, slot, Direction::Out, copied, before, before - 1);
        self.settle_writers(slot);
        // A message fits a ring, and its length is kept in 32 bits there.
        Value::Message { copied: copied as u32, length: length as u32 }
    }

    /// Tells the trace of a copy.
    #[inline]
    fn emit_copy(
        &mut self,
        me: u16,
        slot: u16,
        direction: Direction,
        bytes: usize,
        before: usize,
        after: usize,
    ) {
        let (task, channel) = (self.task_id(me), self.channel_id(slot));
        self.emit(|| Event::Copy { task, channel, direction, bytes, before, after });
    }
}
