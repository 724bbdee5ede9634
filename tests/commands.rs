//! The README's commands print what the README shows.

use std::io::{Read, pipe};
use std::process::{Command, Stdio};

/// Runs the binary as a terminal would show it: both its outputs in one stream.
fn shown(arguments: &str) -> String {
    let (mut reader, writer) = pipe().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_postroom"))
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    child.wait().unwrap();
    text
}

/// The text without what differs from run to run.
fn steady(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| match line.split_once(" s: ") {
            Some((before, after)) if before.starts_with("Process ended in ") => {
                format!("Process ended in ? s: {after}")
            }
            _ => line.trim_end().to_owned(),
        })
        .collect()
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let readme = include_str!("../README.md");
    let mut seen = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (command, expected) = block.split_once('\n').unwrap();
        let Some(arguments) = command.strip_prefix("$ cargo run -- ") else { continue };
        assert_eq!(steady(&shown(arguments)), steady(expected), "{command}");
        seen += 1;
    }
    assert!(seen >= 3, "the README shows {seen} commands");
}
