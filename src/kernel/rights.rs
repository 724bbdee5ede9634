//! What a handle allows.

use core::fmt;
use core::ops::BitOr;

/// A set of rights: read, write, or both.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rights(u8);

impl Rights {
    /// To take bytes out.
    pub const READ: Self = Self(1);
    /// To put bytes in.
    pub const WRITE: Self = Self(2);

    /// Whether all of `wanted` is in this set.
    pub const fn allow(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

impl BitOr for Rights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match (self.allow(Self::READ), self.allow(Self::WRITE)) {
            (true, true) => "read|write",
            (true, false) => "read",
            (false, true) => "write",
            (false, false) => "none",
        })
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
