//! Where, with what and when it was measured.

use std::fmt;
use std::fs;
use std::time::SystemTime;

use serde::Serialize;

/// What a figure depends on besides the code.
#[derive(Serialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// How many cores this process may use.
    pub cores: usize,
    /// The operating system and its release.
    pub system: String,
    /// The compiler.
    pub rustc: &'static str,
    /// The peers, with their versions.
    pub peers: Vec<(&'static str, &'static str)>,
    /// When, in UTC (RFC 3339).
    pub date: String,
}

/// The crates that are compared, or that the comparison stands on.
const CRATES: &[&str] = &[
    "postroom",
    "async-channel",
    "async-executor",
    "bbqueue",
    "critical-section",
    "crossbeam-channel",
    "embassy-executor",
    "embassy-sync",
    "flume",
    "futures",
    "heapless",
    "kanal",
    "ringbuf",
    "rtrb",
    "tokio",
];

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let system = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        Self {
            processor: processor().unwrap_or_else(|| text(system.machine())),
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            system: format!("{} {}", text(system.sysname()), text(system.release())),
            rustc: env!("BENCHES_RUSTC"),
            peers: CRATES.iter().filter_map(|name| Some((*name, version(name)?))).collect(),
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, system, rustc, peers, date } = self;
        writeln!(f, "{processor}, {cores} cores, {system}, {rustc}, {date}")?;
        let peers: Vec<_> =
            peers.iter().map(|(name, version)| format!("{name} {version}")).collect();
        write!(f, "{}", peers.join(", "))
    }
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The version of a crate in the lock file that this program was built from; the newest, if there
/// are several.
fn version(name: &str) -> Option<&'static str> {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let versions = LOCK.split("[[package]]").filter_map(|package| {
        let mut lines = package.trim().lines();
        let value = |line: &'static str, key| line.strip_prefix(key)?.trim_matches('"').into();
        let is_it = value(lines.next()?, "name = ") == Some(name);
        is_it.then(|| value(lines.next()?, "version = "))?
    });
    versions.last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_has_a_version() {
        for name in CRATES {
            assert!(version(name).is_some(), "{name}");
        }
        assert_eq!(version("no such crate"), None);
    }
}
