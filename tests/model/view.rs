//! What can be seen of a kernel, and of the model: the same, after every step.

use std::fmt::{Debug, Write};

use postroom::{Error, Kind, Outcome, Priority, Reason, Sizes, State, Ticks, Verb};

use crate::model::{Mail, Model, Stage};
use crate::request::{Life, Stamp};
use crate::sizes::ID;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) tasks: Vec<TaskLook>,
    pub(crate) objects: Vec<ObjectLook>,
    pub(crate) next_timer: Option<Ticks>,
    pub(crate) now: Ticks,
}

/// A living task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskLook {
    pub(crate) life: Life,
    pub(crate) name: String,
    pub(crate) priority: Priority,
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) handles: usize,
    /// Its mailbox: messages that fit, the longest of them, and what is in it, the reply first.
    pub(crate) mailbox: (usize, usize),
    pub(crate) mail: Vec<(Stamp, Vec<u8>)>,
}

/// An open object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ObjectLook {
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) capacity: usize,
    pub(crate) longest: usize,
    pub(crate) ends: (u32, u32),
    pub(crate) bytes: Vec<u8>,
    pub(crate) mail: Vec<(Stamp, Vec<u8>)>,
}

impl Model {
    pub(crate) fn view(&self) -> View {
        let tasks = self.tasks.iter().enumerate().filter(|(_, task)| task.alive);
        let objects = self.objects.iter().enumerate().filter(|(_, object)| object.alive);
        let mail = |mail: &Mail| (mail.stamp.clone(), mail.body.clone());
        View {
            tasks: tasks
                .map(|(life, task)| TaskLook {
                    life,
                    name: task.name.to_owned(),
                    priority: task.priority,
                    state: task.state,
                    reason: self
                        .waiting_of(life)
                        .filter(|_| task.state == State::Blocked)
                        .map(|waiting| waiting.reason),
                    handles: task.handles.iter().flatten().count(),
                    mailbox: self.limits.mailbox(),
                    mail: task.reply.iter().chain(&task.mailbox).map(mail).collect(),
                })
                .collect(),
            objects: objects
                .map(|(number, object)| ObjectLook {
                    number,
                    kind: object.kind,
                    name: object.name.map(str::to_owned),
                    capacity: object.capacity(),
                    longest: match (&object.stage, object.sizes) {
                        (Stage::Listening(..), _) => ID,
                        (_, Sizes::Bytes(_)) => object.atomic(),
                        (_, Sizes::Messages { longest, .. }) => longest,
                    },
                    ends: (object.reads.open(), object.writes.open()),
                    bytes: object.bytes.iter().copied().collect(),
                    mail: object.mail.iter().map(mail).collect(),
                })
                .collect(),
            next_timer: self.next_deadline().map(|(deadline, _)| Ticks(deadline)),
            now: Ticks(self.now),
        }
    }

    /// Asks everyone who sleeps to try again, each in a world of its own: nobody may be served.
    /// It does not look at lines and conditions, so it does not share their mistakes.
    ///
    /// Who has made another request may sleep on; it hurt only itself.
    pub(crate) fn who_sleeps_too_long(&self) -> Option<Life> {
        let all = 0..self.tasks.len();
        let mut asleep =
            all.filter(|&life| self.tasks[life].alive && self.tasks[life].state == State::Blocked);
        asleep.find(|&life| {
            let Some(waiting) = self.waiting_of(life) else { return true };
            let result = self.clone().call(life, &waiting.request, "");
            match result.outcome {
                Outcome::Blocked => false,
                Outcome::Complete(answer) | Outcome::Preempted(answer) => {
                    waiting.verb != Verb::Request || answer != Err(Error::Busy)
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
        differ(&mut text, "objects", &self.objects, &model.objects);
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
