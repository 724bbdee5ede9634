//! The commands that talk to other programs, as those programs meet them: clients and servers that
//! nobody here wrote, and clients that misbehave. Nothing depends on how long anything takes, but
//! that it comes to an end.

#![cfg(target_os = "linux")]

mod connect;
mod crowd;
mod ends;
mod faults;
mod names;
mod strangers;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// For what does not happen: then a test fails, whoever is slow.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) const POSTROOM: &str = env!("CARGO_BIN_EXE_postroom");

/// A server that runs, in a directory of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) dir: TempDir,
    pub(crate) name: String,
    output: TempDir,
    notes: Option<JoinHandle<String>>,
}

/// A server that has ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// What it printed on standard output.
    pub(crate) lines: Vec<String>,
    /// What it printed on standard error, after it had said that it serves: with `Serving ` gone.
    pub(crate) notes: String,
}

impl Server {
    /// `unix:./mailBox` and the like; the port of an address is chosen if it is `PORT`.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_with(Command::new(POSTROOM), name, arguments)
    }

    /// The same, started by another program.
    pub(crate) fn start_with(mut command: Command, name: &str, arguments: &[&str]) -> Self {
        let name = name.replace("PORT", &free_port().to_string());
        let (dir, output) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lines = File::create(output.path().join("lines")).unwrap();
        command.args(["serve", &name]).args(arguments).current_dir(dir.path());
        let mut child =
            command.stdin(Stdio::null()).stdout(lines).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut text = String::new();
        while !text.contains("Serving ") {
            assert!(stderr.read_line(&mut text).unwrap() > 0, "{text}");
        }
        let notes = std::thread::spawn(move || {
            text.drain(..text.rfind("Serving ").map_or(0, |at| at + "Serving ".len()));
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Self { child, dir, name, output, notes: Some(notes) }
    }

    /// Where its socket file is.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join(self.name.split_once(':').unwrap().1)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.path()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// What a command of ours prints that talks to this server.
    pub(crate) fn ours(&self, command: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut ours = Command::new(POSTROOM);
        ours.args([command, &self.name]).args(arguments).current_dir(self.dir.path());
        run(ours, input)
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(self.output.path().join("lines")).unwrap()
    }

    /// Ends it with a signal, and sees that it leaves nothing.
    pub(crate) fn end(mut self, signal: Signal) -> Ended {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        let notes = self.notes.take().unwrap().join().unwrap();
        let left: Vec<_> = self.dir.path().read_dir().unwrap().map(Result::unwrap).collect();
        assert!(left.is_empty(), "{left:?}");
        let lines = self.printed().lines().map(str::to_owned).collect();
        Ended { status, lines, notes }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends it and sees that all went well: the lines that it printed, and its summary.
    pub(crate) fn done(self) -> (Vec<String>, String) {
        let Ended { status, lines, notes } = self.end(Signal::TERM);
        assert_eq!(status.code(), Some(0), "{notes}");
        (lines, notes)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only a test that fails leaves it to this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end.
pub(crate) fn run(mut command: Command, input: &[u8]) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that does not read its input to the end is judged by what it prints.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().unwrap()
    })
}

/// Runs a program that somebody else wrote: what it prints. `None` if it is not installed.
pub(crate) fn stranger(
    server: &Server,
    program: &str,
    arguments: &[&str],
    input: &[u8],
) -> Option<String> {
    if !is_installed(program) {
        return None;
    }
    let mut command = Command::new("timeout");
    command.args(["60", program]).args(arguments).current_dir(server.dir.path());
    let output = run(command, input);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Runs a Python program.
pub(crate) fn python(server: &Server, program: &str, arguments: &[&str]) -> Option<String> {
    stranger(server, "python3", &[&["-c", program], arguments].concat(), b"")
}

/// Whether there is such a program. Says so past the test runner if there is not.
pub(crate) fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
    if !found.status.success() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: a test, {program} is not installed");
    }
    found.status.success()
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Looks again until something is so.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
