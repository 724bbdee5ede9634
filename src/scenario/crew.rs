//! How a scenario is put together, in whatever runs it.

use std::boxed::Box;
use std::pin::Pin;

use super::Stage;
use super::{deadlock, mailbox, pika, pipe};
use crate::kernel::{Devices, Enter, Kernel, Priority, Result, Trace};
use crate::run::Executor;
use crate::user::Sys;

/// A task body that can be kept until its task is made.
pub type Boxed<'t> =
    Box<dyn FnOnce(Sys<'t>) -> Pin<Box<dyn Future<Output = Result<()>> + 't>> + 't>;

/// Boxes a task body.
pub fn boxed<'t, F>(body: impl FnOnce(Sys<'t>) -> F + 't) -> Boxed<'t>
where
    F: Future<Output = Result<()>> + 't,
{
    Box::new(move |sys| Box::pin(body(sys)))
}

/// Whatever runs the tasks of a scenario.
pub trait Crew<'t> {
    /// Makes a pipe that tasks open by its name.
    ///
    /// # Errors
    /// Those of [`Kernel::create_pipe`].
    fn pipe(&mut self, name: &str, capacity: usize) -> Result<()>;

    /// Adds a task of normal priority.
    ///
    /// # Errors
    /// Those of [`Kernel::spawn`].
    fn task(&mut self, name: &str, body: Boxed<'t>) -> Result<()>;
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Crew<'t>
    for Executor<'t, E, TASKS>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    fn pipe(&mut self, name: &str, capacity: usize) -> Result<()> {
        self.kernel().enter(|kernel| kernel.create_pipe(name, capacity)).map(drop)
    }

    fn task(&mut self, name: &str, body: Boxed<'t>) -> Result<()> {
        self.spawn(name, Priority::NORMAL, body).map(drop)
    }
}

/// A scenario as the command line knows it.
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// What it teaches, in a line.
    pub teaches: &'static str,
    /// Makes its pipes and its tasks.
    pub start: for<'t> fn(&mut dyn Crew<'t>, Stage<'t>) -> Result<()>,
}

/// Every scenario, in the order in which to learn from them.
pub const ALL: &[Scenario] =
    &[mailbox::SCENARIO, pipe::SCENARIO, pika::SCENARIO, deadlock::SCENARIO];
