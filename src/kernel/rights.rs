//! What a handle allows.

use core::fmt;
use core::ops::BitOr;

/// A set of rights.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rights(u8);

impl Rights {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// To take bytes and messages out.
    pub const READ: Self = Self(1);
    /// To put bytes and messages in.
    pub const WRITE: Self = Self(2);
    /// To end a task.
    pub const KILL: Self = Self(4);

    /// These and those.
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether this is to read, to write, or both: what a handle for a channel can allow.
    pub(crate) const fn is_access(self) -> bool {
        self.0 != 0 && Self::READ.union(Self::WRITE).contains(self)
    }

    /// Whether all of `wanted` is in this set.
    pub const fn contains(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

impl BitOr for Rights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            0 => "none",
            1 => "read",
            2 => "write",
            3 => "read|write",
            4 => "kill",
            5 => "read|kill",
            6 => "write|kill",
            _ => "read|write|kill",
        })
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
