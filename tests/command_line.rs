//! The command line, as a user and a script meet it.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin_cmd;

fn postroom(arguments: &[&str]) -> Output {
    cargo_bin_cmd!("postroom").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn without_a_command_it_shows_help_with_three_examples() {
    let output = postroom(&[]);
    assert_eq!(output.status.code(), Some(0));
    let examples = stdout(&output).lines().filter(|line| line.starts_with("  postroom ")).count();
    assert_eq!(examples, 3);
}

#[test]
fn an_unknown_scenario_is_a_usage_error_that_suggests_and_lists() {
    let output = postroom(&["run", "pip"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("a similar value exists: 'pipe'"));
    assert!(stderr(&output).contains("mailbox, pipe, pika"));
}

#[test]
fn two_pika_messages_take_turns() {
    let output = postroom(&["run", "pika", "--messages", "2", "--quiet"]);
    let expected = "[Writer] Message 1 sent\n[Reader] Message 1 was Pika! \n\
                    [Writer] Message 2 sent\n[Reader] Message 2 was Pika! Pika! \n";
    assert_eq!(stdout(&output), expected);
    assert_eq!(stderr(&output), "");
}

/// What the tasks of a scenario print, sorted: the order is free, the lines are not.
fn lines(arguments: &[&str], code: i32) -> Vec<String> {
    let output = postroom(&[&["run", "--quiet"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    let mut lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn every_scenario_prints_the_same_lines_under_every_policy_with_the_smallest_pipe_and_on_threads() {
    for scenario in postroom::scenario::ALL.iter().map(|scenario| scenario.name) {
        let code = i32::from(scenario == "deadlock");
        let base = [scenario, "--ordered", "--workers", "1"];
        let lines = |more: &[&str]| lines(&[&base, more].concat(), code);
        let expected = lines(&[]);
        assert!(!expected.is_empty());
        let alike = |more: &[&str]| {
            let mut found = lines(more);
            if scenario == "select" {
                // How many bytes a read finds is free.
                found.retain(|line| !line.starts_with("[pipe]"));
                found.extend(expected.iter().filter(|it| it.starts_with("[pipe]")).cloned());
                found.sort();
            }
            assert_eq!(found, expected, "{scenario} {more:?}");
        };
        alike(&["--policy", "round-robin"]);
        alike(&["--capacity", "1"]);
        alike(&["--on", "threads"]);
        alike(&["--on", "threads", "--capacity", "1"]);
        for seed in ["0", "1", "2", "3", "4", "5", "6", "7"] {
            alike(&["--policy", "random", "--seed", seed]);
            alike(&["--policy", "random", "--seed", seed, "--capacity", "1"]);
        }
    }
}

#[test]
fn each_item_of_the_queue_is_moved_once_whoever_moves_it() {
    for on in ["kernel", "threads"] {
        let lines = lines(&["queue", "--items", "2000", "--workers", "3", "--on", on], 0);
        let mut items: Vec<_> = lines.iter().filter_map(|line| line.split_once("] ")).collect();
        items.sort_by_key(|(_, item)| item.to_string());
        items.dedup_by_key(|(_, item)| item.to_string());
        assert_eq!((lines.len(), items.len()), (2000, 2000));
    }
}

#[test]
fn naive_philosophers_deadlock_for_some_seeds_and_the_graph_names_the_circle() {
    let mut codes = [0; 2];
    for seed in 0..20 {
        let seed = seed.to_string();
        let output = postroom(&["run", "philosophers", "--policy", "random", "--seed", &seed]);
        match output.status.code() {
            Some(0) => codes[0] += 1,
            Some(1) => {
                codes[1] += 1;
                let circle = "circle: Aristotle -> Confucius -> Hypatia -> Kant -> Plato";
                assert!(stderr(&output).contains(circle), "{}", stderr(&output));
            }
            code => panic!("{code:?}"),
        }
        lines(&["philosophers", "--ordered", "--policy", "random", "--seed", &seed], 0);
    }
    assert!(codes.into_iter().all(|count| count > 0), "{codes:?}");
}

#[test]
fn the_same_seed_writes_the_same_log_and_another_seed_another() {
    let folder = tempfile::tempdir().unwrap();
    let log = |name: &str, seed: &str| {
        let path = folder.path().join(name);
        let trace = path.to_str().unwrap();
        let output =
            postroom(&["run", "pika", "--policy", "random", "--seed", seed, "--trace", trace]);
        assert_eq!(output.status.code(), Some(0));
        fs::read(&path).unwrap()
    };
    let first = log("a", "7");
    assert_eq!(log("b", "7"), first);
    assert!((8..16).any(|seed: u32| log("c", &seed.to_string()) != first));
    for line in first.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let object: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert!(object["tick"].is_u64() && object["event"].is_string());
    }
}

#[test]
fn the_summary_is_one_json_object_and_adds_up() {
    let output = postroom(&["run", "pipe", "--json"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["result"], "done");
    assert_eq!(summary["bytes_in"], summary["bytes_out"]);
    assert_eq!(summary["bytes_in"], 30);
    assert_eq!(stderr(&output), "Hello World!\nwhy so serious\n");

    let output = postroom(&["run", "deadlock", "--json", "--quiet"]);
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["result"], "deadlock");
    assert!(summary["reason"].as_str().unwrap().contains("circle: left -> right -> left"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_seed_without_the_random_policy_and_sizes_out_of_range_are_usage_errors() {
    for arguments in [
        &["run", "pika", "--seed", "7"][..],
        &["run", "pipe", "--capacity", "0"],
        &["run", "pipe", "--capacity", "16385"],
        &["run", "queue", "--workers", "9"],
        &["run", "pipe", "--on", "threads", "--seed", "1"],
        &["run", "pipe", "--on", "threads", "--policy", "random"],
        &["run", "pika", "--messages", "101"],
        &["run", "pika", "--policy", "fair"],
        &["cat", "--capacity", "0"],
        &["cut"],
    ] {
        let output = postroom(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).starts_with("error: "), "{arguments:?}");
    }
}

#[test]
fn a_log_that_cannot_be_written_is_named_and_not_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none/log.jsonl");
    let output = postroom(&["run", "pika", "--trace", nowhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("none/log.jsonl: No such file or directory"));
    assert_eq!(stdout(&output), "");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_that_names_the_file() {
    let output = postroom(&["run", "pika", "--trace", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/dev/full: No space left on device"));

    for arguments in [
        &["run", "pika"][..],
        &["cat", "Cargo.toml"],
        &["list"],
        &["--version"],
        &["run", "--help"],
    ] {
        let full = fs::File::create("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_postroom"))
            .args(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&output).contains("standard output: No space left on device"));
    }
    // What only tells of it changes nothing.
    for (arguments, code) in [
        (&["run", "pika"][..], 0),
        // The trace is what was asked for.
        (&["run", "pika", "--strace"], 1),
        (&["cat", "Cargo.toml"], 0),
        (&["cat", "no such file"], 1),
    ] {
        let status = Command::new(env!("CARGO_BIN_EXE_postroom"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(fs::File::create("/dev/full").unwrap())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn cat_copies_any_bytes_through_any_pipe() {
    let bytes: Vec<u8> =
        (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    fs::write(&file, &bytes).unwrap();

    for capacity in ["1", "511", "4096", "65536"] {
        let output = postroom(&["cat", "--capacity", capacity, file.to_str().unwrap()]);
        assert!(output.stdout == bytes, "capacity {capacity}");
        assert!(stderr(&output).starts_with("200000 bytes in "));
    }
    let output = cargo_bin_cmd!("postroom").arg("cat").write_stdin(bytes.clone()).output().unwrap();
    assert!(output.stdout == bytes);
    let output = cargo_bin_cmd!("postroom").args(["cat", "-q", "-"]).output().unwrap();
    assert_eq!((stdout(&output), stderr(&output)), ("", ""));
}

#[test]
#[cfg(target_os = "linux")]
fn cat_through_a_pipe_of_the_system_copies_the_same_and_fails_the_same() {
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n.wrapping_mul(n) >> 9) as u8).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    fs::write(&file, &bytes).unwrap();
    for capacity in ["1", "4096", "65536"] {
        let file = file.to_str().unwrap();
        let output = postroom(&["cat", "--on", "os", "--capacity", capacity, file]);
        assert!(output.stdout == bytes, "capacity {capacity}");
        assert!(stderr(&output).starts_with("300000 bytes in "));
    }
    // From a pipe, and from a file that is standard input.
    let cat = || {
        let mut command = cargo_bin_cmd!("postroom");
        command.args(["cat", "--on", "os", "--quiet"]);
        command
    };
    assert!(cat().write_stdin(bytes.clone()).output().unwrap().stdout == bytes);
    let mut child = Command::new(env!("CARGO_BIN_EXE_postroom"));
    child.args(["cat", "--on", "os", "-q"]).stdin(fs::File::open(&file).unwrap());
    assert!(child.output().unwrap().stdout == bytes);

    for on in ["kernel", "os"] {
        let mut full = Command::new(env!("CARGO_BIN_EXE_postroom"));
        full.args(["cat", "--on", on, "Cargo.toml"]).stdout(fs::File::create("/dev/full").unwrap());
        let output = full.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("standard output: No space left on device"), "{on}");
    }
}

#[test]
fn cat_shows_what_has_come_before_more_comes() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_postroom"))
        .arg("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for line in [b"one\n", b"two\n"] {
        input.write_all(line).unwrap();
        let mut echo = [0; 4];
        output.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, line);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn cat_ends_cleanly_when_its_output_is_closed() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_postroom"))
        .arg("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // More than a pipe of the system holds: the write can only end when cat has read or left.
    let _ = input.write_all(&vec![b'y'; 1 << 20]);
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).starts_with("0 bytes in "), "{}", stderr(&output));
}

#[test]
fn cat_names_the_file_that_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let (none, folder) = (none.to_str().unwrap(), folder.path().to_str().unwrap());
    let backends: &[&str] =
        if cfg!(target_os = "linux") { &["kernel", "os", "processes"] } else { &["kernel"] };
    for on in backends {
        let said = |what: &str, output: &Output| {
            assert_eq!(output.status.code(), Some(1), "{on}");
            assert_eq!(stderr(output), format!("error: cannot {what}\n"), "{on}");
        };
        let output = postroom(&["cat", "--on", on, none]);
        said(&format!("open {none}: No such file or directory"), &output);
        let output = postroom(&["cat", "--on", on, folder]);
        said(&format!("read {folder}: Is a directory"), &output);
        let mut cat = Command::new(env!("CARGO_BIN_EXE_postroom"));
        cat.args(["cat", "--on", on]).stdin(fs::File::open(folder).unwrap());
        said("read standard input: Is a directory", &cat.output().unwrap());
    }
}
