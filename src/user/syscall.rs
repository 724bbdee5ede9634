//! A system call as a future, and the four forms of waiting.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::kernel::{Call, Outcome, Result, Ticks, Wait};
use super::request::Waitable;
use super::sys::Sys;

/// A system call in the making. Nothing happens before it is awaited.
///
/// As it stands it waits for ever; [`try_now`](Self::try_now), [`within`](Self::within) and
/// [`until`](Self::until) say otherwise (law 13). The future makes the call; if it has to wait,
/// the task sleeps in the kernel's wait queue, and the call is made again after the wake (law 4).
/// Dropped while it waits, it takes the task off the queue and passes its wake on.
///
/// A task waits for one thing at a time: while one of its calls waits, another that would have to
/// wait elsewhere is [`Error::Busy`](crate::Error::Busy). [`Sys::poll`] waits for several things.
/// A long write that is dropped has written what it has; how much that was, nobody knows.
#[derive(Debug)]
#[must_use = "a system call does nothing unless it is awaited"]
pub struct Syscall<'s, R: Waitable> {
    sys: &'s Sys<'s>,
    wait: Wait,
    state: State<R::Output>,
    request: R,
}

#[derive(Debug)]
enum State<T> {
    /// Not made yet; the wait is still counted from its entry.
    Within(Ticks),
    /// To be made, for the first time or again.
    Due,
    /// In a wait queue.
    Waiting,
    /// Answered, but another task was to run first.
    Answered(Result<T>),
    /// Over.
    Spent,
}

impl<'s, R: Waitable> Syscall<'s, R> {
    #[inline]
    pub(super) fn new(sys: &'s Sys<'s>, request: R) -> Self {
        Self { sys, wait: Wait::Forever, state: State::Due, request }
    }

    /// Does not wait: [`Error::WouldBlock`](crate::Error::WouldBlock) instead.
    #[inline]
    pub fn try_now(self) -> Self {
        self.waiting(Wait::Try)
    }

    /// Waits for so many ticks from its entry, over all retries (law 11). None at all means
    /// [`try_now`](Self::try_now), more may end in [`Error::TimedOut`](crate::Error::TimedOut).
    #[inline]
    pub fn within(mut self, ticks: Ticks) -> Self {
        match self.state {
            _ if ticks == Ticks(0) => self.waiting(Wait::Try),
            State::Due | State::Within(_) => {
                (self.wait, self.state) = (Wait::Forever, State::Within(ticks));
                self
            }
            // It has been made, and is counted from now.
            _ => {
                let deadline = self.sys.now() + ticks;
                self.waiting(Wait::Until(deadline))
            }
        }
    }

    /// Waits until a point in time: [`Error::TimedOut`](crate::Error::TimedOut) then. If it has
    /// passed already, the call still succeeds if it can be served now (law 11).
    #[inline]
    pub fn until(self, deadline: Ticks) -> Self {
        self.waiting(Wait::Until(deadline))
    }

    /// Waits for so long from now on. A call that is in line, or has its answer, stays so.
    #[inline]
    fn waiting(mut self, wait: Wait) -> Self {
        self.wait = wait;
        if let State::Within(_) = self.state {
            self.state = State::Due;
        }
        self
    }

    /// Makes ready to make the call; what comes of it, if it has been made.
    #[inline(never)]
    fn prepare(&mut self) -> Option<Poll<Result<R::Output>>> {
        match core::mem::replace(&mut self.state, State::Spent) {
            State::Within(ticks) => {
                (self.wait, self.state) = (Wait::Until(self.sys.now() + ticks), State::Due);
                None
            }
            State::Answered(answer) => Some(Poll::Ready(answer)),
            State::Due | State::Waiting | State::Spent => Some(Poll::Pending),
        }
    }

    /// Makes the call, for the first time or again; `None` if there is more to do, by another one.
    #[inline(always)]
    fn make(&mut self) -> Option<Poll<Result<R::Output>>> {
        let outcome = self.sys.syscall(self.request.call(self.wait));
        let Outcome::Complete(answer) = outcome else { return Some(self.suspend(outcome)) };
        match self.request.answer(answer, self.wait) {
            Some(result) => {
                self.end(&result);
                Some(Poll::Ready(result))
            }
            None => {
                self.state = State::Due;
                None
            }
        }
    }

    /// Makes the calls that are left, as long as nobody else is to run.
    #[inline(never)]
    fn go_on(&mut self) -> Poll<Result<R::Output>> {
        loop {
            if let Some(poll) = self.make() {
                return poll;
            }
        }
    }

    /// Lets others run: the call waits, or has its answer when it comes back.
    #[inline(never)]
    fn suspend(&mut self, outcome: Outcome) -> Poll<Result<R::Output>> {
        self.state = State::Waiting;
        if let Outcome::Preempted(answer) = outcome {
            self.state = State::Due;
            if let Some(result) = self.request.answer(answer, self.wait) {
                self.end(&result);
                self.state = State::Answered(result);
            }
        }
        Poll::Pending
    }

    /// Takes note of how it ended. What a failed request leaves in the kernel is given up.
    #[inline]
    fn end(&mut self, result: &Result<R::Output>) {
        self.state = State::Spent;
        if result.is_err() && self.request.is_half_done() {
            let _ = self.sys.syscall(Call::GiveUp);
        }
    }
}

// Nothing in it is ever pinned.
impl<R: Waitable> Unpin for Syscall<'_, R> {}

impl<R: Waitable> Future for Syscall<'_, R> {
    type Output = Result<R::Output>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if !matches!(this.state, State::Due | State::Waiting)
            && let Some(poll) = this.prepare()
        {
            return poll;
        }
        match this.make() {
            Some(poll) => poll,
            None => this.go_on(),
        }
    }
}

impl<R: Waitable> Drop for Syscall<'_, R> {
    #[inline]
    fn drop(&mut self) {
        if let State::Waiting = self.state {
            let _ = self.sys.syscall(Call::Cancel);
        }
        if let State::Waiting | State::Due = self.state
            && self.request.is_half_done()
        {
            let _ = self.sys.syscall(Call::GiveUp);
        }
    }
}
