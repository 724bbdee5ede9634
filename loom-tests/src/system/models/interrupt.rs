//! An interrupt handler that hands bytes to a task through the lock-free ring, while the kernel is
//! locked or not: the task is woken by the next entry into the kernel, and no byte waits for ever.
//!
//! The interrupt is a thread: on a board it can come between any two instructions. Once it has been,
//! the core does not sleep on (`wfi` returns at once if an interrupt is pending), which a token
//! stands for here.

use std::sync::Arc;

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::super::kernel::{
    Call, Create, DeviceId, Devices, Error, Handle, Kernel, Kind, Outcome, Priority, Readiness,
    Result, Rights, Sleeper, TaskId, Ticks, Value, Wait,
};
use super::super::spsc::SpscRing;
use super::super::transcript::{self, Transcript};
use crate::models;
use crate::sync::Lock;

models! {
    a_byte_of_an_interrupt_wakes_its_reader: 2 threads, every order, at least 80;
    every_byte_that_finds_room_arrives: 2 threads, every order, at least 1_600;
}

const SLOTS: usize = 1;

/// The device: bytes that come from the interrupt.
struct Wire {
    ring: Arc<SpscRing<u8, SLOTS>>,
    core: Arc<Core>,
    watched: Option<DeviceId>,
}

impl Devices for Wire {
    type Sleeper = Arc<Core>;

    fn sleeper(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    fn open(&mut self, _: DeviceId, _: &str, _: Rights, _: Option<Create<'_>>) -> Result<Kind> {
        Ok(Kind::Pipe)
    }

    fn read(&mut self, _: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        match self.ring.consumer().map(|mut consumer| consumer.read(buffer)) {
            None | Some(0) => Err(Error::WouldBlock),
            Some(count) => Ok(count),
        }
    }

    fn readiness(&mut self, _: DeviceId) -> Readiness {
        let empty = self.ring.consumer().is_none_or(|mut consumer| consumer.is_empty());
        Readiness { readable: !empty, ..Readiness::NOTHING }
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        self.watched = wants.filter(|wants| wants.contains(Rights::READ)).map(|_| device);
    }

    fn is_watching(&self) -> bool {
        self.watched.is_some()
    }

    fn ready(&mut self) -> Option<DeviceId> {
        let device = self.watched?;
        self.readiness(device).readable.then_some(device)
    }

    fn close(&mut self, _: DeviceId) {}
}

/// What makes the core go on: an interrupt that is pending.
#[derive(Default)]
struct Core {
    pending: Mutex<bool>,
    signal: Condvar,
}

impl Sleeper for Arc<Core> {
    fn interrupt(&self) {
        *self.pending.lock().unwrap() = true;
        self.signal.notify_one();
    }

    fn sleep(&self, _: Option<Ticks>) {
        transcript::note("the core sleeps until an interrupt");
        let mut pending = self.pending.lock().unwrap();
        while !*pending {
            pending = self.signal.wait(pending).unwrap();
        }
        *pending = false;
    }
}

type Small = Kernel<1, 2, 64, Wire, Transcript>;

/// Runs a task that reads until it has as many bytes as the interrupts got in, or more than that
/// were tried.
fn receive(interrupts: u8) {
    transcript::begin();
    let ring = Arc::new(SpscRing::new());
    let core = Arc::new(Core::default());
    let wire = Wire { ring: Arc::clone(&ring), core: Arc::clone(&core), watched: None };
    let kernel = Lock::new(Small::with(wire, Transcript));
    let task = kernel.with(|kernel| kernel.spawn("reader", Priority::NORMAL)).unwrap();
    let handle = open(&kernel, task);

    let (producers, pin) = (Arc::clone(&ring), Arc::clone(&core));
    let source = thread::spawn(move || {
        let mut lost = 0;
        for byte in 1..=interrupts {
            let pushed = producers.producer().is_some_and(|mut it| it.push(byte).is_ok());
            transcript::note(format!("interrupt  push({byte}) = {pushed}"));
            lost += u8::from(!pushed);
            pin.interrupt();
        }
        lost
    });

    // One byte at the least: the first one found the ring empty.
    let mut received = read(&kernel, &core, task, handle);
    let lost = source.join().unwrap();
    while received.len() < usize::from(interrupts - lost) {
        received.extend(read(&kernel, &core, task, handle));
    }
    assert_eq!(received.len(), usize::from(interrupts - lost));
    assert!(received.is_sorted());
}

fn open(kernel: &Lock<Small>, task: TaskId) -> Handle {
    let call = Call::Open { name: "wire:", rights: Rights::READ, create: None };
    match kernel.with(|kernel| (kernel.dispatch(), kernel.syscall(task, call)).1) {
        Outcome::Complete(Ok(Value::Handle(handle))) => handle,
        other => panic!("{other:?}"),
    }
}

/// Reads once, as the executor runs a task on one core: when nobody is ready, it waits for an
/// interrupt, and with each entry into the kernel it looks at the devices.
fn read(kernel: &Lock<Small>, core: &Arc<Core>, task: TaskId, handle: Handle) -> Vec<u8> {
    loop {
        let mut buffer = [0; 2];
        let outcome = kernel.with(|kernel| {
            let wait = Wait::Forever;
            kernel.syscall(task, Call::Read { handle, buffer: &mut buffer, wait })
        });
        match outcome {
            Outcome::Complete(Ok(Value::Count(count))) => return buffer[..count].to_vec(),
            Outcome::Blocked => {}
            other => panic!("{other:?}"),
        }
        let enter = |kernel: &mut Small| {
            kernel.look_at_devices();
            kernel.dispatch()
        };
        while kernel.with(enter).is_none() {
            core.sleep(None);
        }
    }
}

fn a_byte_of_an_interrupt_wakes_its_reader() {
    receive(1);
}

fn every_byte_that_finds_room_arrives() {
    receive(3);
}
