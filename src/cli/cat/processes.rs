//! The same two tasks as two processes: this one prints, and starts the one that reads the file.
//! Between them is a pipe of the system.

use std::fs::File;
use std::io::{self, pipe};
use std::os::fd::AsRawFd;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postroom::{Door, Error, Executor, Host, Kernel, Lock, Priority, Stop, Sys};
use rustix::io::retry_on_intr;
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getppid, set_parent_process_death_signal, waitid,
};

use super::super::outside::{Namespace, Object};
use super::super::signals::at_the_end;
use super::{Base, Failure, Job, Options, output, print, take};

/// The process that reads the file. On every way out it is waited for; only if this process is killed
/// it is the system that ends it.
#[derive(Default)]
pub(super) struct Child(Arc<Mutex<Option<process::Child>>>);

impl Child {
    /// A place for it, if there is to be one: from now on signals end it first. Call this before
    /// there are other threads.
    pub(super) fn prepare(options: &Options) -> Result<Self, Failure> {
        let this = Self::default();
        if options.on == Base::Processes {
            let theirs = Arc::clone(&this.0);
            // The lock is kept: nobody else tells how this ended.
            at_the_end(move || core::mem::forget(end(&theirs))).map_err(trouble)?;
        }
        Ok(this)
    }

    fn start(&self, command: &mut Command) -> io::Result<()> {
        // Whoever ends it comes before it is there, or afterwards.
        let mut child = lock(&self.0);
        *child = Some(command.spawn()?);
        Ok(())
    }

    /// Waits until it has ended by itself.
    fn wait(&self) -> io::Result<Option<ExitStatus>> {
        let id = lock(&self.0).as_ref().map(Pid::from_child);
        if let Some(id) = id {
            // It is only looked at here, so that a signal can end it meanwhile.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            retry_on_intr(|| waitid(WaitId::Pid(id), options))?;
        }
        lock(&self.0).as_mut().map(process::Child::wait).transpose()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(end(&self.0));
    }
}

fn lock(child: &Mutex<Option<process::Child>>) -> MutexGuard<'_, Option<process::Child>> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills it, unless it has been waited for, and waits for it.
fn end(child: &Mutex<Option<process::Child>>) -> MutexGuard<'_, Option<process::Child>> {
    let mut child = lock(child);
    if let Some(child) = &mut *child {
        let _ = child.kill();
        let _ = child.wait();
    }
    child
}

fn trouble(error: io::Error) -> Failure {
    Failure::new(format_args!("cannot start a process"), &error)
}

/// Reads from a child, and prints.
pub(super) fn pump(
    options: &Options,
    job: &Job,
    input: File,
    child: &Child,
) -> Result<(), Failure> {
    let output = output()?;
    let (reader, writer) = pipe().map_err(trouble)?;
    fcntl_setpipe_size(&writer, options.capacity).map_err(|error| trouble(error.into()))?;
    let kernel = machine()?;
    let program = std::env::current_exe().map_err(trouble)?;
    let mut command = Command::new(program);
    command
        .args(["cat", "--quiet", "--as-writer", &job.name])
        .args(["--of-process", &process::id().to_string()])
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(writer));
    child.start(&mut command).map_err(trouble)?;
    // It holds this process's copies of its input and of the pipe.
    drop(command);

    let name = format!("fd:{}", reader.as_raw_fd());
    let namespace = called_cat(&*kernel, name);
    let printed = alone(&kernel, &namespace, "reader", |sys| print(sys, job, output));
    if !job.is_complete.get() {
        // Nobody wants what else it reads, and it may wait long for that.
        drop(end(&child.0));
        return printed;
    }
    let status = child.wait().map_err(trouble)?;
    printed?;
    match status.and_then(|status| status.code()) {
        Some(0) => Ok(()),
        // It has said why.
        Some(_) => Err(Failure::Silent),
        None => Err(Failure::Said(format!("the process that reads {} was killed", job.name))),
    }
}

/// Reads the file, and writes to standard output, for a process that reads that.
pub(super) fn write(job: Job, input: File, reader: u32) -> Result<(), Failure> {
    // While it waits for input it would not notice that the reader was killed.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| trouble(error.into()))?;
    if getppid().map(|parent| parent.as_raw_nonzero().get().cast_unsigned()) != Some(reader) {
        return Err(Failure::Silent);
    }
    let kernel = machine()?;
    let namespace = called_cat(&*kernel, "stdout:".to_owned());
    let written = alone(&kernel, &namespace, "writer", |sys| take(sys, &job, input));
    job.trouble.into_inner().map_or(written, Err)
}

type Machine = Lock<Kernel<1, 3, 64, Host>>;

fn machine() -> Result<Box<Machine>, Failure> {
    let host = Host::new()
        .map_err(|error| Failure::new(format_args!("cannot reach the system"), &error))?;
    Ok(Box::new(Lock::new(Kernel::with(host, ()))))
}

/// A namespace in which `cat` is the pipe of this name.
fn called_cat<'k>(door: &'k (dyn Door + Sync), name: String) -> Namespace<'k> {
    let namespace = Namespace::new(door);
    namespace.bind("cat", Object::named(name));
    namespace
}

/// Runs a task alone in its kernel.
fn alone<'k, F>(
    kernel: &'k Machine,
    namespace: &'k Namespace<'k>,
    task: &str,
    body: impl FnOnce(Sys<'k>) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Error>> + 'k,
{
    let mut executor = Executor::new(kernel);
    let spawned = executor
        .spawn(task, Priority::NORMAL, |sys: Sys<'k>| body(Sys::new(namespace, sys.task())));
    match (spawned, executor.run()) {
        (Err(error), _) => Err(Failure::Said(format!("the task did not start: {error}"))),
        (Ok(_), Stop::Done) => Ok(()),
        (Ok(_), Stop::Failed(failure)) => Err(Failure::Said(failure.to_string())),
        (Ok(_), Stop::Deadlock(graph)) => Err(Failure::Said(graph.to_string())),
    }
}
