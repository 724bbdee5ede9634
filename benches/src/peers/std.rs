//! The standard library's bounded channel.

use ::std::hint::black_box;
use ::std::sync::mpsc::sync_channel;
use ::std::time::Duration;

use super::{Message, SLOTS};
use crate::clock::Start;

/// One thread sends to itself.
pub fn send_receive<const L: usize>(n: u64) -> Duration {
    let (sender, receiver) = sync_channel(SLOTS);
    let message = Message::<L>::NEW;
    let start = Start::now();
    for _ in 0..n {
        sender.send(*black_box(&message)).expect("the receiver is here");
        let got: Message<L> = receiver.recv().expect("the sender is here");
        black_box(&got);
    }
    start.elapsed()
}
