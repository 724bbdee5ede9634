//! Where lines go, and in which order.
//!
//! Tasks print on standard output, the trace on standard error, and both in the order in which
//! things happened. The line of a call that waits is complete only when its task has been woken;
//! what comes after it is held back until then.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};
use postroom::TaskId;
use postroom::scenario::Print;
use postroom::view::Line;

use super::Failure;

pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Lines held back at the most: then the oldest goes out as it is.
const HELD: usize = 10_000;

/// Puts the lines of tasks and trace in order.
#[derive(Debug)]
pub(super) struct Console {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    output: Output,
    queue: VecDeque<Item>,
    result: io::Result<()>,
}

/// Where the lines of tasks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Stdout,
    Stderr,
    Nowhere,
}

#[derive(Debug)]
enum Item {
    Task(String),
    Trace(String),
    /// A line of the trace that its task will complete.
    Open(TaskId, String),
}

impl Console {
    pub(super) fn new(output: Output) -> Self {
        let state = State { output, queue: VecDeque::new(), result: Ok(()) };
        Self { state: Mutex::new(state) }
    }

    /// Takes a piece of the trace.
    pub(super) fn trace(&self, line: Line<'_>) {
        let mut state = self.lock();
        match line {
            Line::Whole(text) => state.push(Item::Trace(text.to_owned())),
            Line::Begun(task, text) => state.push(Item::Open(task, text.to_owned())),
            Line::Rest(task, rest) => state.complete(task, rest),
        }
    }

    /// Prints what is held back, and says whether everything could be printed.
    ///
    /// A reader that has gone away, as `head` does, is no error: nobody misses the rest.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        let mut state = self.lock();
        while let Some(item) = state.queue.pop_front() {
            state.print(item);
        }
        done(core::mem::replace(&mut state.result, Ok(())))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Print for Console {
    fn line(&self, line: fmt::Arguments<'_>) {
        self.lock().push(Item::Task(line.to_string()));
    }
}

impl State {
    fn push(&mut self, item: Item) {
        self.queue.push_back(item);
        if self.queue.len() > HELD
            && let Some(item) = self.queue.pop_front()
        {
            self.print(item);
        }
        self.flush();
    }

    fn complete(&mut self, task: TaskId, rest: &str) {
        let open = self.queue.iter_mut().find_map(|item| match item {
            Item::Open(whose, text) if *whose == task => {
                text.push_str(rest);
                Some(item)
            }
            _ => None,
        });
        if let Some(item) = open {
            let (Item::Task(text) | Item::Trace(text) | Item::Open(_, text)) = item;
            *item = Item::Trace(core::mem::take(text));
        }
        self.flush();
    }

    /// Prints all that need not wait.
    fn flush(&mut self) {
        while self.queue.front().is_some_and(|item| !matches!(item, Item::Open(..)))
            && let Some(item) = self.queue.pop_front()
        {
            self.print(item);
        }
    }

    fn print(&mut self, item: Item) {
        let printed = match (item, self.output) {
            (Item::Task(_), Output::Nowhere) => Ok(()),
            (Item::Task(line), Output::Stdout) => writeln!(io::stdout(), "{line}"),
            (Item::Task(line) | Item::Trace(line) | Item::Open(_, line), _) => {
                writeln!(anstream::stderr(), "{line}")
            }
        };
        if self.result.is_ok() {
            self.result = printed;
        }
    }
}

/// Prints text that is ready, on standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    done(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Says a line on standard error. That nobody can be told is no reason to fail.
pub(super) fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

fn done(printed: io::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format_args!("cannot write to standard output"), &error))
        }
        _ => Ok(()),
    }
}
