//! What threads share: the lock that stands around a kernel, and the cells of the lock-free ring.
//!
//! This file is the only thing that a model checker replaces: its twin offers the same functions
//! over the checker's own mutex, atomics and cells.

pub(crate) use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A spin lock around `T`, held only while a closure runs.
///
/// A closure is the only way in, so no guard can be held across a blocking point. It is meant for
/// short, bounded work: the longest thing a kernel does under it is one copy of one ring.
#[derive(Debug)]
pub struct Lock<T>(spin::mutex::SpinMutex<T>);

impl<T> Lock<T> {
    /// Puts `value` behind a lock; `const`, so that it can be a `static`.
    pub const fn new(value: T) -> Self {
        Self(spin::mutex::SpinMutex::new(value))
    }

    /// Runs `f` on the value, alone.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock())
    }
}

/// A cell whose content is reached through a raw pointer, and only while a closure runs: so a
/// checker can see from when to when.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    /// Gives a pointer to read through.
    #[inline(always)]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    /// Gives a pointer to read and to write through.
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Many of the same.
macro_rules! array {
    ($each:expr; $count:expr) => {
        [const { $each }; $count]
    };
}

/// A function that is `const`, as a `static` needs it. A checker's cells cannot be made so.
macro_rules! constant {
    ($(#[$attribute:meta])* $visible:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visible const fn $($rest)*
    };
}

pub(crate) use {array, constant};
