//! Names on the host that no other script has.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use tempfile::TempDir;

use crate::play::Mechanism;
use crate::world::LABELS;

/// Counts the scripts of all mechanisms.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory for socket files, and a count of steps.
pub(crate) struct Names {
    dir: TempDir,
    /// Steps that were played.
    pub(crate) steps: AtomicU64,
}

impl Names {
    pub(crate) fn new() -> Self {
        // Short, so that senders have names that fit.
        let dir = tempfile::Builder::new().prefix("").rand_bytes(2).tempdir_in("/tmp").unwrap();
        Self { dir, steps: AtomicU64::new(0) }
    }

    /// The names of one script.
    pub(crate) fn fresh(&self, mechanism: &Mechanism) -> Vec<String> {
        let next = NEXT.fetch_add(1, Relaxed);
        let (scheme, process) = (mechanism.scheme, std::process::id());
        let name = |label| match scheme {
            "pipe" => format!("pipe:{label}"),
            "mq" => format!("mq:/df-{process}-{next}-{label}"),
            // Every script has an address of its own, or the ports of clients would run out: each
            // connection that was is remembered for a minute. They are short enough for a name.
            "tcp" | "udp" => {
                let [a, b, c] = [process, next / 99, next].map(|n| 1 + n % 99);
                format!("{scheme}:127.{a}.{b}.{c}:{}", 7001 + label)
            }
            _ => format!("{scheme}:{}/{label}", self.dir.path().display()),
        };
        (0..LABELS).map(name).collect()
    }

    /// Whether a script has left something in the directory.
    pub(crate) fn is_clean(&self) -> bool {
        self.dir.path().read_dir().unwrap().count() == 0
    }
}
