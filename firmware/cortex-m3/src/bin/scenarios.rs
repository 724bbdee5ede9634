//! The scenarios, once: `cargo run`.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m3::Lm3s6965;
use postroom::{Lock, Policy};
use programs::Board;
use programs::scenarios::{Machine, machine, run};

static KERNEL: Lock<Machine<Lm3s6965>> = Lock::new(machine());

#[entry]
fn main() -> ! {
    Lm3s6965::exit(run(&KERNEL, [(Policy::Priority, 64)].into_iter()))
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    cortex_m3::panicked(info)
}
