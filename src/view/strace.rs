//! One line a system call, as strace would show it (strace(1)):
//!
//! ```text
//!      3 writer  write(h0 pipe:greeting, "Hello World!", 12) = 12
//!      4 reader  read(h0 pipe:greeting, 64) = <blocked: empty> ... woken by writer
//! ```

use std::boxed::Box;
use std::fmt::Write;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use anstyle::{AnsiColor, Style};

use super::cast::Cast;
use super::kernel::{CallRecord, Cause, Event, Outcome, Reason, TaskId, Ticks, Trace, Value, Verb};

/// A piece of the text, with colours in ANSI codes.
#[derive(Debug)]
pub enum Line<'l> {
    /// A line that is complete.
    Whole(&'l str),
    /// A line of this task that will go on: the call waits.
    Begun(TaskId, &'l str),
    /// How the line of this task goes on, if it has begun one.
    Rest(TaskId, &'l str),
}

/// Makes lines of events, and hands them on as they come.
pub struct Strace<'o> {
    cast: Cast,
    reason: Option<Reason>,
    /// Who waits for whom, if the next call is refused for it.
    circle: String,
    line: Box<dyn FnMut(Line<'_>) + Send + 'o>,
}

const DIM: Style = Style::new().dimmed();
const WAIT: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const TASKS: [Style; 5] = [
    AnsiColor::Cyan.on_default(),
    AnsiColor::Green.on_default(),
    AnsiColor::Magenta.on_default(),
    AnsiColor::Blue.on_default(),
    AnsiColor::BrightCyan.on_default(),
];

impl<'o> Strace<'o> {
    /// Lines for `line` to print.
    pub fn new(line: impl FnMut(Line<'_>) + Send + 'o) -> Self {
        Self { cast: Cast::default(), reason: None, circle: String::new(), line: Box::new(line) }
    }

    fn head(&self, now: Ticks, task: TaskId) -> String {
        let style = TASKS[usize::from(task.index()) % TASKS.len()];
        let (name, width) = (self.cast.task(task), self.cast.widest());
        format!("{DIM}{now:>6}{DIM:#} {style}{name:<width$}{style:#}  ")
    }

    fn call(&mut self, now: Ticks, call: &CallRecord) {
        let mut line = self.head(now, call.task);
        let _ = write!(line, "{}({}) = ", call.verb, self.arguments(call));
        match call.outcome {
            Outcome::Blocked => {
                let reason = self.reason.take().map_or_else(String::new, |it| format!(": {it}"));
                let _ = write!(line, "{WAIT}<blocked{reason}>{WAIT:#}");
                (self.line)(Line::Begun(call.task, &line));
            }
            Outcome::Complete(answer) | Outcome::Preempted(answer) => {
                match answer {
                    Ok(value) => line.push_str(&self.value(value, call)),
                    Err(error) => {
                        let circle = core::mem::take(&mut self.circle);
                        let why = if circle.is_empty() { error.to_string() } else { circle };
                        let _ = write!(line, "{BAD}{}{BAD:#} ({why})", error.name());
                    }
                }
                (self.line)(Line::Whole(&line));
            }
        }
    }

    fn arguments(&self, call: &CallRecord) -> String {
        let mut parts: Vec<String> = Vec::new();
        let name = || call.name.map_or_else(|| "?".to_string(), |it| it.to_string());
        if let Some(handle) = call.handle {
            parts.push(match call.target {
                Some(channel) => format!("{handle} {}", self.cast.channel(channel)),
                None => handle.to_string(),
            });
        }
        match call.verb {
            Verb::Send if call.handle.is_none() => parts.push(name()),
            Verb::Request | Verb::Reply | Verb::Give | Verb::Kill => parts.push(name()),
            Verb::Send => parts.extend(call.name.map(|name| format!("to {name}"))),
            Verb::Receive if call.handle.is_none() && copied(call).is_none() => {
                parts.extend(call.name.map(|name| format!("from {name}")));
            }
            _ => {}
        }
        match call.verb {
            Verb::Open | Verb::Unlink | Verb::Bind | Verb::Connect => {
                parts.push(quoted(call, usize::MAX));
            }
            Verb::Write | Verb::Send | Verb::Request | Verb::Reply => {
                parts.push(quoted(call, call.number.unwrap_or(0) as usize));
            }
            Verb::Read | Verb::Receive | Verb::Answer => {
                parts.extend(copied(call).map(|count| quoted(call, count)));
            }
            _ => {}
        }
        parts.extend(call.rights.map(|rights| rights.to_string()));
        parts.extend(call.number.map(|number| match call.verb {
            Verb::Sleep => format!("until {number}"),
            _ => number.to_string(),
        }));
        parts.join(", ")
    }

    fn value(&self, value: Value, call: &CallRecord) -> String {
        match value {
            Value::Unit => "ok".to_string(),
            Value::End => "end of file".to_string(),
            Value::Request(serial) => format!("request {serial}"),
            Value::Attributes { most, longest, length } => {
                format!("{length} of {most} messages of {longest}")
            }
            Value::Count(count) => count.to_string(),
            Value::Handle(handle) => handle.to_string(),
            Value::Ends(ends) => format!("{}, {}", ends.read(), ends.write()),
            Value::Message { copied, length } => {
                let mut text = copied.to_string();
                if copied < length {
                    let _ = write!(text, " of {length}");
                }
                if let (Verb::Receive, Some(sender)) = (call.verb, call.name) {
                    let _ = write!(text, " from {sender}");
                }
                text
            }
            Value::Readiness(ready) => {
                let bits = [
                    (ready.readable, "readable"),
                    (ready.writable, "writable"),
                    (ready.hung_up, "hung up"),
                    (ready.error, "error"),
                ];
                let mut text = String::new();
                for (_, bit) in bits.into_iter().filter(|bit| bit.0) {
                    let _ = write!(text, "{}{bit}", if text.is_empty() { "" } else { "|" });
                }
                if text.is_empty() { "nothing".to_string() } else { text }
            }
            Value::Now(now) => now.to_string(),
        }
    }
}

impl Trace for Strace<'_> {
    fn event(&mut self, now: Ticks, event: &Event) {
        self.cast.note(event);
        match *event {
            Event::Block { reason, .. } => self.reason = Some(reason),
            Event::Circle { task, waits_for } => {
                if self.circle.is_empty() {
                    self.circle = self.cast.task(task);
                }
                let _ = write!(self.circle, " -> {}", self.cast.task(waits_for));
            }
            // The line of the exit itself says more.
            Event::Call(CallRecord { verb: Verb::Exit, .. }) => {}
            Event::Call(ref call) => self.call(now, call),
            Event::Wake { task, cause } => {
                let by = match cause {
                    Cause::Task(by) if by == task => "itself".to_string(),
                    Cause::Task(by) => self.cast.task(by),
                    Cause::Timer => "the timer".to_string(),
                    Cause::Device => "a device".to_string(),
                    Cause::Runner => "the runner".to_string(),
                };
                (self.line)(Line::Rest(task, &format!(" ... woken by {by}")));
            }
            Event::Exit { task, status } => {
                (self.line)(Line::Rest(task, &format!(" ... {status}")));
                let line = format!("{}exit({status})", self.head(now, task));
                (self.line)(Line::Whole(&line));
            }
            _ => {}
        }
    }
}

/// Bytes that an answered call copied to its task.
fn copied(call: &CallRecord) -> Option<usize> {
    match call.outcome {
        Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => match value {
            Value::Count(count) => Some(count),
            Value::Message { copied, .. } => Some(copied as usize),
            _ => None,
        },
        _ => None,
    }
}

/// The bytes that the trace kept, of so many.
fn quoted(call: &CallRecord, of: usize) -> String {
    let bytes = call.preview.as_bytes();
    let cut = if of != usize::MAX && bytes.len() < of { "..." } else { "" };
    format!("\"{}\"{cut}", bytes.escape_ascii())
}
