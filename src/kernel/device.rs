//! Devices: the objects of the world outside.
//!
//! A name with a scheme (`unix:chat`) belongs to the devices. A handle to a device obeys the same
//! checks, rights, deadlines and traces as one to a channel; only the bytes live elsewhere.

use super::{Error, Readiness, Result, Rights, Ticks};

/// An open device, as the devices number them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub u32);

/// The devices of a kernel. No call may block, except [`Devices::wait`].
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
