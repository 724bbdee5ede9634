//! The lock around such a kernel, and an executor whose tasks come through its front door.

use std::ops::{Deref, DerefMut};

use real::{Call, Devices, Door, Enter, Outcome, Policy, Priority, Result, Sys, TaskId, Trace};

use crate::Kernel;
use crate::kernel::Beneath;

/// A lock that runners enter by the kernel's own door, and tasks by the one in front of it.
pub(crate) struct Lock<K> {
    front: Front<K>,
}

/// The door where names are changed.
pub(crate) struct Front<K>(real::Lock<K>);

impl<K> Lock<K> {
    pub(crate) const fn new(kernel: K) -> Self {
        Self { front: Front(real::Lock::new(kernel)) }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut K) -> R) -> R {
        self.front.0.with(f)
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Beneath, T: Trace> Enter
    for Lock<Kernel<TASKS, CHANNELS, RING, D, T>>
{
    type Kernel = real::Kernel<TASKS, CHANNELS, RING, D::Devices, T>;

    fn enter<R>(&self, f: impl FnOnce(&mut Self::Kernel) -> R) -> R {
        self.with(|kernel| f(&mut kernel.real))
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Beneath, T: Trace> Door
    for Front<Kernel<TASKS, CHANNELS, RING, D, T>>
{
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        self.0.with(|kernel| kernel.syscall(task, call))
    }
}

/// What has a door in front.
pub(crate) trait Fronted {
    fn front(&self) -> &dyn Door;
}

impl<K> Fronted for Lock<K>
where
    Front<K>: Door,
{
    fn front(&self) -> &dyn Door {
        &self.front
    }
}

/// The executor.
pub(crate) struct Executor<'t, E: Door, const TASKS: usize>(real::Executor<'t, E, TASKS>);

/// What tasks spawn further tasks with.
pub(crate) struct Spawner<'t, E>(real::Spawner<'t, E>, &'t E);

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Executor<'t, E, TASKS>
where
    E: Enter<Kernel = real::Kernel<TASKS, CHANNELS, RING, D, T>> + Fronted,
    D: Devices,
    T: Trace,
{
    pub(crate) fn new(kernel: &'t E) -> Self {
        Self(real::Executor::new(kernel))
    }

    pub(crate) fn with_policy(kernel: &'t E, policy: Policy) -> Self {
        Self(real::Executor::with_policy(kernel, policy))
    }

    pub(crate) fn spawn<F>(
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

    pub(crate) fn spawner(&self) -> Spawner<'t, E> {
        Spawner(self.0.spawner(), self.0.kernel())
    }
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Spawner<'t, E>
where
    E: Enter<Kernel = real::Kernel<TASKS, CHANNELS, RING, D, T>> + Fronted,
    D: Devices,
    T: Trace,
{
    pub(crate) fn spawn<F>(
        &self,
        name: &str,
        priority: Priority,
        body: impl FnOnce(Sys<'t>) -> F,
    ) -> Result<TaskId>
    where
        F: Future<Output = Result<()>> + 't,
    {
        let front = self.1.front();
        self.0.spawn(name, priority, |sys| body(Sys::new(front, sys.task())))
    }
}

impl<'t, E: Door, const TASKS: usize> Deref for Executor<'t, E, TASKS> {
    type Target = real::Executor<'t, E, TASKS>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<E: Door, const TASKS: usize> DerefMut for Executor<'_, E, TASKS> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
