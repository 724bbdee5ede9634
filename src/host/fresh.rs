//! New descriptors: they never wait, and are closed on exec. Linux makes them so in one step; macOS
//! in several, so that a program which starts others meanwhile may pass one on.

use std::os::fd::OwnedFd;

use rustix::event::PollFlags;
use rustix::io::Result;
use rustix::net::{AddressFamily, SendFlags, SocketType};

pub(super) use system::{accept, pipe, replace, socket};

/// No signal comes with a broken pipe. Sockets of macOS are made so.
#[cfg(target_os = "linux")]
pub(super) const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_os = "macos")]
pub(super) const NO_SIGNAL: SendFlags = SendFlags::empty();

/// The end of what can be read. On macOS that is a hang-up.
#[cfg(target_os = "linux")]
pub(super) const END: PollFlags = PollFlags::RDHUP;
#[cfg(target_os = "macos")]
pub(super) const END: PollFlags = PollFlags::HUP;

#[cfg(target_os = "linux")]
mod system {
    use rustix::io::{DupFlags, dup3, retry_on_intr};
    use rustix::net::{SocketFlags, accept_with, socket_with};
    use rustix::pipe::{PipeFlags, pipe_with};

    use super::{AddressFamily, OwnedFd, Result, SocketType};

    pub(in crate::host) fn socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd> {
        socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
    }

    pub(in crate::host) fn accept(listener: &OwnedFd) -> Result<OwnedFd> {
        accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)
    }

    /// What can be read from, and what can be written to.
    pub(in crate::host) fn pipe() -> Result<(OwnedFd, OwnedFd)> {
        pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
    }

    /// Puts one in the place of another.
    pub(in crate::host) fn replace(place: &mut OwnedFd, fresh: &OwnedFd) -> Result<()> {
        retry_on_intr(|| dup3(fresh, place, DupFlags::CLOEXEC))
    }
}

#[cfg(target_os = "macos")]
mod system {
    use rustix::io::{FdFlags, dup2, fcntl_setfd, ioctl_fionbio, retry_on_intr};
    use rustix::net::sockopt::set_socket_nosigpipe;

    use super::{AddressFamily, OwnedFd, Result, SocketType};

    pub(in crate::host) fn socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd> {
        prepared_socket(rustix::net::socket(family, kind, None)?)
    }

    pub(in crate::host) fn accept(listener: &OwnedFd) -> Result<OwnedFd> {
        prepared_socket(rustix::net::accept(listener)?)
    }

    /// What can be read from, and what can be written to.
    pub(in crate::host) fn pipe() -> Result<(OwnedFd, OwnedFd)> {
        let (reader, writer) = rustix::pipe::pipe()?;
        Ok((prepared(reader)?, prepared(writer)?))
    }

    /// Puts one in the place of another.
    pub(in crate::host) fn replace(place: &mut OwnedFd, fresh: &OwnedFd) -> Result<()> {
        retry_on_intr(|| dup2(fresh, place))?;
        fcntl_setfd(place, FdFlags::CLOEXEC)
    }

    fn prepared_socket(fd: OwnedFd) -> Result<OwnedFd> {
        let fd = prepared(fd)?;
        match set_socket_nosigpipe(&fd, true) {
            // Its peer is gone already, which the first call tells.
            Err(rustix::io::Errno::INVAL) | Ok(()) => Ok(fd),
            Err(errno) => Err(errno),
        }
    }

    fn prepared(fd: OwnedFd) -> Result<OwnedFd> {
        fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&fd, true)?;
        Ok(fd)
    }
}
