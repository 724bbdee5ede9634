use std::collections::VecDeque;
use std::rc::Rc;
use std::thread;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

/// Threads pass so many items; an interpreter takes its time.
const MANY: u32 = if cfg!(miri) { 300 } else { 300_000 };

#[test]
fn a_side_is_taken_once_and_can_be_given_back() {
    let ring = SpscRing::<u8, 2>::new();
    let mut producer = ring.producer().unwrap();
    assert!(ring.producer().is_none());
    producer.push(1).unwrap();
    drop(producer);
    let mut producer = ring.producer().unwrap();
    producer.push(2).unwrap();
    assert_eq!(producer.push(3), Err(3));
    let mut consumer = ring.consumer().unwrap();
    assert!(ring.consumer().is_none());
    assert_eq!(consumer.pop(), Some(1));
    drop(consumer);
    assert_eq!(ring.consumer().unwrap().pop(), Some(2));
}

#[test]
fn what_is_left_is_dropped_once() {
    let item = Rc::new(());
    let ring = SpscRing::<_, 3>::new();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer().unwrap());
    for _ in 0..3 {
        producer.push(Rc::clone(&item)).unwrap();
    }
    drop(consumer.pop());
    producer.push(Rc::clone(&item)).unwrap();
    assert_eq!(Rc::strong_count(&item), 4);
    drop(producer);
    // A side that is never given back does not keep the items.
    std::mem::forget(consumer);
    drop(ring);
    assert_eq!(Rc::strong_count(&item), 1);
}

#[test]
fn items_pass_between_threads_one_by_one() {
    static RING: SpscRing<u32, 7> = SpscRing::new();
    let sender = thread::spawn(|| {
        let mut producer = RING.producer().unwrap();
        for item in 0..MANY {
            while producer.push(item).is_err() {
                thread::yield_now();
            }
        }
    });
    let mut consumer = RING.consumer().unwrap();
    for expected in 0..MANY {
        let item = loop {
            match consumer.pop() {
                Some(item) => break item,
                None => thread::yield_now(),
            }
        };
        assert_eq!(item, expected);
    }
    assert!(consumer.is_empty());
    sender.join().unwrap();
}

#[test]
fn items_pass_between_threads_in_bulk() {
    static RING: SpscRing<u32, 13> = SpscRing::new();
    let sender = thread::spawn(|| {
        let mut producer = RING.producer().unwrap();
        let items: Vec<u32> = (0..MANY).collect();
        let mut left = &items[..];
        for length in [1, 2, 5, 13, 20].into_iter().cycle() {
            let count = producer.write(&left[..length.min(left.len())]);
            left = &left[count..];
            if left.is_empty() {
                break;
            }
            if count == 0 {
                thread::yield_now();
            }
        }
    });
    let mut consumer = RING.consumer().unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 8];
    while received.len() < MANY as usize {
        let count = consumer.read(&mut buffer);
        received.extend_from_slice(&buffer[..count]);
        if count == 0 {
            thread::yield_now();
        }
    }
    assert!(received.into_iter().eq(0..MANY));
    sender.join().unwrap();
}

/// One ring against a queue that is simpler.
fn agrees<const SLOTS: usize>(steps: &[(bool, usize)]) -> Result<(), TestCaseError> {
    let ring = SpscRing::<u32, SLOTS>::new();
    let (mut producer, mut consumer) = (ring.producer().unwrap(), ring.consumer().unwrap());
    let mut model = VecDeque::new();
    let mut next = 0;
    for &(put, length) in steps {
        match (put, length) {
            (true, 0) => {
                let pushed = producer.push(next).is_ok();
                prop_assert_eq!(pushed, model.len() < SLOTS);
                if pushed {
                    model.push_back(next);
                    next += 1;
                }
            }
            (true, _) => {
                let items: Vec<u32> = (next..).take(length).collect();
                let count = producer.write(&items);
                prop_assert_eq!(count, length.min(SLOTS - model.len()));
                model.extend(&items[..count]);
                next += count as u32;
            }
            (false, 0) => prop_assert_eq!(consumer.pop(), model.pop_front()),
            (false, _) => {
                let mut buffer = std::vec![0; length];
                let count = consumer.read(&mut buffer);
                prop_assert_eq!(count, length.min(model.len()));
                let expected: Vec<u32> = model.drain(..count).collect();
                prop_assert_eq!(&buffer[..count], &expected[..]);
            }
        }
        prop_assert_eq!(producer.free(), SLOTS - model.len());
        prop_assert_eq!(consumer.len(), model.len());
        prop_assert_eq!(consumer.is_empty(), model.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 256 },
        // An interpreter has no files.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_queue_says_the_same(
        steps in proptest::collection::vec((any::<bool>(), 0..9usize), 0..60),
    ) {
        agrees::<1>(&steps)?;
        agrees::<2>(&steps)?;
        agrees::<5>(&steps)?;
        agrees::<8>(&steps)?;
    }
}
