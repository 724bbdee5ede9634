//! What the operating system's refusals mean. Every number has a meaning (law 67).

use std::io::Error as IoError;

use rustix::io::{Errno, retry_on_intr};

use crate::kernel::{Error, Result};

/// Makes a call of the system, again if a signal came in between, and reads its refusal.
pub(super) fn system<T>(call: impl FnMut() -> rustix::io::Result<T>) -> Result<T> {
    retry_on_intr(call).map_err(meaning)
}

/// What a refusal means. [`std::io::ErrorKind`] does not name all that programs of the kernel tell
/// apart; what it does name is left to it.
pub(super) fn meaning(errno: Errno) -> Error {
    match errno {
        Errno::MSGSIZE => Error::MessageTooLong,
        Errno::PROTOTYPE | Errno::NOTSOCK | Errno::ISDIR | Errno::SPIPE => Error::WrongKind,
        Errno::DESTADDRREQ => Error::NotConnected,
        Errno::ISCONN | Errno::ALREADY | Errno::INPROGRESS => Error::Busy,
        Errno::ADDRNOTAVAIL | Errno::NOTDIR | Errno::LOOP => Error::NoSuchName,
        Errno::HOSTUNREACH | Errno::NETUNREACH | Errno::HOSTDOWN | Errno::NETDOWN => {
            Error::NoSuchName
        }
        Errno::NETRESET => Error::ConnectionReset,
        Errno::SHUTDOWN => Error::BrokenPipe,
        Errno::ROFS => Error::NoRight,
        Errno::BADF => Error::BadHandle,
        Errno::SRCH => Error::PeerDead,
        Errno::MFILE => Error::HandlesFull,
        Errno::NFILE | Errno::NOBUFS | Errno::NOSPC | Errno::DQUOT => Error::ChannelsFull,
        Errno::AFNOSUPPORT | Errno::PROTONOSUPPORT | Errno::SOCKTNOSUPPORT => Error::Unsupported,
        errno => Error::from(IoError::from(errno)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_meaning_and_those_of_the_kernel_their_own() {
        for number in 1..134 {
            let _ = meaning(Errno::from_raw_os_error(number));
        }
        let told = [
            (Errno::AGAIN, Error::WouldBlock),
            (Errno::PIPE, Error::BrokenPipe),
            (Errno::CONNRESET, Error::ConnectionReset),
            (Errno::CONNREFUSED, Error::ConnectionRefused),
            (Errno::NOTCONN, Error::NotConnected),
            (Errno::NOENT, Error::NoSuchName),
            (Errno::EXIST, Error::NameTaken),
            (Errno::ADDRINUSE, Error::AddressInUse),
            (Errno::NAMETOOLONG, Error::NameTooLong),
            (Errno::ACCESS, Error::NoRight),
            (Errno::PERM, Error::NoRight),
            (Errno::INVAL, Error::BadArgument),
            (Errno::MSGSIZE, Error::MessageTooLong),
            (Errno::BUSY, Error::Busy),
            (Errno::OPNOTSUPP, Error::Unsupported),
            (Errno::MFILE, Error::HandlesFull),
            (Errno::NOMEM, Error::TasksFull),
            (Errno::IO, Error::Device),
        ];
        for (errno, error) in told {
            assert_eq!(meaning(errno), error, "{errno:?}");
        }
    }
}
