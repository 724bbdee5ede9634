//! The executor: one core, async tasks, a simulated clock; the same program and policy give the
//! same run, event for event (law 21).

use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::stop::{Failure, Graph, Stop};
use crate::kernel::{
    Call, Devices, Door, Enter, Error, ExitStatus, Kernel, Policy, Result, Sleeper, State, TaskId,
    Ticks, Trace,
};

/// A task's body, as the executor polls it.
pub(super) type Body<'t> = dyn Future<Output = Result<()>> + 't;

/// Runs the tasks of a kernel on one core.
///
/// Each dispatch takes one tick. When everyone sleeps, time goes on to the next timer. With devices
/// that have a clock, a tick is what they say, and the executor sleeps until a timer or a device.
///
/// Wakers are never called: the kernel alone says who runs. A combinator that polls all its futures
/// when it is polled works, as `join` does; one that waits for wakers does not.
///
/// What a body borrows has to be made before the executor, which may still hold the body when it
/// is dropped; a closure that captures by value says `async move`.
///
/// Without a heap, tasks are pinned where they stand:
///
/// ```
/// use core::pin::pin;
/// use postroom::{Executor, Kernel, Lock, Priority, Result, Stop, Sys};
///
/// async fn writer(sys: Sys<'_>) -> Result<()> {
///     sys.open_write("greeting").await?.write_all(b"Hello World!").await
/// }
///
/// async fn reader(sys: Sys<'_>) -> Result<()> {
///     let mut buffer = [0; 64];
///     let count = sys.open_read("greeting").await?.read_full(&mut buffer).await?;
///     assert_eq!(&buffer[..count], b"Hello World!");
///     Ok(())
/// }
///
/// static KERNEL: Lock<Kernel<2, 3, 64>> = Lock::new(Kernel::new());
///
/// KERNEL.with(|kernel| kernel.create_pipe("greeting", 4))?;
/// let first = KERNEL.with(|kernel| kernel.spawn("writer", Priority::NORMAL))?;
/// let second = KERNEL.with(|kernel| kernel.spawn("reader", Priority::NORMAL))?;
/// let mut writer = pin!(writer(Sys::new(&KERNEL, first)));
/// let mut reader = pin!(reader(Sys::new(&KERNEL, second)));
///
/// let mut executor = Executor::new(&KERNEL);
/// executor.attach(first, writer.as_mut())?;
/// executor.attach(second, reader.as_mut())?;
/// assert!(matches!(executor.run(), Stop::Done));
/// # Ok::<(), postroom::Error>(())
/// ```
pub struct Executor<'t, E, const TASKS: usize>
where
    E: Door,
{
    pub(super) kernel: &'t E,
    bodies: [Option<Slot<'t>>; TASKS],
    failure: Option<Failure>,
    #[cfg(feature = "std")]
    pub(super) arrivals: super::spawn::Arrivals<'t>,
}

struct Slot<'t> {
    task: TaskId,
    body: Pinned<'t>,
}

pub(super) enum Pinned<'t> {
    Here(Pin<&'t mut Body<'t>>),
    #[cfg(feature = "std")]
    Boxed(Pin<std::boxed::Box<Body<'t>>>),
}

impl<'t> Pinned<'t> {
    /// Lets the body run until it returns. With `std`, a panic ends this task alone.
    fn poll(&mut self) -> Poll<ExitStatus> {
        // Nobody is woken but by the kernel.
        let mut context = Context::from_waker(Waker::noop());
        let poll = || match self {
            Self::Here(body) => body.as_mut().poll(&mut context),
            #[cfg(feature = "std")]
            Self::Boxed(body) => body.as_mut().poll(&mut context),
        };
        match contain(poll) {
            Some(poll) => poll.map(ExitStatus::from),
            None => Poll::Ready(ExitStatus::Panicked),
        }
    }
}

/// Runs what is a task's own affair; `None` if it panicked.
#[cfg(feature = "std")]
fn contain<R>(f: impl FnOnce() -> R) -> Option<R> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).ok()
}

/// Runs what is a task's own affair. A panic ends everything: nobody could catch it.
#[cfg(not(feature = "std"))]
fn contain<R>(f: impl FnOnce() -> R) -> Option<R> {
    Some(f())
}

/// What the executor does next.
enum Step {
    Poll(TaskId),
    /// The task can never go on.
    Fault(TaskId),
    /// Nobody is ready; a device or a timer can wake somebody.
    Sleep(Option<Ticks>),
    Done,
    Deadlock,
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Executor<'t, E, TASKS>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// An executor for the tasks of a kernel that are attached to it or spawned through it.
    pub fn new(kernel: &'t E) -> Self {
        Self {
            kernel,
            bodies: [const { None }; TASKS],
            failure: None,
            #[cfg(feature = "std")]
            arrivals: super::spawn::Arrivals::new(),
        }
    }

    /// The same, with another policy than the kernel has.
    pub fn with_policy(kernel: &'t E, policy: Policy) -> Self {
        kernel.enter(|kernel| kernel.set_policy(policy));
        Self::new(kernel)
    }

