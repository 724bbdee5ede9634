//! Devices that change their minds: the same call is served, refused, or put off, in turns.

use std::collections::BTreeSet;

use postroom::{
    Answer, Create, DeviceId, Devices, Error, Kind, Readiness, Result, Rights, Sleeper, Taken,
    Ticks, Value,
};

pub(crate) struct Moody {
    moods: u32,
    /// Opened and not closed yet.
    pub(crate) open: BTreeSet<u16>,
    watched: Option<DeviceId>,
}

impl Moody {
    pub(crate) const fn new() -> Self {
        Self { moods: 0, open: BTreeSet::new(), watched: None }
    }

    /// Numbers that follow no simple pattern (Knuth's multiplicative hash).
    fn mood(&mut self) -> u32 {
        self.moods = self.moods.wrapping_add(1);
        self.moods.wrapping_mul(2_654_435_761) >> 24
    }

    /// A number is given to one device at a time.
    fn begin(&mut self, device: DeviceId) {
        assert!(self.open.insert(device.0), "{device:?} is open");
    }

    /// The kernel names open devices alone.
    fn expect(&self, device: DeviceId) {
        assert!(self.open.contains(&device.0), "{device:?} is not open");
    }

    fn done(&mut self) -> Result<()> {
        match self.mood() {
            0..=79 => Err(Error::WouldBlock),
            80..=99 => Err(Error::ConnectionRefused),
            _ => Ok(()),
        }
    }

    fn copy(&mut self, length: usize) -> Result<usize> {
        match self.mood() {
            0..=119 => Err(Error::WouldBlock),
            120..=139 => Err(Error::ConnectionReset),
            some => Ok(length.min(some as usize - 140)),
        }
    }
}

impl Sleeper for Moody {
    fn sleep(&self, _: Option<Ticks>) {}

    fn interrupt(&self) {}
}

impl Devices for Moody {
    type Sleeper = Self;

    fn sleeper(&self) -> Self {
        Self::new()
    }

    fn open(
        &mut self,
        device: DeviceId,
        _: &str,
        _: Rights,
        _: Option<Create<'_>>,
    ) -> Result<Kind> {
        let kind = match self.mood() {
            0..=59 => return Err(Error::NoSuchName),
            60..=159 => Kind::Pipe,
            160..=199 => Kind::Queue,
            _ => Kind::Stream,
        };
        self.begin(device);
        Ok(kind)
    }

    fn unlink(&mut self, _: &str) -> Result<()> {
        self.done()
    }

    fn socket(&mut self, device: DeviceId, _: Kind, _: &str) -> Result<()> {
        self.done()?;
        self.begin(device);
        Ok(())
    }

    fn bind(&mut self, device: DeviceId, _: &str) -> Result<()> {
        self.expect(device);
        self.done()
    }

    fn listen(&mut self, device: DeviceId, _: usize) -> Result<()> {
        self.expect(device);
        self.done()
    }

    fn connect(&mut self, device: DeviceId, _: &str) -> Result<()> {
        self.expect(device);
        self.done()
    }

    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        self.expect(device);
        self.done()?;
        self.begin(connection);
        Ok(())
    }

    fn shutdown(&mut self, device: DeviceId, _: Rights) -> Result<()> {
        self.expect(device);
        self.done()
    }

    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        self.expect(device);
        self.copy(buffer.len())
    }

    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        self.expect(device);
        self.copy(bytes.len())
    }

    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        self.expect(device);
        let copied = self.copy(buffer.len())?;
        let length = self.mood() as usize;
        Ok((length > 9).then_some(Taken { copied, length, from: None, urgency: 0 }))
    }

    fn send(&mut self, device: DeviceId, _: Option<&str>, _: u8, _: &[u8]) -> Result<()> {
        self.expect(device);
        self.done()
    }

    fn attributes(&mut self, device: DeviceId) -> Answer {
        self.expect(device);
        self.done().map(|()| Value::Attributes { most: 1, longest: 1, length: 0 })
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        self.expect(device);
        let mood = self.mood();
        Readiness {
            readable: mood & 1 != 0,
            writable: mood & 2 != 0,
            hung_up: mood & 28 == 4,
            error: mood & 224 == 32,
        }
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        self.expect(device);
        self.watched = wants.map(|_| device);
    }

    fn is_watching(&self) -> bool {
        self.watched.is_some()
    }

    /// Also devices of which nobody asked, and those that do not exist.
    fn ready(&mut self) -> Option<DeviceId> {
        match self.mood() {
            0..=49 => self.watched,
            50..=99 => Some(DeviceId(self.mood() as u16)),
            _ => None,
        }
    }

    fn close(&mut self, device: DeviceId) {
        self.expect(device);
        self.open.remove(&device.0);
        self.watched = self.watched.filter(|&it| it != device);
    }
}
