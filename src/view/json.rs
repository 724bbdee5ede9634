//! The event log as JSON, one object a line. `docs/trace.md` is its schema.

use std::io::{self, Write};
use std::string::{String, ToString};

use serde::Serialize;

use super::cast::Cast;
use super::kernel::{
    CallRecord, Cause, Direction, Event, Outcome, Reason, Sizes, Ticks, Trace, Value,
};

/// Writes each event as a line. The same run writes the same bytes.
#[derive(Debug)]
pub struct JsonLines<W> {
    cast: Cast,
    reason: Option<Reason>,
    to: W,
    result: io::Result<()>,
}

#[derive(Serialize)]
struct Line<'a> {
    tick: u64,
    #[serde(flatten)]
    event: Told<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told<'a> {
    Spawn {
        task: String,
        id: String,
        priority: u8,
    },
    Exit {
        task: String,
        status: String,
    },
    Create {
        object: String,
        id: String,
        #[serde(flatten)]
        sizes: Holds,
    },
    Bind {
        id: String,
        object: String,
    },
    Circle {
        task: String,
        waits_for: String,
    },
    Destroy {
        object: String,
    },
    Call {
        task: String,
        call: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        handle: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rights: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<String>,
        #[serde(flatten)]
        outcome: Ending,
    },
    Copy {
        task: String,
        object: String,
        direction: &'static str,
        bytes: usize,
        before: usize,
        after: usize,
    },
    Block {
        task: String,
        reason: String,
    },
    Wake {
        task: String,
        by: String,
    },
    Switch {
        from: Option<String>,
        to: String,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Holds {
    Bytes { capacity: usize },
    Messages { most: usize, longest: usize },
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Ending {
    Result(Option<ResultValue>),
    Error(&'static str),
    Blocked(Option<String>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum ResultValue {
    Number(u64),
    Handles([u16; 2]),
    Message { copied: u32, length: u32 },
    Attributes { most: u16, longest: u32, length: u16 },
    End(&'static str),
    Readiness { readable: bool, writable: bool, hung_up: bool, error: bool },
}

impl<W: Write> JsonLines<W> {
    /// Lines for this writer.
    pub fn new(to: W) -> Self {
        Self { cast: Cast::default(), reason: None, to, result: Ok(()) }
    }

    /// Flushes what has been written.
    ///
    /// # Errors
    /// The first error of the writer. What came after it was not written.
    pub fn finish(&mut self) -> io::Result<()> {
        core::mem::replace(&mut self.result, Ok(()))?;
        self.to.flush()
    }

    fn tell(&mut self, now: Ticks, event: &Event) -> io::Result<()> {
        let event = match event {
            Event::Spawn { task, priority, .. } => Told::Spawn {
                task: self.cast.task(*task),
                id: task.to_string(),
                priority: priority.level(),
            },
            Event::Exit { task, status } => {
                Told::Exit { task: self.cast.task(*task), status: status.to_string() }
            }
            Event::Create { channel, sizes, .. } => Told::Create {
                object: self.cast.channel(*channel),
                id: channel.to_string(),
                sizes: match *sizes {
                    Sizes::Bytes(capacity) => Holds::Bytes { capacity },
                    Sizes::Messages { most, longest } => Holds::Messages { most, longest },
                },
            },
            Event::Bind { channel, .. } => {
                Told::Bind { id: channel.to_string(), object: self.cast.channel(*channel) }
            }
            Event::Circle { task, waits_for } => {
                Told::Circle { task: self.cast.task(*task), waits_for: self.cast.task(*waits_for) }
            }
            Event::Destroy { channel } => Told::Destroy { object: self.cast.channel(*channel) },
            Event::Call(call) => self.call(call),
            Event::Copy { task, channel, direction, bytes, before, after } => Told::Copy {
                task: self.cast.task(*task),
                object: self.cast.channel(*channel),
                direction: match direction {
                    Direction::In => "in",
                    Direction::Out => "out",
                },
                bytes: *bytes,
                before: *before,
                after: *after,
            },
            Event::Block { task, reason } => {
                self.reason = Some(*reason);
                Told::Block { task: self.cast.task(*task), reason: reason.to_string() }
            }
            Event::Wake { task, cause } => Told::Wake {
                task: self.cast.task(*task),
                by: match cause {
                    Cause::Task(by) => self.cast.task(*by),
                    Cause::Timer => "<timer>".to_string(),
                    Cause::Device => "<device>".to_string(),
                    Cause::Runner => "<runner>".to_string(),
                },
            },
            Event::Switch { from, to } => Told::Switch {
                from: from.map(|from| self.cast.task(from)),
                to: self.cast.task(*to),
            },
        };
        serde_json::to_writer(&mut self.to, &Line { tick: now.0, event })?;
        self.to.write_all(b"\n")
    }

    fn call<'a>(&mut self, call: &'a CallRecord) -> Told<'a> {
        let data = call.preview.as_bytes();
        Told::Call {
            task: self.cast.task(call.task),
            call: call.verb.name(),
            handle: call.handle.map(|handle| handle.slot()),
            object: call.target.map(|channel| self.cast.channel(channel)),
            name: call.name.as_ref().map(|name| name.as_str()),
            rights: call.rights.map(|rights| rights.to_string()),
            number: call.number,
            data: (!data.is_empty()).then(|| data.escape_ascii().to_string()),
            outcome: match call.outcome {
                Outcome::Blocked => Ending::Blocked(self.reason.take().map(|it| it.to_string())),
                Outcome::Complete(Err(error)) | Outcome::Preempted(Err(error)) => {
                    Ending::Error(error.name())
                }
                Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => {
                    Ending::Result(result(value))
                }
            },
        }
    }
}

fn result(value: Value) -> Option<ResultValue> {
    match value {
        Value::Unit => None,
        Value::End => Some(ResultValue::End("end of file")),
        Value::Request(serial) => Some(ResultValue::Number(serial)),
        Value::Attributes { most, longest, length } => {
            Some(ResultValue::Attributes { most, longest, length })
        }
        Value::Count(count) => Some(ResultValue::Number(count as u64)),
        Value::Handle(handle) => Some(ResultValue::Number(handle.slot().into())),
        Value::Ends(ends) => Some(ResultValue::Handles([ends.read().slot(), ends.write().slot()])),
        Value::Message { copied, length } => Some(ResultValue::Message { copied, length }),
        Value::Readiness(it) => Some(ResultValue::Readiness {
            readable: it.readable,
            writable: it.writable,
            hung_up: it.hung_up,
            error: it.error,
        }),
        Value::Now(now) => Some(ResultValue::Number(now.0)),
    }
}

impl<W: Write> Trace for JsonLines<W> {
    fn event(&mut self, now: Ticks, event: &Event) {
        self.cast.note(event);
        if self.result.is_ok() {
            self.result = self.tell(now, event);
        }
    }
}
