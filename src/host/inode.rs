//! A pipe itself, of which any number of ends can be opened. On Linux it has no name, and is found
//! through /proc; macOS opens only what has one: there it is a FIFO, which goes with it.

use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

use super::errno::system;
use crate::kernel::Result;

pub(super) use here::Inode;

impl Inode {
    /// Opens an end, without waiting for one on the other side.
    pub(super) fn open(&self, how: OFlags) -> Result<OwnedFd> {
        let how = how | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let path = self.path();
        system(|| match open(&path, how, Mode::empty()) {
            Err(Errno::NXIO) => Err(Errno::NOENT),
            end => end,
        })
    }
}

#[cfg(target_os = "linux")]
mod here {
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::path::PathBuf;

    use rustix::fs::{Mode, OFlags, open};
    use rustix::pipe::fcntl_setpipe_size;

    use super::super::{file::reopening, fresh};
    use super::{Result, system};
    use crate::kernel::Error;

    /// A descriptor that is neither end.
    #[derive(Debug)]
    pub(in crate::host) struct Inode(OwnedFd);

    impl Inode {
        /// A new pipe, of this size at least, and both its ends.
        pub(in crate::host) fn new(capacity: Option<usize>) -> Result<(Self, OwnedFd, OwnedFd)> {
            let (reader, writer) = system(fresh::pipe)?;
            if let Some(capacity) = capacity {
                // More than this user may have, or than there is.
                system(|| fcntl_setpipe_size(&writer, capacity)).map_err(|_| Error::BadArgument)?;
            }
            let path = reopening(reader.as_raw_fd());
            let how = OFlags::PATH | OFlags::CLOEXEC;
            let inode = system(|| open(&path, how, Mode::empty()))?;
            Ok((Self(inode), reader, writer))
        }

        pub(super) fn path(&self) -> PathBuf {
            reopening(self.0.as_raw_fd())
        }
    }
}

#[cfg(target_os = "macos")]
mod here {
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use rustix::fs::OFlags;
    use rustix::io::Errno;

    use super::{Result, system};

    /// The file.
    #[derive(Debug)]
    pub(in crate::host) struct Inode(PathBuf);

    impl Inode {
        /// A new pipe, and both its ends. Its size is the system's.
        pub(in crate::host) fn new(_: Option<usize>) -> Result<(Self, OwnedFd, OwnedFd)> {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            let next = NEXT.fetch_add(1, Relaxed);
            let name = std::format!("postroom-{}-{next}.fifo", std::process::id());
            let path = std::env::temp_dir().join(name);
            let mode = Mode::S_IRUSR | Mode::S_IWUSR;
            system(|| mkfifo(&path, mode).map_err(|it| Errno::from_raw_os_error(it as i32)))?;
            let inode = Self(path);
            let (reader, writer) = (inode.open(OFlags::RDONLY)?, inode.open(OFlags::WRONLY)?);
            Ok((inode, reader, writer))
        }

        pub(super) fn path(&self) -> PathBuf {
            self.0.clone()
        }
    }

    impl Drop for Inode {
        fn drop(&mut self) {
            // Nobody is there to be told.
            let _ = std::fs::remove_file(&self.0);
        }
    }
}
