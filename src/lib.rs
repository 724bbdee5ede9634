//! tour
#![no_std]
#[cfg(any(feature = "std", test, doc))]
extern crate std;
#[cfg(feature = "std")]
mod host;
mod kernel;
mod run;
pub mod scenario;
mod sync;
mod user;
#[cfg(feature = "std")]
pub mod view;
pub use kernel::*;
pub use run::*;
pub use sync::Lock;
pub use user::*;
