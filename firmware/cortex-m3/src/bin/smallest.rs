//! The smallest kernel that is of use, to be measured: `cargo run --release --features small --bin
//! smallest`.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m3::Lm3s6965;
use postroom::Lock;
use programs::Board;
use programs::smallest::{Machine, run};

static KERNEL: Lock<Machine> = Lock::new(Machine::new());

#[entry]
fn main() -> ! {
    Lm3s6965::exit(run(&KERNEL) == Ok(true))
}

/// Without words: they would be most of what is measured.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    Lm3s6965::exit(false)
}
