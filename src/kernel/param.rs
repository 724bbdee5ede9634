//! The limits that are not const generics, all of them. The feature `small` makes some of them
//! lower, for boards on which every byte counts.

/// Longest name of a task or a channel, in bytes of UTF-8.
pub const NAME: usize = 23;

/// Whether all mechanisms are there. With `small` there are mailboxes and pipes alone; every other
/// call is [`Error::Unsupported`](super::Error::Unsupported).
pub const WHOLE: bool = Whole::HERE.is_some();

/// What only a whole kernel can hold. A small one has no value of it, so the compiler leaves out
/// whatever would need one.
#[derive(Clone, Copy)]
#[cfg(any(not(feature = "small"), feature = "std"))]
pub(crate) struct Whole;

#[derive(Clone, Copy)]
#[cfg(all(feature = "small", not(feature = "std")))]
pub(crate) enum Whole {}

impl Whole {
    /// The value, if there is one.
    #[cfg(any(not(feature = "small"), feature = "std"))]
    pub(crate) const HERE: Option<Self> = Some(Self);
    #[cfg(all(feature = "small", not(feature = "std")))]
    pub(crate) const HERE: Option<Self> = None;
}

/// Handles a task can hold at one time.
pub const HANDLES: usize = if WHOLE { 16 } else { 4 };

/// Priority levels; 0 is the highest. A ready level is one bit of a `u32`.
pub const PRIORITIES: usize = 32;

/// Most bytes that a pipe writes all or nothing (law 31), if its capacity allows as many.
///
/// The least value that POSIX allows for `PIPE_BUF` (`_POSIX_PIPE_BUF` in limits.h).
pub const PIPE_BUF: usize = 512;

/// Longest message of a mailbox, in bytes, if the ring allows as many.
pub const MAILBOX_LONGEST: usize = 256;

/// Longest message of a mailbox that is still worth a second slot, in bytes.
pub const MAILBOX_SHORTEST: usize = 16;

/// System calls that a task may make in one dispatch while an equal one is ready.
pub const QUANTUM: u32 = 64;

/// Tasks that an edge of the wait-for graph names.
pub const PEERS: usize = 4;

/// Bytes of a buffer that a traced call shows.
pub const PREVIEW: usize = 32;

/// Things that a task can look at in one poll: a pipe, a queue, a mailbox count once, a socket
/// once for reading and once for writing.
pub const POLL: usize = if WHOLE { 16 } else { 0 };

/// Tasks besides its creator that may be named as those who may open an object.
pub const ALLOWED: usize = if WHOLE { 4 } else { 0 };
