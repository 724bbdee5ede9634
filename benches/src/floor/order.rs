//! The least that order costs: of messages by urgency, of sleepers by time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::hint::black_box;
use std::time::Duration;

use crate::clock::Start;

/// A line of messages for each of 32 urgencies, and a bitmap of those that are not empty. Takes
/// the most urgent of so many messages, and puts one of the same urgency in.
pub fn priority(queued: usize, n: u64, length: usize) -> Duration {
    let (message, mut buffer) = (vec![7_u8; black_box(length)], vec![0; black_box(length)]);
    let (mut lines, mut levels) = (vec![VecDeque::new(); 32], 0_u32);
    for at in 0..queued {
        lines[at % 32].push_back(message.clone());
        levels |= 1 << (at % 32);
    }
    let start = Start::now();
    for _ in 0..n {
        let level = levels.ilog2() as usize;
        let Some(mut slot) = lines[level].pop_front() else { break };
        buffer.copy_from_slice(&slot);
        if lines[level].is_empty() {
            levels &= !(1 << level);
        }
        slot.copy_from_slice(black_box(&message));
        lines[black_box(level)].push_back(slot);
        levels |= 1 << level;
        black_box(&buffer);
    }
    start.elapsed()
}

/// A heap of deadlines. Adds one that is before all others, and takes it out.
pub fn sleep(asleep: usize, n: u64) -> Duration {
    let mut heap: BinaryHeap<_> = (0..asleep).map(|task| Reverse((1_u64 << 60, task))).collect();
    let start = Start::now();
    for now in 0..n {
        heap.push(Reverse((black_box(now), asleep)));
        black_box(heap.pop());
    }
    start.elapsed()
}
