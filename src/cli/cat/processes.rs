//! The same two tasks as two processes: this one prints, and starts the one that reads the file.
//! Between them is a pipe of the system.

use std::fs::File;
use std::io::{self, pipe};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

use postroom::{Door, Error, Executor, Host, Kernel, Lock, Priority, Stop, Sys};
use rustix::pipe::fcntl_setpipe_size;

use super::super::outside::{Namespace, Object};
use super::{Failure, Job, Options, output, print, take};

/// Reads from a child, and prints.
pub(super) fn pump(options: &Options, job: &Job, input: File) -> Result<(), Failure> {
    let output = output()?;
    let trouble = |error: io::Error| Failure::new(format_args!("cannot start a process"), &error);
    let (reader, writer) = pipe().map_err(trouble)?;
    fcntl_setpipe_size(&writer, options.capacity).map_err(|error| trouble(error.into()))?;
    let kernel = machine()?;
    let program = std::env::current_exe().map_err(trouble)?;
    let mut child = Command::new(program)
        .args(["cat", "--quiet", "--as-writer", &job.name])
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(writer))
        .spawn()
        .map_err(trouble)?;

    let name = format!("fd:{}", reader.as_raw_fd());
    let namespace = called_cat(&*kernel, name);
    let printed = alone(&kernel, &namespace, "reader", |sys| print(sys, job, output));
    // Whoever still writes learns that nobody reads any more.
    drop(reader);
    let status = child.wait().map_err(trouble)?;
    printed?;
    match status.code() {
        Some(0) => Ok(()),
        // It has said why.
        Some(_) => Err(Failure::Silent),
        None => Err(Failure::Said(format!("the process that reads {} was killed", job.name))),
    }
}

/// Reads the file, and writes to standard output.
pub(super) fn write(job: Job, input: File) -> Result<(), Failure> {
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
