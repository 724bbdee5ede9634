//! The serial port of the board, UART0 of the chip.

use programs::Input;

use crate::{Interrupt, Register, power};

const UART0: usize = 0x4000_c000;
const DATA: usize = 0x00;
const FLAGS: usize = 0x18;
const LINE_CONTROL: usize = 0x2c;
const CONTROL: usize = 0x30;
const INTERRUPT_MASK: usize = 0x38;
const INTERRUPT_CLEAR: usize = 0x44;

/// Of the flags: nothing has come in, and no more can go out.
const EMPTY: u32 = 1 << 4;
const FULL: u32 = 1 << 5;
/// Eight bits, and no queue: to turn it on empties it, and a byte may have come before the program has.
const EIGHT_BITS: u32 = 3 << 5;
/// The port, its sender and its receiver are on.
const ON: u32 = 1 | 1 << 8 | 1 << 9;
/// A byte has come in.
const RECEIVED: u32 = 1 << 4 | 1 << 6;

fn register(offset: usize) -> Register {
    // SAFETY: UART0 has its registers there.
    unsafe { Register::at(UART0 + offset) }
}

/// Starts it: the interrupt UART0 comes with the bytes.
pub fn start() {
    power(1);
    register(LINE_CONTROL).write(EIGHT_BITS);
    register(CONTROL).write(ON);
    register(INTERRUPT_MASK).write(RECEIVED);
    Interrupt::Uart0.unmask();
}

/// Takes out what has come in, as long as there is room for it: what the interrupt handler does. The
/// rest waits in the port until this is called again.
pub fn drain(input: &Input) {
    register(INTERRUPT_CLEAR).write(RECEIVED);
    while input.has_room() && register(FLAGS).read() & EMPTY == 0 {
        input.push(register(DATA).read() as u8);
    }
}

/// Sends a byte, as soon as there is room.
pub fn send(byte: u8) {
    while register(FLAGS).read() & FULL != 0 {}
    register(DATA).write(byte.into());
}
