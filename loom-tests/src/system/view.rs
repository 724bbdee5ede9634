//! The text of system calls, as strace would show it.

#[path = "../../../src/view/cast.rs"]
mod cast;
#[path = "../../../src/view/strace.rs"]
mod strace;

use super::kernel;

pub use strace::{Line, Strace};
