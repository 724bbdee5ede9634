//! A port: bytes that an interrupt handler brings, and bytes that go out, as a device of the kernel.
//!
//! The handler never enters the kernel. It puts a byte into a ring without a lock and raises a flag;
//! the core, which the interrupt has woken, looks at its devices and wakes whoever waits.

use core::cell::Cell;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use postroom::{
    Create, DeviceId, Devices, Error, Kind, Readiness, Result, Rights, Sleeper, SpscRing, Ticks,
};

use crate::Board;

/// Bytes that fit between the handler and the kernel.
const RING: usize = 16;

/// The side of a port that interrupt handlers see. All counts are for those who check.
pub struct Input {
    ring: SpscRing<u8, RING>,
    /// An interrupt came since the core last wanted to sleep.
    rang: AtomicBool,
    /// A task waits for a byte.
    awaited: AtomicBool,
    ended: AtomicBool,
    taken: AtomicU32,
    lost: AtomicU32,
    sleeps: AtomicU32,
    missed: AtomicU32,
}

impl Input {
    /// An input where nothing has come in; `const`, for a `static`.
    pub const fn new() -> Self {
        Self {
            ring: SpscRing::new(),
            rang: AtomicBool::new(false),
            awaited: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            taken: AtomicU32::new(0),
            lost: AtomicU32::new(0),
            sleeps: AtomicU32::new(0),
            missed: AtomicU32::new(0),
        }
    }

    /// Keeps the core from sleeping before it has looked at its devices. Every handler calls this
    /// after what it did.
    pub fn alert(&self) {
        self.rang.store(true, Relaxed);
    }

    /// Whether one more byte would find room.
    pub fn has_room(&self) -> bool {
        self.ring.producer().is_some_and(|mut ring| ring.free() > 0)
    }

    /// A byte has come. The handler is the only one who calls this.
    pub fn push(&self, byte: u8) {
        let pushed = self.ring.producer().is_some_and(|mut ring| ring.push(byte).is_ok());
        let count = if pushed { &self.taken } else { &self.lost };
        // One writer, so no addition can be lost; not every core adds in one step.
        count.store(count.load(Relaxed) + 1, Relaxed);
        self.alert();
    }

    /// No more bytes will come.
    pub fn end(&self) {
        self.ended.store(true, Relaxed);
        self.alert();
    }

    /// Bytes that found room.
    pub fn taken(&self) -> u32 {
        self.taken.load(Relaxed)
    }

    /// Bytes that found none.
    pub fn lost(&self) -> u32 {
        self.lost.load(Relaxed)
    }

    /// How often the core slept.
    pub fn sleeps(&self) -> u32 {
        self.sleeps.load(Relaxed)
    }

    /// How often it would have slept although a byte lay there that a task waits for.
    pub fn missed(&self) -> u32 {
        self.missed.load(Relaxed)
    }

    fn is_empty(&self) -> bool {
        self.ring.consumer().is_none_or(|mut ring| ring.is_empty())
    }
}

impl Default for Input {
    fn default() -> Self {
        Self::new()
    }
}

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
        let ended = self.input.ended.load(Relaxed);
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
        let ended = self.input.ended.load(Relaxed);
        let readable = self.reader == Some(device) && (ended || !self.input.is_empty());
        Readiness { readable, writable: true, ..Readiness::NOTHING }
    }

    fn watch(&mut self, device: DeviceId, wants: Rights) {
        if self.reader == Some(device) {
            self.input.awaited.store(wants.contains(Rights::READ), Relaxed);
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
        self.watch(device, Rights::NONE);
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
