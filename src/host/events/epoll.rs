//! Events on Linux: one epoll for all devices, an eventfd, a timerfd.

use core::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::{Errno, read, retry_on_intr, write};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use super::{BATCH, BELL, Mask, RETRY, TIMER, Told};
use crate::kernel::DeviceId;

#[derive(Debug)]
pub(in crate::host) struct Events {
    epoll: OwnedFd,
    bell: OwnedFd,
    timer: OwnedFd,
}

impl Events {
    pub(in crate::host) fn new() -> rustix::io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        for (fd, number) in [(&bell, BELL), (&timer, TIMER)] {
            epoll::add(&epoll, fd, EventData::new_u64(number), EventFlags::IN)?;
        }
        Ok(Self { epoll, bell, timer })
    }

    /// Waits until there is something to tell, or for so long; a signal ends it early.
    pub(in crate::host) fn wait(&self, timeout: Option<Duration>, mut tell: impl FnMut(Told)) {
        let timeout = timeout
            .map(|it| Timespec { tv_sec: it.as_secs() as i64, tv_nsec: it.subsec_nanos().into() });
        let mut buffer = [MaybeUninit::<Event>::uninit(); BATCH];
        // Nothing but a signal comes in between with these arguments.
        let Ok((events, _)) = epoll::wait(&self.epoll, &mut buffer, timeout.as_ref()) else {
            return;
        };
        for event in events {
            let told = Told::numbered(event.data.u64());
            if let Told::Timer = told {
                let _ = retry_on_intr(|| read(&self.timer, &mut [0; 8]));
            }
            tell(told);
        }
    }

    pub(in crate::host) fn ring(&self) {
        // A bell that is rung already stays rung.
        let _ = retry_on_intr(|| write(&self.bell, &1u64.to_ne_bytes()));
    }

    pub(in crate::host) fn hush(&self) {
        let _ = retry_on_intr(|| read(&self.bell, &mut [0; 8]));
    }

    /// Has the timer run, or stop.
    pub(in crate::host) fn retry(&self, on: bool) {
        let every = if on { RETRY } else { Duration::ZERO };
        let every = Timespec { tv_sec: 0, tv_nsec: every.subsec_nanos().into() };
        let spec = Itimerspec { it_interval: every, it_value: every };
        // Nothing is wrong with these arguments.
        let _ = timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &spec);
    }

    /// Has a descriptor watched for this, instead of what it was watched for; `false` if it cannot
    /// be watched, as a file on a disk, which is always ready.
    pub(in crate::host) fn watch(
        &self,
        fd: impl AsFd,
        device: DeviceId,
        mask: Option<Mask>,
    ) -> bool {
        let Some(Mask { read, write, end }) = mask else {
            // It may not be there: a descriptor that was closed is watched no more.
            let _ = epoll::delete(&self.epoll, &fd);
            return true;
        };
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::IN, read);
        flags.set(EventFlags::OUT, write);
        flags.set(EventFlags::RDHUP, end);
        let data = EventData::new_u64(device.0.into());
        match epoll::modify(&self.epoll, &fd, data, flags) {
            Err(Errno::NOENT) => epoll::add(&self.epoll, &fd, data, flags).is_ok(),
            modified => modified.is_ok(),
        }
    }
}
