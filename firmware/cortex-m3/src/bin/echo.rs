//! Lines from the serial port, and back: `cargo run --bin echo`, until the line `bye` or
//! Ctrl-D.

#![no_std]
#![no_main]

use cortex_m_rt::{entry, exception};
use cortex_m3::{Lm3s6965, clock, uart};
use postroom::Lock;
use programs::echo::{Machine, machine, run};
use programs::{Board, Input};

static INPUT: Input = Input::new();
static KERNEL: Lock<Machine<Lm3s6965>> = Lock::new(machine(&INPUT, uart::send));

#[entry]
fn main() -> ! {
    if let Some(core) = cortex_m::Peripherals::take() {
        clock::start(core.SYST);
    }
    uart::start();
    Lm3s6965::exit(run(&KERNEL) == Ok(true))
}

#[exception]
fn SysTick() {
    clock::tick();
    // What found no room has waited in the port; no other interrupt tells of it.
    uart::drain(&INPUT);
    INPUT.alert();
}

// SAFETY: it is the handler of this interrupt, and nothing else has this name.
#[unsafe(no_mangle)]
extern "C" fn UART0() {
    uart::drain(&INPUT);
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    cortex_m3::panicked(info)
}
