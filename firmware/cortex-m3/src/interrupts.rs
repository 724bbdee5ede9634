//! The interrupts of the chip. A crate for a whole chip would bring this along; here are only those
//! that the programs use. A handler is a function of the interrupt's name.

/// The interrupts that are used, by their numbers in the data sheet.
#[derive(Clone, Copy)]
pub(crate) enum Interrupt {
    Uart0 = 5,
    Timer0A = 19,
}

// SAFETY: the numbers are those of the data sheet, and each is of one interrupt.
unsafe impl cortex_m::interrupt::InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self as u16
    }
}

impl Interrupt {
    /// Lets it come.
    pub(crate) fn unmask(self) {
        // SAFETY: the handlers share nothing with the rest but atomics, and no critical section is
        // open where this is called.
        unsafe { cortex_m::peripheral::NVIC::unmask(self) }
    }
}

unsafe extern "C" {
    // Those that a program does not define are the default handler: `device.x` says so.
    fn UART0();
    fn TIMER0A();
}

/// How many interrupts the chip has.
const COUNT: usize = 44;

type Vector = Option<unsafe extern "C" fn()>;

/// Their part of the vector table.
// SAFETY: the runtime looks for this section and this name, and finds one vector for each interrupt.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [Vector; COUNT] = {
    let mut vectors: [Vector; COUNT] = [None; COUNT];
    vectors[Interrupt::Uart0 as usize] = Some(UART0);
    vectors[Interrupt::Timer0A as usize] = Some(TIMER0A);
    vectors
};
