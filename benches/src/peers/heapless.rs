//! heapless, its queue for one producer and one consumer: <https://docs.rs/heapless>.

use std::hint::black_box;
use std::time::Duration;

use ::heapless::spsc::Queue;

use super::{Message, SLOTS};
use crate::clock::Start;

/// One thread sends to itself.
pub fn send_receive<const L: usize>(n: u64) -> Duration {
    // One of its places stays free.
    let mut queue = Queue::<Message<L>, { SLOTS + 1 }>::new();
    let (mut producer, mut consumer) = queue.split();
    let message = Message::<L>::NEW;
    let start = Start::now();
    for _ in 0..n {
        producer.enqueue(*black_box(&message)).expect("it is empty");
        let got = consumer.dequeue().expect("there is one");
        black_box(&got);
    }
    start.elapsed()
}
