//! The door: the only way in. Every crossing is checked, answered, counted and traced here.
//!
//! What nearly every call passes is inlined into one function, down to the copy; what is rare stands
//! apart and is marked as cold, so that the compiler keeps its registers for the former.

use core::cell::RefCell;

use super::{
    Answer, Call, Cause, Destination, Devices, Error, Event, Kernel, On, Outcome, Reason, Source,
    State, TaskId, Trace, Value, WHOLE, Wait, Waiting,
};
use crate::sync::Lock;

/// The way into a kernel, for tasks. It hides the kernel's sizes, and the lock around it.
pub trait Door {
    /// Makes a system call for a task.
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome;
}

/// Something that a kernel stands in, so that several can hold on to it: a lock on more than one
/// core, a `RefCell` on one.
pub trait Enter {
    /// The kernel.
    type Kernel;

    /// Runs `f` on the kernel, alone.
    fn enter<R>(&self, f: impl FnOnce(&mut Self::Kernel) -> R) -> R;
}

impl<K> Enter for Lock<K> {
    type Kernel = K;

    #[inline(always)]
    fn enter<R>(&self, f: impl FnOnce(&mut K) -> R) -> R {
        self.with(f)
    }
}

impl<K> Enter for RefCell<K> {
    type Kernel = K;

    #[inline(always)]
    fn enter<R>(&self, f: impl FnOnce(&mut K) -> R) -> R {
        // What runs inside a kernel must not come back to the cell around it.
        f(&mut self.borrow_mut())
    }
}

impl<E, const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T> Door for E
where
    E: Enter<Kernel = Kernel<TASKS, CHANNELS, RING, D, T>>,
    D: Devices,
    T: Trace,
{
    #[inline(never)]
    fn syscall(&self, task: TaskId, mut call: Call<'_>) -> Outcome {
        self.enter(|kernel| kernel.serve(task, &mut call))
    }
}

/// Why an attempt at a call was not served.
pub(super) enum Refusal {
    /// It never will be.
    Error(Error),
    /// It may be, once this has changed.
    Wait(On, Reason),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// What an attempt at a call comes to.
pub(super) type Attempt = core::result::Result<Value, Refusal>;

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Makes a system call for a task.
    ///
    /// It is attempted, whether for the first time or again after a wake. What cannot be served
    /// and may wait joins a wait queue in the same step, so no wake is lost (law 1); every other
    /// ending takes the task off it (law 6). A call in the name of a task that has ended is
    /// [`Error::PeerDead`], without any effect (law 20).
    pub fn syscall(&mut self, task: TaskId, mut call: Call<'_>) -> Outcome {
        self.serve(task, &mut call)
    }

    /// The same, for a call that stays where it is: to move it takes as long as some calls do.
    #[inline(always)]
    fn serve(&mut self, task: TaskId, call: &mut Call<'_>) -> Outcome {
        if !self.tasks.is_live(task.0) {
            return Outcome::Complete(Err(Error::PeerDead));
        }
        let target = if T::ENABLED { self.target(task, call) } else { None };
        if T::ENABLED {
            self.cause = Cause::Task(task);
        }
        let outcome = self.cross(task.0.index, call);
        if T::ENABLED {
            self.cause = Cause::Runner;
            let record = self.record(task, call, target, outcome);
            self.trace.event(self.now, &Event::Call(record));
        }
        outcome
    }

    #[inline(always)]
    fn cross(&mut self, me: u16, call: &mut Call<'_>) -> Outcome {
        if let Call::Exit { status } = *call {
            self.exit(me, status);
            return Outcome::Complete(Ok(Value::Unit));
        }
        match self.attempt(me, call) {
            // Nearly every call: it is served at once, and its task goes on.
            Ok(value) if self.goes_on(me) => Outcome::Complete(Ok(value)),
            Ok(value) => self.conclude(me, call, Ok(value)),
            Err(refusal) => self.refuse(me, call, refusal),
        }
    }

