//! Postroom beside its peers, and beside the least that its work can cost.
//!
//! `cargo bench -p benches` runs every workload. All that is compared takes turns in one run, round
//! by round; what counts is the ratio inside a round, so that a machine that is slow for a while
//! is slow for everyone.

pub mod affinity;
pub mod baseline;
pub mod callgrind;
pub mod counts;
pub mod measure;
pub mod memory;
pub mod path;
pub mod picture;
pub mod probes;
pub mod results;
pub mod timing;
pub mod workloads;
