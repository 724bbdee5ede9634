//! Messages out of sockets, each with the length that it had. Linux says how long a message is of
//! which only the beginning fits (law 9); on macOS it is looked at first.

use std::os::fd::OwnedFd;

use rustix::net::SocketAddrAny;

pub(super) use here::{receive, receive_in_sequence, tell_empty_messages};

/// A message that a socket took out.
pub(super) struct Datagram {
    pub(super) copied: usize,
    pub(super) length: usize,
    pub(super) from: Option<SocketAddrAny>,
}

#[cfg(target_os = "linux")]
mod here {
    use std::io::IoSliceMut;

    use rustix::net::sockopt::set_socket_passcred;
    use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, recvfrom, recvmsg};

    use super::super::errno::system;
    use super::{Datagram, OwnedFd};
    use crate::kernel::Result;

    /// Takes one that came alone.
    pub(in crate::host) fn receive(fd: &OwnedFd, buffer: &mut [u8]) -> Result<Datagram> {
        let (copied, length, from) = system(|| recvfrom(fd, &mut *buffer, RecvFlags::TRUNC))?;
        Ok(Datagram { copied, length, from })
    }

    /// Takes one out of a connection; `None` at the end.
    pub(in crate::host) fn receive_in_sequence(
        fd: &OwnedFd,
        buffer: &mut [u8],
    ) -> Result<Option<Datagram>> {
        let room = buffer.len();
        let message = system(|| {
            // Of the credentials it is enough to learn that they did not fit.
            let mut control = RecvAncillaryBuffer::new(&mut []);
            let mut parts = [IoSliceMut::new(buffer)];
            recvmsg(fd, &mut parts, &mut control, RecvFlags::TRUNC)
        })?;
        let length = message.bytes;
        if length == 0 && !message.flags.contains(ReturnFlags::CTRUNC) {
            return Ok(None);
        }
        Ok(Some(Datagram { copied: length.min(room), length, from: None }))
    }

    /// Has sequenced messages come with their sender's credentials. Nobody reads them, but the end
    /// of file has none: so it is told from an empty message (law 58).
    pub(in crate::host) fn tell_empty_messages(fd: &OwnedFd) -> Result<()> {
        system(|| set_socket_passcred(fd, true))
    }
}

#[cfg(target_os = "macos")]
mod here {
    use rustix::net::{RecvFlags, recvfrom};

    use super::super::errno::system;
    use super::{Datagram, OwnedFd};
    use crate::kernel::{Error, Result};

    /// No datagram is longer.
    const LONGEST: usize = 65536;

    /// Takes one that came alone.
    pub(in crate::host) fn receive(fd: &OwnedFd, buffer: &mut [u8]) -> Result<Datagram> {
        let mut whole = std::vec![0; LONGEST];
        let (length, ..) = system(|| recvfrom(fd, &mut whole[..], RecvFlags::PEEK))?;
        let (copied, _, from) = system(|| recvfrom(fd, &mut *buffer, RecvFlags::empty()))?;
        Ok(Datagram { copied, length, from })
    }

    /// There are no such connections.
    pub(in crate::host) fn receive_in_sequence(
        _: &OwnedFd,
        _: &mut [u8],
    ) -> Result<Option<Datagram>> {
        Err(Error::Unsupported)
    }

    pub(in crate::host) fn tell_empty_messages(_: &OwnedFd) -> Result<()> {
        Ok(())
    }
}
