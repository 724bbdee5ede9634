//! Tasks on threads: how a model runs the kernel.

use loom::sync::Arc;
use loom::thread::{self, Thread};

use crate::kernel::{Answer, Kernel, Outcome, Priority, TaskId};
use crate::sync::Lock;

/// A kernel for two tasks and a pipe of a few bytes.
pub type Tiny = Kernel<3, 4, 8>;

/// The kernel, and the thread of each task.
pub struct Threads {
    kernel: Lock<Tiny>,
    threads: Lock<Vec<(TaskId, Thread)>>,
}

impl Threads {
    /// A kernel with tasks of these names, not yet running, after `prepare`.
    pub fn new(names: &[&str], prepare: impl FnOnce(&mut Tiny)) -> (Arc<Self>, Vec<TaskId>) {
        let mut kernel = Tiny::new();
        prepare(&mut kernel);
        let tasks =
            names.iter().map(|name| kernel.spawn(name, Priority::NORMAL).unwrap()).collect();
        // Every task has a core of its own.
        while kernel.dispatch().is_some() {}
        (Arc::new(Self { kernel: Lock::new(kernel), threads: Lock::new(Vec::new()) }), tasks)
    }

    /// Says that this thread is the task from now on.
    pub fn enlist(&self, task: TaskId) {
        self.threads.with(|threads| threads.push((task, thread::current())));
    }

    /// Makes a call, and waits for its answer. `attempt` makes it once.
    pub fn call(&self, task: TaskId, mut attempt: impl FnMut(&mut Tiny) -> Outcome) -> Answer {
        loop {
            let (outcome, woken) = self.kernel.with(|kernel| {
                let outcome = attempt(kernel);
                (outcome, std::iter::from_fn(|| kernel.dispatch()).collect::<Vec<_>>())
            });
            for woken in woken.into_iter().filter(|&woken| woken != task) {
                self.unpark(woken);
            }
            match outcome {
                Outcome::Complete(answer) | Outcome::Preempted(answer) => return answer,
                Outcome::Blocked => thread::park(),
            }
        }
    }

    /// A task that has no thread yet will find itself awake.
    fn unpark(&self, task: TaskId) {
        self.threads.with(|threads| {
            if let Some((_, thread)) = threads.iter().find(|(whose, _)| *whose == task) {
                thread.unpark();
            }
        });
    }

    /// Looks at the kernel.
    pub fn with<R>(&self, f: impl FnOnce(&mut Tiny) -> R) -> R {
        self.kernel.with(f)
    }
}
