//! What is left when a command has ended, in whatever way: nothing, or what the next one removes.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{PATIENCE, Run, children, nothing_is_left};

#[test]
fn a_signal_ends_a_run_and_nothing_is_left() {
    for (on, signal, code) in [
        ("os", Signal::INT, 130),
        ("os", Signal::TERM, 143),
        ("processes", Signal::INT, 130),
        ("processes", Signal::TERM, 143),
    ] {
        let arguments = ["queue", "--items", "100000000", "--quiet", "--on", on];
        let mut run = Run::start(&arguments);
        // It has begun.
        run.shown.read_exact(&mut [0; 64]).unwrap();
        kill_process(Pid::from_child(&run.child), signal).unwrap();
        assert_eq!(run.end().0, code, "{on}");
    }
}

#[test]
fn tasks_whose_run_was_killed_end_and_clean_up() {
    let mut run = Run::start(&["queue", "--items", "100000000", "--quiet", "--on", "processes"]);
    run.shown.read_exact(&mut [0; 64]).unwrap();
    let pid = run.child.id();
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    // Their copies of the pipe are closed when the last of them has ended.
    std::io::copy(&mut run.shown, &mut std::io::sink()).unwrap();
    nothing_is_left(pid, run.place());
}

/// The directories of runs in a place.
fn directories(place: &Path) -> Vec<PathBuf> {
    place.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Starts a run that would go on for ever, and waits until it has begun.
fn endless(on: &str, place: Option<&Path>) -> Run {
    let mut run = Run::start_in(&["queue", "--items", "100000000", "--quiet", "--on", on], place);
    run.shown.read_exact(&mut [0; 64]).unwrap();
    run
}

#[test]
fn nobody_else_can_look_into_the_directory_of_a_run() {
    for on in ["os", "processes"] {
        let run = endless(on, None);
        let [directory] = &directories(run.place())[..] else { panic!("not one directory") };
        assert_eq!(fs::metadata(directory).unwrap().permissions().mode() & 0o7777, 0o700);
        kill_process(Pid::from_child(&run.child), Signal::TERM).unwrap();
        assert_eq!(run.end().0, 143);
    }
}

#[test]
fn what_a_run_left_that_was_killed_the_next_one_removes_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let others =
        ["postroom-notes", "postroom-2024-old", "postroom-01-0", "postroom-1-0/mail", "else-1-0"];
    let others = others.map(|it| place.path().join(it));
    others.iter().for_each(|other| fs::create_dir_all(other).unwrap());
    fs::write(place.path().join("postroom-1-1"), "").unwrap();
    let others = directories(place.path());

    // One that lives meanwhile, and one that is killed: its only process can remove nothing.
    let living = endless("os", Some(place.path()));
    let mut killed = endless("os", Some(place.path()));
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    assert_eq!(directories(place.path()).len(), others.len() + 2);

    let (code, text) = Run::start_in(&["pipe", "--on", "os"], Some(place.path())).finish();
    assert_eq!(code, 0, "{text}");
    assert_eq!(directories(place.path()).len(), others.len() + 1);
    kill_process(Pid::from_child(&living.child), Signal::TERM).unwrap();
    let (of_killed, of_living) = (killed.child.id(), living.child.id());
    assert_eq!(living.finish().0, 143);
    for other in others {
        fs::remove_dir_all(&other).or_else(|_| fs::remove_file(&other)).unwrap();
    }
    nothing_is_left(of_killed, place.path());
    nothing_is_left(of_living, place.path());
}

#[test]
fn no_task_is_left_for_others_to_wait_for_when_a_signal_ends_a_run() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let run = endless("processes", None);
        let tasks = children(run.child.id());
        assert!(tasks.len() > 2, "{tasks:?}");
        kill_process(Pid::from_child(&run.child), signal).unwrap();
        run.end();
        assert!(tasks.iter().all(|&task| state(task).is_none()), "{signal:?}");
    }
}

/// What a process does (proc_pid_stat(5)): `None` if there is none.
fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// A `cat` between two processes whose input stays open, and the one that reads that.
fn cat() -> (Child, u32) {
    let mut cat = Command::new(env!("CARGO_BIN_EXE_postroom"))
        .args(["cat", "--on", "processes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    cat.stdin.as_mut().unwrap().write_all(b"hello\n").unwrap();
    cat.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let [writer] = children(cat.id())[..] else { panic!("it is one process") };
    (cat, writer)
}

/// Waits for the end: the exit code, or the signal, as a shell tells it.
fn ended(child: &mut Child) -> i32 {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().or(status.signal().map(|signal| 128 + signal)).unwrap();
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it hangs");
        }
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_second_process_of_cat_is_waited_for_on_every_way_out_though_its_input_stays_open() {
    // Nobody takes the output any more.
    let (mut cat, writer) = self::cat();
    drop(cat.stdout.take());
    let mut input = cat.stdin.take().unwrap();
    input.write_all(b"hello\n").unwrap();
    assert_eq!((ended(&mut cat), state(writer)), (0, None));

    // The output fails.
    let full = fs::File::create("/dev/full").unwrap();
    let mut cat = Command::new(env!("CARGO_BIN_EXE_postroom"))
        .args(["cat", "--on", "processes"])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = cat.stdin.take().unwrap();
    input.write_all(b"hello\n").unwrap();
    assert_eq!(ended(&mut cat), 1);

    // A signal.
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let (mut cat, writer) = self::cat();
        let input = cat.stdin.take();
        kill_process(Pid::from_child(&cat), signal).unwrap();
        assert_eq!((ended(&mut cat), state(writer)), (code, None));
        drop(input);
    }

    // The other process is killed.
    let (mut cat, writer) = self::cat();
    let input = cat.stdin.take();
    kill_process(Pid::from_raw(writer.cast_signed()).unwrap(), Signal::KILL).unwrap();
    assert_eq!((ended(&mut cat), state(writer)), (1, None));
    drop(input);

    // This one is killed: it can wait for nobody, but the system ends the other one.
    let (mut cat, writer) = self::cat();
    let input = cat.stdin.take();
    cat.kill().unwrap();
    cat.wait().unwrap();
    let start = Instant::now();
    while state(writer).is_some_and(|state| state != 'Z') {
        assert!(start.elapsed() < PATIENCE, "it is left");
        sleep(Duration::from_millis(1));
    }
    drop(input);
}

#[test]
fn a_task_without_its_run_removes_nothing_that_is_not_of_that_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("precious")).unwrap();
    let _reports = std::os::unix::net::UnixDatagram::bind(path.join("reports")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_postroom"));
    command.args(["run", "pipe", "--as-task", "0", "--of-run", "1"]).current_dir(path);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(!status.success());
    assert!(path.join("precious").exists() && path.join("reports").exists());
}
