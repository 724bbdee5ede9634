//! How a scenario is put together, in whatever runs it.

use std::boxed::Box;
use std::pin::Pin;

use super::Stage;
use super::{
    connections, datagram, deadlock, mailbox, philosophers, pika, pipe, queue, rpc, select, socket,
};
use crate::kernel::{Devices, Enter, Kernel, Kind, Priority, Result, Sizes, Trace};
use crate::run::{Executor, Threads};
use crate::user::Sys;

/// A task body that can be kept until its task is made.
pub type Boxed<'t> =
    Box<dyn FnOnce(Sys<'t>) -> Pin<Box<dyn Future<Output = Result<()>> + 't>> + Send + 't>;

/// Boxes a task body.
pub fn boxed<'t, F>(body: impl FnOnce(Sys<'t>) -> F + Send + 't) -> Boxed<'t>
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

    /// Makes a queue that tasks open by its name.
    ///
    /// # Errors
    /// Those of [`Kernel::create_queue`].
    fn queue(&mut self, name: &str, most: usize, longest: usize) -> Result<()>;

    /// Says which socket a task is going to bind to a name, and what others can send ahead. Where
    /// names are the kernel's own, nothing has to be done for it.
    ///
    /// # Errors
    /// What a runner says that needs to know.
    fn socket(&mut self, name: &str, kind: Kind, sizes: Sizes) -> Result<()> {
        let _ = (name, kind, sizes);
        Ok(())
    }

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

    fn queue(&mut self, name: &str, most: usize, longest: usize) -> Result<()> {
        self.kernel().enter(|kernel| kernel.create_queue(name, most, longest)).map(drop)
    }

    fn task(&mut self, name: &str, body: Boxed<'t>) -> Result<()> {
        self.spawn(name, Priority::NORMAL, body).map(drop)
    }
}

impl<'t, E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Crew<'t>
    for Threads<'t, E>
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>> + Sync,
    D: Devices,
    T: Trace,
{
    fn pipe(&mut self, name: &str, capacity: usize) -> Result<()> {
        self.kernel().enter(|kernel| kernel.create_pipe(name, capacity)).map(drop)
    }

    fn queue(&mut self, name: &str, most: usize, longest: usize) -> Result<()> {
        self.kernel().enter(|kernel| kernel.create_queue(name, most, longest)).map(drop)
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
pub const ALL: &[Scenario] = &[
    mailbox::SCENARIO,
    pipe::SCENARIO,
    pika::SCENARIO,
    queue::SCENARIO,
    socket::SCENARIO,
    connections::SCENARIO,
    datagram::SCENARIO,
    rpc::SCENARIO,
    select::SCENARIO,
    philosophers::SCENARIO,
    deadlock::SCENARIO,
];
