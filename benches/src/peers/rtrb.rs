//! rtrb, slices of bytes: <https://docs.rs/rtrb>.

use std::hint::black_box;
use std::time::Duration;

use ::rtrb::RingBuffer;

use super::SLOTS;
use crate::clock::Start;

/// One thread sends to itself.
pub fn send_receive(n: u64, length: usize) -> Duration {
    let (mut producer, mut consumer) = RingBuffer::<u8>::new(SLOTS * length);
    let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
    let start = Start::now();
    for _ in 0..n {
        producer.push_entire_slice(black_box(&message)).expect("there is room");
        consumer.pop_entire_slice(&mut buffer).expect("there is as much");
        black_box(&buffer);
    }
    start.elapsed()
}
