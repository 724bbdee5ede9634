//! Tasks on threads of their own, on two cores, beside channels for threads.
//!
//! Only streams: a hand-over for which a sleeping core must be woken measures the machine, and on a
//! virtual one that is tens of microseconds.

use std::hint::black_box;
use std::sync::{Barrier, Mutex, mpsc};
use std::time::{Duration, Instant};

use postroom::{Enter, Kernel, Lock, Priority, Stop, ThreadDoor, Threads};

use crate::affinity::{RECEIVER, SENDER, has_two_cores, side_by_side, stay_on};
use crate::measure::{Contender, Role, Workload};

const BYTES: usize = 64;

/// Two mailboxes and a queue; a ring holds a thousand messages, and what a queue notes beside each.
type Queues = Kernel<2, 3, { 128 << 10 }>;

/// A stream of messages of 64 bytes from a thread on one core to a thread on another.
pub(super) fn workload() -> Workload {
    let id = "threads";
    let contenders =
        if has_two_cores(id) { [64, 1024].into_iter().flat_map(all).collect() } else { Vec::new() };
    let title = "64 B messages from a thread on one core to one on another";
    Workload { id, title, axis: "slots", unit: "message", contenders, goals: Vec::new() }
}

fn all(slots: usize) -> Vec<Contender> {
    let row = |name, role, run: fn(u64, usize) -> Duration| {
        let run = Box::new(move |n| run(n, slots));
        Contender { name, role, at: slots as u64, run }
    };
    vec![
        row("postroom", Role::Ours, |n, slots| ours(&Lock::new(Queues::new()), n, slots)),
        row("postroom, mutex", Role::Ours, |n, slots| ours(&Mutex::new(Queues::new()), n, slots)),
        row("crossbeam", Role::Peer, crossbeam),
        row("kanal", Role::Peer, kanal),
        row("std", Role::Peer, std),
    ]
}

fn ours(kernel: &(impl Enter<Kernel = Queues> + Sync), n: u64, slots: usize) -> Duration {
    kernel.enter(|it| it.create_queue("queue", slots, BYTES)).expect("a ring holds that much");
    let (both, time) = (Barrier::new(2), Mutex::new(Duration::ZERO));
    let door = ThreadDoor::new(kernel);
    let mut threads = Threads::new(&door);
    let (both, time) = (&both, &time);
    let receiver = async move |sys: postroom::Sys<'_>| {
        stay_on(RECEIVER);
        let receiver = sys.open_receiver("queue").await?;
        let mut buffer = vec![0; black_box(BYTES)];
        both.wait();
        let start = Instant::now();
        while let Some(message) = receiver.receive(&mut buffer).await? {
            black_box(message.copied);
        }
        *time.lock().expect("nobody else has it") = start.elapsed();
        Ok(())
    };
    let sender = async move |sys: postroom::Sys<'_>| {
        stay_on(SENDER);
        let sender = sys.open_sender("queue").await?;
        let message = vec![7; black_box(BYTES)];
        both.wait();
        for _ in 0..n {
            sender.send(0, black_box(&message)).await?;
        }
        Ok(())
    };
    threads.spawn("receiver", Priority::NORMAL, receiver).expect("there is room for two");
    threads.spawn("sender", Priority::NORMAL, sender).expect("there is room for two");
    assert!(matches!(threads.run(), Stop::Done), "both come to an end");
    *time.lock().expect("its owner has ended")
}

/// Has the message arrive somewhere.
fn look_at(message: [u8; BYTES]) {
    black_box(&message);
}

fn crossbeam(n: u64, slots: usize) -> Duration {
    let (sender, receiver) = crossbeam_channel::bounded::<[u8; BYTES]>(slots);
    side_by_side(
        move || (0..n).for_each(|_| sender.send(black_box([7; BYTES])).expect("it is received")),
        move || receiver.iter().for_each(look_at),
    )
}

fn kanal(n: u64, slots: usize) -> Duration {
    let (sender, receiver) = kanal::bounded::<[u8; BYTES]>(slots);
    side_by_side(
        move || (0..n).for_each(|_| sender.send(black_box([7; BYTES])).expect("it is received")),
        move || receiver.for_each(look_at),
    )
}

fn std(n: u64, slots: usize) -> Duration {
    let (sender, receiver) = mpsc::sync_channel::<[u8; BYTES]>(slots);
    side_by_side(
        move || (0..n).for_each(|_| sender.send(black_box([7; BYTES])).expect("it is received")),
        move || receiver.iter().for_each(look_at),
    )
}
