//! Tasks on loom's threads: what a model runs on.
//!
//! A task is a thread. It makes a system call under the kernel's lock; whoever has made one drains
//! the ready queue and unparks those whom it names, as `src/run/threads.rs` does. A thread whose
//! call is blocked sleeps until its task is not, and makes the call again.
//!
//! It falls asleep before it lets go of the lock, which leaves fewer orders to explore. That a thread
//! can do so later as well is what `models/runner.rs` is about.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::sync::{Condvar, Mutex, MutexGuard};
use loom::thread::{self, JoinHandle};

use super::kernel::{
    Access, Call, Create, Door, Error, ExitStatus, Handle, Kernel, Kind, NoDevices, Outcome,
    Priority, Result, Rights, Sizes, State, TaskId, Ticks, Value, Verb,
};
use super::transcript::{self, Transcript};
use super::user::Sys;

const TASKS: usize = 4;

/// A kernel for a few tasks. A message takes 48 bytes of the ring besides its own.
pub type Small<const RING: usize> = Kernel<TASKS, 10, RING, NoDevices, Transcript>;

/// A kernel, and where the threads of its tasks sleep.
pub struct Machine<const RING: usize = 64> {
    // In a box, for the stacks of loom's threads are small.
    kernel: Mutex<Box<Small<RING>>>,
    beds: [Condvar; TASKS],
}

