//! What a task's process tells the one that started it.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postroom::{Counters, Event, Ticks, Trace};
use serde::{Deserialize, Serialize};

/// Where reports go, in the directory of the run. It is a datagram socket: a report is whole, all
/// are in one order, and those of a process that was killed remain.
pub(super) const REPORTS: &str = "reports";

/// The longest report, in bytes. Lines are short.
pub(super) const LONGEST: usize = 64 * 1024;

/// A report of the task of this number.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) task: usize,
    /// What its calls have cost so far: of one that is killed, the last that was told is what counts.
    /// The parent tells none.
    pub(super) cost: Option<Cost>,
    pub(super) news: News,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum News {
    /// It has its mailbox, and can go.
    Ready,
    /// It printed a line.
    Said(String),
    /// Lines of the trace, as [`postroom::view::Line`].
    Whole(String),
    Begun(String),
    Rest(String),
    /// It has opened a FIFO.
    Opened {
        name: String,
        to_read: bool,
    },
    /// Nothing but another process can wake it; in words, what it waits for.
    Waits(String),
    /// Something has woken it.
    Wakes,
    /// It has ended. If it ended badly: how.
    Ended {
        failure: Option<String>,
    },
    /// Its process is gone. The parent tells itself.
    Gone,
}

/// What the calls of a task have cost: [`Counters`], and the ticks.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Cost {
    counts: [u64; 6],
    pub(super) ticks: u64,
}

impl Cost {
    fn new(cost: Counters, Ticks(ticks): Ticks) -> Self {
        let Counters { syscalls, bytes_in, bytes_out, switches, blocks, wakes } = cost;
        Self { counts: [syscalls, bytes_in, bytes_out, switches, blocks, wakes], ticks }
    }

    pub(super) fn add_to(self, sum: &mut Counters) {
        let [syscalls, bytes_in, bytes_out, switches, blocks, wakes] = self.counts;
        sum.syscalls += syscalls;
        sum.bytes_in += bytes_in;
        sum.bytes_out += bytes_out;
        sum.switches += switches;
        sum.blocks += blocks;
        sum.wakes += wakes;
    }
}

/// Counts what a kernel's events cost, for whoever reports while that is locked.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Mutex<(Counters, Ticks)>>);

impl Tally {
    /// What was before is of no interest.
    pub(super) fn start(&self) {
        *self.lock() = Default::default();
    }

    fn lock(&self) -> MutexGuard<'_, (Counters, Ticks)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trace for Tally {
    fn event(&mut self, now: Ticks, event: &Event) {
        let mut sum = self.lock();
        sum.0.event(now, event);
        sum.1 = now;
    }
}

/// The way to the parent, for one task.
#[derive(Debug)]
pub(super) struct Reporter {
    task: usize,
    socket: UnixDatagram,
    tally: Option<Tally>,
}

impl Reporter {
    pub(super) fn new(task: usize, tally: Option<Tally>) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(REPORTS)?;
        Ok(Self { task, socket, tally })
    }

    /// Tells the parent. While it is busy, this waits.
    pub(super) fn tell(&self, news: News) -> io::Result<()> {
        // Locked until it is told, so that no report says less than one before it.
        let sum = self.tally.as_ref().map(Tally::lock);
        let cost = sum.as_ref().map(|sum| Cost::new(sum.0, sum.1));
        let report = serde_json::to_vec(&Report { task: self.task, cost, news })?;
        self.socket.send(&report).map(drop)
    }
}
