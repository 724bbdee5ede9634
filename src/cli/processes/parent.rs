//! The process that starts the others: it prints what they say, and sees that none is left.

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use postroom::scenario::{Boxed, Crew, Print, Scenario, Stage};
use postroom::view::Line;
use postroom::{Counters, Error, Kernel, Priority, Result as Answer, TaskId, Ticks};
use rustix::io::retry_on_intr;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::super::Failure;
use super::super::console::Console;
use super::super::outside::Directory;
use super::letter::{Kind, Letter, mailbox};
use super::report::{Cost, LONGEST, News, REPORTS, Report, Reporter};

/// How long all have to wait for each other until it counts as a deadlock.
const SILENCE: Duration = Duration::from_secs(1);

/// The same after a task has ended badly: who waits then waits for that one.
const BEREAVED: Duration = Duration::from_millis(200);

/// After a task has ended badly: how long nobody may say anything until those that are left are
/// killed.
const GRACE: Duration = Duration::from_secs(3);

/// How a run ended, and what it has cost.
pub(crate) struct Ended {
    pub(crate) failure: Option<String>,
    pub(crate) is_deadlock: bool,
    pub(crate) cost: Counters,
    pub(crate) ticks: Ticks,
    /// The tasks that were killed at work: they have cost more than they had told.
    pub(crate) partly_counted: Vec<String>,
}

/// All processes, for whoever ends them.
type Children = Arc<Mutex<Vec<Child>>>;

/// Runs a scenario. `arguments` start this program as its tasks.
pub(crate) fn parent(
    scenario: &Scenario,
    arguments: &[String],
    console: &Console,
    stage: Stage<'_>,
) -> Result<Ended, Failure> {
    let trouble = |error: io::Error| Failure::new(format_args!("cannot set up the run"), &error);
    let children = Children::default();
    let theirs = Arc::clone(&children);
    let directory = Directory::new(move || {
        // The lock is kept: how the run ended is told by the signal alone.
        let mut children = lock(&theirs);
        end_all(&mut children);
        core::mem::forget(children);
    })
    .map_err(trouble)?;
    let reports = UnixDatagram::bind(REPORTS).map_err(trouble)?;

    let mut crew = Roll { directory: &directory, numbers: Box::default(), tasks: Vec::new() };
    if let Err(error) = (scenario.start)(&mut crew, stage) {
        return Err(Failure::Said(format!("the scenario did not start: {error}")));
    }
    let mut run = Run {
        directory: &directory,
        console,
        children: Arc::clone(&children),
        tasks: crew.tasks,
        given_up: false,
        ended: Ended {
            failure: None,
            is_deadlock: false,
            cost: Counters::default(),
            ticks: Ticks(0),
            partly_counted: Vec::new(),
        },
    };
    let result = run.start(arguments).and_then(|()| run.gather(&reports));
    // Whatever went wrong, nobody is left.
    end_all(&mut lock(&children));
    result.map_err(trouble)?;
    for task in &run.tasks {
        task.cost.add_to(&mut run.ended.cost);
        run.ended.ticks = run.ended.ticks.max(Ticks(task.cost.ticks));
    }
    Ok(run.ended)
}

struct Run<'r> {
    directory: &'r Directory,
    console: &'r Console,
    children: Children,
    tasks: Vec<Task>,
    /// Those that are left have been killed.
    given_up: bool,
    ended: Ended,
}

struct Task {
    name: String,
    /// What the console tells it by.
    id: TaskId,
    /// While it is open, the child knows that somebody is there.
    input: Option<ChildStdin>,
    stage: State,
    /// What it has told that its calls have cost.
    cost: Cost,
}

/// ```text
/// Starting --Ready--> Running <--> Waiting
///    `-------------------+-----------'`--Ended--> Ended --Gone--> Gone
/// ```
#[derive(Debug, PartialEq, Eq)]
enum State {
    Starting,
    Running,
    /// For another process, in words.
    Waiting(String),
    /// It has told how.
    Ended,
    Gone,
}

