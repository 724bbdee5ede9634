//! Where the kernel meets the operating system it runs on.
//!
//! `Host` is for Linux, and for macOS with what is there. Where the two differ stands in `events`,
//! `fresh`, `inode`, `queue`, and the ends of `datagram` and `descriptor`. The mapping of errors is
//! for every system.

mod error;

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod adapter;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod address;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod alias;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod attempt;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod datagram;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod descriptor;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod devices;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod errno;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod events;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod file;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod fresh;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod inode;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod pipe;
#[cfg(target_os = "linux")]
mod queue;
#[cfg(target_os = "macos")]
#[path = "no_queue.rs"]
mod queue;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod resolve;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod sleep;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod socket;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod watch;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub use adapter::Host;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub use sleep::HostSleeper;
