//! Spawning with a heap: before a run, and by tasks while it lasts.

use std::boxed::Box;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;

use super::executor::{Body, Executor};
use crate::kernel::{
    Call, Devices, Door, Enter, Error, ExitStatus, Kernel, Priority, Result, TaskId, Trace,
};
use crate::user::Sys;

/// Bodies that the executor has not seen yet; `None` when there is no executor any more.
#[derive(Clone)]
pub(super) struct Arrivals<'t>(Rc<RefCell<Option<VecDeque<Arrival<'t>>>>>);

type Arrival<'t> = (TaskId, Pin<Box<Body<'t>>>);

impl<'t> Arrivals<'t> {
    pub(super) fn new() -> Self {
        Self(Rc::new(RefCell::new(Some(VecDeque::new()))))
    }

    pub(super) fn next(&self) -> Option<Arrival<'t>> {
        self.0.borrow_mut().as_mut()?.pop_front()
    }

    /// Takes no more, and gives those back that are left.
    pub(super) fn close(&self) -> VecDeque<Arrival<'t>> {
        self.0.borrow_mut().take().unwrap_or_default()
    }
}

/// Spawns tasks, also from inside a task.
///
/// ```
/// use postroom::{Executor, Kernel, Lock, Priority, Stop};
///
/// let kernel = Lock::new(Kernel::<2, 2, 256>::new());
/// let mut executor = Executor::new(&kernel);
/// let spawner = executor.spawner();
/// executor.spawn("parent", Priority::NORMAL, async move |sys| {
///     spawner.spawn("child", Priority::NORMAL, async |sys| sys.send("parent", b"hello").await)?;
///     let mut buffer = [0; 8];
///     assert_eq!(sys.receive(&mut buffer).await?.copied, 5);
///     Ok(())
/// })?;
/// assert!(matches!(executor.run(), Stop::Done));
/// # Ok::<(), postroom::Error>(())
/// ```
pub struct Spawner<'t, E> {
    kernel: &'t E,
    arrivals: Arrivals<'t>,
}

/// A task whose body is being made. If that panics, the task goes with it.
struct Unborn<'t> {
    door: &'t dyn Door,
    task: TaskId,
}

impl Drop for Unborn<'_> {
    fn drop(&mut self) {
        let _ = self.door.syscall(self.task, Call::Exit { status: ExitStatus::Panicked });
    }
}

impl<'t, E> Spawner<'t, E> {
    pub(super) const fn new(kernel: &'t E, arrivals: Arrivals<'t>) -> Self {
        Self { kernel, arrivals }
    }
}

impl<E> Clone for Spawner<'_, E> {
    fn clone(&self) -> Self {
        Self::new(self.kernel, self.arrivals.clone())
    }
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Spawner<'t, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// Brings a task to life, ready to run. This is no system call: a task that spawns a more
    /// urgent one runs on until its next call.
    ///
    /// # Errors
    /// Those of [`Kernel::spawn`]; [`Error::PeerDead`] if the executor is gone.
    pub fn spawn<F>(
        &self,
        name: &str,
        priority: Priority,
        body: impl FnOnce(Sys<'t>) -> F,
    ) -> Result<TaskId>
    where
        F: Future<Output = Result<()>> + 't,
    {
        if self.arrivals.0.borrow().is_none() {
            return Err(Error::PeerDead);
        }
        let task = self.kernel.enter(|kernel| kernel.spawn(name, priority))?;
        let unborn = Unborn { door: self.kernel, task };
        let body = Box::pin(body(Sys::new(self.kernel, task)));
        core::mem::forget(unborn);
        if let Some(arrivals) = self.arrivals.0.borrow_mut().as_mut() {
            arrivals.push_back((task, body));
        }
        Ok(task)
    }
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Executor<'t, E, TASKS>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    /// Brings a task to life, with a boxed body.
    ///
    /// # Errors
    /// Those of [`Kernel::spawn`].
    pub fn spawn<F>(
        &mut self,
        name: &str,
        priority: Priority,
        body: impl FnOnce(Sys<'t>) -> F,
    ) -> Result<TaskId>
    where
        F: Future<Output = Result<()>> + 't,
    {
        self.spawner().spawn(name, priority, body)
    }

    /// A handle with which tasks spawn further tasks while they run.
    pub fn spawner(&self) -> Spawner<'t, E> {
        Spawner::new(self.kernel, self.arrivals.clone())
    }
}
