//! FIFOs (fifo(7)): pipes that are found by a name in a directory.

use std::fs::File;
use std::io;

use rustix::fs::{CWD, Mode, OFlags, mkfifoat, open};
use rustix::io::Errno;
use rustix::pipe::fcntl_setpipe_size;

/// A FIFO, both of whose sides are held open until somebody comes: so there is no end of file
/// before the first writer, and no broken pipe before the first reader.
#[derive(Debug)]
pub(super) struct Fifo {
    pub(super) name: String,
    reader: Option<File>,
    writer: Option<File>,
}

impl Fifo {
    pub(super) fn make(name: &str, capacity: Option<usize>) -> io::Result<Self> {
        mkfifoat(CWD, name, Mode::RUSR | Mode::WUSR)?;
        let (reader, writer) = (open_end(name, true)?, open_end(name, false)?);
        if let Some(capacity) = capacity {
            fcntl_setpipe_size(&writer, capacity)?;
        }
        Ok(Self { name: name.to_owned(), reader: Some(reader), writer: Some(writer) })
    }

    /// Lets go of a side to which somebody has come.
    pub(super) fn release(&mut self, to_read: bool) {
        *(if to_read { &mut self.reader } else { &mut self.writer }) = None;
    }
}

/// Opens an end, without waiting for one on the other side.
pub(super) fn open_end(name: &str, to_read: bool) -> io::Result<File> {
    let how = if to_read { OFlags::RDONLY } else { OFlags::WRONLY };
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
    match open(name, how | flags, Mode::empty()) {
        // Nobody reads: the system opens nothing to write to, but the kernel does.
        Err(Errno::NXIO) => {
            let _reader = open(name, OFlags::RDONLY | flags, Mode::empty())?;
            Ok(open(name, how | flags, Mode::empty())?.into())
        }
        end => Ok(end?.into()),
    }
}
