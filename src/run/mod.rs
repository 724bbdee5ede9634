//! What runs a kernel's tasks.

mod executor;
#[cfg(feature = "std")]
mod spawn;
mod stop;

pub use executor::Executor;
#[cfg(feature = "std")]
pub use spawn::Spawner;
pub use stop::{Failure, Graph, Stop};
