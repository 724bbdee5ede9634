//! The counts that were agreed on, and what has become of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// The most by which a count may grow, or shrink unsaid.
const TOLERANCE: f64 = 0.10;

/// Instructions of each operation, and what they were counted with.
#[derive(Debug, Serialize, Deserialize)]
pub struct Baseline {
    /// The compiler, as it calls itself: another one makes other code.
    pub rustc: String,
    /// Instructions by operation.
    pub counts: BTreeMap<String, f64>,
}

/// What became of a count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// There was none before.
    New,
    /// About as before: so much more, as a fraction.
    Same(f64),
    /// More than a tenth more.
    Grown(f64),
    /// More than a tenth less.
    Shrunk(f64),
}

impl Baseline {
    /// Where it is kept.
    pub fn path() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench/instructions.json"))
    }

    /// Reads it; `None` if there is none yet.
    ///
    /// # Errors
    /// What the system says, and what is wrong with the file.
    pub fn read() -> io::Result<Option<Self>> {
        match fs::read_to_string(Self::path()) {
            Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self) -> io::Result<()> {
        let path = Self::path();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, serde_json::to_string_pretty(self)? + "\n")
    }

    /// What became of a count.
    pub fn change(&self, name: &str, now: f64) -> Change {
        let Some(&before) = self.counts.get(name) else { return Change::New };
        let change = now / before - 1.0;
        // Counts are kept to a tenth of an instruction: a tenth more is still the same.
        if now > before * (1.0 + TOLERANCE) + 0.05 {
            Change::Grown(change)
        } else if now < before * (1.0 - TOLERANCE) - 0.05 {
            Change::Shrunk(change)
        } else {
            Change::Same(change)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_grew_by_more_than_a_tenth_is_told_from_one_that_did_not() {
        let counts = [("send".to_owned(), 200.0)].into();
        let baseline = Baseline { rustc: String::new(), counts };
        assert!(matches!(baseline.change("send", 220.0), Change::Same(_)));
        assert!(matches!(baseline.change("send", 220.1), Change::Grown(_)));
        assert!(matches!(baseline.change("send", 180.0), Change::Same(_)));
        assert!(matches!(baseline.change("send", 179.9), Change::Shrunk(_)));
        assert_eq!(baseline.change("receive", 1.0), Change::New);
    }
}
