//! The lock that stands around a kernel on more than one core.
//!
//! A closure is the only way in, so no guard can be held across a blocking point. This file is
//! the only thing that a model checker replaces: its twin offers the same functions over
//! the checker's own mutex.

/// A spin lock around `T`, held only while a closure runs.
///
/// It is meant for short, bounded work: the longest thing a kernel does under it is one copy of
/// one ring.
#[derive(Debug)]
pub struct Lock<T>(spin::mutex::SpinMutex<T>);

impl<T> Lock<T> {
    /// Puts `value` behind a lock; `const`, so that it can be a `static`.
    pub const fn new(value: T) -> Self {
        Self(spin::mutex::SpinMutex::new(value))
    }

    /// Runs `f` on the value, alone.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock())
    }
}
