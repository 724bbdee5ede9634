//! A ring between one producer and one consumer that takes no lock: for an interrupt handler that
//! must hand something to a task, whoever holds the kernel's lock at that moment.
//!
//! ```text
//!          head                tail
//!           v                   v
//!   +---+---+---+---+---+---+---+---+
//!   |   |   | # | # | # | # | # |   |       the consumer moves head, the producer moves tail
//!   +---+---+---+---+---+---+---+---+
//! ```
//!
//! Both positions run from 0 to twice the number of slots, so a full ring (they are one round apart)
//! is told from an empty one (they are equal), and every slot is used. Each side keeps the other's
//! position as it saw it last, and looks again only when that says that it cannot go on: while
//! things flow, the two sides seldom touch each other's positions, which lie in different cache
//! lines.
//!
//! A task does not wait here. Behind a device of the kernel, the ring is what the device reads, and
//! a task that finds it empty waits in the kernel like for any device. An interrupt wakes nobody: it
//! puts its items in. The runner looks at the devices before it chooses who is next, and wakes the
//! task; a runner that sleeps has to be woken by the interrupt, as `wfi` is by the hardware.
//!
//! Taking a side needs a compare-and-swap, which the smallest processors (ARMv6-M) do not have.

use core::fmt;
use core::mem::MaybeUninit;

use crate::sync::{AtomicBool, AtomicUsize, Ordering, UnsafeCell, array, constant};

/// A ring of `SLOTS` items between one [`Producer`] and one [`Consumer`].
///
/// It fits in a `static`. Whoever is to use a side takes it, and gives it back by dropping it:
///
/// ```
/// use postroom::SpscRing;
///
/// static RING: SpscRing<u8, 64> = SpscRing::new();
///
/// fn interrupt_handler(byte: u8) {
///     // Nobody else takes this side, so it is there each time.
///     if let Some(mut producer) = RING.producer() {
///         let _lost_when_full = producer.push(byte);
///     }
/// }
///
/// interrupt_handler(b'!');
/// let mut consumer = RING.consumer().expect("nobody else has taken it");
/// assert_eq!(consumer.pop(), Some(b'!'));
/// ```
pub struct SpscRing<T, const SLOTS: usize> {
    /// The slots from the consumer's position to the producer's hold items.
    slots: [UnsafeCell<MaybeUninit<T>>; SLOTS],
    consumer: Side,
    producer: Side,
}

/// One side. The two stand in different cache lines, where there are any.
#[cfg_attr(target_pointer_width = "64", repr(align(64)))]
struct Side {
    /// Where it puts in or takes out next, 0 to `2 * SLOTS - 1`. Only whoever has taken the side
    /// writes it.
    position: AtomicUsize,
    taken: AtomicBool,
}

// SAFETY: the ring moves items from the producer's thread to the consumer's, hence `Send`. It never
// shows one item to both: a slot belongs to the consumer when it is between the two positions, and
// to the producer otherwise.
unsafe impl<T: Send, const SLOTS: usize> Sync for SpscRing<T, SLOTS> {}

impl Side {
    constant! {
        fn new() -> Self {
            Self { position: AtomicUsize::new(0), taken: AtomicBool::new(false) }
        }
    }

    /// Takes the side, unless somebody has it.
    fn take(&self) -> bool {
        // Acquire: all that the last one did with this side is done. It pairs with `give_back`.
        // Relaxed: nothing follows from a side that somebody has.
        self.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    fn give_back(&self) {
        // Release: whoever takes the side next finds it as it is left here.
        self.taken.store(false, Ordering::Release);
    }
}

impl<T, const SLOTS: usize> SpscRing<T, SLOTS> {
    /// A ring has a slot, and its positions can be counted.
    const VALID: () = assert!(SLOTS >= 1 && SLOTS <= usize::MAX / 2, "a ring has 1 slot or more");

    constant! {
        /// An empty ring. `SLOTS` is 1 to `usize::MAX / 2`; others do not compile.
        pub fn new() -> Self {
            let () = Self::VALID;
            Self {
                slots: array![UnsafeCell::new(MaybeUninit::uninit()); SLOTS],
                consumer: Side::new(),
                producer: Side::new(),
            }
        }
    }

