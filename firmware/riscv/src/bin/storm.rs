//! A hundred thousand interrupts into a kernel at work: `cargo run --bin storm`.

#![no_std]
#![no_main]

use postroom::Lock;
use programs::storm::{Machine, interrupt, machine, run};
use programs::{Board, Input};
use riscv::interrupt::Interrupt;
use riscv_rt::{core_interrupt, entry};
use riscv_virt::{Virt, clock};

static INPUT: Input = Input::new();
static KERNEL: Lock<Machine<Virt>> = Lock::new(machine(&INPUT));

/// Microseconds from one interrupt to the next: in the storm, and after it.
const STORM: u32 = 10;
const CALM: u32 = 1000;

#[entry]
fn main() -> ! {
    clock::start(STORM);
    Virt::exit(run(&KERNEL, &INPUT))
}

#[core_interrupt(Interrupt::MachineTimer)]
fn timer() {
    clock::after(if interrupt(&INPUT) { STORM } else { CALM });
    INPUT.alert();
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    riscv_virt::panicked(info)
}
