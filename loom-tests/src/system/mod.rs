//! The kernel, and all that runs it in a model.

#[path = "../../../src/kernel/mod.rs"]
pub mod kernel;
#[path = "../../../src/spsc.rs"]
pub mod spsc;
#[path = "../../../src/user/mod.rs"]
pub mod user;

pub mod machine;
pub mod models;
pub mod transcript;
mod view;
