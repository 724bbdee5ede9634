//! Message queues: messages, many to many, the most urgent first (laws 39 to 45).

use super::{
    Attempt, Body, ChannelId, Devices, Envelope, Error, Handle, Kernel, Kind, Kinds, LEVELS,
    Notice, On, Reason, Refusal, Result, Rights, Sizes, Trace, Value,
};

const QUEUES: Kinds = Kinds::of(&[Kind::Queue]);

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Makes a queue of so many messages of up to so many bytes, as [`Kernel::create_pipe`]
    /// makes a pipe.
    ///
    /// # Errors
    /// As [`Kernel::create_pipe`]; [`Error::BadArgument`] if the messages do not fit a ring.
    pub fn create_queue(&mut self, name: &str, most: usize, longest: usize) -> Result<ChannelId> {
        self.create_kept(name, Sizes::Messages { most, longest })
    }

    /// Puts a message into a queue; the most urgent comes out first (law 40).
    #[inline(always)]
    pub(super) fn enqueue(
        &mut self,
        me: u16,
        handle: Handle,
        urgency: u8,
        message: &[u8],
    ) -> Attempt {
        let slot = self.channel(me, handle, QUEUES, Rights::WRITE)?.index();
        if usize::from(urgency) >= LEVELS {
            return Err(Error::BadArgument.into());
        }
        if let Some(device) = self.device(slot) {
            return self.send_device(me, device, None, urgency, message);
        }
        let envelope = Envelope { urgency, ..self.envelope(me, None) };
        self.put_message(me, slot, LEVELS as u8 - 1 - urgency, &envelope, message)
    }

    /// Takes the first message out of a queue. A buffer that could not take the longest is refused
    /// (law 42).
    #[inline(always)]
    pub(super) fn dequeue_message(
        &mut self,
        me: u16,
        slot: u16,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Attempt {
        let longest = self.channels.at(slot).ring.messages().map(|ring| ring.longest());
        if longest.is_some_and(|longest| buffer.len() < longest) {
            return Err(Error::MessageTooLong.into());
        }
        self.take_message(me, slot, buffer, envelope)
    }

    pub(super) fn attributes(&mut self, me: u16, handle: Handle) -> Result<Value> {
        let channel = self.channel(me, handle, QUEUES, Rights::NONE)?;
        if let Some(device) = self.device(channel.index()) {
            return self.devices.attributes(device);
        }
        let ring = self.channels.at(channel.index()).ring.messages().ok_or(Error::WrongKind)?;
        // Slots are counted in 16 bits, and a message's length in 32.
        let (most, length) = (ring.capacity() as u16, ring.len() as u16);
        Ok(Value::Attributes { most, longest: ring.longest() as u32, length })
    }

    /// Waits for the first message after a queue was empty (law 45).
    pub(super) fn notify(&mut self, me: u16, handle: Handle) -> Attempt {
        let slot = self.channel(me, handle, QUEUES, Rights::READ)?.index();
        let me = self.task_id(me);
        match self.channels.at(slot).body {
            Body::Device(_) => Err(Error::Unsupported.into()),
            Body::Queue(Notice::Due(task)) if task == me => Ok(Value::Unit),
            Body::Queue(Notice::Asked(task) | Notice::Due(task)) if task != me => {
                Err(Error::Busy.into())
            }
            _ => Err(Refusal::Wait(On::Notice(slot), Reason::Notice)),
        }
    }
}
