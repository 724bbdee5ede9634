//! The scenarios, once: `cargo run`.

#![no_std]
#![no_main]

use riscv_virt::Virt;
use riscv_rt::entry;
use postroom::{Lock, Policy};
use programs::Board;
use programs::scenarios::{Machine, machine, run};

static KERNEL: Lock<Machine<Virt>> = Lock::new(machine());

#[entry]
fn main() -> ! {
    Virt::exit(run(&KERNEL, [(Policy::Priority, 64)].into_iter()))
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    riscv_virt::panicked(info)
}