impl<const RING: usize> Machine<RING> {
    /// A machine without tasks, and an empty transcript.
    pub fn new() -> Arc<Self> {
        transcript::begin();
        // The stacks of loom are small: a constant is copied to the heap without passing there.
        let kernel = Box::new(const { Kernel::with(NoDevices, Transcript) });
        Arc::new(Self { kernel: Mutex::new(kernel), beds: Default::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Box<Small<RING>>> {
        // A thread that panics ends the model, so nobody meets its poison.
        self.kernel.lock().unwrap()
    }

    /// Does something with the kernel, alone, and wakes whom that woke.
    pub fn with<R>(&self, f: impl FnOnce(&mut Small<RING>) -> R) -> R {
        let mut kernel = self.lock();
        let result = f(&mut kernel);
        self.drain(&mut kernel);
        result
    }

    /// Dispatches those who are ready: each has a core of its own. The killed wake to see it.
    fn drain(&self, kernel: &mut Small<RING>) {
        while let Some(task) = kernel.dispatch() {
            self.unpark(task);
        }
        if kernel.take_killed() {
            self.beds.iter().for_each(Condvar::notify_all);
        }
    }

    fn unpark(&self, task: TaskId) {
        transcript::unparks(task);
        self.beds[usize::from(task.index())].notify_all();
    }

    /// A new task, whose thread begins with [`Machine::spawn`] or [`Machine::run`].
    pub fn task(&self, name: &str) -> TaskId {
        self.with(|kernel| kernel.spawn(name, Priority::NORMAL)).unwrap()
    }

    /// Makes a call that is answered at once, before the threads begin.
    pub fn call(&self, task: TaskId, call: Call<'_>) -> Value {
        match self.with(|kernel| kernel.syscall(task, call)) {
            Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => value,
            other => panic!("{other:?}"),
        }
    }

    /// The handle that such a call returns.
    pub fn handle(&self, task: TaskId, call: Call<'_>) -> Handle {
        match self.call(task, call) {
            Value::Handle(handle) => handle,
            other => panic!("{other:?}"),
        }
    }

    /// Opens a pipe or queue, and makes it if need be.
    pub fn open(
        &self,
        task: TaskId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Handle {
        self.handle(task, Call::Open { name, rights, create })
    }

    /// A task's handle with which it can kill another one.
    pub fn entrust(&self, supervisor: TaskId, task: TaskId) -> Handle {
        self.with(|kernel| kernel.entrust(supervisor, task)).unwrap()
    }

    /// Two sockets that are connected to each other, the second one for another task.
    pub fn pair(&self, task: TaskId, other: TaskId, kind: Kind, sizes: Sizes) -> [Handle; 2] {
        let Value::Ends(ends) = self.call(task, Call::Pair { kind, sizes }) else {
            panic!("a pair is two ends");
        };
        let (own, handle) = (ends.read(), ends.write());
        let rights = Rights::READ | Rights::WRITE;
        let give = Call::Give { handle, to: other.into(), rights, keep: false };
        [own, self.handle(task, give)]
    }

    /// Makes a socket of this name.
    pub fn bound(&self, task: TaskId, name: &str, kind: Kind, sizes: Sizes) -> Handle {
        let handle = self.handle(task, Call::Socket { kind, sizes });
        self.call(task, Call::Bind { handle, name, access: Access::Everyone });
        handle
    }

    /// Starts a thread that is this task. What it returns comes with the join.
    pub fn spawn<R: Default + 'static>(
        self: &Arc<Self>,
        task: TaskId,
        body: impl AsyncFnOnce(Sys<'_>) -> Result<R> + Send + 'static,
    ) -> JoinHandle<R> {
        let machine = Arc::clone(self);
        thread::spawn(move || machine.run(task, body))
    }

    /// The same, as [`Machine::run_alive`].
    pub fn spawn_alive<R: Default + 'static>(
        self: &Arc<Self>,
        task: TaskId,
        body: impl AsyncFnOnce(Sys<'_>) -> Result<R> + Send + 'static,
    ) -> JoinHandle<R> {
        let machine = Arc::clone(self);
        thread::spawn(move || machine.run_alive(task, body))
    }

    /// Is this task, on this thread, until it ends. One that is killed returns the default.
    pub fn run<R: Default>(&self, task: TaskId, body: impl AsyncFnOnce(Sys<'_>) -> Result<R>) -> R {
        let returned = self.run_alive(task, body);
        // It may have been killed since it made its last call.
        let exit = self.awake().syscall(task, Call::Exit { status: ExitStatus::Done });
        assert!(matches!(exit, Outcome::Complete(Ok(_) | Err(Error::PeerDead))), "{exit:?}");
        returned
    }

    /// Is this task, on this thread, as long as it has something to do. It lives on with all that
    /// it leaves open, so no close wakes those whom its calls forgot.
    pub fn run_alive<R: Default>(
        &self,
        task: TaskId,
        body: impl AsyncFnOnce(Sys<'_>) -> Result<R>,
    ) -> R {
        let mut running = pin!(body(Sys::new(self, task)));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match running.as_mut().poll(&mut context) {
                // What goes wrong ends the model.
                Poll::Ready(result) => return result.unwrap(),
                // It was killed.
                Poll::Pending if self.with(|kernel| kernel.state(task)).is_none() => {
                    return R::default();
                }
                Poll::Pending => {}
            }
        }
    }

    /// A door for a task that does not sleep in its calls.
    pub fn awake(&self) -> Awake<'_, RING> {
        Awake(self)
    }

    /// Lets it be this time, as the keeper of the clock does.
    pub fn advance(&self, now: Ticks) {
        self.with(|kernel| {
            kernel.advance(now);
            transcript::note(format!("clock  it is {now}"));
        });
    }

    /// Starts a thread that is the clock, and comes to this time once.
    pub fn clock(self: &Arc<Self>, now: Ticks) -> JoinHandle<()> {
        let machine = Arc::clone(self);
        thread::spawn(move || machine.advance(now))
    }

    /// Sees that the kernel's lists agree with each other, when all is over.
    pub fn check(&self) {
        self.with(|kernel| kernel.check()).unwrap();
    }
}

/// A door for a task that does not sleep in its calls: one that is blocked is pending, and can be
/// dropped. See [`begin`].
pub struct Awake<'m, const RING: usize>(&'m Machine<RING>);

impl<const RING: usize> Door for Awake<'_, RING> {
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        match self.0.with(|kernel| kernel.syscall(task, call)) {
            Outcome::Preempted(answer) => Outcome::Complete(answer),
            outcome => outcome,
        }
    }
}

/// Makes a call for the first time, and does not come back to it.
pub fn begin<R>(call: &mut (impl Future<Output = R> + Unpin)) -> Poll<R> {
    pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

/// Calls with which a task, or what is left of it, goes: they are answered to the end.
const fn ends(verb: Verb) -> bool {
    matches!(verb, Verb::Exit | Verb::Close | Verb::Cancel | Verb::GiveUp | Verb::Now)
}

impl<const RING: usize> Door for Machine<RING> {
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        let verb = call.verb();
        let mut kernel = self.lock();
        let outcome = kernel.syscall(task, call);
        self.drain(&mut kernel);
        while outcome == Outcome::Blocked && kernel.state(task) == Some(State::Blocked) {
            transcript::parks(task);
            kernel = self.beds[usize::from(task.index())].wait(kernel).unwrap();
        }
        match outcome {
            // It was killed: it is to return to its runner, which lets it go.
            Outcome::Complete(_) if !ends(verb) && kernel.state(task).is_none() => Outcome::Blocked,
            Outcome::Preempted(answer) => Outcome::Complete(answer),
            outcome => outcome,
        }
    }
}
