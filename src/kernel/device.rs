//! Devices: the objects of the world outside.
//!
//! A name with a scheme (`unix:chat`) belongs to the devices. A handle to a device obeys the same
//! checks, rights, deadlines and traces as one to a channel; only the bytes live elsewhere.

use core::ops::RangeInclusive;

use super::{
    Attempt, Cause, Error, Kernel, On, Readiness, Reason, Refusal, Result, Rights, State, Ticks,
    Trace, Value, Waiting,
};

/// An open device, as the devices number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub u32);

/// The devices of a kernel. No call may block, except [`Devices::wait`], and none may come back to
/// the kernel: it is locked meanwhile.
pub trait Devices {
    /// Opens the device of this name.
    ///
    /// # Errors
    /// What the device says; [`Error::NoSuchName`] if there is none.
    fn open(&mut self, name: &str, rights: Rights) -> Result<DeviceId>;

    /// Takes bytes out, and returns how many; 0 is the end of file.
    ///
    /// # Errors
    /// What the device says; [`Error::WouldBlock`] lets the task wait for its turn.
    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize>;

    /// Puts bytes in, and returns how many: at least 1.
    ///
    /// # Errors
    /// What the device says; [`Error::WouldBlock`] lets the task wait for its turn.
    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize>;

    /// What a call would meet now.
    fn readiness(&mut self, device: DeviceId) -> Readiness;

    /// Opens the device once more.
    ///
    /// # Errors
    /// What the device says; [`Error::Unsupported`] if it cannot.
    fn duplicate(&mut self, device: DeviceId) -> Result<DeviceId>;

    /// Closes what `open` or `duplicate` opened, once.
    fn close(&mut self, device: DeviceId);

    /// Waits until a device may have become ready, or until the time given, if any, and returns
    /// what time it is then. `None` means that no device can ever wake a task.
    fn wait(&mut self, until: Option<Ticks>) -> Option<Ticks>;
}

/// A kernel without devices: every name with a scheme is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDevices;

impl Devices for NoDevices {
    fn open(&mut self, _: &str, _: Rights) -> Result<DeviceId> {
        Err(Error::NoSuchName)
    }

    fn read(&mut self, _: DeviceId, _: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }

    fn write(&mut self, _: DeviceId, _: &[u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }

    fn readiness(&mut self, _: DeviceId) -> Readiness {
        Readiness::default()
    }

    fn duplicate(&mut self, _: DeviceId) -> Result<DeviceId> {
        Err(Error::Unsupported)
    }

    fn close(&mut self, _: DeviceId) {}

    fn wait(&mut self, _: Option<Ticks>) -> Option<Ticks> {
        None
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    pub(super) fn read_device(&mut self, me: u16, device: DeviceId, buffer: &mut [u8]) -> Attempt {
        self.expect_turn(me, device, Rights::READ)?;
        let read = self.devices.read(device, buffer);
        counted(read, 0..=buffer.len(), On::Device(device, Rights::READ))
    }

    pub(super) fn write_device(&mut self, me: u16, device: DeviceId, bytes: &[u8]) -> Attempt {
        self.expect_turn(me, device, Rights::WRITE)?;
        let written = self.devices.write(device, bytes);
        counted(written, 1..=bytes.len(), On::Device(device, Rights::WRITE))
    }

    /// Lets nobody past those of the same or a higher priority that wait for the same (law 5).
    /// All who wait for devices stand in one line.
    fn expect_turn(&self, me: u16, device: DeviceId, right: Rights) -> Result<(), Refusal> {
        let on = On::Device(device, right);
        let mine = |&at: &u16| self.tasks.at(at).waiting.is_some_and(|it| it.on == on);
        match self.waits.iter(&self.device_line).find(mine) {
            Some(first) if first != me => {
                let behind = self.waits.contains(me) && mine(&me);
                if behind || self.tasks.at(first).priority <= self.tasks.at(me).priority {
                    return Err(Refusal::Wait(on, Reason::Line));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Wakes those who wait for a device that is ready now (law 2).
    pub fn look_at_devices(&mut self) {
        self.cause = Cause::Device;
        let mut at = self.device_line.head();
        while let Some(task) = at {
            at = self.waits.after(task, &self.device_line);
            let it = self.tasks.at(task);
            if it.state == State::Blocked
                && let Some(Waiting { on: On::Device(device, right), .. }) = it.waiting
                && self.devices.readiness(device).serves(right)
            {
                self.wake(task, self.cause);
            }
        }
        self.tell_device_pollers();
        self.cause = Cause::Runner;
    }

    /// Waits for the devices, until the next timer at the latest, takes note of the time, and
    /// wakes those who wait for one that is ready. `false` if no device can ever wake a task.
    pub fn wait_for_devices(&mut self) -> bool {
        if !self.awaits_devices() {
            return false;
        }
        let Some(now) = self.devices.wait(self.next_timer()) else { return false };
        self.advance(now);
        self.look_at_devices();
        true
    }

    /// Whether anybody waits for a device.
    #[inline]
    pub fn awaits_devices(&self) -> bool {
        self.device_line.head().is_some() || !self.device_pollers.is_empty()
    }
}

/// What a device says that it copied. A count out of range is a defect of the device, and would
/// be one of its task.
fn counted(copied: Result<usize>, range: RangeInclusive<usize>, on: On) -> Attempt {
    match copied {
        Ok(count) if range.contains(&count) => Ok(Value::Count(count)),
        Ok(_) => Err(Error::Device.into()),
        Err(Error::WouldBlock) => Err(Refusal::Wait(on, Reason::Device)),
        Err(error) => Err(error.into()),
    }
}