    /// Takes the side where items go in; `None` while somebody has it. One that is forgotten
    /// instead of dropped is taken for ever.
    pub fn producer(&self) -> Option<Producer<'_, T, SLOTS>> {
        self.producer.take().then(|| Producer {
            ring: self,
            // Relaxed: it was last written by whoever had this side, who gave it back since.
            tail: self.producer.position.load(Ordering::Relaxed),
            // Acquire: as in `Producer::free`.
            head: self.consumer.position.load(Ordering::Acquire),
        })
    }

    /// Takes the side where items come out; `None` while somebody has it.
    pub fn consumer(&self) -> Option<Consumer<'_, T, SLOTS>> {
        self.consumer.take().then(|| Consumer {
            ring: self,
            // Relaxed: it was last written by whoever had this side, who gave it back since.
            head: self.consumer.position.load(Ordering::Relaxed),
            // Acquire: as in `Consumer::len`.
            tail: self.producer.position.load(Ordering::Acquire),
        })
    }
}

impl<T, const SLOTS: usize> Default for SpscRing<T, SLOTS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const SLOTS: usize> Drop for SpscRing<T, SLOTS> {
    /// Drops the items that were never taken out.
    fn drop(&mut self) {
        // Nobody can have a side any more, but one that was leaked is still taken.
        self.consumer.give_back();
        if let Some(mut left) = self.consumer() {
            while left.pop().is_some() {}
        }
    }
}

impl<T, const SLOTS: usize> fmt::Debug for SpscRing<T, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpscRing").field("slots", &SLOTS).finish_non_exhaustive()
    }
}

/// Items between two positions, of which the second is not behind.
const fn between<const SLOTS: usize>(head: usize, tail: usize) -> usize {
    if head <= tail { tail - head } else { 2 * SLOTS - head + tail }
}

/// The position so many items further; at most a round.
const fn further<const SLOTS: usize>(position: usize, count: usize) -> usize {
    let to_the_end = 2 * SLOTS - position;
    if count < to_the_end { position + count } else { count - to_the_end }
}

/// The slot at a position.
const fn slot<const SLOTS: usize>(position: usize) -> usize {
    if position < SLOTS { position } else { position - SLOTS }
}

/// The side where items go in. Its own thread, core or interrupt handler has it alone.
pub struct Producer<'r, T, const SLOTS: usize> {
    ring: &'r SpscRing<T, SLOTS>,
    tail: usize,
    /// Where the consumer was when it was looked at last: it may be further now.
    head: usize,
}

impl<T, const SLOTS: usize> Producer<'_, T, SLOTS> {
    /// How many items fit now, at the least: the consumer may be making room.
    #[inline]
    pub fn free(&mut self) -> usize {
        // Acquire: the consumer has moved out of the slots that it says are free. It pairs with
        // the Release in `Consumer::advance`.
        self.head = self.ring.consumer.position.load(Ordering::Acquire);
        self.free_as_seen()
    }

    #[inline]
    fn free_as_seen(&self) -> usize {
        SLOTS - between::<SLOTS>(self.head, self.tail)
    }

    /// Puts one item in.
    ///
    /// # Errors
    /// The item itself, if the ring is full.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.free_as_seen() == 0 && self.free() == 0 {
            return Err(item);
        }
        self.ring.slots[slot::<SLOTS>(self.tail)].with_mut(|slot| {
            // SAFETY: the slot at `tail` is free, so it is the producer's alone, and this is the
            // only producer. What was in it has been moved out.
            unsafe { slot.write(MaybeUninit::new(item)) }
        });
        self.advance(1);
        Ok(())
    }

    /// Puts in as many of the items as fit, the first ones, and returns how many that were.
    #[inline]
    pub fn write(&mut self, items: &[T]) -> usize
    where
        T: Copy,
    {
        let mut free = self.free_as_seen();
        if free < items.len() {
            free = self.free();
        }
        let count = free.min(items.len());
        let first = slot::<SLOTS>(self.tail);
        let (one, other) = items[..count].split_at(count.min(SLOTS - first));
        for (at, part) in [(first, one), (0, other)] {
            for (slot, item) in self.ring.slots[at..].iter().zip(part) {
                slot.with_mut(|slot| {
                    // SAFETY: as in `push`: at most `free` slots from `tail` on are written.
                    unsafe { slot.write(MaybeUninit::new(*item)) }
                });
            }
        }
        self.advance(count);
        count
    }

    /// Shows the consumer what was put in.
    #[inline]
    fn advance(&mut self, count: usize) {
        self.tail = further::<SLOTS>(self.tail, count);
        // Release: the items are in their slots before the consumer sees that they are there. It
        // pairs with the Acquire in `Consumer::len`.
        self.ring.producer.position.store(self.tail, Ordering::Release);
    }
}

