//! The smallest kernel that is of use, to be measured: `cargo run --release --features small --bin
//! smallest`.

#![no_std]
#![no_main]

use postroom::Lock;
use programs::Board;
use programs::smallest::{Machine, run};
use riscv_rt::entry;
use riscv_virt::Virt;

static KERNEL: Lock<Machine> = Lock::new(Machine::new());

#[entry]
fn main() -> ! {
    Virt::exit(run(&KERNEL) == Ok(true))
}

/// Without words: they would be most of what is measured.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    Virt::exit(false)
}
