//! The kernel's own objects against the operating system's.

#![cfg(target_os = "linux")]

mod bare;
mod config;
mod datagram;
mod mask;
mod names;
mod op;
mod pipe;
mod play;
mod queue;
mod side;
mod socket;
mod waiting;
mod world;
