//! Events on macOS: one kqueue for all devices and the timer; the bell is a pipe.

use core::mem::MaybeUninit;
use core::ptr::without_provenance_mut;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::Duration;

use rustix::event::kqueue::{Event, EventFilter, EventFlags, kevent, kqueue};
use rustix::io::{FdFlags, fcntl_setfd, read, retry_on_intr, write};

use super::super::fresh;
use super::{BATCH, BELL, Mask, RETRY, TIMER, Told};
use crate::kernel::DeviceId;

#[derive(Debug)]
pub(in crate::host) struct Events {
    kqueue: OwnedFd,
    /// What is rung, and what is heard of it.
    bell: (OwnedFd, OwnedFd),
}

impl Events {
    pub(in crate::host) fn new() -> rustix::io::Result<Self> {
        let kqueue = kqueue()?;
        fcntl_setfd(&kqueue, FdFlags::CLOEXEC)?;
        let (heard, rung) = fresh::pipe()?;
        let events = Self { kqueue, bell: (rung, heard) };
        let bell = EventFilter::Read(events.bell.1.as_raw_fd());
        events.change(bell, EventFlags::ADD, BELL)?;
        Ok(events)
    }

    /// Waits until there is something to tell, or for so long; a signal ends it early.
    pub(in crate::host) fn wait(&self, timeout: Option<Duration>, mut tell: impl FnMut(Told)) {
        let mut buffer = [const { MaybeUninit::<Event>::uninit() }; BATCH];
        // SAFETY: nothing is registered here.
        let told = unsafe { kevent(&self.kqueue, &[], &mut buffer, timeout) };
        // Nothing but a signal comes in between with these arguments.
        let Ok((events, _)) = told else { return };
        for event in events {
            tell(Told::numbered(event.udata().addr() as u64));
        }
    }

    pub(in crate::host) fn ring(&self) {
        // A bell that is rung so often that there is no more room stays rung.
        let _ = retry_on_intr(|| write(&self.bell.0, &[1]));
    }

    pub(in crate::host) fn hush(&self) {
        while retry_on_intr(|| read(&self.bell.1, &mut [0; 64])).is_ok() {}
    }

    /// Has the timer run, or stop. It counts as heard when it was told of.
    pub(in crate::host) fn retry(&self, on: bool) {
        let timer = EventFilter::Timer { ident: 0, timer: Some(RETRY) };
        // It may have stopped before.
        let _ = self.change(timer, if on { EventFlags::ADD } else { EventFlags::DELETE }, TIMER);
    }

    /// Has a descriptor watched for this, instead of what it was watched for; `false` if it cannot
    /// be watched.
    pub(in crate::host) fn watch(
        &self,
        fd: impl AsFd,
        device: DeviceId,
        mask: Option<Mask>,
    ) -> bool {
        let fd = fd.as_fd().as_raw_fd();
        let how = |wanted| if wanted { EventFlags::ADD } else { EventFlags::DELETE };
        let read = match mask {
            // Whoever waits for the end alone hears of what comes before it too, once.
            Some(Mask { read: false, end: true, .. }) => EventFlags::ADD | EventFlags::CLEAR,
            mask => how(mask.is_some_and(|mask| mask.read)),
        };
        let write = how(mask.is_some_and(|mask| mask.write));
        self.set(EventFilter::Read, fd, read, device)
            && self.set(EventFilter::Write, fd, write, device)
    }

    fn set(
        &self,
        filter: impl Fn(RawFd) -> EventFilter,
        fd: RawFd,
        how: EventFlags,
        device: DeviceId,
    ) -> bool {
        // Adding it again would not change whether it is told of once or as long as it lasts. It may
        // not be there: a descriptor that was closed is watched no more.
        let _ = self.change(filter(fd), EventFlags::DELETE, 0);
        how == EventFlags::DELETE || self.change(filter(fd), how, device.0.into()).is_ok()
    }

    fn change(&self, what: EventFilter, how: EventFlags, number: u64) -> rustix::io::Result<()> {
        let changes = [Event::new(what, how, without_provenance_mut(number as usize))];
        retry_on_intr(|| {
            let mut none: [Event; 0] = [];
            // SAFETY: the descriptor is open now, and the system forgets it when it is closed.
            unsafe { kevent(&self.kqueue, &changes, &mut none, None) }
        })
        .map(drop)
    }
}
