//! The devices of a run: those of the host, its queues with an end of file, and its silence.

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use postroom::{
    Answer, Create, DeviceId, Devices, Error, Host, HostSleeper, Kind, Readiness, Result, Rights,
    Sleeper, Taken, Ticks,
};

use super::directory::system_name;
use super::fifo::open_end;

/// Whoever is told of a FIFO's name when it is opened, and whether it is to read.
type Opened = dyn Fn(&str, bool) + Send;

/// A queue has a second device under its own number and this: its lifeline.
const LIFELINE: u16 = 1 << 12;

/// Sleeps in which nothing happened, until it is certain that nothing will.
const SLEEPS: usize = 3;

/// How long each of these may be.
const SLEEP: Ticks = Ticks(20);

/// The host, and two kinds of objects more:
///
/// | name | what it is |
/// |---|---|
/// | `fifo:NAME` | a FIFO in the directory of the run: a pipe that several processes find |
/// | `queue:NAME` | a POSIX message queue of the run, with an end of file |
///
/// POSIX queues have no end of file, pipes have: so beside each queue lies a FIFO that nothing is
/// ever written to, its lifeline. Whoever can send holds it open for writing. When nobody does any
/// more, those who receive read the end of the file there, even if a sender was killed.
///
/// **Silence.** If the run is alone with its objects, everything that can happen to them is done by
/// its tasks. When all of these sleep, and the system has nothing to tell, nothing will ever happen:
/// the kernel is told that there is nothing to wait for, and finds the deadlock (law 18). If the
/// tasks are processes, the one that started them is told, and finds out when all are silent.
pub(crate) struct Outside {
    host: Host,
    /// The number of the run.
    run: u32,
    opened: Box<Opened>,
    /// Which devices are queues: by their numbers.
    queues: Vec<bool>,
    /// Whether nobody else has a part in the objects.
    alone: bool,
    /// Sleeps on end in which nothing happened.
    silence: usize,
    /// Is told when silence begins, and when it ends.
    silent: Box<dyn Fn(bool) + Send>,
    watch: Arc<Clock>,
}

/// What the devices and their sleepers share.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: AtomicU64,
    /// There was a sleep since somebody looked.
    slept: AtomicBool,
    /// Silence was found: until it ends, sleeps are long.
    silent: AtomicBool,
}

impl Outside {
    pub(crate) fn new(
        host: Host,
        run: u32,
        alone: bool,
        opened: impl Fn(&str, bool) + Send + 'static,
        silent: impl Fn(bool) + Send + 'static,
    ) -> Self {
        let (opened, silent) = (Box::new(opened), Box::new(silent));
        let (queues, watch) = (Vec::new(), Arc::default());
        Self { host, run, opened, queues, alone, silence: 0, silent, watch }
    }

    /// Opens one end of a FIFO in the directory of the run.
    fn open_fifo(&mut self, device: DeviceId, name: &str, rights: Rights) -> Result<Kind> {
        let to_read = rights.contains(Rights::READ);
        let end = open_end(name, to_read)?;
        // The system tells a reader by poll(2) of the end of the file only if it saw a writer: this
        // one is there while the reader is opened, for those that have come and gone before.
        let _writer = if to_read { Some(open_end(name, false)?) } else { None };
        let number = format!("fd:{}", end.as_raw_fd());
        let kind = self.host.open(device, &number, rights, None)?;
        (self.opened)(name, to_read);
        Ok(kind)
    }

    fn open_queue(&mut self, device: DeviceId, name: &str, rights: Rights) -> Result<Kind> {
        let full = format!("mq:{}", system_name(self.run, name));
        let kind = self.host.open(device, &full, rights, None)?;
        // Whoever can send as well is a sender: it need not be told that there is none.
        let side = if rights.contains(Rights::WRITE) { Rights::WRITE } else { Rights::READ };
        if let Err(error) = self.open_fifo(lifeline(device), &fifo_of(name), side) {
            self.host.close(device);
            return Err(error);
        }
        let at = usize::from(device.0);
        if self.queues.len() <= at {
            self.queues.resize(at + 1, false);
        }
        self.queues[at] = true;
        Ok(kind)
    }

    fn is_queue(&self, DeviceId(device): DeviceId) -> bool {
        self.queues.get(usize::from(device)) == Some(&true)
    }

    /// Whether nobody can send to a queue any more.
    fn has_ended(&mut self, queue: DeviceId) -> bool {
        self.host.read(lifeline(queue), &mut [0]) == Ok(0)
    }
}

/// What the name of the FIFO beside a queue has behind the queue's.
const SENDERS: &str = ".senders";

/// The FIFO that lies beside a queue.
pub(super) fn fifo_of(queue: &str) -> String {
    format!("{queue}{SENDERS}")
}

