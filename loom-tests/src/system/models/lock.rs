//! The lock we trust: what `spin::mutex::SpinMutex` does, step for step, on atomics that loom sees.
//!
//! Everywhere else loom's own mutex stands around the kernel. Here is why the real one may.

use std::sync::Arc;

use loom::{hint, thread};

use super::super::transcript;
use crate::models;
use crate::sync::{AtomicBool, Ordering, UnsafeCell};

models! {
    one_holder_at_a_time: 2 threads, every order, at least 600;
    three_threads_take_turns: 3 threads, 1 preemptions, at least 10;
}

/// A spin lock with spin 0.12's orderings.
struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

impl<T> SpinLock<T> {
    fn new(value: T) -> Self {
        Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // Acquire: what the last holder wrote is seen by this one. It pairs with the Release below.
        while self
            .locked
            .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            // Relaxed: it only says that trying again is worth it.
            while self.locked.load(Ordering::Relaxed) {
                hint::spin_loop();
            }
        }
        let result = self.value.with_mut(|value| {
            // SAFETY: the lock is held, so nobody else has a reference.
            f(unsafe { &mut *value })
        });
        // Release: what was written is seen by the next holder.
        self.locked.store(false, Ordering::Release);
        result
    }
}

// SAFETY: whoever has a reference to the value holds the lock, and only one thread does.
unsafe impl<T: Send> Sync for SpinLock<T> {}

fn one_holder_at_a_time() {
    count(2, 2);
}

fn three_threads_take_turns() {
    count(3, 1);
}

/// So many threads count up so many times each.
fn count(threads: usize, times: usize) {
    transcript::begin();
    let lock = Arc::new(SpinLock::new(0));
    let count = move |lock: &SpinLock<usize>, thread: usize| {
        for _ in 0..times {
            let count = lock.with(|count| {
                *count += 1;
                *count
            });
            transcript::note(format!("thread {thread} counts to {count}"));
        }
    };
    let others: Vec<_> = (1..threads)
        .map(|thread| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || count(&lock, thread))
        })
        .collect();
    count(&lock, 0);
    others.into_iter().for_each(|other| other.join().unwrap());
    assert_eq!(lock.with(|count| *count), threads * times);
}
