//! What happened in this run, so that one that fails can be read.
//!
//! Loom runs all threads of a model on the test's own thread, one at a time, so a thread-local list
//! holds the steps of all of them in the order in which they were taken. The list is made anew for
//! each run. The first panic prints it, for then it is the interleaving that failed, and ends the
//! process.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::panic;
use std::process;
use std::sync::{Arc, Mutex, Once};

use super::kernel::{Event, TaskId, Ticks, Trace};
use super::view::{Line, Strace};

thread_local! {
    static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

enum Step {
    /// In the kernel, under its lock.
    Event(Event),
    /// The task's thread sleeps from here on, unless it was unparked before.
    Parks(TaskId),
    Unparks(TaskId),
    /// Outside of the kernel.
    Note(String),
}

/// The trace of a kernel in a model.
#[derive(Debug)]
pub struct Transcript;

impl Trace for Transcript {
    fn event(&mut self, _: Ticks, event: &Event) {
        step(Step::Event(*event));
    }
}

/// Begins the list for a new run.
pub fn begin() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let payload = panic.payload();
            if !payload.is::<&str>() && !payload.is::<String>() {
                // It says nothing: this is how loom ends the threads of a run that is over.
                return others(panic);
            }
            print();
            others(panic);
            // Loom would panic once more while it cleans up, and end the process with a long
            // report on that.
            process::exit(101);
        }));
    });
    STEPS.with_borrow_mut(Vec::clear);
}

/// Adds a step that is taken outside of the kernel.
pub fn note(what: impl Into<String>) {
    step(Step::Note(what.into()));
}

pub(super) fn parks(task: TaskId) {
    step(Step::Parks(task));
}

pub(super) fn unparks(task: TaskId) {
    step(Step::Unparks(task));
}

fn step(step: Step) {
    STEPS.with_borrow_mut(|steps| steps.push(step));
}

/// Prints the steps so far, once.
fn print() {
    let steps = STEPS.take();
    if !steps.is_empty() {
        eprintln!("{}", anstream::adapter::strip_str(&text(&steps)));
    }
}

/// The steps as text: a numbered line for each, with those that it woke at its end; below them,
/// who sleeps.
fn text(steps: &[Step]) -> String {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let mut strace = Strace::new(move |line| {
        if let (Line::Whole(text) | Line::Begun(_, text), Ok(mut lines)) = (line, sink.lock()) {
            lines.push(text.to_string());
        }
    });
    let mut text = String::from("what happened, step by step:\n");
    let mut number = 0;
    let mut names = HashMap::new();
    let mut woken = Vec::new();
    let mut asleep = Vec::new();
    for step in steps {
        let name = |task| names.get(task).cloned().unwrap_or_else(|| TaskId::to_string(task));
        match step {
            Step::Event(event) => {
                match event {
                    Event::Spawn { task, name, .. } => {
                        names.insert(*task, name.to_string());
                    }
                    Event::Wake { task, .. } => woken.push(name(task)),
                    _ => {}
                }
                strace.event(Ticks(number + 1), event);
                for line in lines.lock().iter_mut().flat_map(|lines| lines.drain(..)) {
                    number += 1;
                    text.push_str(&line);
                    if !woken.is_empty() {
                        let _ = write!(text, ", which wakes {}", woken.join(" and "));
                        woken.clear();
                    }
                    text.push('\n');
                }
            }
            Step::Parks(task) if asleep.contains(task) => {}
            Step::Parks(task) => asleep.push(*task),
            Step::Unparks(task) => asleep.retain(|it| it != task),
            Step::Note(what) => {
                number += 1;
                let _ = write!(text, "{number:>6} {what}");
                if !woken.is_empty() {
                    let _ = write!(text, ", which wakes {}", woken.join(" and "));
                    woken.clear();
                }
                text.push('\n');
            }
        }
    }
    for task in asleep {
        let name = names.get(&task).cloned().unwrap_or_else(|| task.to_string());
        let _ = writeln!(text, "{:>6} {name}  sleeps, and nobody unparked it", "");
    }
    text
}
