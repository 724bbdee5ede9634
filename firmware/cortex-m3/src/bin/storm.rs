//! A hundred thousand interrupts into a kernel at work: `cargo run --bin storm`.

#![no_std]
#![no_main]

use cortex_m_rt::{entry, exception};
use cortex_m3::{Lm3s6965, clock, timer};
use postroom::Lock;
use programs::storm::{Machine, interrupt, machine, run};
use programs::{Board, Input};

static INPUT: Input = Input::new();
static KERNEL: Lock<Machine<Lm3s6965>> = Lock::new(machine(&INPUT));

#[entry]
fn main() -> ! {
    if let Some(core) = cortex_m::Peripherals::take() {
        clock::start(core.SYST);
    }
    timer::start();
    Lm3s6965::exit(run(&KERNEL, &INPUT))
}

#[exception]
fn SysTick() {
    clock::tick();
    INPUT.alert();
}

// SAFETY: it is the handler of this interrupt, and nothing else has this name.
#[unsafe(no_mangle)]
extern "C" fn TIMER0A() {
    timer::served();
    if !interrupt(&INPUT) {
        timer::stop();
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    cortex_m3::panicked(info)
}
