//! Devices that change their minds: the same call is served, refused, or put off, in turns.

use postroom::{DeviceId, Devices, Error, Readiness, Result, Rights, Ticks};

pub(crate) struct Moody {
    moods: u32,
    /// Opened and not closed yet.
    pub(crate) open: i64,
    now: u64,
}

impl Moody {
    pub(crate) const fn new() -> Self {
        Self { moods: 0, open: 0, now: 0 }
    }

    /// Numbers that follow no simple pattern (Knuth's multiplicative hash).
    fn mood(&mut self) -> u32 {
        self.moods = self.moods.wrapping_add(1);
        self.moods.wrapping_mul(2_654_435_761) >> 24
    }

    fn copy(&mut self, length: usize) -> Result<usize> {
        match self.mood() {
            0..=119 => Err(Error::WouldBlock),
            120..=139 => Err(Error::ConnectionReset),
            some => Ok(length.min(some as usize - 140)),
        }
    }
}

impl Devices for Moody {
    fn open(&mut self, _: &str, _: Rights) -> Result<DeviceId> {
        if self.mood() < 60 {
            return Err(Error::NoSuchName);
        }
        self.open += 1;
        Ok(DeviceId(self.moods))
    }

    fn read(&mut self, _: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        self.copy(buffer.len())
    }

    fn write(&mut self, _: DeviceId, bytes: &[u8]) -> Result<usize> {
        self.copy(bytes.len())
    }

    fn readiness(&mut self, _: DeviceId) -> Readiness {
        Readiness::default()
    }

    fn duplicate(&mut self, _: DeviceId) -> Result<DeviceId> {
        self.open += 1;
        Ok(DeviceId(self.moods))
    }

    fn close(&mut self, _: DeviceId) {
        self.open -= 1;
    }

    fn wait(&mut self, until: Option<Ticks>) -> Option<Ticks> {
        self.now = self.now.saturating_add(u64::from(self.mood()));
        Some(until.map_or(Ticks(self.now), |until| until.min(Ticks(self.now))))
    }
}
