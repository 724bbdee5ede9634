//! A port: bytes that an interrupt handler brings, and bytes that go out, as a device of the kernel.

use core::cell::Cell;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use postroom::{Create, DeviceId, Devices, Error, Kind, Readiness, Result, Rights, Sleeper, Ticks};

use crate::{Board, Input};

/// The devices of a kernel on a board: one port, which one task may read and any may write.
pub struct Port<B> {
    name: &'static str,
    input: &'static Input,
    output: fn(u8),
    reader: Option<DeviceId>,
    /// The time that was last told: the board's clock wraps, the kernel's does not.
    now: Cell<Ticks>,
    board: PhantomData<B>,
}

impl<B: Board> Port<B> {
    /// A port of this name; `const`, for a `static`. `output` puts a byte out, without waiting long.
    pub const fn new(name: &'static str, input: &'static Input, output: fn(u8)) -> Self {
        Self { name, input, output, reader: None, now: Cell::new(Ticks(0)), board: PhantomData }
    }
}

impl<B: Board> Devices for Port<B> {
    type Sleeper = Rest<B>;

    fn sleeper(&self) -> Rest<B> {
        Rest { input: self.input, board: PhantomData }
    }

    fn now(&self) -> Option<Ticks> {
        let Ticks(last) = self.now.get();
        let since = B::ticks().wrapping_sub(last as u32);
        self.now.set(Ticks(last + u64::from(since)));
        Some(self.now.get())
    }

    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        _: Option<Create<'_>>,
    ) -> Result<Kind> {
        if name != self.name {
            return Err(Error::NoSuchName);
        }
        if rights.contains(Rights::READ) {
            if self.reader.is_some() {
                return Err(Error::Busy);
            }
            self.reader = Some(device);
        }
        Ok(Kind::Pipe)
    }

    fn read(&mut self, _: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        // Before the ring is looked at: what came before the end is read before it.
        let ended = self.input.ended.load(Acquire);
        match self.input.ring.consumer().map_or(0, |mut ring| ring.read(buffer)) {
            0 if !ended => Err(Error::WouldBlock),
            count => Ok(count),
        }
    }

    fn write(&mut self, _: DeviceId, bytes: &[u8]) -> Result<usize> {
        bytes.iter().for_each(|&byte| (self.output)(byte));
        Ok(bytes.len())
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        let ended = self.input.ended.load(Acquire);
        let readable = self.reader == Some(device) && (ended || !self.input.is_empty());
        Readiness { readable, writable: true, ..Readiness::NOTHING }
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        if self.reader == Some(device) {
            let awaited = wants.is_some_and(|wants| wants.contains(Rights::READ));
            self.input.awaited.store(awaited, Relaxed);
        }
    }

    fn is_watching(&self) -> bool {
        self.input.awaited.load(Relaxed)
    }

    fn ready(&mut self) -> Option<DeviceId> {
        let device = self.reader.filter(|_| self.is_watching())?;
        self.readiness(device).readable.then_some(device)
    }

    fn close(&mut self, device: DeviceId) {
        self.watch(device, None);
        self.reader = self.reader.filter(|&reader| reader != device);
    }
}

/// How the core sleeps: until an interrupt, and not at all if one came since it last looked.
pub struct Rest<B> {
    input: &'static Input,
    board: PhantomData<B>,
}

impl<B: Board> Sleeper for Rest<B> {
    fn sleep(&self, _: Option<Ticks>) {
        // The clock's interrupt comes each tick, so nobody oversleeps a deadline. An interrupt
        // between the look at the flag and the wait is pending, and ends the wait.
        B::masked(|| {
            if self.input.rang.swap(false, Relaxed) {
                return;
            }
            if self.input.awaited.load(Relaxed) && !self.input.is_empty() {
                self.input.missed.store(self.input.missed() + 1, Relaxed);
            }
            self.input.sleeps.store(self.input.sleeps() + 1, Relaxed);
            B::wait();
        });
    }

    fn interrupt(&self) {
        self.input.alert();
    }
}
