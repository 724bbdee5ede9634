//! The board: QEMU's `virt` with one RISC-V core. It prints to its serial port, and ends through
//! the device that ends tests.

#![no_std]

pub mod clock;

use programs::Board;

/// This board.
pub enum Virt {}

impl Board for Virt {
    fn print(text: &str) {
        text.bytes().for_each(send);
    }

    fn ticks() -> u32 {
        clock::ticks()
    }

    fn masked<R>(f: impl FnOnce() -> R) -> R {
        riscv::interrupt::machine::free(f)
    }

    fn wait() {
        riscv::asm::wfi();
    }

    fn exit(success: bool) -> ! {
        const PASS: u32 = 0x5555;
        /// The upper half is the exit code.
        const FAIL: u32 = 1 << 16 | 0x3333;

        let finisher = 0x0010_0000 as *mut u32;
        // SAFETY: the test finisher has its register there.
        unsafe { finisher.write_volatile(if success { PASS } else { FAIL }) };
        loop {
            riscv::asm::wfi();
        }
    }
}

/// Sends a byte through the serial port, a 16550, as soon as there is room.
fn send(byte: u8) {
    const UART: usize = 0x1000_0000;
    const STATUS: usize = 5;
    /// Of the status: there is room.
    const ROOM: u8 = 1 << 5;

    // SAFETY: the port has its registers there.
    unsafe {
        while ((UART + STATUS) as *const u8).read_volatile() & ROOM == 0 {}
        (UART as *mut u8).write_volatile(byte);
    }
}

/// Tells of a panic, and ends the program.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    use core::fmt::Write;

    let _ = writeln!(programs::Console::<Virt>::new(), "{info}");
    Virt::exit(false)
}
