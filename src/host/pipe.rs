//! Named pipes of one host: which there are, and who has come to their ends.

use std::os::fd::OwnedFd;
use std::string::String;
use std::vec::Vec;

use rustix::fs::OFlags;

use super::inode::Inode;
use crate::kernel::{Access, Create, Error, Result, Rights, Sizes};

/// The most pipes that have names at one time.
const PIPES: usize = 256;

/// The pipes that have names.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    named: Vec<NamedPipe>,
    next: u64,
}

/// A pipe lives as long as it has a reader, a writer, or a side to which nobody has come yet:
/// until then the host holds that side open, so that there is no end of file before the first
/// writer and no broken pipe before the first reader.
#[derive(Debug)]
struct NamedPipe {
    name: String,
    id: u64,
    /// The pipe itself: neither of its ends.
    inode: Inode,
    reader: Option<OwnedFd>,
    writer: Option<OwnedFd>,
    /// Devices that are ends of it.
    open: usize,
}

impl NamedPipe {
    fn new(name: &str, id: u64, capacity: Option<usize>) -> Result<Self> {
        let (inode, reader, writer) = Inode::new(capacity)?;
        let (reader, writer) = (Some(reader), Some(writer));
        Ok(Self { name: String::from(name), id, inode, reader, writer, open: 0 })
    }

    /// Opens another end, without waiting for one on the other side.
    fn open(&mut self, rights: Rights) -> Result<OwnedFd> {
        let (reads, writes) = (rights.contains(Rights::READ), rights.contains(Rights::WRITE));
        let how = match (reads, writes) {
            (true, true) => OFlags::RDWR,
            (true, false) => OFlags::RDONLY,
            _ => OFlags::WRONLY,
        };
        let end = match self.inode.open(how) {
            // Nobody reads: the system opens nothing to write to, but the kernel does.
            Err(Error::NoSuchName) if !reads => {
                let _reader = self.inode.open(OFlags::RDONLY)?;
                self.inode.open(how)
            }
            end => end,
        }?;
        if reads {
            self.reader = None;
        }
        if writes {
            self.writer = None;
        }
        self.open += 1;
        Ok(end)
    }
}

impl Pipes {
    /// Opens an end of the pipe of this name, and makes the pipe if there is none.
    pub(super) fn open(
        &mut self,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<(OwnedFd, u64)> {
        let capacity = match create {
            None => None,
            Some(Create { access: Access::Only(_), .. }) => return Err(Error::Unsupported),
            Some(Create { sizes: Sizes::Messages { .. }, .. }) => return Err(Error::WrongKind),
            Some(Create { sizes: Sizes::Bytes(0), .. }) => return Err(Error::BadArgument),
            Some(Create { sizes: Sizes::Bytes(capacity), .. }) => Some(capacity),
        };
        let found = self.named.iter_mut().find(|pipe| pipe.name == name);
        if let Some(pipe) = found {
            if create.is_some_and(|create| create.exclusive) {
                return Err(Error::NameTaken);
            }
            return Ok((pipe.open(rights)?, pipe.id));
        }
        if self.named.len() == PIPES {
            return Err(Error::ChannelsFull);
        }
        let mut pipe = NamedPipe::new(name, self.next, capacity)?;
        let opened = (pipe.open(rights)?, pipe.id);
        self.next += 1;
        self.named.push(pipe);
        Ok(opened)
    }

    /// Takes note that an end was closed.
    pub(super) fn close(&mut self, id: u64) {
        let Some(at) = self.named.iter().position(|pipe| pipe.id == id) else { return };
        let pipe = &mut self.named[at];
        pipe.open -= 1;
        if pipe.open == 0 && pipe.reader.is_none() && pipe.writer.is_none() {
            self.named.swap_remove(at);
        }
    }

    /// Frees a name (law 43). A side to which nobody has come counts as closed then.
    pub(super) fn unlink(&mut self, name: &str) -> Result<()> {
        let at = self.named.iter().position(|pipe| pipe.name == name);
        self.named.swap_remove(at.ok_or(Error::NoSuchName)?);
        Ok(())
    }
}
