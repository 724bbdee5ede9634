//! Sleeping until something happens: the events of all devices, and the clock.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::vec::Vec;

use super::events::{BATCH, Events, Told};
use crate::kernel::{DeviceId, Sleeper, Ticks};

/// The longest sleep; then the runner looks around and sleeps again.
const LONGEST: Duration = Duration::from_secs(3600);

/// What a host and its sleepers share.
#[derive(Debug)]
pub(super) struct Sleep {
    /// Its bell is rung by [`Sleeper::interrupt`], and stays rung until a sleep has heard it. Its
    /// timer runs while something has to be tried again.
    pub(super) events: Events,
    start: Instant,
    heard: Mutex<Vec<DeviceId>>,
    /// The timer has run out.
    pub(super) due: AtomicBool,
}

impl Sleep {
    pub(super) fn new() -> rustix::io::Result<Self> {
        let (events, start, heard) = (Events::new()?, Instant::now(), Mutex::default());
        Ok(Self { events, start, heard, due: AtomicBool::new(false) })
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
        let mut rung = false;
        let mut heard = None;
        self.events.wait(timeout, |told| match told {
            Told::Bell => rung = true,
            Told::Timer => self.due.store(true, Relaxed),
            Told::Device(device) => {
                let heard = heard.get_or_insert_with(|| self.heard());
                // A sleep that is repeated before anybody looks hears the same again.
                if heard.len() < BATCH {
                    heard.push(device);
                }
            }
        });
        rung
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
            sleep.events.hush();
        }
    }

    fn interrupt(&self) {
        self.0.events.ring();
    }
}
