//! The lock-free ring between two cores, beside other such rings.

use std::hint::{black_box, spin_loop};
use std::time::Duration;

use postroom::SpscRing;
use ringbuf::HeapRb;
use ringbuf::traits::{Consumer, Producer, Split};
use rtrb::RingBuffer;

use crate::affinity::{has_two_cores, side_by_side};
use crate::measure::{Contender, Goal, Role, Workload};

type Item = [u8; 64];

/// What is sent; its content does not matter.
const ITEM: Item = [7; 64];

/// A stream of items of 64 bytes from a thread on one core to a thread on another.
pub(super) fn workload() -> Workload {
    let id = "spsc";
    let goal =
        |text, at| Goal { text, ours: ("postroom", at), against: ("rtrb", at), at_most: 1.3 };
    let (mut contenders, mut goals) = (Vec::new(), Vec::new());
    if has_two_cores(id) {
        contenders.extend(all::<64>());
        contenders.extend(all::<1024>());
        goals.extend([goal("1.3 x rtrb, 64 slots", 64), goal("1.3 x rtrb, 1,024 slots", 1024)]);
    }
    let title = "lock-free ring, 64 B items from one core to another";
    Workload { id, title, axis: "slots", unit: "item", contenders, goals }
}

fn all<const SLOTS: usize>() -> Vec<Contender> {
    let at = SLOTS as u64;
    vec![
        Contender { name: "postroom", role: Role::Ours, at, run: Box::new(ours::<SLOTS>) },
        Contender { name: "rtrb", role: Role::Peer, at, run: Box::new(rtrb::<SLOTS>) },
        Contender { name: "ringbuf", role: Role::Peer, at, run: Box::new(ringbuf::<SLOTS>) },
    ]
}

/// Tries until it works.
fn until<R>(mut tried: impl FnMut() -> Option<R>) -> R {
    loop {
        if let Some(done) = tried() {
            return done;
        }
        spin_loop();
    }
}

/// Has the item arrive somewhere.
fn look_at(item: Item) {
    black_box(&item);
}

fn ours<const SLOTS: usize>(n: u64) -> Duration {
    let ring = SpscRing::<Item, SLOTS>::new();
    let mut producer = ring.producer().expect("nobody else has it");
    let mut consumer = ring.consumer().expect("nobody else has it");
    // Moved, as each side holds positions of its own that the other must not have in its cache line.
    side_by_side(
        move || (0..n).for_each(|_| until(|| producer.push(black_box(ITEM)).ok())),
        move || (0..n).for_each(|_| look_at(until(|| consumer.pop()))),
    )
}

fn rtrb<const SLOTS: usize>(n: u64) -> Duration {
    let (mut producer, mut consumer) = RingBuffer::<Item>::new(SLOTS);
    side_by_side(
        move || (0..n).for_each(|_| until(|| producer.push(black_box(ITEM)).ok())),
        move || (0..n).for_each(|_| look_at(until(|| consumer.pop().ok()))),
    )
}

fn ringbuf<const SLOTS: usize>(n: u64) -> Duration {
    let (mut producer, mut consumer) = HeapRb::<Item>::new(SLOTS).split();
    side_by_side(
        move || (0..n).for_each(|_| until(|| producer.try_push(black_box(ITEM)).ok())),
        move || (0..n).for_each(|_| look_at(until(|| consumer.try_pop()))),
    )
}
