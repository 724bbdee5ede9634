//! `postroom cat [FILE]`: real bytes through a kernel pipe, from a task that reads to one that
//! prints.

#[cfg(target_os = "linux")]
mod os;
#[cfg(target_os = "linux")]
mod processes;

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use postroom::{Error, Executor, Kernel, Lock, Priority, Sys};

use super::{Failure, console, outcome};

/// The most that a pipe holds, and what each of the two tasks handles at a time, in bytes.
const RING: usize = 65_536;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postroom cat < FILE > COPY
  postroom cat FILE | head
  postroom cat --capacity 1 FILE     the same, byte by byte
  postroom cat --on os < FILE        through a pipe of the operating system

A closed output ends it without an error.
Exit codes: 0 done, 1 a file could not be read or written, 2 usage, 128 + N signal N ended it (130
for Ctrl-C).")]
pub(super) struct Options {
    /// What to copy; standard input if none is given, or for `-`
    file: Option<PathBuf>,

    /// What the two tasks run on
    #[arg(long, value_enum, default_value_t = Base::Kernel)]
    on: Base,

    /// Bytes that the pipe holds; the operating system's holds whole pages
    #[arg(long, value_name = "BYTES", default_value_t = RING, value_parser = capacity)]
    capacity: usize,

    /// Print no progress and no sums
    #[arg(long, short)]
    quiet: bool,

    /// Be the process that writes, to standard output, what has this name
    #[arg(long, hide = true, requires = "of_process")]
    as_writer: Option<String>,

    /// Which process reads that
    #[arg(long, hide = true)]
    of_process: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Base {
    /// One core, and a pipe of the kernel
    Kernel,
    /// The same, with the files and a pipe of the system as devices
    #[cfg(target_os = "linux")]
    Os,
    /// A process for each task, and a pipe of the system
    #[cfg(target_os = "linux")]
    Processes,
}

fn capacity(text: &str) -> Result<usize, String> {
    super::number(text, RING)
}

/// What the two tasks share with the command: what went wrong, and how far they are.
struct Job {
    name: String,
    trouble: RefCell<Option<Failure>>,
    copied: Cell<u64>,
    /// All has been printed, to the end of the pipe.
    is_complete: Cell<bool>,
    progress: ProgressBar,
}

pub(super) fn cat(options: &Options) -> Result<(), Failure> {
    let (name, input) = open(options)?;
    // Before there are other threads.
    #[cfg(target_os = "linux")]
    let child = processes::Child::prepare(options)?;
    let job = Job {
        name,
        trouble: RefCell::new(None),
        copied: Cell::new(0),
        is_complete: Cell::new(false),
        progress: progress(options, &input),
    };
    #[cfg(target_os = "linux")]
    if let (Some(_), Some(reader)) = (&options.as_writer, options.of_process) {
        return processes::write(job, input, reader);
    }
    let start = Instant::now();
    let stop = match options.on {
        Base::Kernel => pump(options, &job, input),
        #[cfg(target_os = "linux")]
        Base::Os => os::pump(options, &job, &input),
        #[cfg(target_os = "linux")]
        Base::Processes => processes::pump(options, &job, input, &child),
    };
    let elapsed = start.elapsed();

    job.progress.finish_and_clear();
    if let Some(failure) = job.trouble.take() {
        return Err(failure);
    }
    stop?;
    if !options.quiet {
        let (bytes, seconds) = (job.copied.get(), elapsed.as_secs_f64());
        let rate = bytes as f64 / 1e6 / seconds.max(1e-9);
        console::say(format_args!("{bytes} bytes in {seconds:.6} s: {rate:.0} MB/s"));
    }
    Ok(())
}

fn open(options: &Options) -> Result<(String, File), Failure> {
    match options.file.as_ref().filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let name = path.display().to_string();
            match File::open(path) {
                Ok(file) => Ok((name, file)),
                Err(error) => Err(Failure::new(format_args!("cannot open {name}"), &error)),
            }
        }
        None => match io::stdin().as_fd().try_clone_to_owned() {
            Ok(input) => {
                let name = options.as_writer.as_deref().unwrap_or("standard input");
                Ok((name.to_owned(), File::from(input)))
            }
            Err(error) => Err(Failure::new(format_args!("cannot read standard input"), &error)),
        },
    }
}

/// A line of progress, if somebody looks and it is not in the way of the output.
fn progress(options: &Options, input: &File) -> ProgressBar {
    if options.quiet || !io::stderr().is_terminal() || io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let length = input.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let style = match length {
        Some(_) => "{bytes} of {total_bytes} {wide_bar} {bytes_per_sec}, {eta} left",
        None => "{spinner} {bytes} {bytes_per_sec}",
    };
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn output() -> Result<File, Failure> {
    let output = io::stdout().as_fd().try_clone_to_owned().map(File::from);
    output.map_err(|error| Failure::new(format_args!("cannot write to standard output"), &error))
}

/// Runs the two tasks. The one that prints is the more urgent: what has come is not held back.
fn pump(options: &Options, job: &Job, input: File) -> Result<(), Failure> {
    let output = output()?;
    let kernel = Box::new(Lock::new(Kernel::<2, 3, RING>::new()));
    let mut executor = Executor::new(&*kernel);
    let start = kernel.with(|kernel| kernel.create_pipe("cat", options.capacity)).and_then(|_| {
        executor.spawn("reader", Priority::HIGHEST, |sys| print(sys, job, output))?;
        executor.spawn("writer", Priority::NORMAL, |sys| take(sys, job, input))
    });
    outcome(start.map(drop), executor.run())
}

/// Reads the file, and writes it to the pipe.
async fn take(sys: Sys<'_>, job: &Job, mut input: File) -> Result<(), Error> {
    let pipe = sys.open_write("cat").await?;
    let mut buffer = vec![0; RING];
    loop {
        let count = match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(job.fail("read", &job.name, error)),
        };
        match pipe.write_all(&buffer[..count]).await {
            // The other task has left: nobody wants the rest.
            Err(Error::BrokenPipe) => return Ok(()),
            other => other?,
        }
    }
}

/// Reads from the pipe, and prints.
async fn print(sys: Sys<'_>, job: &Job, mut output: File) -> Result<(), Error> {
    let pipe = sys.open_read("cat").await?;
    let mut buffer = vec![0; RING];
    loop {
        let count = pipe.read(&mut buffer).await?;
        if count == 0 {
            job.is_complete.set(true);
            return Ok(());
        }
        match output.write_all(&buffer[..count]) {
            Ok(()) => {}
            // Whoever read the output has left, as `head` does.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(job.fail("write to", "standard output", error)),
        }
        job.count(count);
    }
}

impl Job {
    /// So many bytes more have been copied.
    fn count(&self, count: usize) {
        self.copied.set(self.copied.get() + count as u64);
        self.progress.set_position(self.copied.get());
    }

    /// Takes note of what went wrong with a file, for the command to say.
    fn fail(&self, verb: &str, name: &str, error: io::Error) -> Error {
        *self.trouble.borrow_mut() =
            Some(Failure::new(format_args!("cannot {verb} {name}"), &error));
        Error::from(error)
    }
}
