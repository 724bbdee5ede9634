//! The twin of `src/sync.rs`: the same functions over loom's mutex.

use loom::sync::Mutex;

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
