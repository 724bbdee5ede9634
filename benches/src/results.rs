//! The JSON of `cargo bench -p benches`, as far as pictures need it.

use serde::Deserialize;

/// A run.
#[derive(Debug, Deserialize)]
pub struct Results {
    /// Where, with what and when.
    pub machine: Machine,
    /// What was done.
    pub workloads: Vec<Measured>,
}

/// Where it was measured.
#[derive(Debug, Deserialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// How many cores there were.
    pub cores: usize,
    /// The operating system and its release.
    pub system: String,
    /// The compiler.
    pub rustc: String,
    /// The peers, with their versions.
    pub peers: Vec<(String, String)>,
    /// When.
    pub date: String,
}

/// A workload that was measured.
#[derive(Debug, Deserialize)]
pub struct Measured {
    /// Its short name.
    pub id: String,
    /// What was done.
    pub title: String,
    /// What the columns are.
    pub axis: String,
    /// What one iteration is.
    pub unit: String,
    /// Who did it, at which size.
    pub rows: Vec<Row>,
}

/// One contender at one size.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What it is there for: `floor`, `postroom`, `peer`, `system`.
    pub role: String,
    /// The size.
    pub at: u64,
    /// Nanoseconds an iteration; none if it was not measured.
    pub time: Option<Spread>,
}

/// Half of the samples are below the median.
#[derive(Debug, Deserialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
}

impl Machine {
    /// For under a picture, in two lines.
    pub fn caption(&self) -> [String; 2] {
        let Self { processor, cores, system, rustc, peers, date } = self;
        let day = date.split('T').next().unwrap_or(date);
        let peers: Vec<_> =
            peers.iter().map(|(name, version)| format!("{name} {version}")).collect();
        [format!("{processor}, {cores} cores, {system}, {rustc}, {day}"), peers.join(", ")]
    }
}
