//! What runs on every board, written once. A [`Board`] says how to print, how to wait and how to
//! end; everything else is the same wherever it runs.

#![no_std]

mod board;
mod console;
pub mod echo;
mod input;
pub mod port;
pub mod scenarios;
pub mod smallest;
pub mod storm;

pub use board::Board;
pub use console::Console;
pub use input::Input;
