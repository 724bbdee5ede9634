//! Sockets: named, connected, and what goes through them (socket(7), unix(7)).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::sockopt::{set_socket_reuseaddr, set_tcp_nodelay};
use rustix::net::{
    AddressFamily, RecvFlags, Shutdown, SocketAddrAny, bind, connect, listen, recv, send, sendto,
    shutdown,
};

use super::address::{Place, Scheme};
use super::attempt::Attempt;
use super::datagram::{self, Datagram};
use super::errno::{meaning, system};
use super::file::SocketFile;
use super::fresh::{self, NO_SIGNAL};
use super::resolve::Addresses;
use crate::kernel::{Error, Kind, Result, Rights, Verb};

/// What went wrong with a connection before it was taken, or on the way.
const NOT_TAKEN: &[Errno] = &[
    Errno::INTR,
    Errno::CONNABORTED,
    Errno::PROTO,
    Errno::NETDOWN,
    Errno::NOPROTOOPT,
    Errno::HOSTDOWN,
    #[cfg(target_os = "linux")]
    Errno::NONET,
    Errno::HOSTUNREACH,
    Errno::NETUNREACH,
];

/// A socket.
#[derive(Debug)]
pub(super) struct Socket {
    /// Before the descriptor, and so dropped before it: once that is closed, another one may have
    /// the file's place.
    file: Option<SocketFile>,
    fd: OwnedFd,
    pub(super) scheme: Scheme,
    family: AddressFamily,
    stage: Stage,
    bound: bool,
    /// What it tried last would block, and no event will tell when it would not.
    pub(super) retries: bool,
    /// Its descriptor is another one than before.
    pub(super) is_new: bool,
}

/// ```text
/// Idle --connect--> Connecting --connect, again--> Connected
///   `---listen----> Listening --accept--> (another socket) Connected
/// ```
#[derive(Debug)]
enum Stage {
    Idle,
    Connecting(Attempt),
    Listening,
    Connected,
}

fn make(scheme: Scheme, family: AddressFamily) -> Result<OwnedFd> {
    let fd = system(|| fresh::socket(family, scheme.socket_type()))?;
    if scheme == Scheme::Tcp {
        // The connections of a server that has ended do not keep its name.
        system(|| set_socket_reuseaddr(&fd, true))?;
        // What is written goes out at once: a request is not to wait until the last one has come.
        system(|| set_tcp_nodelay(&fd, true))?;
    }
    Ok(fd)
}

impl Socket {
    /// A socket that can reach addresses of this family.
    pub(super) fn new(scheme: Scheme, family: AddressFamily) -> Result<Self> {
        Ok(Self::of(make(scheme, family)?, scheme, family, Stage::Idle))
    }

    const fn of(fd: OwnedFd, scheme: Scheme, family: AddressFamily, stage: Stage) -> Self {
        let (bound, file, retries, is_new) = (false, None, false, false);
        Self { fd, scheme, family, stage, bound, file, retries, is_new }
    }

    pub(super) fn bind(&mut self, place: Place<'_>) -> Result<()> {
        // Only over TCP has a connected socket an address for want of a name.
        let is_free = self.scheme != Scheme::Tcp || matches!(self.stage, Stage::Idle);
        if self.bound || !is_free {
            return Err(Error::BadArgument);
        }
        if let Place::Path(path) = place {
            self.file = SocketFile::bind(&self.fd, path)?;
        } else {
            let mut refused = Error::NoSuchName;
            let addresses = place.resolve()?;
            let first = addresses.first().map_or(self.family, SocketAddrAny::address_family);
            self.turn_to(first).map_err(meaning)?;
            let ours = addresses.iter().filter(|it| it.address_family() == first);
            let bound = ours.map(|it| bind(&self.fd, it)).any(|said| match said {
                Ok(()) => true,
                Err(errno) => {
                    refused = meaning(errno);
                    false
                }
            });
            if !bound {
                return Err(refused);
            }
        }
        self.bound = true;
        Ok(())
    }

    /// The system lets in one more than it is told.
    pub(super) fn listen(&mut self, backlog: usize) -> Result<()> {
        match self.stage {
            Stage::Idle if self.bound && backlog > 0 => {}
            Stage::Listening => return Err(Error::Busy),
            _ => return Err(Error::BadArgument),
        }
        let backlog = i32::try_from(backlog - 1).unwrap_or(i32::MAX);
        system(|| listen(&self.fd, backlog))?;
        self.stage = Stage::Listening;
        Ok(())
    }

