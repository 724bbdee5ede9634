//! The same programs in C++ and in Python, from `benches/seed`. They time themselves.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use crate::measure::{Contender, Role};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seed");

/// Those that this machine can run; it is said which it cannot.
pub(super) fn all(work: &'static str) -> Vec<Contender> {
    [("C++", cpp as fn() -> io::Result<Vec<PathBuf>>), ("Python", python)]
        .into_iter()
        .filter_map(|(name, find)| match find() {
            Ok(command) => {
                let run = Box::new(move |n| run(&command, work, n));
                Some(Contender { name, role: Role::System, at: 1, run })
            }
            Err(error) => {
                eprintln!("LEFT OUT: {name} in `{work}`: {error}");
                None
            }
        })
        .collect()
}

/// Compiles the program beside this one, and gives it its name when it is whole: another run of the
/// benchmarks may be using it.
fn cpp() -> io::Result<Vec<PathBuf>> {
    static COMPILING: Mutex<()> = Mutex::new(());
    let _alone = COMPILING.lock();
    let program = std::env::current_exe()?.with_file_name("seed-exchange");
    let fresh = program.with_extension(std::process::id().to_string());
    let mut compiler = Command::new("g++");
    compiler.args(["-O2", "-std=c++20", "-pthread", "-o"]).arg(&fresh);
    compiler.arg(format!("{FOLDER}/exchange.cpp"));
    match compiler.status() {
        Ok(status) if status.success() => {
            std::fs::rename(fresh, &program)?;
            Ok(vec![program])
        }
        Ok(status) => Err(io::Error::other(format!("g++ ended with {status}"))),
        Err(error) => Err(io::Error::new(error.kind(), format!("g++: {error}"))),
    }
}

fn python() -> io::Result<Vec<PathBuf>> {
    let version = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    match version {
        Ok(status) if status.success() => {
            Ok(vec!["python3".into(), format!("{FOLDER}/exchange.py").into()])
        }
        Ok(status) => Err(io::Error::other(format!("python3 ended with {status}"))),
        Err(error) => Err(io::Error::new(error.kind(), format!("python3: {error}"))),
    }
}

/// Runs a program, on the core that this one is on, and takes its word for how long it took.
fn run(command: &[PathBuf], work: &str, n: u64) -> Duration {
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args([work, &n.to_string()])
        .output()
        .expect("it could be started before");
    let said = String::from_utf8_lossy(&output.stdout);
    let nanoseconds = said.trim().parse();
    Duration::from_nanos(nanoseconds.unwrap_or_else(|_| panic!("{command:?} said {output:?}")))
}
