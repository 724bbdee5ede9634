//! Text for a board, handed over a line at a time: on some boards each hand-over is slow.

use core::fmt::{self, Write};
use core::marker::PhantomData;

use heapless::String;
use postroom::scenario::Print;

use crate::Board;

/// Where a program prints. It is both: where the event log goes, and where tasks print.
pub struct Console<B> {
    line: String<256>,
    board: PhantomData<B>,
}

impl<B: Board> Console<B> {
    /// A console with nothing on it.
    pub const fn new() -> Self {
        Self { line: String::new(), board: PhantomData }
    }

    fn flush(&mut self) {
        B::print(&self.line);
        self.line.clear();
    }
}

impl<B: Board> Default for Console<B> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B: Board> Write for Console<B> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.line.push_str(text).is_err() {
            self.flush();
            if self.line.push_str(text).is_err() {
                B::print(text);
            }
        }
        if self.line.ends_with('\n') {
            self.flush();
        }
        Ok(())
    }
}

/// Tasks print through a console of their own, since theirs is shared: a line goes out whole.
impl<B: Board> Print for Console<B> {
    fn line(&self, line: fmt::Arguments<'_>) {
        // A console takes everything.
        let _ = writeln!(Self::new(), "{line}");
    }
}