/// The queue beside which this FIFO lies, if it does beside one.
pub(super) fn queue_of(fifo: &str) -> Option<&str> {
    fifo.strip_suffix(SENDERS)
}

const fn lifeline(DeviceId(queue): DeviceId) -> DeviceId {
    DeviceId(queue | LIFELINE)
}

impl Devices for Outside {
    type Sleeper = OutsideSleeper;

    fn sleeper(&self) -> OutsideSleeper {
        OutsideSleeper { host: self.host.sleeper(), watch: Arc::clone(&self.watch) }
    }

    fn now(&self) -> Option<Ticks> {
        let now = self.host.now();
        self.watch.now.store(now.map_or(0, |now| now.0), Relaxed);
        now
    }

    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Kind> {
        match name.split_once(':') {
            Some(("fifo", name)) => self.open_fifo(device, name, rights),
            Some(("queue", name)) => self.open_queue(device, name, rights),
            _ => self.host.open(device, name, rights, create),
        }
    }

    fn unlink(&mut self, name: &str) -> Result<()> {
        self.host.unlink(name)
    }

    fn socket(&mut self, device: DeviceId, kind: Kind, name: &str) -> Result<()> {
        self.host.socket(device, kind, name)
    }

    fn bind(&mut self, device: DeviceId, name: &str) -> Result<()> {
        self.host.bind(device, name)
    }

    fn listen(&mut self, device: DeviceId, backlog: usize) -> Result<()> {
        self.host.listen(device, backlog)
    }

    fn connect(&mut self, device: DeviceId, to: &str) -> Result<()> {
        self.host.connect(device, to)
    }

    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        self.host.accept(device, connection)
    }

    fn shutdown(&mut self, device: DeviceId, rights: Rights) -> Result<()> {
        self.host.shutdown(device, rights)
    }

    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        self.host.read(device, buffer)
    }

    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        self.host.write(device, bytes)
    }

    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        let taken = self.host.receive(device, buffer);
        if taken != Err(Error::WouldBlock) || !self.is_queue(device) || !self.has_ended(device) {
            return taken;
        }
        // The last sender may have sent something between these two looks.
        match self.host.receive(device, buffer) {
            Err(Error::WouldBlock) => Ok(None),
            taken => taken,
        }
    }

    fn send(
        &mut self,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Result<()> {
        self.host.send(device, to, urgency, message)
    }

    fn attributes(&mut self, device: DeviceId) -> Answer {
        self.host.attributes(device)
    }

    fn finds_names_at_once(&self, device: DeviceId) -> bool {
        self.host.finds_names_at_once(device)
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        let now = self.host.readiness(device);
        if self.is_queue(device) && self.has_ended(device) {
            return Readiness { readable: true, hung_up: true, ..now };
        }
        now
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        self.host.watch(device, wants);
        if self.is_queue(device) {
            let reads = wants.filter(|wants| wants.contains(Rights::READ));
            self.host.watch(lifeline(device), reads.map(|_| Rights::READ));
        }
    }

    fn is_watching(&self) -> bool {
        self.host.is_watching() && !(self.alone && self.silence >= SLEEPS)
    }

    fn ready(&mut self) -> Option<DeviceId> {
        let ready = self.host.ready();
        let slept = self.watch.slept.swap(false, Relaxed);
        if ready.is_some() {
            if core::mem::take(&mut self.silence) >= SLEEPS {
                self.watch.silent.store(false, Relaxed);
                (self.silent)(false);
            }
        } else if slept {
            self.silence += 1;
            if self.silence == SLEEPS {
                self.watch.silent.store(true, Relaxed);
                (self.silent)(true);
            }
        }
        ready.map(|DeviceId(device)| DeviceId(device & !LIFELINE))
    }

    fn close(&mut self, device: DeviceId) {
        if self.is_queue(device) {
            self.queues[usize::from(device.0)] = false;
            self.host.close(lifeline(device));
        }
        self.host.close(device);
    }
}

/// What a runner sleeps with: as the host's, but for a short time until silence is found.
pub(crate) struct OutsideSleeper {
    host: HostSleeper,
    watch: Arc<Clock>,
}

impl Sleeper for OutsideSleeper {
    fn sleep(&self, until: Option<Ticks>) {
        let mut until = until;
        if !self.watch.silent.load(Relaxed) {
            let soon = Ticks(self.watch.now.load(Relaxed)) + SLEEP;
            until = Some(until.map_or(soon, |until| until.min(soon)));
        }
        self.host.sleep(until);
        self.watch.slept.store(true, Relaxed);
    }

    fn interrupt(&self) {
        self.host.interrupt();
    }
}
