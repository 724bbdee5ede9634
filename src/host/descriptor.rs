//! Descriptors that bytes go through: ends of pipes, and what the program was given.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::vec::Vec;

use rustix::fs::{FileType, OFlags, Stat, fcntl_getfl, fcntl_setfl, fstat};
use rustix::io::{fcntl_dupfd_cloexec, read, write};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::errno::system;
use super::fresh::NO_SIGNAL;
use crate::kernel::{Error, Result, Rights};

/// An open descriptor.
#[derive(Debug)]
pub(super) struct Descriptor {
    fd: OwnedFd,
    is_socket: bool,
    /// What is to be put back when none of those is left who have it.
    _borrowed: Vec<Arc<Borrowed>>,
    /// Of a pipe that has a name, which it is.
    pub(super) pipe: Option<u64>,
}

/// All that the host has made non-blocking though others share it.
#[derive(Debug, Default)]
pub(super) struct Lent(Vec<Weak<Borrowed>>);

/// Something that others share, and its flags as they were.
#[derive(Debug)]
struct Borrowed {
    fd: OwnedFd,
    before: OFlags,
    what: Stat,
}

impl Lent {
    /// Makes what is open here non-blocking, until nobody has the answer any more. If it is that
    /// already, the host may have done it: for as long as this one is used, nothing is put back that
    /// could be the same.
    fn borrow(&mut self, fd: &OwnedFd, flags: OFlags, what: &Stat) -> Result<Vec<Arc<Borrowed>>> {
        self.0.retain(|it| it.strong_count() > 0);
        if flags.contains(OFlags::NONBLOCK) {
            let living = self.0.iter().filter_map(Weak::upgrade);
            return Ok(living.filter(|it| is_one(&it.what, what)).collect());
        }
        let own = system(|| fcntl_dupfd_cloexec(fd, 3))?;
        system(|| fcntl_setfl(&own, flags | OFlags::NONBLOCK))?;
        let borrowed = Arc::new(Borrowed { fd: own, before: flags, what: *what });
        self.0.push(Arc::downgrade(&borrowed));
        Ok(std::vec![borrowed])
    }
}

fn is_one(this: &Stat, that: &Stat) -> bool {
    (this.st_dev, this.st_ino) == (that.st_dev, that.st_ino)
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        // Nobody is there to be told.
        let _ = fcntl_setfl(&self.fd, self.before);
    }
}

impl Descriptor {
    /// An end of a pipe that has a name.
    pub(super) fn of_pipe((fd, pipe): (OwnedFd, u64)) -> Self {
        Self { fd, is_socket: false, _borrowed: Vec::new(), pipe: Some(pipe) }
    }

    /// One that the program has under this number.
    pub(super) fn numbered(number: u32, rights: Rights, lent: &mut Lent) -> Result<Self> {
        let number = i32::try_from(number).map_err(|_| Error::BadName)?;
        // SAFETY: the number is not -1. It is borrowed for calls that read and duplicate it, and
        // that refuse one that is not open.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        Self::given(fd, rights, lent)
    }

    /// One that the program was given. Others may share what is open there, and must not find that
    /// it no longer waits for them: so it is opened anew if it can be. A file stands where it
    /// stood, and never waits. Of the rest, the flags are changed, and put back at the end.
    pub(super) fn given(fd: BorrowedFd<'_>, rights: Rights, lent: &mut Lent) -> Result<Self> {
        // A number that is not open is no name of anything.
        let flags = system(|| fcntl_getfl(fd)).map_err(|_| Error::NoSuchName)?;
        let mode = flags & OFlags::RWMODE;
        if rights.contains(Rights::READ) && mode == OFlags::WRONLY
            || rights.contains(Rights::WRITE) && mode == OFlags::RDONLY
        {
            return Err(Error::NoRight);
        }
        let what = system(|| fstat(fd))?;
        if let Some(fd) = reopened(fd, mode, &what) {
            return Ok(Self { fd, is_socket: false, _borrowed: Vec::new(), pipe: None });
        }
        let fd = system(|| fcntl_dupfd_cloexec(fd, 3))?;
        let kind = FileType::from_raw_mode(what.st_mode);
        // A call to a socket says itself that it does not wait.
        let is_socket = kind == FileType::Socket;
        let _borrowed = if is_socket || kind == FileType::RegularFile {
            Vec::new()
        } else {
            lent.borrow(&fd, flags, &what)?
        };
        Ok(Self { fd, is_socket, _borrowed, pipe: None })
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
            return system(|| send(&self.fd, bytes, SendFlags::DONTWAIT | NO_SIGNAL));
        }
        system(|| write(&self.fd, bytes))
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The same, opened anew, if that only makes another way to it. It does for pipes and for most
/// terminals; other devices may do anything when they are opened.
#[cfg(target_os = "linux")]
fn reopened(fd: BorrowedFd<'_>, mode: OFlags, what: &Stat) -> Option<OwnedFd> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{Mode, major, open};
    use rustix::termios::isatty;

    /// Devices that stand for another one, which is chosen when they are opened: that of the
    /// controlling terminal, and that of a new pseudoterminal (tty(4), pts(4)).
    const STANDS_FOR_ANOTHER: u32 = 5;

    let is_safe = match FileType::from_raw_mode(what.st_mode) {
        FileType::Fifo => true,
        FileType::CharacterDevice => isatty(fd) && major(what.st_rdev) != STANDS_FOR_ANOTHER,
        _ => false,
    };
    let how = mode | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let path = super::file::reopening(fd.as_raw_fd());
    is_safe.then(|| system(|| open(&path, how, Mode::empty())).ok()).flatten()
}

/// Nothing has a path by which it could be opened anew.
#[cfg(target_os = "macos")]
fn reopened(_: BorrowedFd<'_>, _: OFlags, _: &Stat) -> Option<OwnedFd> {
    None
}
