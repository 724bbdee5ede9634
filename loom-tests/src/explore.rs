//! Models: what each explores, how far, and what it is to come to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::model::Builder;

/// A model: a small program, to be run in every order that its threads can have.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Where it is: its last two parts are its name.
    pub path: &'static str,
    /// Threads, the first one included.
    pub threads: usize,
    /// Times that a thread is interrupted where it could go on, at the most. `None` is every order
    /// there is.
    pub bound: Option<usize>,
    /// Fewer orders than these, and something is wrong with the model.
    pub at_least: usize,
    /// Whether it takes long, and is run only when asked for.
    pub deep: bool,
    /// The program.
    pub run: fn(),
}

impl Model {
    /// The theme and the property, as `close::a_writer_finds_a_broken_pipe`.
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once("models::").map_or(self.path, |(_, name)| name)
    }

    /// Runs the program in every order within the bound, and returns how many there were.
    ///
    /// The first run that panics, deadlocks or races ends the process. So whoever wants to go on
    /// explores in a child process.
    pub fn explore(&self) -> usize {
        let orders = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&orders);
        let run = self.run;
        let mut builder = Builder::new();
        builder.preemption_bound = self.bound;
        builder.max_branches = builder.max_branches.max(10_000);
        builder.check(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            run();
        });
        orders.load(Ordering::Relaxed)
    }
}

/// A bug that a model is to find.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its name, which is its file's.
    pub name: &'static str,
    /// The name of the model that finds it.
    pub model: &'static str,
    /// That model, on the system that has the bug; or why the patch does not fit the sources.
    pub system: Result<fn() -> Option<&'static Model>, &'static str>,
    /// What the report says.
    pub report: &'static str,
}

/// The models of a theme, one a line: the program, how many threads, how far, and the fewest orders
/// that are to be explored.
///
/// ```ignore
/// models! {
///     a_reader_sees_the_end: 2 threads, every order, at least 100;
///     two_readers_share_what_comes: 3 threads, 2 preemptions, at least 1_000, deep;
/// }
/// ```
#[macro_export]
macro_rules! models {
    ($($run:ident: $threads:literal threads, $far:tt $unit:ident,
        at least $floor:literal $(, $deep:ident)?;)*) => {
        /// The models of this theme.
        pub const MODELS: &[$crate::explore::Model] = &[$($crate::explore::Model {
            path: concat!(module_path!(), "::", stringify!($run)),
            threads: $threads,
            bound: $crate::models!(@bound $far $unit),
            at_least: $floor,
            deep: $crate::models!(@deep $($deep)?),
            run: $run,
        }),*];
    };
    (@bound every order) => { None };
    (@bound $bound:literal preemptions) => { Some($bound) };
    (@deep) => { false };
    (@deep deep) => { true };
}