    /// Takes a connection. What went wrong with one before it was taken is nobody's concern
    /// (accept(2)).
    pub(super) fn accept(&self) -> Result<Self> {
        if !matches!(self.stage, Stage::Listening) {
            return Err(Error::BadArgument);
        }
        let fd = loop {
            match fresh::accept(&self.fd) {
                Err(errno) if NOT_TAKEN.contains(&errno) => {}
                accepted => break accepted.map_err(meaning)?,
            }
        };
        if self.scheme == Scheme::Tcp {
            // Of a connection that is gone already, the first call tells.
            let _ = set_tcp_nodelay(&fd, true);
        }
        let socket = Self::of(fd, self.scheme, self.family, Stage::Connected);
        socket.tell_empty_messages()?;
        Ok(socket)
    }

    /// Connects, or goes on with it.
    pub(super) fn connect(
        &mut self,
        to: &str,
        resolve: impl FnOnce() -> Result<Addresses>,
    ) -> Result<()> {
        let mut attempt = match core::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Connecting(attempt) if attempt.to == to => attempt,
            Stage::Listening => {
                self.stage = Stage::Listening;
                return Err(Error::BadArgument);
            }
            Stage::Connecting(other) if other.begun => {
                self.stage = Stage::Connecting(other);
                return Err(Error::Busy);
            }
            Stage::Connected if self.scheme.kind() != Kind::Datagram => {
                self.stage = Stage::Connected;
                return Err(Error::Busy);
            }
            stage => {
                if let Stage::Connected = stage {
                    self.stage = stage;
                }
                Attempt::new(to, resolve()?)
            }
        };
        self.retries = !attempt.is_answered()?;
        if self.retries {
            self.stage = Stage::Connecting(attempt);
            return Err(Error::WouldBlock);
        }
        let mut refused = Error::NoSuchName;
        while let Some(address) = attempt.addresses.front() {
            match self.attempt(address, attempt.begun) {
                Ok(()) => {
                    self.stage = Stage::Connected;
                    return self.tell_empty_messages();
                }
                Err(Errno::INTR) => continue,
                // On this machine it may be done by now.
                Err(Errno::INPROGRESS | Errno::ALREADY) if !attempt.begun => {
                    attempt.begun = true;
                    continue;
                }
                Err(Errno::INPROGRESS) => {}
                // A full backlog. No event tells of room in it (connect(2)).
                Err(Errno::AGAIN) if self.scheme.is_unix() => self.retries = true,
                Err(errno) => {
                    refused = meaning(errno);
                    attempt.addresses.pop_front();
                    attempt.begun = false;
                    continue;
                }
            }
            self.stage = Stage::Connecting(attempt);
            return Err(Error::WouldBlock);
        }
        Err(refused)
    }

    /// Tries one address.
    fn attempt(&mut self, address: &SocketAddrAny, begun: bool) -> rustix::io::Result<()> {
        if begun {
            let done = PollFlags::OUT | PollFlags::ERR | PollFlags::HUP;
            if !look(self.fd.as_fd(), done).intersects(done) {
                return Err(Errno::INPROGRESS);
            }
            // macOS would begin anew: there the error is asked for, and another socket tries again.
            #[cfg(target_os = "macos")]
            if let Err(errno) = rustix::net::sockopt::socket_error(&self.fd)? {
                if !self.bound {
                    self.renew(self.family)?;
                }
                return Err(errno);
            }
            // Asked for the error alone, Linux would not let the socket try again.
            return match connect(&self.fd, address) {
                Err(Errno::ISCONN) => Ok(()),
                said => said,
            };
        }
        if !self.bound {
            self.turn_to(address.address_family())?;
        }
        connect(&self.fd, address)
    }

    /// Becomes a socket of this family, before it has an address.
    fn turn_to(&mut self, family: AddressFamily) -> rustix::io::Result<()> {
        if family == self.family { Ok(()) } else { self.renew(family) }
    }

    /// Becomes another socket in the same place, so that whoever knows the descriptor need not learn
    /// another one.
    fn renew(&mut self, family: AddressFamily) -> rustix::io::Result<()> {
        let fresh = make(self.scheme, family).map_err(|_| Errno::NOBUFS)?;
        fresh::replace(&mut self.fd, &fresh)?;
        (self.family, self.is_new) = (family, true);
        Ok(())
    }

    fn tell_empty_messages(&self) -> Result<()> {
        if self.scheme == Scheme::UnixSequenced {
            datagram::tell_empty_messages(&self.fd)?;
        }
        Ok(())
    }

    /// Whether there can be anything to read: the system takes a socket without a connection for
    /// one at its end.
    pub(super) fn can_be_read(&self) -> bool {
        let connects = matches!(self.stage, Stage::Idle | Stage::Connecting(_));
        !connects || self.scheme.kind() == Kind::Datagram
    }

    /// Whether it is a socket for that, whatever is in it.
    pub(super) fn admit(&self, verb: Verb) -> Result<()> {
        match (verb, &self.stage) {
            (Verb::Accept, Stage::Listening) => Ok(()),
            (Verb::Accept, _) | (Verb::Connect, Stage::Listening) => Err(Error::BadArgument),
            _ if self.scheme.kind() == Kind::Datagram => Ok(()),
            (Verb::Connect, Stage::Connected) => Err(Error::Busy),
            (Verb::Connect, _) => Ok(()),
            _ => self.expect_connection(),
        }
    }

    fn expect_connection(&self) -> Result<()> {
        if matches!(self.stage, Stage::Connected) { Ok(()) } else { Err(Error::NotConnected) }
    }

    pub(super) fn shutdown(&self, rights: Rights) -> Result<()> {
        self.expect_connection()?;
        let how = match (rights.contains(Rights::READ), rights.contains(Rights::WRITE)) {
            (true, true) => Shutdown::Both,
            (true, false) => Shutdown::Read,
            (false, true) => Shutdown::Write,
            (false, false) => return Ok(()),
        };
        system(|| shutdown(&self.fd, how))
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.expect_connection()?;
        system(|| recv(&self.fd, &mut *buffer, RecvFlags::empty())).map(|it| it.0)
    }

    pub(super) fn write(&self, bytes: &[u8]) -> Result<usize> {
        self.expect_connection()?;
        system(|| send(&self.fd, bytes, NO_SIGNAL))
    }

    pub(super) fn receive(&self, buffer: &mut [u8]) -> Result<Option<Datagram>> {
        if self.scheme.kind() == Kind::Datagram {
            return datagram::receive(&self.fd, buffer).map(Some);
        }
        self.expect_connection()?;
        datagram::receive_in_sequence(&self.fd, buffer)
    }

    /// Sends a message, to the peer or to an address.
    pub(super) fn send(&mut self, to: Option<&SocketAddrAny>, message: &[u8]) -> Result<()> {
        if self.scheme.kind() != Kind::Datagram {
            if to.is_some() {
                return Err(Error::BadArgument);
            }
            self.expect_connection()?;
        }
        let flags = NO_SIGNAL;
        let sent = match to {
            Some(address) => system(|| sendto(&self.fd, message, flags, address)),
            None => system(|| send(&self.fd, message, flags)),
        };
        // A receiver that is full is told of to those only who are connected to it.
        self.retries = sent == Err(Error::WouldBlock)
            && look(self.fd.as_fd(), PollFlags::OUT).contains(PollFlags::OUT);
        sent.map(drop)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What is ready now.
pub(super) fn look(fd: BorrowedFd<'_>, events: PollFlags) -> PollFlags {
    let mut set = [PollFd::from_borrowed_fd(fd, events)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    // A signal that comes just then ends even a look that does not wait; nothing else goes wrong
    // with it.
    let _ = retry_on_intr(|| poll(&mut set, Some(&now)));
    set[0].revents()
}

#[cfg(test)]
mod tests {
    use rustix::net::getsockname;
    use rustix::net::sockopt::tcp_nodelay;

    use super::*;

    #[test]
    fn what_is_written_over_tcp_goes_out_at_once_on_both_sides() {
        let mut listener = Socket::new(Scheme::Tcp, AddressFamily::INET).unwrap();
        listener.bind(Place::Internet("127.0.0.1:0")).unwrap();
        listener.listen(1).unwrap();
        let to = getsockname(&listener).unwrap();
        let mut client = Socket::new(Scheme::Tcp, AddressFamily::INET).unwrap();
        let connected = core::iter::repeat_with(|| {
            client.connect("server", || Ok(Addresses::Known(std::vec![to.clone()])))
        })
        .find(|said| *said != Err(Error::WouldBlock));
        assert_eq!(connected, Some(Ok(())));
        let server = listener.accept().unwrap();
        assert_eq!((tcp_nodelay(&client), tcp_nodelay(&server)), (Ok(true), Ok(true)));
    }
}
