//! What runs a kernel's tasks.

mod executor;
#[cfg(feature = "std")]
mod spawn;
mod stop;
#[cfg(feature = "std")]
mod threads;

pub use executor::Executor;
#[cfg(feature = "std")]
pub use spawn::Spawner;
pub use stop::{Failure, Graph, Stop};
#[cfg(feature = "std")]
pub use threads::{ThreadDoor, Threads};
