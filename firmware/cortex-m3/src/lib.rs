//! The board: QEMU's `lm3s6965evb`, a Cortex-M3. What it prints goes to the debugger that QEMU is
//! (semihosting), and so does the end of the program.

#![no_std]

pub mod clock;
mod interrupts;
pub mod timer;
pub mod uart;

use cortex_m_semihosting::{debug, hio};
use interrupts::Interrupt;
use programs::Board;

/// This board.
pub enum Lm3s6965 {}

impl Board for Lm3s6965 {
    fn print(text: &str) {
        if let Ok(mut out) = hio::hstdout() {
            // Without a debugger nobody is there to be told that it failed.
            let _ = out.write_all(text.as_bytes());
        }
    }

    fn ticks() -> u32 {
        clock::ticks()
    }

    fn masked<R>(f: impl FnOnce() -> R) -> R {
        cortex_m::interrupt::free(|_| f())
    }

    fn wait() {
        cortex_m::asm::wfi();
    }

    fn exit(success: bool) -> ! {
        loop {
            debug::exit(if success { Ok(()) } else { Err(()) });
        }
    }
}

/// Tells of a panic, and ends the program.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    use core::fmt::Write;

    let _ = writeln!(programs::Console::<Lm3s6965>::new(), "{info}");
    Lm3s6965::exit(false)
}

/// A register of the chip.
struct Register(*mut u32);

impl Register {
    /// The register at this address.
    ///
    /// # Safety
    /// There is one, and no Rust value lies there.
    const unsafe fn at(address: usize) -> Self {
        Self(address as *mut u32)
    }

    fn read(&self) -> u32 {
        // SAFETY: it is a register, as whoever made this has said.
        unsafe { self.0.read_volatile() }
    }

    fn write(&self, value: u32) {
        // SAFETY: it is a register, as whoever made this has said.
        unsafe { self.0.write_volatile(value) }
    }

    fn set(&self, bits: u32) {
        self.write(self.read() | bits);
    }
}

/// Switches the clock of peripherals on: bits of RCGC1.
fn power(bits: u32) {
    // SAFETY: RCGC1 stands at this address.
    unsafe { Register::at(0x400f_e104) }.set(bits);
}
