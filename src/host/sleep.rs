//! Sleeping until something happens: one epoll for all devices, and the clock.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::vec::Vec;

use core::mem::MaybeUninit;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::{Errno, read, retry_on_intr, write};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use crate::kernel::{DeviceId, Sleeper, Ticks};

/// Devices that are told of in one go.
const BATCH: usize = 64;

/// The longest sleep; then the runner looks around and sleeps again.
const LONGEST: Duration = Duration::from_secs(3600);

/// How often is tried what the system tells nobody of.
const RETRY: Duration = Duration::from_millis(5);

/// What an event is about that no device has: the bell, the timer.
const BELL: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;

/// What a host and its sleepers share.
#[derive(Debug)]
pub(super) struct Sleep {
    pub(super) epoll: OwnedFd,
    /// Rung by [`Sleeper::interrupt`]; it stays rung until a sleep has heard it.
    bell: OwnedFd,
    /// Runs while something has to be tried again.
    timer: OwnedFd,
    start: Instant,
    heard: Mutex<Vec<DeviceId>>,
    /// The timer has run out.
    pub(super) due: AtomicBool,
}

impl Sleep {
    pub(super) fn new() -> rustix::io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        for (fd, token) in [(&bell, BELL), (&timer, TIMER)] {
            epoll::add(&epoll, fd, EventData::new_u64(token), EventFlags::IN)?;
        }
        let (start, heard) = (Instant::now(), Mutex::default());
        Ok(Self { epoll, bell, timer, start, heard, due: AtomicBool::new(false) })
    }

    /// Whole milliseconds since the host was made.
    pub(super) fn now(&self) -> Ticks {
        Ticks(self.start.elapsed().as_millis() as u64)
    }

    /// The devices that were heard of, once.
    pub(super) fn heard(&self) -> MutexGuard<'_, Vec<DeviceId>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for events, and says whether the bell was rung.
    pub(super) fn listen(&self, timeout: Option<Duration>) -> bool {
        let timeout = timeout
            .map(|it| Timespec { tv_sec: it.as_secs() as i64, tv_nsec: it.subsec_nanos().into() });
        let mut buffer = [MaybeUninit::<Event>::uninit(); BATCH];
        // A signal ends a sleep early, which it may; nothing else goes wrong with these arguments.
        let Ok((events, _)) = epoll::wait(&self.epoll, &mut buffer, timeout.as_ref()) else {
            return false;
        };
        let mut rung = false;
        let mut heard = None;
        for event in events {
            match event.data.u64() {
                BELL => rung = true,
                TIMER => {
                    let _ = retry_on_intr(|| read(&self.timer, &mut [0; 8]));
                    self.due.store(true, Relaxed);
                }
                device => {
                    let heard = heard.get_or_insert_with(|| self.heard());
                    // A sleep that is repeated before anybody looks hears the same again.
                    if heard.len() < BATCH {
                        heard.push(DeviceId(device as u16));
                    }
                }
            }
        }
        rung
    }

    /// Has the timer run, or stop.
    pub(super) fn retry(&self, on: bool) {
        let every = if on { RETRY } else { Duration::ZERO };
        let every = Timespec { tv_sec: 0, tv_nsec: every.subsec_nanos().into() };
        let spec = Itimerspec { it_interval: every, it_value: every };
        // Nothing is wrong with these arguments.
        let _ = timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &spec);
    }

    /// Has a descriptor watched for these events, instead of what it was watched for; `false` if it
    /// cannot be watched, as a file on a disk, which is always ready.
    pub(super) fn watch(&self, fd: impl AsFd, device: DeviceId, mask: Option<EventFlags>) -> bool {
        let data = EventData::new_u64(device.0.into());
        let Some(mask) = mask else {
            // It may not be there: a descriptor that was closed is watched no more.
            let _ = epoll::delete(&self.epoll, &fd);
            return true;
        };
        match epoll::modify(&self.epoll, &fd, data, mask) {
            Err(Errno::NOENT) => epoll::add(&self.epoll, &fd, data, mask).is_ok(),
            modified => modified.is_ok(),
        }
    }
}

/// What a runner sleeps with whose devices are a [`Host`](super::Host).
#[derive(Clone, Debug)]
pub struct HostSleeper(pub(super) Arc<Sleep>);

impl Sleeper for HostSleeper {
    fn sleep(&self, until: Option<Ticks>) {
        let sleep = &*self.0;
        let left = until.map_or(LONGEST, |Ticks(until)| {
            let elapsed = sleep.start.elapsed();
            Duration::from_millis(until).saturating_sub(elapsed).min(LONGEST)
        });
        // The system counts in milliseconds: rounded up, or the last one would be spent spinning.
        let left = Duration::from_millis(left.as_micros().div_ceil(1000) as u64);
        if sleep.listen(Some(left)) {
            let _ = retry_on_intr(|| read(&sleep.bell, &mut [0; 8]));
        }
    }

    fn interrupt(&self) {
        // A bell that is rung already stays rung.
        let _ = retry_on_intr(|| write(&self.0.bell, &1u64.to_ne_bytes()));
    }
}
