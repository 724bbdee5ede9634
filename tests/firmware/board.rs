//! A board in QEMU, started as a user would: `cargo run` in its folder.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const CORTEX_M3: Board =
    Board { folder: "firmware/cortex-m3", target: "thumbv7m-none-eabi", qemu: "qemu-system-arm" };
pub(crate) const RISCV: Board = Board {
    folder: "firmware/riscv",
    target: "riscv32imac-unknown-none-elf",
    qemu: "qemu-system-riscv32",
};
pub(crate) const ALL: [Board; 2] = [CORTEX_M3, RISCV];

/// What a program may take, its build not counted.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Board {
    pub(crate) folder: &'static str,
    target: &'static str,
    qemu: &'static str,
}

pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) output: String,
}

impl Board {
    /// Runs a program with this input, to its end; `None` if the board cannot be had here.
    pub(crate) fn run(&self, program: &str, input: &str) -> Option<Run> {
        if let Some(missing) = self.missing() {
            // The test harness keeps what `println` says of a test that passes.
            let text = format!("SKIPPED: {program} on {}: {missing}\n", self.folder);
            std::io::stderr().write_all(text.as_bytes()).unwrap();
            return None;
        }
        let built = self.cargo("build", program).status().unwrap();
        assert!(built.success(), "{program} does not build in {}", self.folder);

        let mut child = self
            .cargo("run", program)
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

    fn cargo(&self, verb: &str, program: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder))
            .args([verb, "--quiet", "--bin", program])
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