    /// The kernel.
    pub const fn kernel(&self) -> &'t E {
        self.kernel
    }

    /// Gives a task of the kernel its body.
    ///
    /// # Errors
    /// [`Error::PeerDead`] if the task does not live, [`Error::Busy`] if it has a body.
    pub fn attach(&mut self, task: TaskId, body: Pin<&'t mut Body<'t>>) -> Result<()> {
        self.embody(task, Pinned::Here(body))
    }

    fn embody(&mut self, task: TaskId, body: Pinned<'t>) -> Result<()> {
        if self.kernel.enter(|kernel| kernel.state(task)).is_none() {
            return Err(Error::PeerDead);
        }
        let place = &mut self.bodies[usize::from(task.index())];
        if place.as_ref().is_some_and(|slot| slot.task == task) {
            return Err(Error::Busy);
        }
        // What was there has been killed.
        let old = place.replace(Slot { task, body });
        contain(move || {
            let _body = old;
        });
        Ok(())
    }

    /// Ends a task from outside (law 19).
    ///
    /// # Errors
    /// [`Error::PeerDead`] if it has ended before.
    pub fn kill(&mut self, task: TaskId) -> Result<()> {
        if self.kernel.enter(|kernel| kernel.state(task)).is_none() {
            return Err(Error::PeerDead);
        }
        self.end(task, ExitStatus::Killed);
        Ok(())
    }

    /// Runs until every task has ended, or nothing can wake those that are left.
    pub fn run(&mut self) -> Stop<Graph<'_, E>> {
        let sleeper = self.kernel.enter(|kernel| kernel.devices().sleeper());
        let mut last = None;
        loop {
            let (killed, step) =
                self.kernel.enter(|kernel| (kernel.take_killed(), step(kernel, last)));
            if killed {
                self.bury();
            }
            match step {
                Step::Poll(task) => last = self.poll(task).then_some(task),
                Step::Fault(task) => {
                    last = None;
                    self.end(task, ExitStatus::Faulted);
                }
                Step::Sleep(until) => {
                    last = None;
                    sleeper.sleep(until);
                }
                Step::Deadlock => {
                    return Stop::Deadlock(Graph { kernel: self.kernel, failure: self.failure });
                }
                Step::Done => {
                    return self.failure.take().map_or(Stop::Done, Stop::Failed);
                }
            }
        }
    }

    /// Lets a task run until it returns; `false` if it has ended.
    fn poll(&mut self, task: TaskId) -> bool {
        #[cfg(feature = "std")]
        if self.body(task).is_none() {
            self.admit();
        }
        match self.body(task).map(Pinned::poll) {
            Some(Poll::Pending) => return true,
            Some(Poll::Ready(status)) => self.end(task, status),
            // A task without a body waits for nothing that could come.
            None => self.end(task, ExitStatus::Faulted),
        }
        false
    }

    /// The body of a task.
    #[inline]
    fn body(&mut self, task: TaskId) -> Option<&mut Pinned<'t>> {
        let slot = self.bodies[usize::from(task.index())].as_mut()?;
        (slot.task == task).then_some(&mut slot.body)
    }

    /// Gives those bodies their places that were spawned since.
    #[cfg(feature = "std")]
    fn admit(&mut self) {
        while let Some((task, body)) = self.arrivals.next() {
            if self.kernel.enter(|kernel| kernel.state(task)).is_some() {
                // It lives, and nobody else gives it a body.
                let _ = self.embody(task, Pinned::Boxed(body));
            } else {
                contain(move || {
                    let _body = body;
                });
            }
        }
    }

    /// Drops the bodies of those whom other tasks have killed.
    fn bury(&mut self) {
        #[cfg(feature = "std")]
        self.admit();
        for slot in 0..TASKS {
            let task = self.bodies[slot].as_ref().map(|slot| slot.task);
            if task.is_some_and(|task| self.kernel.enter(|it| it.state(task)).is_none()) {
                let body = self.bodies[slot].take();
                contain(move || {
                    let _body = body;
                });
            }
        }
    }

    /// Ends a task, then drops its body.
    fn end(&mut self, task: TaskId, status: ExitStatus) {
        if status.is_failure() && self.failure.is_none() {
            let name = self.kernel.enter(|kernel| kernel.name(task));
            self.failure = name.map(|task| Failure { task, status });
        }
        #[cfg(feature = "std")]
        self.admit();
        let _ = self.kernel.syscall(task, Call::Exit { status });
        let body = self.bodies[usize::from(task.index())].take_if(|slot| slot.task == task);
        contain(move || {
            let _body = body;
        });
    }
}

/// Finds out who runs next; `last` is who has just returned.
fn step<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>(
    kernel: &mut Kernel<TASKS, CHANNELS, RING, D, T>,
    last: Option<TaskId>,
) -> Step {
    // Whoever returned has to wait in the kernel, or to be ready: nobody else is there to wake it.
    if let Some(task) = last
        && matches!(kernel.state(task), Some(State::Running) | None)
    {
        return Step::Fault(task);
    }
    // Devices that have a clock tell the time; without, a dispatch takes a tick.
    let simulated = kernel.devices().now().is_none();
    if simulated {
        kernel.advance(kernel.now() + Ticks(1));
    }
    kernel.look_at_devices();
    loop {
        if let Some(task) = kernel.dispatch() {
            return Step::Poll(task);
        }
        if kernel.living() == 0 {
            return Step::Done;
        }
        match kernel.next_timer() {
            timer if kernel.devices().is_watching() => return Step::Sleep(timer),
            Some(timer) if simulated => kernel.advance(timer),
            Some(timer) => return Step::Sleep(Some(timer)),
            None => return Step::Deadlock,
        }
    }
}

impl<E: Door, const TASKS: usize> Drop for Executor<'_, E, TASKS> {
    /// Kills what still lives of its tasks.
    fn drop(&mut self) {
        let status = ExitStatus::Killed;
        for place in &mut self.bodies {
            let Some(slot) = place.take() else { continue };
            let _ = self.kernel.syscall(slot.task, Call::Exit { status });
            contain(move || {
                let _body = slot;
            });
        }
        #[cfg(feature = "std")]
        for (task, body) in self.arrivals.close() {
            let _ = self.kernel.syscall(task, Call::Exit { status });
            contain(move || {
                let _body = body;
            });
        }
    }
}
