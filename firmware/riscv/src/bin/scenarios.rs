//! The scenarios, once: `cargo run`.

#![no_std]
#![no_main]

use postroom::{Lock, Policy};
use programs::Board;
use programs::scenarios::{Machine, machine, run};
use riscv_rt::entry;
use riscv_virt::Virt;

static KERNEL: Lock<Machine<Virt>> = Lock::new(machine());

#[entry]
fn main() -> ! {
    Virt::exit(run(&KERNEL, [(Policy::Priority, 64)].into_iter()))
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    riscv_virt::panicked(info)
}
