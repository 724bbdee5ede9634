//! A program of several tasks, run to its end by the executor.

use postroom::{Executor, Kernel, Lock, Policy, Priority, Result, Stop, Sys};

pub(crate) type Roomy = Lock<Kernel<8, 24, 4096>>;

/// A kernel with room for all that a program does.
pub(crate) fn roomy() -> Roomy {
    Lock::new(Kernel::new())
}

pub(crate) struct Program<'t>(Executor<'t, Roomy, 8>);

impl<'t> Program<'t> {
    pub(crate) fn new(kernel: &'t Roomy) -> Self {
        Self(Executor::new(kernel))
    }

    /// The same, with its tasks dispatched by lot.
    pub(crate) fn by_lot(kernel: &'t Roomy, seed: u64) -> Self {
        Self(Executor::with_policy(kernel, Policy::Random(seed)))
    }

    pub(crate) fn task<F>(&mut self, name: &str, body: impl FnOnce(Sys<'t>) -> F)
    where
        F: Future<Output = Result<()>> + 't,
    {
        self.0.spawn(name, Priority::NORMAL, body).unwrap();
    }

    /// Runs until every task has ended, and none of them badly.
    pub(crate) fn run(mut self) {
        match self.0.run() {
            Stop::Done => {}
            Stop::Failed(failure) => panic!("{failure}"),
            Stop::Deadlock(graph) => panic!("{graph}"),
        }
    }
}
