//! How the thread runner parks and unparks, as `src/run/threads.rs` does it: outside the kernel's
//! lock, through a registry with a lock of its own; and its keeper of the time. Left out are the
//! devices, deaths from outside and what is done when all is over.
//!
//! The other models run on [`Machine`](super::super::machine::Machine), whose threads fall asleep
//! under the lock. Here they do not, so each call takes more steps, and the programs are smaller.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::super::kernel::{
    Call, Door, ExitStatus, Handle, Kernel, NoDevices, Outcome, Priority, Result, Rights, State,
    TaskId, Ticks, Value,
};
use super::super::transcript::{self, Transcript};
use super::super::user::{ReadEnd, Sys, WriteEnd};
use crate::models;
use crate::sync::Lock;

models! {
    a_thread_is_unparked_before_or_after_it_parks: 2 threads, every order, at least 9_000;
    the_keeper_wakes_for_a_timer: 3 threads, 2 preemptions, at least 2_700;
    the_keeper_wakes_for_a_nearer_timer: 4 threads, 1 preemptions, at least 12_000;
}

type Small = Kernel<3, 4, 64, NoDevices, Transcript>;

/// A thread's place to park. To be unparked counts once, whether it comes before or after.
///
/// Loom's own `unpark` will not do: it also wakes a thread that waits for a lock, and that one
/// panics because it has not got it.
#[derive(Default)]
struct Parking {
    unparked: Mutex<bool>,
    call: Condvar,
}

impl Parking {
    fn park(&self) {
        let mut unparked = self.unparked.lock().unwrap();
        while !*unparked {
            unparked = self.call.wait(unparked).unwrap();
        }
        *unparked = false;
    }

    fn unpark(&self) {
        *self.unparked.lock().unwrap() = true;
        self.call.notify_one();
    }
}

/// `ThreadDoor`.
struct Threads {
    kernel: Lock<Small>,
    registry: Lock<Registry>,
}

#[derive(Default)]
struct Registry {
    tasks: Vec<(TaskId, Arc<Parking>)>,
    keeper: Option<Arc<Parking>>,
    /// Threads that have not ended.
    left: usize,
}

impl Threads {
    fn new(names: &[&str]) -> (Self, Vec<TaskId>) {
        transcript::begin();
        let mut kernel = Small::with(NoDevices, Transcript);
        kernel.create_pipe("pipe", 1).unwrap();
        let tasks = names.iter().map(|name| kernel.spawn(name, Priority::NORMAL).unwrap());
        let tasks: Vec<TaskId> = tasks.collect();
        drain(&mut kernel);
        let registry = Registry { left: tasks.len(), ..Registry::default() };
        (Self { kernel: Lock::new(kernel), registry: Lock::new(registry) }, tasks)
    }

    fn open(&self, task: TaskId, rights: Rights) -> Handle {
        let call = Call::Open { name: "pipe", rights, create: None };
        match self.kernel.with(|kernel| kernel.syscall(task, call)) {
            Outcome::Complete(Ok(Value::Handle(handle))) => handle,
            other => panic!("{other:?}"),
        }
    }

    /// `ThreadDoor::unpark`.
    fn unpark(&self, woken: &[TaskId]) {
        if woken.is_empty() {
            return;
        }
        self.registry.with(|registry| {
            for (task, parking) in registry.tasks.iter().filter(|it| woken.contains(&it.0)) {
                transcript::unparks(*task);
                parking.unpark();
            }
        });
    }

    /// `ThreadDoor::unpark_the_keeper`.
    fn unpark_the_keeper(&self) {
        self.registry.with(|registry| {
            if let Some(keeper) = &registry.keeper {
                keeper.unpark();
            }
        });
    }

    /// `ThreadDoor::work`, `drive` and `end`.
    fn work(&self, task: TaskId, body: impl AsyncFnOnce(Sys<'_>) -> Result<()>) {
        let parking = Arc::new(Parking::default());
        self.registry.with(|registry| registry.tasks.push((task, Arc::clone(&parking))));
        let mut running = pin!(body(Sys::new(self, task)));
        let mut context = Context::from_waker(Waker::noop());
        while running.as_mut().poll(&mut context).map(Result::unwrap).is_pending() {
            while self.kernel.with(|kernel| kernel.state(task)) == Some(State::Blocked) {
                transcript::parks(task);
                parking.park();
            }
        }
        let _ = self.syscall(task, Call::Exit { status: ExitStatus::Done });
        self.registry.with(|registry| {
            registry.tasks.retain(|it| it.0 != task);
            registry.left -= 1;
        });
        self.unpark_the_keeper();
    }

    /// `ThreadDoor::keep_time`.
    fn keep_time(&self, parking: &Parking, clock: &Clock) {
        loop {
            let now = clock.hand.lock().unwrap().now;
            let (woken, timer) = self.kernel.with(|kernel| {
                kernel.advance(now);
                (drain(kernel), kernel.next_timer())
            });
            self.unpark(&woken);
            if self.registry.with(|registry| registry.left) == 0 {
                return clock.set(|hand| hand.over = true);
            }
            transcript::note(match timer {
                Some(timer) => format!("the keeper parks until {timer}"),
                None => "the keeper parks".to_string(),
            });
            clock.set(|hand| hand.until = timer);
            parking.park();
            clock.set(|hand| hand.until = None);
        }
    }
}

/// What time it is. It passes only while the keeper of the time sleeps until then.
#[derive(Default)]
struct Clock {
    hand: Mutex<Hand>,
    moved: Condvar,
}

#[derive(Default)]
struct Hand {
    now: Ticks,
    /// Until when the keeper sleeps.
    until: Option<Ticks>,
    over: bool,
}

impl Clock {
    fn set(&self, change: impl FnOnce(&mut Hand)) {
        change(&mut self.hand.lock().unwrap());
        self.moved.notify_one();
    }

