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
    pub fn try_now(mut self) -> Self {
        (self.wait, self.state) = (Wait::Try, State::Due);
        self
    }

    /// Waits for so many ticks from its entry, over all retries (law 11). None at all means
    /// [`try_now`](Self::try_now), more may end in [`Error::TimedOut`](crate::Error::TimedOut).
    #[inline]
    pub fn within(mut self, ticks: Ticks) -> Self {
        (self.wait, self.state) = match ticks {
            Ticks(0) => (Wait::Try, State::Due),
            ticks => (Wait::Forever, State::Within(ticks)),
        };
        self
    }

    /// Waits until a point in time: [`Error::TimedOut`](crate::Error::TimedOut) then. If it has
    /// passed already, the call still succeeds if it can be served now (law 11).
    #[inline]
    pub fn until(mut self, deadline: Ticks) -> Self {
        (self.wait, self.state) = (Wait::Until(deadline), State::Due);
        self
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

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        match this.state {
            State::Due | State::Waiting => {}
            State::Within(ticks) => this.wait = Wait::Until(this.sys.now() + ticks),
            State::Answered(_) => {
                return match core::mem::replace(&mut this.state, State::Spent) {
                    State::Answered(answer) => Poll::Ready(answer),
                    _ => Poll::Pending,
                };
            }
            State::Spent => return Poll::Pending,
        }
        loop {
            let (answer, preempted) = match this.sys.syscall(this.request.call(this.wait)) {
                Outcome::Complete(answer) => (answer, false),
                Outcome::Preempted(answer) => (answer, true),
                Outcome::Blocked => {
                    this.state = State::Waiting;
                    return Poll::Pending;
                }
            };
            match this.request.answer(answer, this.wait) {
                Some(result) => {
                    this.end(&result);
                    if !preempted {
                        return Poll::Ready(result);
                    }
                    this.state = State::Answered(result);
                    return Poll::Pending;
                }
                None => this.state = State::Due,
            }
            if preempted {
                return Poll::Pending;
            }
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
