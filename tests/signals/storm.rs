//! A timer that interrupts a thread every millisecond.

use std::ffi::{c_int, c_void};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use nix::libc;
use nix::sys::signal::Signal::SIGALRM;
use nix::sys::signal::{SaFlags, SigAction, SigEvent, SigHandler, SigSet, SigevNotify, sigaction};
use nix::sys::timer::{Expiration, Timer, TimerSetTimeFlags};
use nix::time::ClockId;
use nix::unistd::gettid;

static HANDLED: AtomicU64 = AtomicU64::new(0);
static INTERRUPTED: AtomicU64 = AtomicU64::new(0);

/// Whether the handler can see what it interrupts.
pub(crate) const CAN_COUNT: bool = cfg!(target_arch = "x86_64");

/// How often the handler ran.
pub(crate) fn handled() -> u64 {
    HANDLED.load(Relaxed)
}

/// How many system calls it has interrupted: those that say so to their caller.
pub(crate) fn interrupted() -> u64 {
    INTERRUPTED.load(Relaxed)
}

/// Signals in the thread that made it, as long as it is there.
pub(crate) struct Storm {
    _timer: Timer,
}

impl Storm {
    pub(crate) fn over_this_thread() -> Self {
        static HANDLER: Once = Once::new();
        HANDLER.call_once(|| {
            // Without SA_RESTART.
            let action =
                SigAction::new(SigHandler::SigAction(handle), SaFlags::SA_SIGINFO, SigSet::empty());
            // SAFETY: the handler is async-signal-safe: it adds to atomics, and reads what it is
            // given; nobody else in this program handles this signal.
            unsafe { sigaction(SIGALRM, &action) }.unwrap();
        });
        let thread_id = gettid().as_raw();
        let notify = SigevNotify::SigevThreadId { signal: SIGALRM, thread_id, si_value: 0 };
        let mut timer = Timer::new(ClockId::CLOCK_MONOTONIC, SigEvent::new(notify)).unwrap();
        let every = Expiration::Interval(Duration::from_millis(1).into());
        timer.set(every, TimerSetTimeFlags::empty()).unwrap();
        Self { _timer: timer }
    }
}

extern "C" fn handle(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
    HANDLED.fetch_add(1, Relaxed);
    if was_interrupted(context.cast()) {
        INTERRUPTED.fetch_add(1, Relaxed);
    }
}

/// Whether the thread goes on with `EINTR` as the answer of a system call.
#[cfg(target_arch = "x86_64")]
fn was_interrupted(context: *const libc::ucontext_t) -> bool {
    // SAFETY: it is what the system hands to a handler with SA_SIGINFO.
    let registers = unsafe { (*context).uc_mcontext.gregs };
    registers[libc::REG_RAX as usize] == -i64::from(libc::EINTR)
}

#[cfg(not(target_arch = "x86_64"))]
const fn was_interrupted(_: *const libc::ucontext_t) -> bool {
    false
}
