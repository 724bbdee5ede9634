//! POSIX message queues (mq_overview(7)).

use std::os::fd::{AsFd, BorrowedFd};
use std::string::String;
use std::vec::Vec;

use nix::mqueue::{
    MQ_OFlag, MqAttr, MqdT, mq_attr_member_t, mq_close, mq_getattr, mq_open, mq_receive, mq_send,
    mq_unlink,
};
use nix::sys::stat::Mode;
use rustix::fs::fstat;
use rustix::io::Errno;

use super::errno::system;
use crate::kernel::{Access, Answer, Create, Error, Result, Rights, Sizes, Taken, Value, Verb};

/// The most queues that a host remembers to have made.
const QUEUES: usize = 256;

/// The queues that a host has made, to be removed with it.
#[derive(Debug, Default)]
pub(super) struct Queues {
    made: Vec<Made>,
    /// Whether they are to stay.
    pub(super) keep: bool,
}

/// A queue that the host has made. Others may have removed it since, and made one of that name.
#[derive(Clone, Debug)]
struct Made {
    name: String,
    inode: Option<(u64, u64)>,
}

impl Made {
    /// Whether the name still is that of this queue.
    fn is_there(&self) -> bool {
        let how = MQ_OFlag::O_NONBLOCK | MQ_OFlag::O_CLOEXEC | MQ_OFlag::O_RDONLY;
        let there = call(|| mq_open(self.name.as_str(), how, Mode::empty(), None)).map(Queue::new);
        there.is_ok_and(|there| there.inode() == self.inode)
    }
}

/// An open queue.
#[derive(Debug)]
pub(super) struct Queue(Option<MqdT>);

fn call<T>(mut call: impl FnMut() -> nix::Result<T>) -> Result<T> {
    system(|| call().map_err(|number| Errno::from_raw_os_error(number as i32)))
}

impl Queues {
    /// Opens the queue of this name, or makes it.
    pub(super) fn open(
        &mut self,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Queue> {
        let how = MQ_OFlag::O_NONBLOCK
            | MQ_OFlag::O_CLOEXEC
            | match (rights.contains(Rights::READ), rights.contains(Rights::WRITE)) {
                (true, true) => MQ_OFlag::O_RDWR,
                (true, false) => MQ_OFlag::O_RDONLY,
                _ => MQ_OFlag::O_WRONLY,
            };
        let found = || call(|| mq_open(name, how, Mode::empty(), None)).map(Queue::new);
        let Some(create) = create else { return found() };
        let attributes = attributes(create)?;
        if self.made.len() == QUEUES {
            self.made.retain(Made::is_there);
        }
        if self.made.len() == QUEUES {
            return match found() {
                Err(Error::NoSuchName) => Err(Error::ChannelsFull),
                _ if create.exclusive => Err(Error::NameTaken),
                found => found,
            };
        }
        // To know who made it: first as its maker, then as one who finds it.
        let how = how | MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        match call(|| mq_open(name, how, mode, Some(&attributes))) {
            Ok(queue) => {
                let queue = Queue::new(queue);
                self.made.push(Made { name: String::from(name), inode: queue.inode() });
                Ok(queue)
            }
            Err(Error::NameTaken) if !create.exclusive => found(),
            Err(error) => Err(error),
        }
    }

    /// Frees a name; whoever has the queue open keeps it (law 43).
    pub(super) fn unlink(&mut self, name: &str) -> Result<()> {
        call(|| mq_unlink(name))?;
        self.made.retain(|made| made.name != name);
        Ok(())
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        if !self.keep {
            for made in self.made.iter().filter(|made| made.is_there()) {
                // Nobody is there to be told.
                let _ = mq_unlink(made.name.as_str());
            }
        }
    }
}

fn attributes(create: Create<'_>) -> Result<MqAttr> {
    match create {
        Create { access: Access::Only(_), .. } => Err(Error::Unsupported),
        Create { sizes: Sizes::Bytes(_), .. } => Err(Error::WrongKind),
        Create { sizes: Sizes::Messages { most, longest }, .. } => {
            let size = |size| mq_attr_member_t::try_from(size).map_err(|_| Error::BadArgument);
            Ok(MqAttr::new(0, size(most)?, size(longest)?, 0))
        }
    }
}

impl Queue {
    const fn new(queue: MqdT) -> Self {
        Self(Some(queue))
    }

    /// The queue, which is there until it is dropped.
    fn queue(&self) -> Result<&MqdT> {
        self.0.as_ref().ok_or(Error::BadHandle)
    }

    pub(super) fn receive(&self, buffer: &mut [u8]) -> Result<Taken> {
        let (queue, mut urgency) = (self.queue()?, 0);
        let length = call(|| mq_receive(queue, buffer, &mut urgency))?;
        // Other programs may use more priorities than the kernel has.
        let urgency = u8::try_from(urgency).unwrap_or(u8::MAX);
        Ok(Taken { copied: length, length, from: None, urgency })
    }

    pub(super) fn send(&self, urgency: u8, message: &[u8]) -> Result<()> {
        let queue = self.queue()?;
        call(|| mq_send(queue, message, urgency.into()))
    }

    /// Lengths are looked at before what is in the queue (laws 41 and 42).
    pub(super) fn admit(&self, verb: Verb, length: usize) -> Result<()> {
        match self.attributes()? {
            Value::Attributes { longest, .. }
                if verb == Verb::Send && length > longest as usize
                    || verb == Verb::Receive && length < longest as usize =>
            {
                Err(Error::MessageTooLong)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn attributes(&self) -> Answer {
        let queue = self.queue()?;
        let found = call(|| mq_getattr(queue))?;
        // The system allows more messages than the kernel counts.
        let count = |n: mq_attr_member_t| u16::try_from(n).unwrap_or(u16::MAX);
        let longest = u32::try_from(found.msgsize()).unwrap_or(u32::MAX);
        let (most, length) = (count(found.maxmsg()), count(found.curmsgs()));
        Ok(Value::Attributes { most, longest, length })
    }

    /// Which it is, whatever its name is.
    fn inode(&self) -> Option<(u64, u64)> {
        let found = fstat(self.fd()?).ok()?;
        Some((found.st_dev, found.st_ino))
    }

    /// Its descriptor; on Linux a queue is a file.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            // Nobody is there to be told.
            let _ = mq_close(queue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_exists_is_told_of_before_the_limit_and_what_is_gone_is_not_counted() {
        let own = std::format!("/pr-limit-{}", std::process::id());
        let other = std::format!("{own}-other");
        let create = |exclusive| {
            let sizes = Sizes::Messages { most: 1, longest: 8 };
            Some(Create { sizes, access: Access::Everyone, exclusive })
        };
        let mut queues = Queues::default();
        queues.open(&own, Rights::READ, create(true)).unwrap();
        queues.made.resize(QUEUES, queues.made[0].clone());
        let mut open =
            |name, exclusive| queues.open(name, Rights::READ, create(exclusive)).map(drop);
        assert_eq!(open(&own, true), Err(Error::NameTaken));
        assert_eq!(open(&own, false), Ok(()));
        assert_eq!(open(&other, false), Err(Error::ChannelsFull));
        assert_eq!(open(&other, true), Err(Error::ChannelsFull));
        mq_unlink(own.as_str()).unwrap();
        assert_eq!(open(&other, true), Ok(()));
        assert_eq!(queues.made.len(), 1);
    }
}
