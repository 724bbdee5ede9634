//! tour
#![no_std]
#[cfg(any(feature = "std", test, doc))]
extern crate std;
mod kernel;
mod run;
mod sync;
mod user;
pub use kernel::*;
pub use run::*;
pub use sync::Lock;
pub use user::*;
