//! The scenarios under several policies and seeds, for the comparison with the simulation:
//! `cargo run --bin schedules`.

#![no_std]
#![no_main]

use postroom::Lock;
use programs::Board;
use programs::scenarios::{Machine, machine, run, schedules};
use riscv_rt::entry;
use riscv_virt::Virt;

static KERNEL: Lock<Machine<Virt>> = Lock::new(machine());

#[entry]
fn main() -> ! {
    Virt::exit(run(&KERNEL, schedules()))
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    riscv_virt::panicked(info)
}
