//! Ids: an index that finds, and a generation that tells one incarnation from the next.
//!
//! A slot of a table is used again and again. An id that names only the slot would, after the
//! death of its task, silently mean the next one. With the generation in it, it means nobody
//! (law 20). Hubris names its tasks the same way.

use core::fmt;

/// A place in a table: slot and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) index: u16,
    pub(crate) generation: u32,
}

/// The index that no slot has; it ends every list linked through a table.
pub(crate) const NONE: u16 = u16::MAX;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) Key);

        impl $name {
            /// An id from its parts. It is a claim, not a permission: the kernel checks it.
            pub const fn from_parts(index: u16, generation: u32) -> Self {
                Self(Key { index, generation })
            }

            /// The slot in the table.
            pub const fn index(self) -> u16 {
                self.0.index
            }

            /// How often the slot had been used before.
            pub const fn generation(self) -> u32 {
                self.0.generation
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}.{}"), self.0.index, self.0.generation)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// One incarnation of a task, as `t3.0`.
    TaskId,
    "t"
);
impl TaskId {
    /// No task's id: of who sent a message from outside.
    pub const NOBODY: Self = Self::from_parts(NONE, u32::MAX);
}

id!(
    /// One incarnation of a channel, as `c5.2`.
    ChannelId,
    "c"
);

/// A task's own small number for an object it may use, as `h1`.
///
/// Besides the slot in the task's handle table it carries a serial that tells it from every other
/// handle that this kernel gave out, in this task or another, so a stale, foreign or forged handle
/// fails before any effect (law 63).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(u64);

/// Bits of a handle that are its slot; the others are its serial.
const SLOT_BITS: u32 = 16;

impl Handle {
    /// What no task is given: its slot is past every table.
    pub(crate) const NONE: Self = Self(u64::MAX);

    /// The highest serial: enough for a million handles a second for eight years.
    pub(crate) const LAST_SERIAL: u64 = u64::MAX >> SLOT_BITS;

    /// A handle from its parts. It is a claim, not a permission: the kernel checks it. Of the
    /// serial, 48 bits are kept.
    pub const fn from_parts(slot: u16, serial: u64) -> Self {
        Self(serial << SLOT_BITS | slot as u64)
    }

    /// The slot in the task's handle table.
    pub const fn slot(self) -> u16 {
        self.0 as u16
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// Which of all the handles given out this is.
    pub const fn serial(self) -> u64 {
        self.0 >> SLOT_BITS
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h{}", self.slot())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h{}#{}", self.slot(), self.serial())
    }
}
