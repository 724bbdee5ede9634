//! Signals that interrupt the process in which a host works, on the executor and on threads: no
//! byte is lost, and no task hears of them (law 67). First those of a timer, which end a sleep; then
//! refusals that strace(1) puts into the calls themselves, also into those that no signal ends as
//! long as they do not wait.
//!
//! No handler is asked to restart what it interrupts.

#![cfg(target_os = "linux")]

mod storm;
mod transfer;

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use postroom::{
    Executor, Host, Kernel, Lock, Priority, Result, Stop, Sys, TaskId, ThreadDoor, Threads,
};

use storm::Storm;

type HostKernel = Lock<Kernel<4, 32, 1280, Host>>;

/// The calls of the host that a signal could interrupt if they waited, and how the names go on that
/// they have on one machine or another.
const CALLS: [(&str, &str); 13] = [
    ("read", ""),
    ("write", ""),
    ("open", "(at)?"),
    ("ppoll", ""),
    ("epoll_pwait", "2?"),
    ("connect", ""),
    ("accept4", ""),
    ("sendto", ""),
    ("recvfrom", ""),
    ("recvmsg", ""),
    ("mq_open", ""),
    ("mq_timedsend", ""),
    ("mq_timedreceive", ""),
];

/// Where the tasks of a test run.
enum Tasks<'r, 't> {
    Executor(&'r mut Executor<'t, HostKernel, 4>),
    Threads(&'r mut Threads<'t, HostKernel>),
}

impl<'t> Tasks<'_, 't> {
    /// Adds a task in whose thread the timer's signals come as long as it lives.
    fn spawn<F>(&mut self, name: &str, body: impl FnOnce(Sys<'t>) -> F + Send + 't) -> TaskId
    where
        F: Future<Output = Result<()>> + 't,
    {
        let body = move |sys| {
            let storm = Storm::over_this_thread();
            let body = body(sys);
            async move {
                let _storm = storm;
                body.await
            }
        };
        match self {
            Self::Executor(executor) => executor.spawn(name, Priority::NORMAL, body).unwrap(),
            Self::Threads(threads) => threads.spawn(name, Priority::NORMAL, body).unwrap(),
        }
    }
}

/// Runs a program on the executor and on threads, whose keeper is interrupted as well.
fn on_both(start: impl for<'t> Fn(&mut Tasks<'_, 't>)) {
    for with_threads in [false, true] {
        let _storm = Storm::over_this_thread();
        let kernel: HostKernel = Lock::new(Kernel::with(Host::new().unwrap(), ()));
        if with_threads {
            let door = ThreadDoor::new(&kernel);
            let mut threads = Threads::new(&door);
            start(&mut Tasks::Threads(&mut threads));
            let stop = threads.run();
            assert!(matches!(stop, Stop::Done), "on threads: {stop:?}");
        } else {
            let mut executor = Executor::new(&kernel);
            start(&mut Tasks::Executor(&mut executor));
            let stop = executor.run();
            assert!(matches!(stop, Stop::Done), "on the executor: {stop:?}");
        }
    }
}

#[test]
fn a_sleep_that_a_signal_ends_is_slept_on() {
    on_both(|tasks| {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        tasks.spawn("reader", async move |sys| {
            let name = format!("fd:{}", ours.as_raw_fd());
            let input = sys.open_read(&name).await?;
            let outside = std::thread::spawn(move || {
                // Nothing comes before a call was interrupted that waits for it.
                let (before, start) = (storm::interrupted(), Instant::now());
                while storm::interrupted() == before && start.elapsed() < Duration::from_secs(60) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                let interrupted = storm::interrupted() - before;
                theirs.write_all(b"at last").unwrap();
                interrupted
            });
            let mut buffer = [0; 16];
            assert_eq!(input.read(&mut buffer).await, Ok(7));
            assert!(!storm::CAN_COUNT || outside.join().unwrap() > 0);
            Ok(())
        });
    });
    assert!(storm::handled() > 0);
}

#[test]
fn law_67_no_byte_is_lost_in_a_storm_of_signals() {
    let before = storm::handled();
    transfer::all(2 << 20);
    assert!(storm::handled() > before);
}

#[test]
fn law_67_an_interrupted_call_is_made_again() {
    const TEST: &str = "law_67_an_interrupted_call_is_made_again";
    if std::env::var_os("INTERRUPTED").is_some() {
        // A call takes long under strace; there are more than enough of them.
        open_pipes(16);
        return transfer::all(1 << 17);
    }
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(log.path());
    for (call, rest) in CALLS {
        // Of each thread every third call; but what loads the program would give up.
        let first = if ["read", "open"].contains(&call) { 16 } else { 1 };
        strace.arg(format!("--inject=/^{call}{rest}$:error=EINTR:when={first}+3"));
    }
    strace.arg(std::env::current_exe().unwrap()).args(["--exact", TEST, "--nocapture"]);
    let output = match strace.env("INTERRUPTED", "1").output() {
        Ok(output) => output,
        Err(error) => {
            // Not where the test runner keeps it for itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {TEST}: strace: {error}");
            return;
        }
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let log = std::fs::read_to_string(log.path()).unwrap();
    for (call, _) in CALLS {
        let call = format!(" {call}");
        let injected = |line: &&str| line.contains(&call) && line.ends_with("(INJECTED)");
        assert!(log.lines().filter(injected).count() > 0, "{call} was never interrupted");
    }
}

/// Opens pipes enough for some of it to be interrupted.
fn open_pipes(count: usize) {
    on_both(|tasks| {
        tasks.spawn("opener", async move |sys| {
            for n in 0..count {
                let name = format!("pipe:{n}");
                let _ends = (sys.open_read(&name).await?, sys.open_write(&name).await?);
            }
            Ok(())
        });
    });
}
