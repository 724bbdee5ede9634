//! The same scenarios on the kernel, on threads, on the system's objects, and as processes: they
//! print the same lines, leave nothing behind, and a process that is killed holds nobody up.

#![cfg(target_os = "linux")]

mod killed;
mod left;

use std::fs;
use std::io::{PipeReader, Read, Write, pipe};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::mqueue::mq_unlink;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Pid;
use tempfile::TempDir;

/// Longer than any of these runs takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run with a place of its own for what it makes.
struct Run {
    child: Child,
    /// What it printed, and what else it said: as a terminal shows it.
    shown: PipeReader,
    /// Where it makes its directory, if it is for this run alone.
    place: Option<TempDir>,
}

impl Run {
    fn start(arguments: &[&str]) -> Self {
        Self::start_in(arguments, None)
    }

    /// Starts one that makes its directory in a place for several.
    fn start_in(arguments: &[&str], place: Option<&Path>) -> Self {
        Self::into_pipe(arguments, pipe().unwrap(), place)
    }

    /// Starts one that cannot print anything until somebody reads: its tasks soon come to a halt.
    fn start_held_up(arguments: &[&str]) -> Self {
        let (reader, mut writer) = pipe().unwrap();
        let flags = fcntl_getfl(&writer).unwrap();
        fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
        while writer.write(b".").is_ok() {}
        fcntl_setfl(&writer, flags).unwrap();
        let run = Self::into_pipe(arguments, (reader, writer), None);
        // Nothing depends on this time but how far the tasks come.
        sleep(Duration::from_millis(500));
        run
    }

    fn into_pipe(
        arguments: &[&str],
        (shown, writer): (PipeReader, std::io::PipeWriter),
        shared: Option<&Path>,
    ) -> Self {
        let place = shared.is_none().then(|| tempfile::tempdir().unwrap());
        let there = shared.or(place.as_ref().map(TempDir::path)).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_postroom"))
            .arg("run")
            .args(arguments)
            .env("XDG_RUNTIME_DIR", there)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        Self { child, shown, place }
    }

    /// Where it makes its directory.
    fn place(&self) -> &Path {
        self.place.as_ref().unwrap().path()
    }

    /// The process of a task, once there is one.
    fn task(&self, number: usize) -> Option<Pid> {
        let wanted = format!("--as-task\0{number}\0");
        let found = children(self.child.id()).into_iter().find(|child| {
            let line = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&wanted)
        });
        found.and_then(|child| Pid::from_raw(child.cast_signed()))
    }

    fn wait_for_task(&self, number: usize) -> Pid {
        let start = Instant::now();
        loop {
            match self.task(number) {
                Some(task) => return task,
                None => assert!(start.elapsed() < PATIENCE, "task {number} did not start"),
            }
        }
    }

    /// Waits for its end, and sees that nothing is left: the exit code, and what it showed.
    fn end(mut self) -> (i32, String) {
        let (pid, place) = (self.child.id(), self.place.take().unwrap());
        let ended = self.finish();
        nothing_is_left(pid, place.path());
        ended
    }

    /// Waits for its end.
    fn finish(mut self) -> (i32, String) {
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            self.shown.read_to_string(&mut text).unwrap();
            text
        });
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("it hangs: {}", reading.join().unwrap());
            }
            sleep(Duration::from_millis(1));
        };
        // Also a task that was left would hold the pipe open.
        let text = reading.join().unwrap();
        (status.code().unwrap(), text.trim_start_matches('.').to_owned())
    }
}

fn nothing_is_left(run: u32, place: &Path) {
    let left: Vec<_> = place.read_dir().unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.is_empty(), "left in the directory: {left:?}");
    let queues = ["work", "done", "messages"].map(str::to_owned);
    for queue in queues.into_iter().chain((1..=5).map(|n| format!("fork {n}"))) {
        let name = format!("/postroom.{run}.{queue}");
        assert_eq!(mq_unlink(name.as_str()), Err(nix::Error::ENOENT), "{name} is left");
    }
}

fn children(parent: u32) -> Vec<u32> {
    let is_child = |child: &u32| {
        // PID (NAME) STATE PPID ...
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |it| it.1);
        rest.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    };
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok());
    let all = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    all.filter(is_child).collect()
}

/// What the tasks print, sorted. How many bytes a read finds is free, and not told.
fn lines(arguments: &[&str], code: i32) -> Vec<String> {
    let (found, text) = Run::start(&[arguments, &["--quiet"]].concat()).end();
    assert_eq!(found, code, "{arguments:?}: {text}");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.retain(|line| !line.starts_with("[pipe] "));
    lines.sort();
    lines
}

