//! A timer of the chip, for interrupts besides those of the clock.

use crate::{Interrupt, Register, power};

/// Cycles from one interrupt to the next: ten microseconds.
const PERIOD: u32 = 125;

const TIMER0: usize = 0x4003_0000;
const MODE: usize = 0x04;
const CONTROL: usize = 0x0c;
const INTERRUPT_MASK: usize = 0x18;
const INTERRUPT_CLEAR: usize = 0x24;
const LOAD: usize = 0x28;

const PERIODIC: u32 = 2;
/// Of timer A: that it runs, and that its end is an interrupt.
const A: u32 = 1;

fn register(offset: usize) -> Register {
    // SAFETY: timer 0 has its registers there.
    unsafe { Register::at(TIMER0 + offset) }
}

/// Starts it: the interrupt TIMER0A comes again and again.
pub fn start() {
    power(1 << 16);
    register(MODE).write(PERIODIC);
    register(LOAD).write(PERIOD - 1);
    register(INTERRUPT_MASK).write(A);
    Interrupt::Timer0A.unmask();
    register(CONTROL).write(A);
}

/// Says that an interrupt has been served.
pub fn served() {
    register(INTERRUPT_CLEAR).write(A);
}

/// Stops it.
pub fn stop() {
    register(CONTROL).write(0);
}
