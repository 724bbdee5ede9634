//! The process of one task: a kernel with that task alone.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, mpsc};

use postroom::scenario::{Boxed, Crew, Print, Scenario, Stage};
use postroom::view::{Line, Strace};
use postroom::{
    Call, Door, Enter, Error, Executor, ExitStatus, Host, Kernel, Kind, Priority, Result as Answer,
    Sizes, Stop, Sys, TaskId,
};

use super::super::Failure;
use super::super::outside::{Namespace, Object, Outside, sweep};
use super::super::run::RING;
use super::post::Post;
use super::report::{News, Reporter, Tally};

type Log = (Tally, Option<Strace<'static>>);
type Machine = Mutex<Kernel<16, 64, RING, Outside, Log>>;

/// Where a child is for the parent, and what the user wants to see.
struct Desk {
    reporter: Reporter,
    /// Which run it is: the parent's number.
    run: u32,
    /// The message queues of the run.
    queues: Mutex<Vec<String>>,
    /// The task has begun: what was before is of no interest.
    live: AtomicBool,
}

impl Desk {
    /// Tells the parent; without one there is nothing left to do but to clean up.
    fn tell(&self, news: News) {
        if self.reporter.tell(news).is_err() {
            self.orphaned();
        }
    }
}

impl Desk {
    /// The parent is gone: removes what the run has made, and ends.
    fn orphaned(&self) -> ! {
        sweep(self.run, &self.queues.lock().unwrap_or_else(PoisonError::into_inner));
        std::process::exit(1);
    }
}

impl Print for Desk {
    fn line(&self, line: fmt::Arguments<'_>) {
        self.tell(News::Said(line.to_string()));
    }
}

/// Runs one task of a scenario; everything that lasts as long as the process is leaked.
pub(crate) fn child(
    scenario: &Scenario,
    stage: impl FnOnce(&'static (dyn Print + Sync)) -> Stage<'static>,
    strace: bool,
    (task, run): (usize, u32),
) -> Result<(), Failure> {
    let trouble = |error: io::Error| Failure::new(format_args!("cannot set up a task"), &error);
    let tally = Tally::default();
    let reporter = Reporter::new(task, Some(tally.clone())).map_err(trouble)?;
    let desk: &'static Desk = Box::leak(Box::new(Desk {
        reporter,
        run,
        queues: Mutex::default(),
        live: AtomicBool::new(false),
    }));
    let strace = strace.then(|| {
        Strace::new(|line| {
            if desk.live.load(Relaxed) {
                desk.tell(match line {
                    Line::Whole(text) => News::Whole(text.to_owned()),
                    Line::Begun(_, text) => News::Begun(text.to_owned()),
                    Line::Rest(_, text) => News::Rest(text.to_owned()),
                });
            }
        })
    });
    let (silence, silences) = mpsc::channel();
    let opened = |name: &str, to_read| desk.tell(News::Opened { name: name.to_owned(), to_read });
    let host = Host::new().map_err(trouble)?;
    let devices = Outside::new(host, run, false, opened, move |silent| {
        let _ = silence.send(silent);
    });
    let log = (tally.clone(), strace);
    let kernel: &'static Machine = Box::leak(Box::new(Mutex::new(Kernel::with(devices, log))));
    let post: &'static Post<'_> = Box::leak(Box::new(Post::new(kernel)));
    let namespace: &'static Namespace<'_> = Box::leak(Box::new(Namespace::new(post)));

    let mut executor = Executor::new(kernel);
    let ids = BTreeMap::new();
    let mut crew = One { executor: &mut executor, namespace, only: task, me: None, ids, desk };
    (scenario.start)(&mut crew, stage(desk))
        .and_then(|()| {
            let (name, id) = crew.me.take().ok_or(Error::NoSuchName)?;
            // The others live in other processes; here they have only been numbered.
            for &other in crew.ids.values().filter(|&&other| other != id) {
                let _ = kernel.syscall(other, Call::Exit { status: ExitStatus::Done });
            }
            post.open(&name, id, core::mem::take(&mut crew.ids))
        })
        .map_err(|error| Failure::Said(format!("a task did not start: {error}")))?;
    tally.start();

    desk.tell(News::Ready);
    // A byte means go; the end of file, at any time, that the parent is gone.
    if io::stdin().read_exact(&mut [0]).is_err() {
        desk.orphaned();
    }
    std::thread::spawn(move || {
        let _ = io::stdin().read_exact(&mut [0]);
        desk.orphaned();
    });
    std::thread::spawn(move || tell_of_silence(desk, kernel, &silences));
    desk.live.store(true, Relaxed);

    let failure = match executor.run() {
        Stop::Done => None,
        Stop::Failed(failure) => Some(failure.to_string()),
        Stop::Deadlock(graph) => Some(graph.to_string()),
    };
    let failed = failure.is_some();
    desk.tell(News::Ended { failure });
    if failed { Err(Failure::Silent) } else { Ok(()) }
}

/// Tells the parent when the task waits for another process, and for no time.
fn tell_of_silence(desk: &Desk, kernel: &Machine, silences: &mpsc::Receiver<bool>) {
    for silent in silences {
        if !silent {
            desk.tell(News::Wakes);
            continue;
        }
        let waits = kernel.enter(|kernel| match kernel.next_timer() {
            None => kernel.edges().next().map(|edge| edge.to_string()),
            Some(_) => None,
        });
        if let Some(waits) = waits {
            desk.tell(News::Waits(waits));
        }
    }
}

/// A crew of which one task runs here.
struct One<'c> {
    executor: &'c mut Executor<'static, Machine, 16>,
    namespace: &'static Namespace<'static>,
    /// Its number.
    only: usize,
    me: Option<(String, TaskId)>,
    ids: BTreeMap<String, TaskId>,
    desk: &'static Desk,
}

impl Crew<'static> for One<'_> {
    fn pipe(&mut self, name: &str, _: usize) -> Answer<()> {
        self.namespace.bind(name, Object::named(format!("fifo:{name}")));
        Ok(())
    }

    fn queue(&mut self, name: &str, _: usize, _: usize) -> Answer<()> {
        self.namespace.bind(name, Object::named(format!("queue:{name}")));
        self.desk.queues.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
        Ok(())
    }

    fn socket(&mut self, name: &str, kind: Kind, sizes: Sizes) -> Answer<()> {
        self.namespace.bind(name, Object::socket(name, kind, sizes));
        Ok(())
    }

    fn task(&mut self, name: &str, body: Boxed<'static>) -> Answer<()> {
        let task = if self.ids.len() == self.only {
            let namespace = self.namespace;
            let body = move |sys: Sys<'static>| body(Sys::new(namespace, sys.task()));
            let task = self.executor.spawn(name, Priority::NORMAL, body)?;
            self.me = Some((name.to_owned(), task));
            task
        } else {
            self.executor.kernel().enter(|kernel| kernel.spawn(name, Priority::NORMAL))?
        };
        self.ids.insert(name.to_owned(), task);
        Ok(())
    }
}
