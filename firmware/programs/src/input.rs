//! What interrupt handlers bring: bytes, and news.
//!
//! A handler never enters the kernel. It puts a byte into a ring without a lock and raises a flag; the
//! core, which the interrupt has woken, looks at its devices and wakes whoever waits.

use core::sync::atomic::Ordering::{Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicU32};

use postroom::SpscRing;

/// Bytes that fit between the handler and the kernel.
const RING: usize = 16;

/// The side of a port that interrupt handlers see. All counts are for those who check.
pub struct Input {
    pub(crate) ring: SpscRing<u8, RING>,
    /// An interrupt came since the core last wanted to sleep.
    pub(crate) rang: AtomicBool,
    /// A task waits for a byte.
    pub(crate) awaited: AtomicBool,
    pub(crate) ended: AtomicBool,
    taken: AtomicU32,
    lost: AtomicU32,
    pub(crate) sleeps: AtomicU32,
    pub(crate) missed: AtomicU32,
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
        // Release: whoever sees the end sees all bytes before it.
        self.ended.store(true, Release);
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

    pub(crate) fn is_empty(&self) -> bool {
        self.ring.consumer().is_none_or(|mut ring| ring.is_empty())
    }
}

impl Default for Input {
    fn default() -> Self {
        Self::new()
    }
}
