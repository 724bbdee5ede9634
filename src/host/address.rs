//! Names of the host: a scheme, and what it means to the operating system.

use rustix::net::SocketType;

use crate::kernel::{Error, Kind, Result};

/// The longest name after its scheme. No path of a socket and no name of a host is longer.
const LONGEST: usize = 255;

/// The longest path of a socket: what sockaddr_un takes, without the zero after it.
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address<'n> {
    /// `pipe:NAME`, found by the whole name.
    Pipe(&'n str),
    /// `fd:N`.
    Descriptor(u32),
    /// `stdin:`.
    Input,
    /// `stdout:`.
    Output,
    /// `mq:/NAME`, without the scheme.
    Queue(&'n str),
    Socket(Scheme, Place<'n>),
}

/// A family of sockets, and how they speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Unix,
    UnixSequenced,
    UnixDatagram,
    Tcp,
    Udp,
}

/// Where a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'n> {
    /// A path in the file system.
    Path(&'n str),
    /// A host and a port.
    Internet(&'n str),
    /// The sender of a datagram whose name is too long.
    Alias(u32),
}

impl Scheme {
    const ALL: [Self; 5] =
        [Self::Unix, Self::UnixSequenced, Self::UnixDatagram, Self::Tcp, Self::Udp];

    /// How its names begin.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Unix => "unix",
            Self::UnixSequenced => "unix-seqpacket",
            Self::UnixDatagram => "unix-datagram",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Unix | Self::Tcp => Kind::Stream,
            Self::UnixSequenced => Kind::Sequenced,
            Self::UnixDatagram | Self::Udp => Kind::Datagram,
        }
    }

    pub(super) const fn socket_type(self) -> SocketType {
        match self {
            Self::Unix | Self::Tcp => SocketType::STREAM,
            Self::UnixSequenced => SocketType::SEQPACKET,
            Self::UnixDatagram | Self::Udp => SocketType::DGRAM,
        }
    }

    pub(super) const fn is_unix(self) -> bool {
        matches!(self, Self::Unix | Self::UnixSequenced | Self::UnixDatagram)
    }
}

impl<'n> Address<'n> {
    /// Reads a name.
    ///
    /// # Errors
    /// [`Error::NoSuchName`] if the host has no such scheme, [`Error::NameTooLong`] and
    /// [`Error::BadName`] if what follows the scheme is not what it takes.
    pub(super) fn read(name: &'n str) -> Result<Self> {
        let (scheme, rest) = name.split_once(':').ok_or(Error::NoSuchName)?;
        if rest.len() > LONGEST {
            return Err(Error::NameTooLong);
        }
        if rest.chars().any(char::is_control) {
            return Err(Error::BadName);
        }
        if let Some(&scheme) = Scheme::ALL.iter().find(|it| it.text() == scheme) {
            return Ok(Self::Socket(scheme, Place::read(scheme, rest)?));
        }
        match scheme {
            "pipe" if !rest.is_empty() => Ok(Self::Pipe(rest)),
            "fd" => match rest.parse::<u32>() {
                Ok(number) if i32::try_from(number).is_ok() => Ok(Self::Descriptor(number)),
                _ => Err(Error::BadName),
            },
            "stdin" if rest.is_empty() => Ok(Self::Input),
            "stdout" if rest.is_empty() => Ok(Self::Output),
            "mq" => match rest.strip_prefix('/') {
                Some(own) if !matches!(own, "" | "." | "..") && !own.contains('/') => {
                    Ok(Self::Queue(rest))
                }
                _ => Err(Error::BadName),
            },
            "pipe" | "stdin" | "stdout" => Err(Error::BadName),
            _ => Err(Error::NoSuchName),
        }
    }
}

impl<'n> Place<'n> {
    fn read(scheme: Scheme, text: &'n str) -> Result<Self> {
        if scheme.kind() == Kind::Datagram
            && let Some(number) = text.strip_prefix('#')
            && let Ok(number) = number.parse()
        {
            return Ok(Self::Alias(number));
        }
        if scheme.is_unix() {
            return match text.len() {
                0 => Err(Error::BadName),
                1..=LONGEST_PATH => Ok(Self::Path(text)),
                _ => Err(Error::NameTooLong),
            };
        }
        let (host, port) = text.rsplit_once(':').ok_or(Error::BadName)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(Error::BadName);
        }
        Ok(Self::Internet(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_scheme_and_what_that_takes() {
        let unix = |path| Ok(Address::Socket(Scheme::Unix, Place::Path(path)));
        let tcp = |text| Ok(Address::Socket(Scheme::Tcp, Place::Internet(text)));
        assert_eq!(Address::read("unix:./a:b"), unix("./a:b"));
        assert_eq!(Address::read("tcp:localhost:7000"), tcp("localhost:7000"));
        assert_eq!(Address::read("tcp:[::1]:7000"), tcp("[::1]:7000"));
        assert_eq!(Address::read("mq:/name"), Ok(Address::Queue("/name")));
        assert_eq!(Address::read("fd:3"), Ok(Address::Descriptor(3)));
        let alias = Place::Alias(3);
        let datagram = Scheme::UnixDatagram;
        assert_eq!(Address::read("unix-datagram:#3"), Ok(Address::Socket(datagram, alias)));
        assert_eq!(Address::read("unix:#3"), unix("#3"));
    }

    #[test]
    fn malformed_names_are_refused_for_what_is_wrong_with_them() {
        let bad = [
            "pipe:",
            "fd:",
            "fd:-1",
            "fd:4294967295",
            "fd:x",
            "stdin:x",
            "mq:",
            "mq:/",
            "mq:x",
            "mq:/a/b",
            "mq:/..",
            "unix:",
            "unix:a\0b",
            "unix:a\nb",
            "tcp:",
            "tcp:nowhere",
            "tcp::1",
            "tcp:host:",
            "tcp:host:70000",
            "udp:#x",
        ];
        for name in bad {
            assert_eq!(Address::read(name), Err(Error::BadName), "{name:?}");
        }
        let long = "x".repeat(300);
        for scheme in ["pipe:", "unix:", "unix-datagram:", "tcp:", "mq:/", "fd:"] {
            let name = std::format!("{scheme}{long}");
            assert_eq!(Address::read(&name), Err(Error::NameTooLong), "{scheme}");
        }
        let path = |length| std::format!("unix:{}", &long[..length]);
        assert_eq!(Address::read(&path(LONGEST_PATH + 1)), Err(Error::NameTooLong));
        assert!(Address::read(&path(LONGEST_PATH)).is_ok());
        assert_eq!(Address::read("gopher:x"), Err(Error::NoSuchName));
        assert_eq!(Address::read("chat"), Err(Error::NoSuchName));
    }
}
