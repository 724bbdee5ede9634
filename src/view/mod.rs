//! What people look at: views made from the one log of events.

mod cast;
mod json;
mod strace;

pub use json::JsonLines;
pub use strace::{Line, Strace};