    /// Counts a call of a task that did not wait for it and that nobody is to run before; `false`
    /// if there is more to think of.
    #[inline]
    fn goes_on(&mut self, me: u16) -> bool {
        let task = self.tasks.at_mut(me);
        if task.quantum > 1 && task.waiting.is_none() && !self.ready.has_any(task.above) {
            task.quantum -= 1;
            return true;
        }
        false
    }

    /// Ends a call that was not served: with an error, or by sending its task to sleep.
    #[cold]
    #[inline(never)]
    fn refuse(&mut self, me: u16, call: &Call<'_>, refusal: Refusal) -> Outcome {
        let error = match refusal {
            Refusal::Error(error) => error,
            Refusal::Wait(on, reason) => match call.wait() {
                Wait::Try => Error::WouldBlock,
                Wait::Until(deadline) if deadline <= self.now => {
                    if let Call::Answer { .. } = call {
                        // In the same step, so that no reply finds a caller who has gone (law 28).
                        self.give_up(me);
                    }
                    Error::TimedOut
                }
                wait => match self.block(me, call, on, reason, wait) {
                    Ok(()) => return Outcome::Blocked,
                    Err(error) => return self.after(me, Err(error)),
                },
            },
        };
        self.conclude(me, call, Err(error))
    }

    /// Ends a call with its answer; a task that waited for it leaves its line.
    #[cold]
    #[inline(never)]
    fn conclude(&mut self, me: u16, call: &Call<'_>, answer: Answer) -> Outcome {
        if self.is_waiting(me, call) {
            self.leave(me);
        }
        if self.goes_on(me) {
            return Outcome::Complete(answer);
        }
        self.after(me, answer)
    }

    /// Tries to serve a call now.
    #[inline(always)]
    fn attempt(&mut self, me: u16, call: &mut Call<'_>) -> Attempt {
        if let Some(verdict) = self.verdict(me, call) {
            // A receiver first takes what the dead have left.
            return match call {
                Call::Receive { from: Source::Task(peer), buffer, envelope, .. } => {
                    self.receive(me, Some(*peer), buffer, envelope).or(Err(verdict.into()))
                }
                Call::Answer { buffer, .. } if WHOLE => self.answer(me, buffer),
                _ => Err(verdict.into()),
            };
        }
        match call {
            Call::Read { handle, buffer, .. } => self.read(me, *handle, buffer),
            Call::Write { handle, bytes, .. } => self.write(me, *handle, bytes),
            Call::Send { to: Destination::Task(peer), message, .. } => {
                self.send(me, *peer, message, 0)
            }
            Call::Receive { from: Source::Anyone, buffer, envelope, .. } => {
                self.receive(me, None, buffer, envelope)
            }
            Call::Receive { from: Source::Task(peer), buffer, envelope, .. } => {
                self.receive(me, Some(*peer), buffer, envelope)
            }
            Call::Send { to: Destination::Queue { handle, urgency }, message, .. } if WHOLE => {
                self.enqueue(me, *handle, *urgency, message)
            }
            Call::Receive { from: Source::Object(handle), buffer, envelope, .. } if WHOLE => {
                self.receive_from_object(me, *handle, buffer, envelope)
            }
            Call::Pipe { capacity } => Ok(self.pipe(me, *capacity)?),
            Call::Open { name, rights, create: None } => Ok(self.open(me, name, *rights, None)?),
            Call::Close { handle } => Ok(self.close(me, *handle)?),
            Call::Sleep { until } if *until > self.now => {
                Err(Refusal::Wait(On::Nothing, Reason::Asleep))
            }
            Call::Sleep { .. } => Ok(Value::Unit),
            Call::Cancel => {
                self.leave(me);
                Ok(Value::Unit)
            }
            Call::Yield => {
                self.tasks.at_mut(me).quantum = 0;
                Ok(Value::Unit)
            }
            Call::Now => Ok(Value::Now(self.now)),
            // What is not called here is left out of the program.
            _ if WHOLE => self.attempt_more(me, call),
            _ => Err(Error::Unsupported.into()),
        }
    }

