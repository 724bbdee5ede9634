//! What a runner lends the tasks of a scenario: the user's options, and a place to print.

use core::fmt;

/// Takes what tasks print.
pub trait Print {
    /// Takes one line, without its end.
    fn line(&self, line: fmt::Arguments<'_>);
}

/// The options of a scenario, and where its tasks print.
#[derive(Clone, Copy)]
pub struct Stage<'t> {
    /// Capacity of each pipe, in bytes.
    pub capacity: usize,
    /// How many messages, where a scenario can send any number.
    pub messages: usize,
    /// How many items go through a queue.
    pub items: usize,
    /// How many tasks work on them.
    pub workers: usize,
    /// Whether the philosophers take their forks in an order that cannot deadlock.
    pub ordered: bool,
    /// Where lines go.
    pub output: &'t (dyn Print + Sync),
}

impl Stage<'_> {
    /// Prints a line: `stage.say(format_args!("..."))`.
    pub fn say(&self, line: fmt::Arguments<'_>) {
        self.output.line(line);
    }
}

impl fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// Bytes that are shown as the text they should be; what is not UTF-8 shows as `�`.
#[derive(Clone, Copy, Debug)]
pub struct Text<'b>(pub &'b [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}
