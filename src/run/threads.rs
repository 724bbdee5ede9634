//! The thread runner: every task on a thread of its own, over one kernel, in real time.
//!
//! A task parks when the door says that it is blocked. Whoever made a system call then drains the
//! ready queue, and unparks those whom it names. A tick is a millisecond. The thread that started
//! the others keeps the time, and sleeps until a timer or a device.

use std::boxed::Box;
use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::string::{String, ToString};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, Builder, Thread};
use std::thread_local;
use std::time::{Duration, Instant};
use std::vec::Vec;

use heapless::Vec as Few;

use super::stop::{Failure, Graph, Stop};
use crate::kernel::{
    Call, Devices, Door, Enter, Error, ExitStatus, Kernel, Outcome, Priority, Result, Sleeper,
    State, TaskId, Ticks, Trace, Value, Verb,
};
use crate::user::Sys;

const TICK: Duration = Duration::from_millis(1);

/// Tasks that are taken from the ready queue in one go.
const BATCH: usize = 8;

/// The door of a kernel whose tasks are threads: after each call it wakes whom the call woke.
pub struct ThreadDoor<'k, E> {
    kernel: &'k E,
    start: Instant,
    threads: Mutex<Registry>,
}

#[derive(Default)]
struct Registry {
    tasks: HashMap<TaskId, Thread>,
    /// Who keeps the time, and sees it when nobody can go on.
    keeper: Option<Thread>,
    /// What it sleeps with while there are devices to watch.
    sleeper: Option<Arc<dyn Sleeper>>,
    /// Threads that have not ended.
    left: usize,
    failure: Option<Failure>,
}

thread_local! {
    /// Whether a call of this thread's task was blocked since the task was polled: only then may it
    /// return unfinished.
    static MAY_PAUSE: Cell<bool> = const { Cell::new(false) };
}

/// What a crossing leaves to do, outside the kernel's lock.
struct Crossing {
    outcome: Outcome,
    woken: Few<TaskId, BATCH>,
    /// There is something to do for whoever keeps the time.
    keeper: bool,
}