    /// Ends the keeper's sleeps in time. One that is longer than until the next timer, it does not
    /// end: somebody has to tell the keeper, or the task sleeps too long.
    fn run(&self, threads: &Threads, keeper: &Parking) {
        let mut hand = self.hand.lock().unwrap();
        while !hand.over {
            let until = hand.until;
            drop(hand);
            let in_time =
                until.is_some() && threads.kernel.with(|kernel| kernel.next_timer()) == until;
            hand = self.hand.lock().unwrap();
            if in_time && hand.until == until {
                hand.now = hand.now.max(until.unwrap_or_default());
                hand.until = None;
                keeper.unpark();
            }
            while hand.until == until && !hand.over {
                hand = self.moved.wait(hand).unwrap();
            }
        }
    }
}

fn drain(kernel: &mut Small) -> Vec<TaskId> {
    std::iter::from_fn(|| kernel.dispatch()).collect()
}

impl Door for Threads {
    /// `ThreadDoor::cross` and `syscall`.
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        let (outcome, woken, keeper) = self.kernel.with(|kernel| {
            let timer = kernel.next_timer();
            let outcome = kernel.syscall(task, call);
            let woken = drain(kernel);
            let sooner = kernel.next_timer().is_some_and(|next| timer.is_none_or(|it| next < it));
            (outcome, woken, sooner || kernel.is_idle())
        });
        self.unpark(&woken);
        if keeper {
            self.unpark_the_keeper();
        }
        match outcome {
            Outcome::Preempted(answer) => Outcome::Complete(answer),
            outcome => outcome,
        }
    }
}

/// One task writes a byte, the other one reads it.
fn a_thread_is_unparked_before_or_after_it_parks() {
    let (threads, tasks) = Threads::new(&["writer", "reader"]);
    let (writer, reader) = (tasks[0], tasks[1]);
    let sink = threads.open(writer, Rights::WRITE);
    let source = threads.open(reader, Rights::READ);
    let threads = Arc::new(threads);
    let other = Arc::clone(&threads);
    let other = thread::spawn(move || {
        other.work(writer, async |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    });
    threads.work(reader, async |sys| {
        let mut byte = [0];
        assert_eq!(ReadEnd::new(sys, source).read(&mut byte).await, Ok(1));
        Ok(())
    });
    other.join().unwrap();
}

/// Runs tasks that sleep until these ticks, each on its thread, while this one keeps the time.
fn sleep_until(ticks: &'static [u64]) {
    let names = ["one", "other"];
    let (threads, tasks) = Threads::new(&names[..ticks.len()]);
    // Somebody is always running, so the keeper is told of nothing but timers.
    threads
        .kernel
        .with(|kernel| kernel.spawn("busy", Priority::NORMAL).map(|_| drain(kernel)))
        .unwrap();
    let threads = Arc::new(threads);
    let (parking, clock) = (Arc::new(Parking::default()), Arc::new(Clock::default()));
    threads.registry.with(|registry| registry.keeper = Some(Arc::clone(&parking)));
    let (others, keeper, hand) = (Arc::clone(&threads), Arc::clone(&parking), Arc::clone(&clock));
    let passing = thread::spawn(move || hand.run(&others, &keeper));
    let sleepers = ticks.iter().zip(tasks).map(|(&until, task)| {
        let threads = Arc::clone(&threads);
        thread::spawn(move || {
            threads.work(task, async |sys| sys.sleep_until(Ticks(until)).await);
        })
    });
    let sleepers: Vec<_> = sleepers.collect();
    threads.keep_time(&parking, &clock);
    sleepers.into_iter().for_each(|sleeper| sleeper.join().unwrap());
    passing.join().unwrap();
}

fn the_keeper_wakes_for_a_timer() {
    sleep_until(&[3]);
}

fn the_keeper_wakes_for_a_nearer_timer() {
    sleep_until(&[5, 3]);
}
