//! The same two tasks, with a pipe of the operating system between them and the files as devices.

use std::fs::File;
use std::os::fd::AsRawFd;

use postroom::{Error, Executor, Host, Kernel, Lock, Priority, Sizes, Sys};

use super::{Job, Options, RING};
use crate::cli::name::of_file;
use crate::cli::{Failure, outcome};

const PIPE: &str = "pipe:cat";

/// Runs the two tasks.
pub(super) fn pump(options: &Options, job: &Job, input: &File) -> Result<(), Failure> {
    let host = Host::new()
        .map_err(|error| Failure::new(format_args!("cannot copy {}", job.name), &error))?;
    let kernel = Lock::new(Kernel::<2, 8, 256, Host>::with(host, ()));
    let input = format!("fd:{}", input.as_raw_fd());
    let mut executor = Executor::new(&kernel);
    let mut start = || {
        executor.spawn("reader", Priority::HIGHEST, |sys| print(sys, options, job))?;
        executor.spawn("writer", Priority::NORMAL, |sys| take(sys, options, job, &input))
    };
    outcome(start().map(drop), executor.run())
}

/// Reads the file, and writes it to the pipe.
async fn take(sys: Sys<'_>, options: &Options, job: &Job, input: &str) -> Result<(), Error> {
    let pipe = Sizes::Bytes(options.capacity);
    let pipe = sys.open_write(PIPE).or_create(pipe).await.map_err(|error| job.refused(error))?;
    let failed = |error| job.fail_as("read", &job.name, error);
    let input = sys.open_read(input).await.map_err(failed)?;
    let mut buffer = vec![0; RING];
    loop {
        let count = input.read(&mut buffer).await.map_err(failed)?;
        if count == 0 {
            return Ok(());
        }
        match pipe.write_all(&buffer[..count]).await {
            // The other task has left: nobody wants the rest.
            Err(Error::BrokenPipe) => return Ok(()),
            other => other?,
        }
    }
}

/// Reads from the pipe, and prints.
async fn print(sys: Sys<'_>, options: &Options, job: &Job) -> Result<(), Error> {
    let pipe = Sizes::Bytes(options.capacity);
    let pipe = sys.open_read(PIPE).or_create(pipe).await.map_err(|error| job.refused(error))?;
    let failed = |error| job.fail_as("write to", "standard output", error);
    let output = sys.open_write("stdout:").await.map_err(failed)?;
    let mut buffer = vec![0; RING];
    loop {
        let count = pipe.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        match output.write_all(&buffer[..count]).await {
            Ok(()) => job.count(count),
            // Whoever read the output has left, as `head` does.
            Err(Error::BrokenPipe) => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
    }
}

impl Job {
    fn fail_as(&self, verb: &str, name: &str, error: Error) -> Error {
        let failure = Failure::Said(format!("cannot {verb} {name}: {}", of_file(error)));
        self.trouble.borrow_mut().get_or_insert(failure);
        error
    }

    fn refused(&self, error: Error) -> Error {
        self.fail_as("make", "a pipe", error)
    }
}
