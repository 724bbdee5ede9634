//! The lock-free ring: nothing lost, nothing twice, nothing out of order, and no slot touched by
//! both sides at once (which loom reports as a race on its cell).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread;

use super::super::spsc::{Consumer, Producer, SpscRing};
use super::super::transcript;
use crate::models;

models! {
    items_pass_one_slot_one_by_one: 2 threads, every order, at least 1_500;
    items_pass_two_slots_one_by_one: 2 threads, every order, at least 7_000;
    items_pass_one_slot_in_bulk: 2 threads, every order, at least 300;
    items_pass_two_slots_in_bulk: 2 threads, every order, at least 150;
    items_pass_three_slots_in_bulk: 2 threads, every order, at least 150;
    the_producer_changes_hands: 2 threads, every order, at least 5;
    the_consumer_changes_hands: 2 threads, every order, at least 5;
    what_is_left_is_dropped_once: 2 threads, every order, at least 12;
}

/// Both sides of a ring, taken before there is a second thread.
///
/// Whoever takes a side loads its own position, and loom, which looks at nothing but the last access
/// to an atomic, would then take the other thread's loads before that for harmless: it would
/// explore one order.
fn sides<T, const SLOTS: usize>(
    ring: &Arc<SpscRing<T, SLOTS>>,
) -> (Producer<'static, T, SLOTS>, Consumer<'static, T, SLOTS>) {
    // SAFETY: a model keeps its `Arc` until both sides are gone.
    let ring: &'static SpscRing<T, SLOTS> = unsafe { &*Arc::as_ptr(ring) };
    (ring.producer().unwrap(), ring.consumer().unwrap())
}

/// Runs a producer and a consumer, each on its thread. The producer returns what it got in, the
/// consumer what it got out; together with what is left that must be the same, in order.
fn transfer<const SLOTS: usize>(
    produce: fn(&mut Producer<'_, u8, SLOTS>) -> Vec<u8>,
    consume: fn(&mut Consumer<'_, u8, SLOTS>) -> Vec<u8>,
) {
    transcript::begin();
    let ring = Arc::new(SpscRing::new());
    let (mut producer, mut consumer) = sides(&ring);
    let producer = thread::spawn(move || produce(&mut producer));
    let mut out = consume(&mut consumer);
    let into = producer.join().unwrap();
    let left: Vec<u8> = std::iter::from_fn(|| consumer.pop()).collect();
    transcript::note(format!("left: {left:?}"));
    assert!(left.len() <= SLOTS);
    out.extend(left);
    assert_eq!(out, into);
}

/// Tries to put in four items, each once. Those that find no room are lost, as for an interrupt.
fn push_four<const SLOTS: usize>(producer: &mut Producer<'_, u8, SLOTS>) -> Vec<u8> {
    (1..=4)
        .filter(|&item| {
            let pushed = producer.push(item).is_ok();
            transcript::note(format!("producer  push({item}) = {pushed}"));
            pushed
        })
        .collect()
}

fn pop_four<const SLOTS: usize>(consumer: &mut Consumer<'_, u8, SLOTS>) -> Vec<u8> {
    (1..=4)
        .filter_map(|_| {
            let item = consumer.pop();
            transcript::note(format!("consumer  pop() = {item:?}"));
            item
        })
        .collect()
}

/// Writes two and then up to two more, of which the first ones may have to be tried again.
fn write_twice<const SLOTS: usize>(producer: &mut Producer<'_, u8, SLOTS>) -> Vec<u8> {
    let mut items: VecDeque<u8> = (1..=4).collect();
    let mut written = Vec::new();
    for _ in 0..2 {
        let next = &items.make_contiguous()[..2];
        let count = producer.write(next);
        transcript::note(format!("producer  write({next:?}) = {count}"));
        written.extend(items.drain(..count));
    }
    written
}

fn read_twice<const SLOTS: usize>(consumer: &mut Consumer<'_, u8, SLOTS>) -> Vec<u8> {
    let mut read = Vec::new();
    for _ in 0..2 {
        let mut buffer = [0; 2];
        let count = consumer.read(&mut buffer);
        transcript::note(format!("consumer  read(2) = {:?}", &buffer[..count]));
        read.extend_from_slice(&buffer[..count]);
    }
    read
}

fn items_pass_one_slot_one_by_one() {
    transfer::<1>(push_four, pop_four);
}

fn items_pass_two_slots_one_by_one() {
    transfer::<2>(push_four, pop_four);
}

fn items_pass_one_slot_in_bulk() {
    transfer::<1>(write_twice, read_twice);
}

fn items_pass_two_slots_in_bulk() {
    transfer::<2>(write_twice, read_twice);
}

/// A write or a read of two goes around the end.
fn items_pass_three_slots_in_bulk() {
    transfer::<3>(write_twice, read_twice);
}

/// Two threads take the side where items go in, if they can, and leave it to the other one. Here
/// they do take it while the other one runs, so these are not all orders: see [`sides`].
fn the_producer_changes_hands() {
    transcript::begin();
    let ring = Arc::new(SpscRing::<u8, 2>::new());
    let produce = |ring: &SpscRing<u8, 2>, item| {
        let mut producer = ring.producer()?;
        let pushed = producer.push(item).is_ok();
        transcript::note(format!("producer {item}  push = {pushed}"));
        pushed.then_some(item)
    };
    let other = Arc::clone(&ring);
    let other = thread::spawn(move || produce(&other, 1));
    let mut into: Vec<u8> = produce(&ring, 2).into_iter().collect();
    into.extend(other.join().unwrap());
    let mut out: Vec<u8> = std::iter::from_fn(|| ring.consumer()?.pop()).collect();
    // Who came first, only the ring knows.
    out.sort();
    into.sort();
    assert_eq!(out, into);
    assert!(!into.is_empty(), "nobody was there before the first one");
}

/// The same for the side where items come out.
fn the_consumer_changes_hands() {
    transcript::begin();
    let ring = Arc::new(SpscRing::<u8, 2>::new());
    let written = ring.producer().unwrap().write(&[1, 2]);
    assert_eq!(written, 2);
    let consume = |ring: &SpscRing<u8, 2>, number| {
        let item = ring.consumer()?.pop();
        transcript::note(format!("consumer {number}  pop() = {item:?}"));
        item
    };
    let other = Arc::clone(&ring);
    let other = thread::spawn(move || consume(&other, 1));
    let mut out: Vec<u8> = consume(&ring, 2).into_iter().collect();
    out.extend(other.join().unwrap());
    out.extend(std::iter::from_fn(|| ring.consumer()?.pop()));
    out.sort();
    assert_eq!(out, [1, 2]);
}

fn what_is_left_is_dropped_once() {
    /// Counts its drops.
    struct Item(Arc<AtomicUsize>);

    impl Drop for Item {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    transcript::begin();
    let ring = Arc::new(SpscRing::<Item, 2>::new());
    let (mut producer, mut consumer) = sides(&ring);
    let drops = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&drops);
    let producer = thread::spawn(move || {
        for number in 1..=3 {
            let pushed = producer.push(Item(Arc::clone(&counter))).is_ok();
            transcript::note(format!("producer  push({number}) = {pushed}"));
        }
    });
    let popped = consumer.pop().is_some();
    transcript::note(format!("consumer  pop() = {popped}"));
    producer.join().unwrap();
    drop(consumer);
    drop(ring);
    assert_eq!(drops.load(Ordering::Relaxed), 3);
}
