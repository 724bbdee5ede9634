//! POSIX message queues where the system has none: each is unsupported.

use std::os::fd::BorrowedFd;

use crate::kernel::{Answer, Create, Error, Result, Rights, Taken, Verb};

#[derive(Debug, Default)]
pub(super) struct Queues {
    pub(super) keep: bool,
}

/// There is none.
#[derive(Debug)]
pub(super) enum Queue {}

impl Queues {
    pub(super) fn open(&mut self, _: &str, _: Rights, _: Option<Create<'_>>) -> Result<Queue> {
        let _ = self.keep;
        Err(Error::Unsupported)
    }

    pub(super) fn unlink(&mut self, _: &str) -> Result<()> {
        Err(Error::Unsupported)
    }
}

impl Queue {
    pub(super) fn receive(&self, _: &mut [u8]) -> Result<Taken> {
        match *self {}
    }

    pub(super) fn send(&self, _: u8, _: &[u8]) -> Result<()> {
        match *self {}
    }

    pub(super) fn admit(&self, _: Verb, _: usize) -> Result<()> {
        match *self {}
    }

    pub(super) fn attributes(&self) -> Answer {
        match *self {}
    }

    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match *self {}
    }
}
