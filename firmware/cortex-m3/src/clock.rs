//! The kernel's time: SysTick counts milliseconds.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Cycles of the core in a millisecond: it runs at 12.5 MHz after a reset.
const CYCLES: u32 = 12_500;

static TICKS: AtomicU32 = AtomicU32::new(0);

/// Starts the clock.
pub fn start(mut systick: SYST) {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(CYCLES - 1);
    systick.clear_current();
    systick.enable_counter();
    systick.enable_interrupt();
}

/// A millisecond has passed: what the handler of SysTick calls.
pub fn tick() {
    TICKS.fetch_add(1, Relaxed);
}

/// Milliseconds since the start.
pub(crate) fn ticks() -> u32 {
    TICKS.load(Relaxed)
}
