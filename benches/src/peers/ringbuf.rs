//! ringbuf, slices of bytes: <https://docs.rs/ringbuf>.

use std::hint::black_box;
use std::time::Duration;

use ::ringbuf::HeapRb;
use ::ringbuf::traits::{Consumer, Producer, Split};

use super::SLOTS;
use crate::clock::Start;

/// One thread sends to itself.
pub fn send_receive(n: u64, length: usize) -> Duration {
    let (mut producer, mut consumer) = HeapRb::<u8>::new(SLOTS * length).split();
    let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
    let start = Start::now();
    for _ in 0..n {
        black_box(producer.push_slice(black_box(&message)));
        black_box(consumer.pop_slice(&mut buffer));
        black_box(&buffer);
    }
    start.elapsed()
}
