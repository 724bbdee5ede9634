//! What can be seen of a kernel, and of the model: the same, after every step.

use std::fmt::{Debug, Write};

use postroom::{Error, Name, Outcome, Priority, Reason, State, Ticks};

use crate::model::Model;
use crate::request::Life;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) tasks: Vec<TaskLook>,
    pub(crate) pipes: Vec<PipeLook>,
    pub(crate) next_timer: Option<Ticks>,
    pub(crate) now: Ticks,
}

/// A living task, and its mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskLook {
    pub(crate) life: Life,
    pub(crate) name: Name,
    pub(crate) priority: Priority,
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) handles: usize,
    /// Messages that fit, and the longest one.
    pub(crate) mailbox: (usize, usize),
    pub(crate) mail: Vec<(Life, Name, Vec<u8>)>,
}

/// An open pipe.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PipeLook {
    pub(crate) number: usize,
    pub(crate) name: Option<Name>,
    pub(crate) capacity: usize,
    pub(crate) atomic: usize,
    pub(crate) read_ends: u32,
    pub(crate) write_ends: u32,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("the model lets only names through")
}

impl Model {
    pub(crate) fn view(&self) -> View {
        let tasks = self.tasks.iter().enumerate().filter(|(_, task)| task.alive);
        let pipes = self.pipes.iter().enumerate().filter(|(_, pipe)| pipe.alive);
        View {
            tasks: tasks
                .map(|(life, task)| TaskLook {
                    life,
                    name: name(task.name),
                    priority: task.priority,
                    state: task.state,
                    reason: self
                        .waiting_of(life)
                        .filter(|_| task.state == State::Blocked)
                        .map(|waiting| waiting.reason),
                    handles: task.handles.iter().flatten().count(),
                    mailbox: (self.sizes.mailbox(), self.sizes.longest().unwrap_or(0)),
                    mail: task
                        .mailbox
                        .iter()
                        .map(|(sender, body)| {
                            (*sender, name(self.tasks[*sender].name), body.clone())
                        })
                        .collect(),
                })
                .collect(),
            pipes: pipes
                .map(|(number, pipe)| PipeLook {
                    number,
                    name: pipe.name.map(name),
                    capacity: pipe.capacity,
                    atomic: pipe.atomic(),
                    read_ends: pipe.read_ends.open,
                    write_ends: pipe.write_ends.open,
                    bytes: pipe.bytes.iter().copied().collect(),
                })
                .collect(),
            next_timer: self.next_deadline().map(|(deadline, _)| Ticks(deadline)),
            now: Ticks(self.now),
        }
    }

    /// Asks everyone who sleeps to try again, each in a world of its own: nobody may be served.
    /// It does not look at lines and conditions, so it does not share their mistakes.
    ///
    /// Who has closed the very handle that it waits with may sleep on; it hurt only itself.
    pub(crate) fn who_sleeps_too_long(&self) -> Option<Life> {
        let all = 0..self.tasks.len();
        let mut asleep =
            all.filter(|&life| self.tasks[life].alive && self.tasks[life].state == State::Blocked);
        asleep.find(|&life| {
            let Some(waiting) = self.waiting_of(life) else { return true };
            match self.clone().call(life, &waiting.request, "").outcome {
                Outcome::Blocked => false,
                Outcome::Complete(answer) | Outcome::Preempted(answer) => {
                    answer != Err(Error::BadHandle)
                }
            }
        })
    }
}

impl View {
    /// What is not the same, in words.
    pub(crate) fn compare(&self, model: &Self) -> Result<(), String> {
        let mut text = String::new();
        differ(&mut text, "tasks", &self.tasks, &model.tasks);
        differ(&mut text, "pipes", &self.pipes, &model.pipes);
        differ(&mut text, "next timer", &[self.next_timer], &[model.next_timer]);
        differ(&mut text, "time", &[self.now], &[model.now]);
        if text.is_empty() { Ok(()) } else { Err(text) }
    }
}

fn differ<T: Debug + PartialEq>(text: &mut String, what: &str, kernel: &[T], model: &[T]) {
    for at in 0..kernel.len().max(model.len()) {
        let (kernel, model) = (kernel.get(at), model.get(at));
        if kernel != model {
            let none = || "nothing".to_owned();
            let kernel = kernel.map_or_else(none, |it| format!("{it:?}"));
            let model = model.map_or_else(none, |it| format!("{it:?}"));
            let _ = write!(text, "\n   {what}: the kernel has {kernel},\n   but the model {model}");
        }
    }
}
