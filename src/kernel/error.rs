//! Why a call was refused: one small enum with the meanings of POSIX.

use core::fmt;

/// What a system call returns.
pub type Result<T, E = Error> = core::result::Result<T, E>;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a call was refused, with the meanings of POSIX.
        ///
        /// Converts into [`std::io::Error`] and back, both ways for every value.
        ///
        /// [`std::io::Error`]: https://doc.rust-lang.org/std/io/struct.Error.html
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$doc])* $name,)*
        }

        impl Error {
            /// Every error there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The error's name, as `WouldBlock`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

errors! {
    /// A call that may not wait would have to (EAGAIN).
    WouldBlock = "would block",
    /// The deadline came before the call could be served (ETIMEDOUT).
    TimedOut = "timed out",
    /// Nobody is left to read (EPIPE).
    BrokenPipe = "broken pipe: nobody can read this any more",
    /// The peer closed with input unread (ECONNRESET).
    ConnectionReset = "connection reset by peer",
    /// Nobody listens there (ECONNREFUSED).
    ConnectionRefused = "connection refused: nobody listens under this name",
    /// There is no connection (ENOTCONN).
    NotConnected = "not connected",
    /// The task meant has ended (ESRCH).
    PeerDead = "the peer is dead",
    /// There is no such request: it was answered, given up, or is another task's (EINVAL).
    NoSuchRequest = "no such request: it was answered, given up, or is another task's",
    /// Nothing has this name (ENOENT).
    NoSuchName = "no such name",
    /// Something living has this name already (EEXIST).
    NameTaken = "the name is taken",
    /// Something is bound to this name already (EADDRINUSE).
    AddressInUse = "the address is in use",
    /// The name has more bytes than a name may have (ENAMETOOLONG).
    NameTooLong = "the name is too long",
    /// Not a name: empty, or with characters that a name cannot have (EINVAL).
    BadName = "not a name: empty, or with control characters or a colon in it",
    /// The object is of a kind that does not do this (ENOTSUP).
    WrongKind = "the object is of another kind",
    /// The handle does not carry the right that this takes, or the name is not open to this task
    /// (EACCES).
    NoRight = "no right to do this",
    /// Not a handle of this task: never given out, closed, or another task's (EBADF).
    BadHandle = "bad handle",
    /// An argument is outside what it may be (EINVAL).
    BadArgument = "bad argument",
    /// The message is longer than the longest that fits there (EMSGSIZE).
    MessageTooLong = "the message is too long",
    /// The task or the object is already doing this (EBUSY).
    Busy = "busy",
    /// Waiting would close a circle (EDEADLK).
    Deadlock = "waiting would be a deadlock",
    /// The task table is full (ENOMEM).
    TasksFull = "the task table is full",
    /// The channel table is full (ENFILE).
    ChannelsFull = "the channel table is full",
    /// The task's handle table is full (EMFILE).
    HandlesFull = "the task's handle table is full",
    /// There is no such operation here (EOPNOTSUPP).
    Unsupported = "not supported",
    /// A device failed (EIO).
    Device = "device error",
}

impl core::error::Error for Error {}
