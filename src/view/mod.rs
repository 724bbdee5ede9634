//! What people look at: views made from the one log of events.

mod cast;
mod json;
mod strace;

use super::kernel;

pub use json::JsonLines;
pub use strace::{Line, Strace};