    /// Tries to serve a call of which the smallest kernels know nothing.
    #[cold]
    #[inline(never)]
    fn attempt_more(&mut self, me: u16, call: &mut Call<'_>) -> Attempt {
        match call {
            Call::Send { to: Destination::Socket { handle, to }, message, .. } => {
                self.send_from(me, *handle, *to, message)
            }
            Call::Request { to, message, room, .. } => self.request(me, *to, message, *room),
            Call::Answer { buffer, .. } => self.answer(me, buffer),
            Call::Reply { request, message } => Ok(self.reply(me, *request, message)?),
            Call::Poll { set, wait } => self.poll(me, set, *wait),
            Call::Open { name, rights, create } => Ok(self.open(me, name, *rights, *create)?),
            Call::Duplicate { handle } => Ok(self.duplicate(me, *handle)?),
            Call::Give { handle, to, rights, keep } => {
                Ok(self.give(me, *handle, *to, *rights, *keep)?)
            }
            Call::Unlink { name } => Ok(self.unlink(me, name)?),
            Call::Readiness { handle } => Ok(Value::Readiness(self.readiness(me, *handle)?)),
            Call::Attributes { handle } => Ok(self.attributes(me, *handle)?),
            Call::Notify { handle, .. } => self.notify(me, *handle),
            Call::Socket { kind, sizes } => Ok(self.socket(me, *kind, *sizes)?),
            Call::Pair { kind, sizes } => Ok(self.pair(me, *kind, *sizes)?),
            Call::Bind { handle, name, access } => Ok(self.bind(me, *handle, name, *access)?),
            Call::Listen { handle, backlog } => Ok(self.listen(me, *handle, *backlog)?),
            Call::Connect { handle, to, .. } => self.connect(me, *handle, to),
            Call::Accept { handle, .. } => self.accept(me, *handle),
            Call::Shutdown { handle, rights } => Ok(self.shutdown(me, *handle, *rights)?),
            Call::Kill { handle } => Ok(self.kill(me, *handle)?),
            Call::GiveUp => {
                // Whoever waits for the reply waits for nothing now.
                if let Some(Waiting { on: On::Reply(_), .. }) = self.tasks.at(me).waiting {
                    self.leave(me);
                }
                self.give_up(me);
                Ok(Value::Unit)
            }
            Call::SetPriority { priority } => {
                self.reprioritize(me, *priority);
                Ok(Value::Unit)
            }
            Call::Read { .. }
            | Call::Write { .. }
            | Call::Send { .. }
            | Call::Receive { .. }
            | Call::Pipe { .. }
            | Call::Close { .. }
            | Call::Sleep { .. }
            | Call::Cancel
            | Call::Yield
            | Call::Now
            | Call::Exit { .. } => Err(Error::Unsupported.into()),
        }
    }

    /// Ends a call that has its answer: with a switch, if someone else is to run now (laws 15
    /// and 16).
    fn after(&mut self, me: u16, answer: Answer) -> Outcome {
        let task = self.tasks.at_mut(me);
        match task.state {
            State::Running => {}
            // It was preempted by a call that could not wait, as the closing of a handle dropped.
            State::Ready => return Outcome::Preempted(answer),
            // It does several things at once, and waits with another of them.
            State::Blocked => return Outcome::Complete(answer),
        }
        task.quantum = task.quantum.saturating_sub(1);
        // With its quantum used up it goes back to the runner even if there is nobody else: time
        // goes on between dispatches.
        if task.quantum > 0 && !self.ready.has_any(task.above) {
            return Outcome::Complete(answer);
        }
        (task.state, task.quantum) = (State::Ready, 0);
        let level = self.policy.level(task.priority);
        self.running -= 1;
        self.ready.push(me, level);
        Outcome::Preempted(answer)
    }
}
