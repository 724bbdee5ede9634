//! Ctrl-C and its like, as bytes that a task can read.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::thread::Builder;

use nix::sys::signal::SigSet;
use nix::sys::signal::Signal::{self, SIGHUP, SIGINT, SIGTERM};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use postroom::{Result, Sys};

/// The signals that ask a program to end: blocked, and told by a descriptor instead (signalfd(2)).
#[derive(Debug)]
pub(super) struct Signals(SignalFd);

impl Signals {
    /// Takes them from now on.
    pub(super) fn take() -> io::Result<Self> {
        let set = ending();
        set.thread_block()?;
        Ok(Self(SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?))
    }

    /// Under which name a task can open it.
    pub(super) fn name(&self) -> String {
        format!("fd:{}", self.0.as_raw_fd())
    }
}

/// The signals that ask a program to end. Under nohup(1) the end of the terminal stays ignored; the
/// others count though a shell has them ignored by what it starts in the background.
pub(super) fn ending() -> SigSet {
    let mut set: SigSet = [SIGINT, SIGTERM].into_iter().collect();
    if !is_ignored(SIGHUP) {
        set.add(SIGHUP);
    }
    set
}

/// Sees to it that one of them ends the program, after this was done. Call it before there are other
/// threads: they inherit that signals wait for the one that is made here.
pub(super) fn at_the_end(last: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let signals = ending();
    signals.thread_block()?;
    let wait = move || {
        if let Ok(signal) = signals.wait() {
            last();
            std::process::exit(exit_code(signal as u8).into());
        }
    };
    Builder::new().name("signals".into()).spawn(wait).map(drop)
}

/// Waits until one of them has come: which.
pub(super) async fn wait(sys: &Sys<'_>, name: &str) -> Result<u8> {
    let signals = sys.open_read(name).await?;
    // It is told in 128 bytes that begin with its number, of 32 bits.
    let mut told = [0; 128];
    signals.read(&mut told).await?;
    let [a, b, c, d, ..] = told;
    Ok(u32::from_ne_bytes([a, b, c, d]) as u8)
}

/// How a program ends that a signal has ended: as a shell tells it of one that did not even notice.
pub(super) fn exit_code(signal: u8) -> u8 {
    128_u8.saturating_add(signal)
}

/// Whether this process ignores a signal (proc_pid_status(5)).
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal as u32 - 1)) != 0
}
