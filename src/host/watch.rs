//! Which devices are waited for, and which of them may be ready.
//!
//! Events are level-triggered, with masks that say exactly what is waited for. The kernel asks a
//! device that may be ready, wakes whom that serves, and then waits for less: so no event comes
//! again that somebody was woken for. Its looks come after every dispatch, and most cost nothing:
//! the system is asked after a sleep, which has the answer already, and else once a millisecond.

use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use std::vec::Vec;

use super::events::Mask;
use super::sleep::Sleep;
use crate::kernel::{DeviceId, Rights};

/// How often the system is asked by a program that does not sleep.
const LOOK: Duration = Duration::from_millis(1);

/// What is watched of one device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    wants: Option<Rights>,
    /// What the system was told, if it was told to watch.
    mask: Option<Mask>,
    /// Room for it is told by no event, but found by trying.
    pub(super) retries: bool,
    /// It is counted among those that wait for the timer.
    waits_for_timer: bool,
}

impl Watch {
    pub(super) const NOTHING: Self =
        Self { wants: None, mask: None, retries: false, waits_for_timer: false };

    /// Its registration went with a descriptor that was closed.
    pub(super) const fn forget(&mut self) {
        self.mask = None;
    }

    /// Whether the timer is to tell of it.
    pub(super) const fn is_for_timer(&self) -> bool {
        self.waits_for_timer
    }
}

/// All that is watched.
#[derive(Debug)]
pub(super) struct Watches {
    pub(super) sleep: Arc<Sleep>,
    /// Devices that somebody waits for.
    wanted: usize,
    /// Those of them that wait for the timer.
    retrying: usize,
    heard: VecDeque<DeviceId>,
    /// These were all: the next answer is that there is no more.
    told: bool,
    looked: Instant,
}

impl Watches {
    pub(super) fn new(sleep: Sleep) -> Self {
        Self {
            sleep: Arc::new(sleep),
            wanted: 0,
            retrying: 0,
            heard: VecDeque::new(),
            told: false,
            looked: Instant::now(),
        }
    }

    /// Whether somebody waits for anything.
    pub(super) const fn is_watching(&self) -> bool {
        self.wanted > 0
    }

    /// Waits for this from now on.
    pub(super) fn watch(
        &mut self,
        device: DeviceId,
        fd: BorrowedFd<'_>,
        watch: &mut Watch,
        wants: Option<Rights>,
    ) {
        match (watch.wants, wants) {
            (None, Some(_)) => self.wanted += 1,
            (Some(_), None) => self.wanted -= 1,
            _ => {}
        }
        watch.wants = wants;
        self.update(device, fd, watch);
    }

    /// Tells the system what is waited for, if it does not know.
    pub(super) fn update(&mut self, device: DeviceId, fd: BorrowedFd<'_>, watch: &mut Watch) {
        let writes = watch.wants.is_some_and(|it| it.contains(Rights::WRITE));
        let timer = writes && watch.retries;
        if timer != watch.waits_for_timer {
            watch.waits_for_timer = timer;
            let before = self.retrying;
            self.retrying = if timer { before + 1 } else { before - 1 };
            if (before == 0) != (self.retrying == 0) {
                self.sleep.events.retry(timer);
            }
        }
        // An error and the end of both directions are always told, the end of what can be read
        // only if nobody waits to write: such a one cannot go on because of it, and would be woken
        // again and again. While something is tried again, the socket has an end that says nothing.
        let mask = watch.wants.filter(|wants| !timer || wants.contains(Rights::READ));
        let mask = mask.map(|wants| Mask {
            read: wants.contains(Rights::READ),
            write: writes && !timer,
            end: !writes,
        });
        if mask != watch.mask {
            watch.mask = mask;
            if !self.sleep.events.watch(fd, device, mask) {
                watch.forget();
                self.sleep.heard().push(device);
                self.sleep.events.retry(true);
            }
        }
    }

    /// The next device that may be ready. `retrying` are those that wait for the timer.
    pub(super) fn ready(&mut self, retrying: impl FnOnce() -> Vec<DeviceId>) -> Option<DeviceId> {
        if let Some(device) = self.heard.pop_front() {
            return Some(device);
        }
        if self.told || self.wanted == 0 {
            self.told = false;
            return None;
        }
        let mut heard = self.sleep.heard();
        if heard.is_empty() && !self.sleep.due.load(Relaxed) && self.looked.elapsed() >= LOOK {
            drop(heard);
            self.sleep.listen(Some(Duration::ZERO));
            self.looked = Instant::now();
            heard = self.sleep.heard();
        }
        self.heard.extend(heard.drain(..));
        drop(heard);
        if self.sleep.due.swap(false, Relaxed) {
            self.heard.extend(retrying());
            self.sleep.events.retry(self.retrying > 0);
        }
        self.told = !self.heard.is_empty();
        self.heard.pop_front()
    }
}
