//! The kernel's errors as the operating system's, and back. Both ways are total.

use std::io::{Error as IoError, ErrorKind};

use crate::kernel::Error;

impl From<Error> for IoError {
    /// The kind that POSIX programs expect, with the kernel's own error inside.
    fn from(error: Error) -> Self {
        Self::new(kind(error), error)
    }
}

impl From<IoError> for Error {
    /// The kernel's own error, if there is one inside; else the one of the same kind. What has no
    /// counterpart is [`Error::Device`].
    fn from(error: IoError) -> Self {
        let inside = error.get_ref().and_then(|inside| inside.downcast_ref::<Self>());
        inside.copied().unwrap_or_else(|| from_kind(error.kind()))
    }
}

const fn kind(error: Error) -> ErrorKind {
    match error {
        Error::WouldBlock => ErrorKind::WouldBlock,
        Error::TimedOut => ErrorKind::TimedOut,
        Error::BrokenPipe => ErrorKind::BrokenPipe,
        Error::ConnectionReset => ErrorKind::ConnectionReset,
        Error::ConnectionRefused => ErrorKind::ConnectionRefused,
        Error::NotConnected => ErrorKind::NotConnected,
        Error::PeerDead | Error::NoSuchName | Error::NoSuchRequest => ErrorKind::NotFound,
        Error::NameTaken => ErrorKind::AlreadyExists,
        Error::AddressInUse => ErrorKind::AddrInUse,
        Error::NameTooLong => ErrorKind::InvalidFilename,
        Error::BadName | Error::BadArgument | Error::BadHandle | Error::MessageTooLong => {
            ErrorKind::InvalidInput
        }
        Error::NoRight => ErrorKind::PermissionDenied,
        Error::Busy => ErrorKind::ResourceBusy,
        Error::Deadlock => ErrorKind::Deadlock,
        Error::TasksFull | Error::ChannelsFull | Error::HandlesFull => ErrorKind::OutOfMemory,
        Error::WrongKind | Error::Unsupported => ErrorKind::Unsupported,
        Error::Device => ErrorKind::Other,
    }
}

const fn from_kind(kind: ErrorKind) -> Error {
    match kind {
        ErrorKind::WouldBlock => Error::WouldBlock,
        ErrorKind::TimedOut => Error::TimedOut,
        ErrorKind::BrokenPipe => Error::BrokenPipe,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Error::ConnectionReset,
        ErrorKind::ConnectionRefused => Error::ConnectionRefused,
        ErrorKind::NotConnected => Error::NotConnected,
        ErrorKind::NotFound => Error::NoSuchName,
        ErrorKind::AlreadyExists => Error::NameTaken,
        ErrorKind::AddrInUse => Error::AddressInUse,
        ErrorKind::InvalidFilename => Error::NameTooLong,
        ErrorKind::InvalidInput => Error::BadArgument,
        ErrorKind::PermissionDenied => Error::NoRight,
        ErrorKind::ResourceBusy => Error::Busy,
        ErrorKind::Deadlock => Error::Deadlock,
        ErrorKind::OutOfMemory => Error::TasksFull,
        ErrorKind::Unsupported => Error::Unsupported,
        _ => Error::Device,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_comes_back_as_itself() {
        for &error in Error::ALL {
            assert_eq!(Error::from(IoError::from(error)), error);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_error_of_the_system_keeps_its_meaning() {
        // EAGAIN, EPIPE, ENOENT, EIO.
        let meanings = [
            (11, Error::WouldBlock),
            (32, Error::BrokenPipe),
            (2, Error::NoSuchName),
            (5, Error::Device),
        ];
        for (errno, meaning) in meanings {
            assert_eq!(Error::from(IoError::from_raw_os_error(errno)), meaning);
        }
    }

    #[test]
    fn a_kind_that_both_have_survives_the_loss_of_the_error_inside() {
        for &error in Error::ALL {
            let meaning = from_kind(kind(error));
            assert_eq!(kind(meaning), kind(error), "{error:?}");
        }
    }
}
