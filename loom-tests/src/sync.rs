//! The twin of `src/sync.rs`: the same functions over loom's mutex, atomics and cells.

use loom::sync::Mutex;

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A lock that loom sees.
#[derive(Debug)]
pub struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// Puts `value` behind a lock.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs `f` on the value, alone.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // A thread that panics ends the model, so nobody meets its poison.
        f(&mut self.0.lock().unwrap())
    }
}

/// Many of the same.
macro_rules! array {
    ($each:expr; $count:expr) => {
        core::array::from_fn(|_| $each)
    };
}

/// A function that is `const` where the atomics are real. Loom's have to be made while it runs.
macro_rules! constant {
    ($(#[$attribute:meta])* $visible:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visible fn $($rest)*
    };
}

pub(crate) use {array, constant};
