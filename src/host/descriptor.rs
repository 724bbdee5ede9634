//! Descriptors that bytes go through: ends of pipes, and what the program was given.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, fstat, open};
use rustix::io::{fcntl_dupfd_cloexec, read, write};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::errno::system;
use super::file::reopening;
use crate::kernel::{Error, Result, Rights};

/// An open descriptor.
#[derive(Debug)]
pub(super) struct Descriptor {
    fd: OwnedFd,
    is_socket: bool,
    /// What its flags were, if others share them.
    before: Option<OFlags>,
    /// Of a pipe that has a name, which it is.
    pub(super) pipe: Option<u64>,
}

impl Descriptor {
    /// An end of a pipe that has a name.
    pub(super) fn of_pipe((fd, pipe): (OwnedFd, u64)) -> Self {
        Self { fd, is_socket: false, before: None, pipe: Some(pipe) }
    }

    /// One that the program has under this number.
    pub(super) fn numbered(number: u32, rights: Rights) -> Result<Self> {
        let number = i32::try_from(number).map_err(|_| Error::BadName)?;
        // SAFETY: the number is not -1. It is borrowed for calls that read and duplicate it, and
        // that refuse one that is not open.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        Self::given(fd, rights)
    }

    /// One that the program was given. Others may share what is open there, and must not find that
    /// it no longer waits for them: so it is opened anew if it can be. A file stands where it
    /// stood, and never waits. Of the rest, the flags are changed, and put back at the end.
    pub(super) fn given(fd: BorrowedFd<'_>, rights: Rights) -> Result<Self> {
        // A number that is not open is no name of anything.
        let flags = system(|| fcntl_getfl(fd)).map_err(|_| Error::NoSuchName)?;
        let mode = flags & OFlags::RWMODE;
        if rights.contains(Rights::READ) && mode == OFlags::WRONLY
            || rights.contains(Rights::WRITE) && mode == OFlags::RDONLY
        {
            return Err(Error::NoRight);
        }
        let kind = FileType::from_raw_mode(system(|| fstat(fd))?.st_mode);
        if matches!(kind, FileType::Fifo | FileType::CharacterDevice) {
            let how = mode | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
            let path = reopening(fd.as_raw_fd());
            if let Ok(fd) = system(|| open(&path, how, Mode::empty())) {
                return Ok(Self { fd, is_socket: false, before: None, pipe: None });
            }
        }
        let own = system(|| fcntl_dupfd_cloexec(fd, 3))?;
        // A call to a socket says itself that it does not wait.
        let is_socket = kind == FileType::Socket;
        let waits = !is_socket && kind != FileType::RegularFile;
        let before = (waits && !flags.contains(OFlags::NONBLOCK)).then_some(flags);
        if before.is_some() {
            system(|| fcntl_setfl(&own, flags | OFlags::NONBLOCK))?;
        }
        Ok(Self { fd: own, is_socket, before, pipe: None })
    }

    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if self.is_socket {
            return system(|| recv(&self.fd, &mut *buffer, RecvFlags::DONTWAIT)).map(|it| it.0);
        }
        system(|| read(&self.fd, &mut *buffer))
    }

    /// Writes. The signal that comes with a broken pipe is ignored by Rust's runtime, and asked
    /// not to come by sockets; a program that has turned it on again is ended by it (law 67).
    pub(super) fn write(&self, bytes: &[u8]) -> Result<usize> {
        if self.is_socket {
            return system(|| send(&self.fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL));
        }
        system(|| write(&self.fd, bytes))
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // Nobody is there to be told.
            let _ = fcntl_setfl(&self.fd, before);
        }
    }
}
