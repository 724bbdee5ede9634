//! The private directory of a run, and everything else with a name that the run has made.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::mqueue::{MQ_OFlag, MqAttr, mq_attr_member_t, mq_close, mq_open, mq_unlink};
use nix::sys::stat::Mode;

use super::super::signals::at_the_end;
use super::devices::fifo_of;
use super::fifo::Fifo;
use super::stale;

/// A directory of mode 0700 that is there while the run lasts. It is the working directory
/// meanwhile, so that names in it are short: those of sockets must be.
///
/// Whatever has a name goes when it is dropped, or when a signal ends the program; if that is killed,
/// when the next one starts.
#[derive(Debug)]
pub(crate) struct Directory {
    made: Arc<Made>,
    /// Where the user was.
    before: Option<PathBuf>,
}

/// What has been made, for whoever removes it.
#[derive(Debug)]
struct Made {
    path: PathBuf,
    /// Says to others that somebody has it, as long as it is open.
    _lock: Option<File>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queues: Vec<String>,
    fifos: Vec<Fifo>,
    gone: bool,
}

impl Directory {
    /// Makes it. Call this before there are other threads: they inherit that signals wait for the
    /// one that removes the directory. `first` is done by that one before anything else.
    pub(crate) fn new(first: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (path, lock) = make()?;
        let made = Arc::new(Made { path, _lock: lock, state: Mutex::default() });
        let before = std::env::current_dir().ok();
        let this = Self { made: Arc::clone(&made), before };
        std::env::set_current_dir(&made.path)?;
        at_the_end(move || {
            first();
            made.remove();
        })?;
        Ok(this)
    }

    /// Makes a message queue, and its lifeline. The system says how many messages a user's queue
    /// may hold; it holds no more then.
    pub(crate) fn queue(&self, name: &str, most: usize, longest: usize) -> io::Result<()> {
        let full = system_name(std::process::id(), name);
        let most = most.min(most_messages());
        let size = |size| mq_attr_member_t::try_from(size).map_err(|_| ErrorKind::InvalidInput);
        let attributes = MqAttr::new(0, size(most)?, size(longest)?, 0);
        let how = MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL | MQ_OFlag::O_RDWR | MQ_OFlag::O_CLOEXEC;
        // Only a run that was killed, with the same number, can have left one.
        let _ = mq_unlink(full.as_str());
        let queue = mq_open(full.as_str(), how, Mode::S_IRUSR | Mode::S_IWUSR, Some(&attributes))?;
        mq_close(queue)?;
        self.made.lock().queues.push(full);
        self.fifo(&fifo_of(name), None)
    }

    /// Makes a FIFO of this name in it, both of whose sides count as open until somebody comes.
    pub(crate) fn fifo(&self, name: &str, capacity: Option<usize>) -> io::Result<()> {
        let fifo = Fifo::make(name, capacity)?;
        self.made.lock().fifos.push(fifo);
        Ok(())
    }

    /// Waits for nobody any more who would open a FIFO.
    pub(crate) fn release_all(&self) {
        for fifo in &mut self.made.lock().fifos {
            fifo.release(true);
            fifo.release(false);
        }
    }

    /// Takes note that somebody has opened a FIFO.
    pub(crate) fn opened(&self) -> impl Fn(&str, bool) + Send + use<> {
        let made = Arc::clone(&self.made);
        move |name, to_read| {
            if let Some(fifo) = made.lock().fifos.iter_mut().find(|fifo| fifo.name == name) {
                fifo.release(to_read);
            }
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = std::env::set_current_dir(before);
        }
        self.made.remove();
    }
}

impl Made {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes everything, once. Nobody is there to be told of what cannot be removed.
    fn remove(&self) {
        let mut state = self.lock();
        if core::mem::replace(&mut state.gone, true) {
            return;
        }
        for queue in &state.queues {
            let _ = mq_unlink(queue.as_str());
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what a run has made that could not do it itself, because it was killed. Its tasks do
/// this, who stand in its directory.
pub(crate) fn sweep(run: u32, queues: &[String]) {
    for queue in queues {
        let _ = mq_unlink(system_name(run, queue).as_str());
    }
    if let Ok(path) = std::env::current_dir() {
        stale::remove_own(&path, run);
    }
}

/// What the system calls a message queue of a run.
pub(crate) fn system_name(run: u32, name: &str) -> String {
    format!("/postroom.{run}.{name}")
}

/// How many messages a queue may hold that a user makes (mq_overview(7)).
fn most_messages() -> usize {
    let limit = fs::read_to_string("/proc/sys/fs/mqueue/msg_max").ok();
    limit.and_then(|limit| limit.trim().parse().ok()).unwrap_or(10)
}

fn make() -> io::Result<(PathBuf, Option<File>)> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let base = runtime.filter(|it| it.is_dir()).unwrap_or_else(std::env::temp_dir);
    stale::remove(&base);
    let mut number = 0;
    loop {
        let path = base.join(stale::name_of(std::process::id(), number));
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < 1000 => {}
            Err(error) => return Err(error),
            Ok(()) => match stale::lock(&path) {
                // Another run has come upon it before it was locked, and removes it.
                Ok(None) => {}
                // Where nothing can be locked, nothing is taken for left.
                locked => return Ok((path, locked.ok().flatten())),
            },
        }
        number += 1;
    }
}
