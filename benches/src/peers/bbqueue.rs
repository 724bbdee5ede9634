//! bbqueue, with frames: <https://docs.rs/bbqueue>.

use std::hint::black_box;
use std::time::Duration;

use ::bbqueue::nicknames::YakiNiku;
use ::bbqueue::traits::storage::BoxedSlice;

use super::SLOTS;
use crate::clock::Start;

/// One thread sends to itself.
pub fn send_receive(n: u64, length: usize) -> Duration {
    // A frame has a header of the type of its length, which is this one if nothing else is said.
    let header = size_of::<u16>();
    let queue = YakiNiku::new_with_storage(BoxedSlice::new(SLOTS * (length + header)));
    let producer = queue.framed_producer();
    let consumer = queue.framed_consumer();
    let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
    let start = Start::now();
    for _ in 0..n {
        let message = black_box(&message[..]);
        let length = message.len() as u16;
        let mut grant = producer.grant(length).expect("there is room");
        grant.copy_from_slice(message);
        grant.commit(length);
        let frame = consumer.read().expect("there is one");
        buffer[..frame.len()].copy_from_slice(&frame);
        frame.release();
        black_box(&buffer);
    }
    start.elapsed()
}
