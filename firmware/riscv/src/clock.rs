//! The timer of the core: it tells the time, and interrupts.

use riscv::interrupt::Interrupt;

/// Counts of the timer in a microsecond.
const MICROSECOND: u64 = 10;

/// The time since the start, in two halves, and the time of the next interrupt.
const TIME: [*const u32; 2] = [0x0200_bff8 as *const u32, 0x0200_bffc as *const u32];
const NEXT: [*mut u32; 2] = [0x0200_4000 as *mut u32, 0x0200_4004 as *mut u32];

/// Lets the timer interrupt, first after so many microseconds.
pub fn start(microseconds: u32) {
    after(microseconds);
    // SAFETY: the handlers share nothing with the rest but atomics, and no critical section is
    // open where this is called.
    unsafe {
        riscv::interrupt::enable_interrupt(Interrupt::MachineTimer);
        riscv::interrupt::enable();
    }
}

/// Interrupts next after so many microseconds: what the handler says when it has served one.
pub fn after(microseconds: u32) {
    let next = time() + u64::from(microseconds) * MICROSECOND;
    // SAFETY: the registers are those of the first core. The upper half first becomes so high that
    // no time between the old and the new one is met.
    unsafe {
        NEXT[1].write_volatile(u32::MAX);
        NEXT[0].write_volatile(next as u32);
        NEXT[1].write_volatile((next >> 32) as u32);
    }
}

/// Milliseconds since the start.
pub(crate) fn ticks() -> u32 {
    (time() / (MICROSECOND * 1000)) as u32
}

fn time() -> u64 {
    // SAFETY: the registers of the timer may always be read.
    let half = |which: usize| u64::from(unsafe { TIME[which].read_volatile() });
    loop {
        let (high, low) = (half(1), half(0));
        // The lower half may have run over in between.
        if half(1) == high {
            return high << 32 | low;
        }
    }
}