impl Run<'_> {
    /// Starts a process for each task.
    fn start(&mut self, arguments: &[String]) -> io::Result<()> {
        let program = std::env::current_exe()?;
        for (number, task) in self.tasks.iter_mut().enumerate() {
            let teller = Reporter::new(number, None)?;
            // Whoever ends the children ends this one as well, or comes before it is there.
            let mut children = lock(&self.children);
            let mut child = Command::new(&program)
                .args(arguments)
                .args(["--as-task", &number.to_string()])
                .args(["--of-run", &std::process::id().to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()?;
            task.input = child.stdin.take();
            let id = Pid::from_child(&child);
            children.push(child);
            drop(children);
            thread::spawn(move || {
                // It is only looked at here: as long as it is not waited for, its number is its own.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                let _ = retry_on_intr(|| waitid(WaitId::Pid(id), options));
                let _ = teller.tell(News::Gone);
            });
        }
        Ok(())
    }

    /// Takes reports until all have gone.
    fn gather(&mut self, reports: &UnixDatagram) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST];
        while self.tasks.iter().any(|task| task.stage != State::Gone) {
            reports.set_read_timeout(self.patience())?;
            match reports.recv(&mut buffer) {
                Ok(length) => {
                    let Report { task, cost, news } = serde_json::from_slice(&buffer[..length])?;
                    if let (Some(cost), Some(task)) = (cost, self.tasks.get_mut(task)) {
                        task.cost = cost;
                    }
                    self.hear(task, news)?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.give_up(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// How long to wait for the next report.
    fn patience(&self) -> Option<Duration> {
        let waits = |task: &Task| matches!(task.stage, State::Waiting(_) | State::Gone);
        match (self.tasks.iter().all(waits), self.ended.failure.is_some()) {
            (true, false) => Some(SILENCE),
            (true, true) => Some(BEREAVED),
            (false, true) => Some(GRACE),
            (false, false) => None,
        }
    }

    /// Ends a run in which nothing will happen any more.
    fn give_up(&mut self) {
        if self.ended.failure.is_none() {
            let waits = |task: &Task| match &task.stage {
                State::Waiting(why) => Some(format!("\n  {why}")),
                _ => None,
            };
            let waits: Vec<_> = self.tasks.iter().filter_map(waits).collect();
            let count = match waits.len() {
                1 => "1 task waits, and nothing can wake it".to_owned(),
                n => format!("{n} tasks wait, and nothing can wake them"),
            };
            self.ended.failure = Some(format!("deadlock: {count}{}", waits.concat()));
            self.ended.is_deadlock = true;
        }
        self.given_up = true;
        kill(&mut lock(&self.children));
    }

    fn hear(&mut self, number: usize, news: News) -> io::Result<()> {
        let Some(task) = self.tasks.get_mut(number) else { return Ok(()) };
        let id = task.id;
        match news {
            News::Ready => {
                task.stage = State::Running;
                if self.tasks.iter().all(|task| task.stage == State::Running) {
                    self.go();
                }
            }
            News::Said(line) => self.console.line(format_args!("{line}")),
            News::Whole(line) => self.console.trace(Line::Whole(&line)),
            News::Begun(line) => self.console.trace(Line::Begun(id, &line)),
            News::Rest(line) => self.console.trace(Line::Rest(id, &line)),
            News::Opened { name, to_read } => self.directory.opened()(&name, to_read),
            // Another thread tells this of a task, which can have ended meanwhile.
            News::Waits(_) | News::Wakes if task.stage == State::Ended => {}
            News::Waits(why) => task.stage = State::Waiting(why),
            News::Wakes => task.stage = State::Running,
            News::Ended { failure } => {
                task.stage = State::Ended;
                if let Some(failure) = failure {
                    self.fail(failure);
                }
            }
            News::Gone => {
                let before = core::mem::replace(&mut task.stage, State::Gone);
                let (told, name) = (before == State::Ended, task.name.clone());
                let has_told_all = match before {
                    State::Starting | State::Ended | State::Gone => true,
                    // Then all others had been silent for some time as well.
                    State::Waiting(_) => self.given_up,
                    State::Running => false,
                };
                if !has_told_all {
                    self.ended.partly_counted.push(name.clone());
                }
                let status = lock(&self.children)[number].wait()?;
                if !told {
                    let how = match status.signal() {
                        Some(signal) => format!("was killed by signal {signal}"),
                        None => format!("ended too early: {status}"),
                    };
                    self.console.trace(Line::Rest(id, " ... killed"));
                    // What others have said meanwhile came of this.
                    if !self.given_up {
                        self.ended.failure = None;
                    }
                    self.fail(format!("task {name} {how}"));
                }
                self.mourn(name);
            }
        }
        Ok(())
    }

    /// Lets all tasks go. One that is gone already is told of elsewhere.
    fn go(&mut self) {
        for task in &mut self.tasks {
            if let Some(input) = &mut task.input {
                let _ = input.write_all(&[1]);
            }
        }
    }

    /// Takes note of a failure: the first one counts. Nobody is waited for any more who has not
    /// come to a pipe or a queue.
    fn fail(&mut self, failure: String) {
        if self.ended.failure.is_none() {
            self.ended.failure = Some(failure);
        }
        self.directory.release_all();
        if self.tasks.iter().any(|task| task.stage == State::Starting) {
            self.given_up = true;
            kill(&mut lock(&self.children));
        }
    }

    /// Tells the others that a task has ended. That may have to wait for room with them, and this
    /// process must not.
    fn mourn(&self, name: String) {
        let _ = std::fs::remove_file(mailbox(&name));
        let living = self.tasks.iter().filter(|task| task.stage != State::Gone);
        let living: Vec<_> = living.map(|task| mailbox(&task.name)).collect();
        thread::spawn(move || {
            let (kind, serial, room, text) = (Kind::Ended, 0, 0, &[][..]);
            let letter = Letter { kind, serial, room, from: &name, text }.to_bytes();
            let Ok(socket) = UnixDatagram::unbound() else { return };
            for mailbox in living {
                // Whoever has ended meanwhile does not miss it.
                let _ = socket.send_to(&letter, mailbox);
            }
        });
    }
}

fn lock(children: &Children) -> MutexGuard<'_, Vec<Child>> {
    children.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills those that still run.
fn kill(children: &mut [Child]) {
    for child in children {
        // One that was waited for is left alone.
        let _ = child.kill();
    }
}

/// Kills those that still run, and waits for all.
fn end_all(children: &mut [Child]) {
    kill(children);
    for child in children {
        let _ = child.wait();
    }
}

/// A crew that makes the objects, and only counts its tasks.
struct Roll<'r> {
    directory: &'r Directory,
    /// A kernel that numbers them.
    numbers: Box<Kernel<16, 16, 64>>,
    tasks: Vec<Task>,
}

impl<'t> Crew<'t> for Roll<'_> {
    fn pipe(&mut self, name: &str, capacity: usize) -> Answer<()> {
        self.directory.fifo(name, Some(capacity)).map_err(Error::from)
    }

    fn queue(&mut self, name: &str, most: usize, longest: usize) -> Answer<()> {
        self.directory.queue(name, most, longest).map_err(Error::from)
    }

    fn task(&mut self, name: &str, _: Boxed<'t>) -> Answer<()> {
        let id = self.numbers.spawn(name, Priority::NORMAL)?;
        let (name, input, stage) = (name.to_owned(), None, State::Starting);
        self.tasks.push(Task { name, id, input, stage, cost: Cost::default() });
        Ok(())
    }
}
