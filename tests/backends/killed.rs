//! Tasks whose processes are killed: they hold nobody up, and what they had done stays done.

use std::io::Read;
use std::thread::sleep;
use std::time::Duration;

use postroom::scenario::{Boxed, Crew, Print, Scenario, Stage};
use rustix::process::{Pid, Signal, kill_process};

use crate::{Run, syscalls};

fn killed(task: Pid) {
    kill_process(task, Signal::KILL).unwrap();
}

#[test]
fn the_sums_have_what_a_task_had_told_before_it_was_killed_and_say_that_it_may_be_more() {
    let text = without(&["pika", "--messages", "100"], 0);
    // A call that waited is one line, and was made more than once.
    let calls: Vec<_> = text.lines().filter(|line| line.contains(") = ")).collect();
    assert!(calls.iter().any(|line| line.contains(" writer  ")), "{text}");
    assert!(syscalls(&text) >= calls.len(), "{text}");
    assert!(text.contains("; of writer only what was told before the kill\n"), "{text}");
}

/// Kills a task of a run that is held up, and lets the others go on.
fn without(arguments: &[&str], task: usize) -> String {
    let run = Run::start_held_up(&[arguments, &["--on", "processes", "--strace"]].concat());
    killed(run.wait_for_task(task));
    let (code, text) = run.end();
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(" was killed by signal 9\n"), "{text}");
    text
}

#[test]
fn a_pipe_whose_writer_was_killed_ends() {
    let text = without(&["pika", "--messages", "100"], 0);
    assert!(text.contains("\", 2) = 0\n") || text.contains(" reader  exit(done)"), "{text}");
}

#[test]
fn a_pipe_whose_reader_was_killed_is_broken() {
    let text = without(&["pika", "--messages", "100", "--capacity", "1"], 1);
    assert!(text.contains(" BrokenPipe ("), "{text}");
    assert!(text.contains(" writer  exit(failed: broken pipe"), "{text}");
}

#[test]
fn a_queue_whose_only_sender_was_killed_ends() {
    let text = without(&["queue", "--items", "1000000", "--workers", "2"], 1);
    for task in ["worker 1", "worker 2", "sink    "] {
        assert!(text.contains(&format!(" {task}  exit(done)")), "{text}");
    }
}

#[test]
fn a_worker_that_was_killed_loses_what_it_held_and_nothing_else() {
    let arguments = ["queue", "--items", "5000", "--on", "processes", "--quiet"];
    let mut run = Run::start(&arguments);
    // More than a pipe holds is still to come when both have begun.
    let mut text = String::new();
    while !(text.contains("[worker 1]") && text.contains("[worker 2]")) {
        let mut part = [0; 256];
        let count = run.shown.read(&mut part).unwrap();
        assert!(count > 0, "{text}");
        text.push_str(std::str::from_utf8(&part[..count]).unwrap());
    }
    killed(run.wait_for_task(2));
    let (code, rest) = run.end();
    text.push_str(&rest);
    let mut items: Vec<_> = text.lines().map(|line| line.split_once("] ").unwrap().1).collect();
    items.sort_unstable();
    items.dedup();
    assert_eq!(code, 1);
    assert!((4999..=5000).contains(&items.len()), "{} items", items.len());
    assert_eq!(items.len(), text.lines().count(), "an item came twice");
}

#[test]
fn a_connection_whose_peer_was_killed_ends_or_is_reset() {
    let text = without(&["socket", "--capacity", "1"], 1);
    let ended = text.contains(" = 0\n") || text.contains("ConnectionReset");
    assert!(ended && text.contains(" receiver  exit("), "{text}");

    let text = without(&["socket", "--capacity", "1"], 0);
    assert!(text.contains(" sender    exit("), "{text}");
}

#[test]
fn who_waits_for_a_task_that_was_killed_is_told() {
    for name in ["mailbox", "rpc"] {
        let scenario = postroom::scenario::ALL.iter().find(|it| it.name == name).unwrap();
        let others = tasks(scenario) - 1;
        // How far the tasks come is up to the system: once in a while all have been served before.
        let text = (0..20)
            .map(|_| without(&[name], 0))
            .find(|text| text.matches(" exit(done)").count() < others)
            .unwrap();
        assert!(text.contains("the peer is dead") || text.contains("no such name"), "{text}");
    }
}

/// Counts the tasks of a scenario.
struct Count(usize);

impl<'t> Crew<'t> for Count {
    fn pipe(&mut self, _: &str, _: usize) -> postroom::Result<()> {
        Ok(())
    }

    fn queue(&mut self, _: &str, _: usize, _: usize) -> postroom::Result<()> {
        Ok(())
    }

    fn task(&mut self, _: &str, _: Boxed<'t>) -> postroom::Result<()> {
        self.0 += 1;
        Ok(())
    }
}

impl Print for Count {
    fn line(&self, _: std::fmt::Arguments<'_>) {}
}

fn tasks(scenario: &Scenario) -> usize {
    let (mut count, output) = (Count(0), Count(0));
    let (capacity, messages, items, workers, ordered) = (1, 1, 1, 2, true);
    let stage = Stage { capacity, messages, items, workers, ordered, output: &output };
    (scenario.start)(&mut count, stage).unwrap();
    count.0
}

#[test]
fn any_task_can_be_killed_at_any_time_and_nobody_hangs() {
    for scenario in postroom::scenario::ALL {
        for task in 0..tasks(scenario) {
            let arguments = [scenario.name, "--on", "processes", "--ordered", "--quiet"];
            let mut run = Run::start(&arguments);
            // It may have ended by itself.
            let victim = loop {
                let victim = run.task(task);
                if victim.is_some() || run.child.try_wait().unwrap().is_some() {
                    break victim;
                }
            };
            sleep(Duration::from_millis((task * 7 % 5) as u64 * 4));
            if let Some(victim) = victim {
                let _ = kill_process(victim, Signal::KILL);
            }
            let (code, text) = run.end();
            assert!(code == 0 || code == 1, "{} without task {task}: {text}", scenario.name);
        }
    }
}
