//! The least that does the work: a ring of slots, a flag for who waits, and an executor that polls
//! whose bit is set. No names, no rights, no lock, no checks.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{ITEM, LONGEST, STRINGS};
use crate::clock::Start;

/// The tasks that are ready, a bit each.
type Ready = Cell<u8>;

/// Messages of up to `longest` bytes in a ring.
struct Ring {
    store: Vec<u8>,
    longest: usize,
    lengths: Vec<usize>,
    first: usize,
    held: usize,
    /// Who waits for it to change, a bit each.
    waits: u8,
}

impl Ring {
    fn new(most: usize, longest: usize) -> RefCell<Self> {
        let (store, lengths) = (vec![0; most * longest], vec![0; most]);
        RefCell::new(Self { store, longest, lengths, first: 0, held: 0, waits: 0 })
    }

    fn put(&mut self, message: &[u8]) -> bool {
        let most = self.lengths.len();
        if self.held == most {
            return false;
        }
        let at = self.first + self.held;
        let at = if at < most { at } else { at - most };
        self.store[at * self.longest..][..message.len()].copy_from_slice(message);
        self.lengths[at] = message.len();
        self.held += 1;
        true
    }

    fn take(&mut self, buffer: &mut [u8]) -> Option<usize> {
        self.held = self.held.checked_sub(1)?;
        let (at, length) = (self.first, self.lengths[self.first]);
        buffer[..length].copy_from_slice(&self.store[at * self.longest..][..length]);
        self.first = if at + 1 < self.lengths.len() { at + 1 } else { 0 };
        Some(length)
    }
}

/// Tries until it works; in between the task of this bit waits.
async fn until<R>(
    ready: &Ready,
    ring: &RefCell<Ring>,
    bit: u8,
    mut tried: impl FnMut(&mut Ring) -> Option<R>,
) -> R {
    poll_fn(|_| {
        let mut ring = ring.borrow_mut();
        match tried(&mut ring) {
            Some(done) => {
                ready.set(ready.get() | std::mem::take(&mut ring.waits));
                Poll::Ready(done)
            }
            None => {
                ring.waits |= bit;
                Poll::Pending
            }
        }
    })
    .await
}

/// Polls those that are ready until both have ended.
fn run(ready: &Ready, mut tasks: [Pin<&mut dyn Future<Output = ()>>; 2]) {
    let mut left = 2;
    let mut context = Context::from_waker(Waker::noop());
    while left > 0 {
        let next = ready.get().trailing_zeros();
        ready.set(ready.get() & !(1 << next));
        left -= i32::from(tasks[next as usize].as_mut().poll(&mut context).is_ready());
    }
}

pub(super) fn exchange(n: u64) -> Duration {
    let ready = Cell::new(0b11);
    let (there, back) = (Ring::new(1, ITEM.len()), Ring::new(1, ITEM.len()));
    let server = pin!(async {
        let mut buffer = [0; ITEM.len()];
        for _ in 0..n {
            let length = until(&ready, &there, 1, |it| it.take(&mut buffer)).await;
            until(&ready, &back, 1, |it| it.put(&buffer[..length]).then_some(())).await;
        }
    });
    let client = pin!(async {
        let mut buffer = [0; ITEM.len()];
        for _ in 0..n {
            until(&ready, &there, 2, |it| it.put(black_box(ITEM)).then_some(())).await;
            black_box(until(&ready, &back, 2, |it| it.take(&mut buffer)).await);
        }
    });
    let start = Start::now();
    run(&ready, [server, client]);
    start.elapsed()
}

pub(super) fn strings(n: u64) -> Duration {
    let (ready, ring, strings) = (Cell::new(0b11), Ring::new(STRINGS, LONGEST), super::strings());
    let reader = pin!(async {
        let mut buffer = [0; LONGEST];
        for _ in 0..n {
            black_box(until(&ready, &ring, 1, |it| it.take(&mut buffer)).await);
        }
    });
    let writer = pin!(async {
        for i in 0..n {
            let string = &strings[i as usize % STRINGS];
            until(&ready, &ring, 2, |it| it.put(string).then_some(())).await;
        }
    });
    let start = Start::now();
    run(&ready, [reader, writer]);
    start.elapsed()
}
