//! Postroom beside its peers, and beside the least that its work can cost.
//!
//! `cargo bench -p benches` runs every workload. All that is compared takes turns in one run, round
//! by round; what counts is the ratio inside a round, so that a machine that is slow for a while
//! is slow for everyone.
//!
//! - [`measure`]: workloads, those who contend in them, goals; [`rounds`] measures them,
//!   [`statistics`] sums up, [`verdict`] judges, [`table`] and [`report`] print.
//! - [`floor`]: the least that the work can cost. [`ours`]: what postroom does. [`peers`]: what
//!   others do.
//! - [`workloads`]: who contends in what.

pub mod affinity;
pub mod baseline;
pub mod callgrind;
pub mod clock;
pub mod cores;
pub mod counts;
pub mod floor;
pub mod libc_copies;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod ours;
pub mod path;
pub mod peers;
pub mod picture;
pub mod pictures;
pub mod probes;
pub mod report;
pub mod results;
pub mod rounds;
pub mod statistics;
pub mod table;
pub mod verdict;
pub mod workloads;