#[test]
fn every_scenario_prints_the_same_lines_on_every_backend_and_leaves_nothing() {
    for scenario in postroom::scenario::ALL.iter().map(|scenario| scenario.name) {
        let code = i32::from(scenario == "deadlock");
        let base = [scenario, "--ordered", "--workers", "1", "--items", "40"];
        let on = |on, capacity| {
            lines(&[&base[..], &["--on", on, "--capacity", capacity]].concat(), code)
        };
        let expected = on("kernel", "16384");
        for (backend, capacity) in [
            ("threads", "1"),
            ("os", "1"),
            ("os", "16384"),
            ("processes", "1"),
            ("processes", "16384"),
        ] {
            assert_eq!(on(backend, capacity), expected, "{scenario} on {backend}, {capacity}");
        }
    }
}

#[test]
fn each_item_of_the_queue_is_moved_once_on_the_system_too() {
    for on in ["os", "processes"] {
        let lines = lines(&["queue", "--items", "2000", "--workers", "3", "--on", on], 0);
        let mut items: Vec<_> = lines.iter().filter_map(|line| line.split_once("] ")).collect();
        items.sort_by_key(|(_, item)| item.to_string());
        items.dedup_by_key(|(_, item)| item.to_string());
        assert_eq!((lines.len(), items.len()), (2000, 2000));
    }
}

#[test]
fn a_deadlock_is_found_and_told_on_the_system_too() {
    for on in ["os", "processes"] {
        let (code, text) = Run::start(&["deadlock", "--on", on]).end();
        assert_eq!(code, 1);
        assert!(text.contains("deadlock: 2 tasks wait, and nothing can wake them"), "{text}");
        let scheme = if on == "os" { "pipe" } else { "fifo" };
        for (task, pipe) in [("left", "to-left"), ("right", "to-right")] {
            let line = format!("\n  {task} waits to read pipe `{scheme}:{pipe}` (");
            assert!(text.contains(&line), "{line} is not in {text}");
        }
        // Tasks that nobody can wake have told everything.
        assert!(syscalls(&text) >= 6 && !text.contains(" was told "), "{text}");
    }
}

#[test]
fn the_calls_of_all_processes_are_shown() {
    let (code, text) = Run::start(&["pika", "--on", "processes", "--strace"]).end();
    assert_eq!(code, 0);
    for part in [
        " writer  write(h1 fifo:pika, \"",
        " reader  read(h1 fifo:pika, \"",
        " writer  exit(done)",
        " reader  exit(done)",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn each_option_goes_with_the_backends_that_the_readme_says_and_is_refused_by_the_others() {
    let readme = include_str!("../../README.md");
    let row = |start: &str| -> Vec<&str> {
        let row = readme.lines().find_map(|line| line.strip_prefix(start));
        row.unwrap().trim_matches('|').split('|').map(str::trim).collect()
    };
    let backends = row("| option ");
    assert_eq!(backends, ["kernel", "threads", "os", "processes"]);
    let options: [(&str, &[&str]); 8] = [
        ("| `--policy`, `--seed` ", &["--policy", "priority"]),
        ("| `--policy`, `--seed` ", &["--policy", "random", "--seed", "1"]),
        ("| `--policy`, `--seed` ", &["--seed", "1", "--policy", "random"]),
        ("| `--trace` ", &["--trace", "/dev/null"]),
        ("| `--capacity` ", &["--capacity", "1"]),
        ("| `--strace`, `--json`, `--quiet` ", &["--strace"]),
        ("| `--strace`, `--json`, `--quiet` ", &["--json"]),
        ("| `--strace`, `--json`, `--quiet` ", &["--quiet"]),
    ];
    for (start, option) in options {
        for (on, told) in backends.iter().zip(row(start)) {
            let (code, text) = Run::start(&[&["pika", "--on", on], option].concat()).end();
            let expected = if told.starts_with("no: ") { 2 } else { 0 };
            assert_eq!(code, expected, "{option:?} on {on}: {text}");
            let refused = text.starts_with("error: --") && text.contains("\n\nUsage: ");
            assert_eq!(refused, code == 2, "{option:?} on {on}: {text}");
        }
    }
}

/// How many system calls a run says that it has made.
fn syscalls(text: &str) -> usize {
    let (before, _) = text.split_once(" system calls, ").unwrap();
    before.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[test]
fn cat_copies_any_bytes_through_a_pipe_between_two_processes() {
    let bytes: Vec<u8> =
        (0..500_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    fs::write(&file, &bytes).unwrap();
    let cat = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postroom"));
        command.args(["cat", "--on", "processes"]);
        command
    };
    for capacity in ["1", "65536"] {
        let output = cat().args(["--capacity", capacity]).arg(&file).output().unwrap();
        assert!(output.stdout == bytes, "capacity {capacity}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("500000 bytes in "), "{said}");
    }
    let output = cat().stdin(fs::File::open(&file).unwrap()).output().unwrap();
    assert!(output.stdout == bytes);

    let mut child = cat().arg("/dev/zero").stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 1000]).unwrap();
    assert!(child.wait().unwrap().success(), "a closed output ends it without an error");
}
