//! Where the kernel meets the operating system it runs on.
//!
//! `Host` is for Linux: it sleeps in an epoll, and opens ends of pipes by their inodes. The mapping
//! of errors is for every system.

mod error;

#[cfg(target_os = "linux")]
mod adapter;
#[cfg(target_os = "linux")]
mod address;
#[cfg(target_os = "linux")]
mod alias;
#[cfg(target_os = "linux")]
mod attempt;
#[cfg(target_os = "linux")]
mod descriptor;
#[cfg(target_os = "linux")]
mod devices;
#[cfg(target_os = "linux")]
mod errno;
#[cfg(target_os = "linux")]
mod file;
#[cfg(target_os = "linux")]
mod pipe;
#[cfg(target_os = "linux")]
mod queue;
#[cfg(target_os = "linux")]
mod resolve;
#[cfg(target_os = "linux")]
mod sleep;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod watch;

#[cfg(target_os = "linux")]
pub use adapter::Host;
#[cfg(target_os = "linux")]
pub use sleep::HostSleeper;
