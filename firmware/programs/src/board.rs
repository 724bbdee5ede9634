//! What a program asks of the board that it runs on.

/// A board. There is one of it, so it has no values.
pub trait Board: Send + Sync + 'static {
    /// Prints text where whoever started the board sees it.
    fn print(text: &str);

    /// Ticks of the board's clock, a millisecond each. They wrap.
    fn ticks() -> u32;

    /// Runs `f` while no interrupt handler can.
    fn masked<R>(f: impl FnOnce() -> R) -> R;

    /// Stops the core until an interrupt is pending, masked or not.
    fn wait();

    /// Ends the program.
    fn exit(success: bool) -> !;
}