impl<'k, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> ThreadDoor<'k, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// A door to this kernel. Its clock starts now.
    pub fn new(kernel: &'k E) -> Self {
        Self { kernel, start: Instant::now(), threads: Mutex::default() }
    }

    /// Ends a task from outside (law 19).
    ///
    /// # Errors
    /// [`Error::PeerDead`] if it has ended before.
    pub fn kill(&self, task: TaskId) -> Result<()> {
        match self.syscall(task, Call::Exit { status: ExitStatus::Killed }) {
            Outcome::Complete(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn cross(&self, task: TaskId, call: Call<'_>) -> Crossing {
        let now = self.now();
        self.kernel.enter(|kernel| {
            kernel.advance(kernel.devices().now().unwrap_or(now));
            let (timer, watching) = (kernel.next_timer(), kernel.devices().is_watching());
            let outcome = kernel.syscall(task, call);
            let woken = drain(kernel);
            let sooner = kernel.next_timer().is_some_and(|next| timer.is_none_or(|it| next < it));
            let first = !watching && kernel.devices().is_watching();
            Crossing { outcome, woken, keeper: sooner || first || kernel.is_idle() }
        })
    }

    fn now(&self) -> Ticks {
        Ticks(self.start.elapsed().as_millis() as u64)
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unparks the threads of these tasks, and then of those that were left in the queue.
    fn unpark(&self, mut woken: Few<TaskId, BATCH>) {
        while !woken.is_empty() {
            let threads = self.lock();
            woken.iter().filter_map(|task| threads.tasks.get(task)).for_each(Thread::unpark);
            if woken.len() < BATCH {
                return;
            }
            drop(threads);
            woken = self.kernel.enter(drain);
        }
    }

    /// Unparks the threads of tasks that have ended, so that they see it.
    fn unpark_the_dead(&self) {
        let threads = self.lock();
        for (&task, thread) in &threads.tasks {
            if self.is_dead(task) {
                thread.unpark();
            }
        }
    }

    fn is_dead(&self, task: TaskId) -> bool {
        self.kernel.enter(|kernel| kernel.state(task)).is_none()
    }

    fn unpark_the_keeper(&self) {
        let registry = self.lock();
        if let Some(keeper) = &registry.keeper {
            keeper.unpark();
        }
        if let Some(sleeper) = &registry.sleeper {
            sleeper.interrupt();
        }
    }
}

/// Calls with which a task, or what is left of it, goes: they are answered to the end.
const fn ends(verb: Verb) -> bool {
    matches!(verb, Verb::Exit | Verb::Close | Verb::Cancel | Verb::GiveUp | Verb::Now)
}

/// Dispatches those who are ready: each has a core of its own.
fn drain<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>(
    kernel: &mut Kernel<TASKS, CHANNELS, RING, D, T>,
) -> Few<TaskId, BATCH> {
    core::iter::from_fn(|| kernel.dispatch()).take(BATCH).collect()
}

impl<E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Door
    for ThreadDoor<'_, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        let verb = call.verb();
        let Crossing { outcome, woken, keeper } = self.cross(task, call);
        self.unpark(woken);
        if matches!(verb, Verb::Exit | Verb::Kill) {
            self.unpark_the_dead();
        }
        if keeper {
            self.unpark_the_keeper();
        }
        match outcome {
            Outcome::Blocked => {
                MAY_PAUSE.set(true);
                Outcome::Blocked
            }
            // The caller itself is dead: it is to return to its runner, which lets it go.
            Outcome::Complete(Err(Error::PeerDead)) if !ends(verb) && self.is_dead(task) => {
                MAY_PAUSE.set(true);
                Outcome::Blocked
            }
            // A clock that is rounded up: no wait ends before its time.
            Outcome::Complete(Ok(Value::Now(now))) | Outcome::Preempted(Ok(Value::Now(now))) => {
                Outcome::Complete(Ok(Value::Now(now + Ticks(1))))
            }
            Outcome::Complete(answer) => Outcome::Complete(answer),
            // It was dispatched again at once: it has a core of its own.
            Outcome::Preempted(answer) => {
                if verb == Verb::Yield {
                    thread::yield_now();
                }
                Outcome::Complete(answer)
            }
        }
    }
}

/// Runs each task on a thread of its own.
///
/// ```
/// use postroom::{Kernel, Lock, Priority, Stop, ThreadDoor, Threads};
///
/// let kernel = Lock::new(Kernel::<2, 2, 256>::new());
/// let door = ThreadDoor::new(&kernel);
/// let mut threads = Threads::new(&door);
/// threads.spawn("sender", Priority::NORMAL, async |sys| sys.send("receiver", b"hello").await)?;
/// threads.spawn("receiver", Priority::NORMAL, async |sys| {
///     let mut buffer = [0; 8];
///     assert_eq!(sys.receive(&mut buffer).await?.copied, 5);
///     Ok(())
/// })?;
/// assert!(matches!(threads.run(), Stop::Done));
/// # Ok::<(), postroom::Error>(())
/// ```
pub struct Threads<'t, E>
where
    ThreadDoor<'t, E>: Door,
{
    door: &'t ThreadDoor<'t, E>,
    bodies: Vec<(TaskId, String, Body<'t>)>,
}

type Running<'t> = Pin<Box<dyn Future<Output = Result<()>> + 't>>;
type Body<'t> = Box<dyn FnOnce(Sys<'t>) -> Running<'t> + Send + 't>;

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Threads<'t, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>> + Sync,
    D: Devices,
    T: Trace,
{
    /// A runner for tasks behind this door.
    pub const fn new(door: &'t ThreadDoor<'t, E>) -> Self {
        Self { door, bodies: Vec::new() }
    }

    /// The kernel.
    pub const fn kernel(&self) -> &'t E {
        self.door.kernel
    }

    /// Brings a task to life; its thread begins with [`run`](Self::run), and makes the body there.
    ///
    /// # Errors
    /// Those of [`Kernel::spawn`].
    pub fn spawn<F>(
        &mut self,
        name: &str,
        priority: Priority,
        body: impl FnOnce(Sys<'t>) -> F + Send + 't,
    ) -> Result<TaskId>
    where
        F: Future<Output = Result<()>> + 't,
    {
        let task = self.door.kernel.enter(|kernel| kernel.spawn(name, priority))?;
        let body = Box::new(move |sys| Box::pin(body(sys)) as Running<'t>);
        self.bodies.push((task, name.to_string(), body));
        Ok(task)
    }

    /// Runs until every task has ended. If nothing can wake those that are left, they are killed,
    /// and the wait-for graph says who waited for whom (law 18).
    pub fn run(mut self) -> Stop<String> {
        let (door, bodies) = (self.door, core::mem::take(&mut self.bodies));
        let mut registry = door.lock();
        registry.keeper = Some(thread::current());
        registry.left = bodies.len();
        drop(registry);
        let ready: Vec<TaskId> =
            door.kernel.enter(|it| core::iter::from_fn(|| it.dispatch()).collect());
        for task in ready.into_iter().filter(|task| bodies.iter().all(|body| body.0 != *task)) {
            // Nobody would ever run it.
            door.lock().left += 1;
            door.end(task, ExitStatus::Faulted);
        }
        let deadlock = thread::scope(|scope| {
            for (task, name, body) in bodies {
                let work = move || door.work(task, body);
                if Builder::new().name(name).spawn_scoped(scope, work).is_err() {
                    door.end(task, ExitStatus::Failed(Error::TasksFull));
                }
            }
            door.keep_time()
        });
        match (deadlock, door.lock().failure.take()) {
            (Some(graph), _) => Stop::Deadlock(graph),
            (None, Some(failure)) => Stop::Failed(failure),
            (None, None) => Stop::Done,
        }
    }
}

impl<'t, E> Drop for Threads<'t, E>
where
    ThreadDoor<'t, E>: Door,
{
    /// Kills those that were never run.
    fn drop(&mut self) {
        for (task, ..) in &self.bodies {
            let _ = self.door.syscall(*task, Call::Exit { status: ExitStatus::Killed });
        }
    }
}

/// On threads a kernel can stand in a mutex of the system: better than a spin lock, if its trace
/// takes time.
impl<K> Enter for Mutex<K> {
    type Kernel = K;

    fn enter<R>(&self, f: impl FnOnce(&mut K) -> R) -> R {
        f(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'k, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> ThreadDoor<'k, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// Wakes those whose time has come, until all threads have ended; or until nobody can go on:
    /// then it is the wait-for graph.
    fn keep_time(&self) -> Option<String> {
        let sleeper = Arc::new(self.kernel.enter(|kernel| kernel.devices().sleeper()));
        // From here on whoever has something for the keeper interrupts its sleep, even one that is
        // still to begin.
        self.lock().sleeper = Some(Arc::<D::Sleeper>::clone(&sleeper));
        loop {
            let now = self.now();
            let (woken, now, timer, watching, idle) = self.kernel.enter(|kernel| {
                let now = kernel.devices().now().unwrap_or(now);
                kernel.advance(now);
                kernel.look_at_devices();
                let woken = drain(kernel);
                let watching = kernel.devices().is_watching();
                (woken, now, kernel.next_timer(), watching, kernel.is_idle())
            });
            self.unpark(woken);
            if self.lock().left == 0 {
                return None;
            }
            match timer {
                timer if watching => sleeper.sleep(timer),
                Some(Ticks(timer)) => {
                    thread::park_timeout(TICK.saturating_mul(
                        u32::try_from(timer.saturating_sub(now.0)).unwrap_or(u32::MAX),
                    ));
                }
                None if idle && self.living() > 0 => {
                    let failure = self.lock().failure;
                    let graph = Graph { kernel: self.kernel, failure }.to_string();
                    // All at once: nobody is to go on because of another one's death.
                    let tasks: Vec<TaskId> = self.lock().tasks.keys().copied().collect();
                    self.kernel.enter(|kernel| {
                        for task in tasks {
                            let status = ExitStatus::Killed;
                            let _ = kernel.syscall(task, Call::Exit { status });
                        }
                    });
                    self.unpark_the_dead();
                    return Some(graph);
                }
                None => thread::park(),
            }
        }
    }

    fn living(&self) -> usize {
        self.kernel.enter(|kernel| kernel.living())
    }

    /// A task's life on its thread.
    fn work(&'k self, task: TaskId, body: Body<'k>) {
        self.lock().tasks.insert(task, thread::current());
        let status = catch_unwind(AssertUnwindSafe(|| self.drive(task, body)))
            .unwrap_or(ExitStatus::Panicked);
        self.end(task, status);
    }

    /// Polls a body to its end, and parks while the kernel says that the task is blocked.
    fn drive(&'k self, task: TaskId, body: Body<'k>) -> ExitStatus {
        if self.is_dead(task) {
            return ExitStatus::Killed;
        }
        let mut running = body(Sys::new(self, task));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            MAY_PAUSE.set(false);
            if let Poll::Ready(result) = running.as_mut().poll(&mut context) {
                return ExitStatus::from(result);
            }
            let mut may_go_on = MAY_PAUSE.get();
            loop {
                match self.kernel.enter(|kernel| kernel.state(task)) {
                    Some(State::Blocked) => {
                        may_go_on = true;
                        thread::park();
                    }
                    Some(_) => break,
                    None => return ExitStatus::Killed,
                }
            }
            // It waits for something that no call stands for: nobody would wake it.
            if !may_go_on {
                return ExitStatus::Faulted;
            }
        }
    }

    /// Takes note of how a task ended.
    fn end(&self, task: TaskId, status: ExitStatus) {
        let name = self.kernel.enter(|kernel| kernel.name(task));
        let _ = self.syscall(task, Call::Exit { status });
        let mut registry = self.lock();
        registry.tasks.remove(&task);
        registry.left -= 1;
        if let Some(task) = name.filter(|_| status.is_failure()) {
            registry.failure.get_or_insert(Failure { task, status });
        }
        drop(registry);
        self.unpark_the_keeper();
    }
}