impl<T, const SLOTS: usize> Drop for Producer<'_, T, SLOTS> {
    fn drop(&mut self) {
        self.ring.producer.give_back();
    }
}

impl<T, const SLOTS: usize> fmt::Debug for Producer<'_, T, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("free", &self.free_as_seen()).finish_non_exhaustive()
    }
}

/// The side where items come out. Its own thread, core or interrupt handler has it alone.
pub struct Consumer<'r, T, const SLOTS: usize> {
    ring: &'r SpscRing<T, SLOTS>,
    head: usize,
    /// Where the producer was when it was looked at last: it may be further now.
    tail: usize,
}

impl<T, const SLOTS: usize> Consumer<'_, T, SLOTS> {
    /// How many items there are, at the least: the producer may be putting more in.
    #[inline]
    pub fn len(&mut self) -> usize {
        // Acquire: the producer has put in all the items that it says are there. It pairs with
        // the Release in `Producer::advance`.
        self.tail = self.ring.producer.position.load(Ordering::Acquire);
        self.len_as_seen()
    }

    /// Whether there is nothing to take out.
    #[inline]
    pub fn is_empty(&mut self) -> bool {
        self.len_as_seen() == 0 && self.len() == 0
    }

    #[inline]
    fn len_as_seen(&self) -> usize {
        between::<SLOTS>(self.head, self.tail)
    }

    /// Takes the first item out.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let item = self.ring.slots[slot::<SLOTS>(self.head)].with(|slot| {
            // SAFETY: the slot at `head` holds an item, so it is the consumer's alone, and this is
            // the only consumer. The item is moved out once: `head` goes on.
            unsafe { slot.read().assume_init() }
        });
        self.advance(1);
        Some(item)
    }

    /// Takes out as many items as there are and fit in the buffer, and returns how many that were.
    #[inline]
    pub fn read(&mut self, buffer: &mut [T]) -> usize
    where
        T: Copy,
    {
        let mut count = self.len_as_seen();
        if count < buffer.len() {
            count = self.len();
        }
        let count = count.min(buffer.len());
        let first = slot::<SLOTS>(self.head);
        let (one, other) = buffer[..count].split_at_mut(count.min(SLOTS - first));
        for (at, part) in [(first, one), (0, other)] {
            for (slot, item) in self.ring.slots[at..].iter().zip(part) {
                *item = slot.with(|slot| {
                    // SAFETY: as in `pop`: at most `len` slots from `head` on are read.
                    unsafe { slot.read().assume_init() }
                });
            }
        }
        self.advance(count);
        count
    }

    /// Shows the producer what was taken out.
    #[inline]
    fn advance(&mut self, count: usize) {
        self.head = further::<SLOTS>(self.head, count);
        // Release: the items are out of their slots before the producer sees that they are free.
        // It pairs with the Acquire in `Producer::free`.
        self.ring.consumer.position.store(self.head, Ordering::Release);
    }
}

impl<T, const SLOTS: usize> Drop for Consumer<'_, T, SLOTS> {
    fn drop(&mut self) {
        self.ring.consumer.give_back();
    }
}

impl<T, const SLOTS: usize> fmt::Debug for Consumer<'_, T, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("items", &self.len_as_seen()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "spsc/tests.rs"]
mod tests;
