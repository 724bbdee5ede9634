//! How urgent a task is.

use core::fmt;

use super::{Error, PRIORITIES, Result};

/// A priority: 0 is the highest, [`PRIORITIES`]` - 1` the lowest.
///
/// Comparisons are those of the number: `a < b` means that `a` is the more urgent one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(u8);

impl Priority {
    /// The most urgent.
    pub const HIGHEST: Self = Self(0);
    /// The middle; what a task gets that asks for nothing.
    pub const NORMAL: Self = Self(PRIORITIES as u8 / 2);
    /// The least urgent.
    pub const LOWEST: Self = Self(PRIORITIES as u8 - 1);

    /// A priority from its number.
    ///
    /// # Errors
    /// [`Error::BadArgument`] if the number is not below [`PRIORITIES`].
    pub const fn new(level: u8) -> Result<Self> {
        if (level as usize) < PRIORITIES { Ok(Self(level)) } else { Err(Error::BadArgument) }
    }

    /// The number, 0 to 31.
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self::NORMAL
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
