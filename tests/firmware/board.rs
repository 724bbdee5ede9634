//! A board in QEMU, started as a user would: `cargo run` in its folder.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const CORTEX_M3: Board = Board {
    name: "Cortex-M3",
    folder: "firmware/cortex-m3",
    target: "thumbv7m-none-eabi",
    qemu: "qemu-system-arm",
};
pub(crate) const RISCV: Board = Board {
    name: "RISC-V",
    folder: "firmware/riscv",
    target: "riscv32imac-unknown-none-elf",
    qemu: "qemu-system-riscv32",
};
pub(crate) const ALL: [Board; 2] = [CORTEX_M3, RISCV];

/// Where the boards' programs are built.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/firmware");

/// What a program may take, its build not counted.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Board {
    pub(crate) name: &'static str,
    folder: &'static str,
    target: &'static str,
    qemu: &'static str,
}

pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) output: String,
}

impl Board {
    /// Builds a program, and returns its file if it was built to be small (`--release`); `None` if
    /// the board cannot be had here.
    pub(crate) fn build(&self, program: &str, options: &[&str]) -> Option<PathBuf> {
        if let Some(missing) = self.missing() {
            // The test harness keeps what `println` says of a test that passes.
            let text = format!("SKIPPED: {program} on {}: {missing}\n", self.name);
            std::io::stderr().write_all(text.as_bytes()).unwrap();
            return None;
        }
        let built = self.cargo("build", program, options).status().unwrap();
        assert!(built.success(), "{program} does not build in {}", self.folder);
        Some(Path::new(TARGET).join(self.target).join("release").join(program))
    }

    /// Runs a program with this input, to its end; `None` if the board cannot be had here.
    pub(crate) fn run(&self, program: &str, options: &[&str], input: &str) -> Option<Run> {
        self.build(program, options)?;
        let mut child = self
            .cargo("run", program, options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut to, mut from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let input = input.to_owned();
        // The input stays open until the program has ended: its end would end QEMU.
        let feeder = thread::spawn(move || to.write_all(input.as_bytes()).map(|()| to));
        let reader = thread::spawn(move || {
            let mut output = Vec::new();
            from.read_to_end(&mut output).map(|_| output)
        });
        let status = wait(&mut child);
        let output = String::from_utf8(reader.join().unwrap().unwrap()).unwrap();
        // A program that ended early has not read everything.
        let _ = feeder.join().unwrap();
        let success = status.is_some_and(|status| status.success());
        Some(Run { success, output: output.replace('\r', "") })
    }

    fn cargo(&self, verb: &str, program: &str, options: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder))
            .args([verb, "--quiet", "--bin", program])
            .args(options)
            .env("CARGO_TARGET_DIR", TARGET)
            // They would stand in place of the folder's own.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET");
        cargo
    }

    /// What is not there.
    fn missing(&self) -> Option<String> {
        let qemu = Command::new(self.qemu).arg("--version").stdout(Stdio::null()).status();
        if !qemu.is_ok_and(|status| status.success()) {
            return Some(format!("{} is not installed", self.qemu));
        }
        let libraries = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", self.target])
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        if !libraries.is_ok_and(|path| Path::new(&path).is_dir()) {
            return Some(format!("the target {} is not installed", self.target));
        }
        None
    }
}

/// How it ended; `None` if it had to be ended.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}
