//! What clients say, as lines with a label, for a terminal, a file or a program to read.
//!
//! Clients may send anything. What would steer a terminal is shown, not sent to it, and lines go
//! out in pieces that a pipe takes all or not at all, so that those of two clients never mix.

use std::fmt::Write;

use postroom::{Result, WriteEnd};

/// Bytes that a pipe of the system takes all at once or not at all (pipe(7)).
const ATOMIC: usize = 4096;

/// Bytes of a line that are printed in one piece. Shown, each may become four, and a label and
/// the end of the line still fit.
const PIECE: usize = 960;

/// Lines of one client.
#[derive(Debug)]
pub(super) struct Page<'o, 'k> {
    /// Where they go, if anybody wants to see them.
    out: Option<&'o WriteEnd<'k>>,
    label: String,
    text: String,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
}

impl<'o, 'k> Page<'o, 'k> {
    pub(super) fn new(label: &str, out: Option<&'o WriteEnd<'k>>) -> Self {
        Self { out, label: label.to_owned(), text: String::new(), begun: Vec::new() }
    }

    /// Prints the lines that end in these bytes, and keeps the rest: how many lines that were.
    pub(super) async fn bytes(&mut self, mut bytes: &[u8]) -> Result<u64> {
        let mut lines = 0;
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            let mut line = core::mem::take(&mut self.begun);
            line.extend_from_slice(&bytes[..end]);
            self.line(line.strip_suffix(b"\r").unwrap_or(&line)).await?;
            bytes = &bytes[end + 1..];
            lines += 1;
        }
        self.begun.extend_from_slice(bytes);
        while self.begun.len() > PIECE {
            // Nobody says how long it will become.
            let rest = self.begun.split_off(cut(&self.begun));
            let piece = core::mem::replace(&mut self.begun, rest);
            self.piece(&piece).await?;
        }
        self.flush().await?;
        Ok(lines)
    }

    /// Prints what was begun and will not be ended: how many lines that were.
    pub(super) async fn end(&mut self) -> Result<u64> {
        if self.begun.is_empty() { Ok(0) } else { self.bytes(b"\n").await }
    }

    /// Prints a message of which so many bytes did not fit.
    pub(super) async fn message(&mut self, message: &[u8], missing: usize) -> Result<()> {
        self.line(message.strip_suffix(b"\n").unwrap_or(message)).await?;
        if missing > 0 {
            self.line(format!("... and {missing} bytes more").as_bytes()).await?;
        }
        self.flush().await
    }

    async fn line(&mut self, line: &[u8]) -> Result<()> {
        let (piece, mut rest) = line.split_at(cut(line));
        self.piece(piece).await?;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(cut(rest));
            self.piece(piece).await?;
            rest = more;
        }
        Ok(())
    }

    async fn piece(&mut self, piece: &[u8]) -> Result<()> {
        let Some(out) = self.out else { return Ok(()) };
        let before = self.text.len();
        let _ = write!(self.text, "[{}] ", self.label);
        show(piece, &mut self.text);
        self.text.push('\n');
        if self.text.len() > ATOMIC {
            out.write_all(&self.text.as_bytes()[..before]).await?;
            self.text.drain(..before);
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let Some(out) = self.out else { return Ok(()) };
        let text = core::mem::take(&mut self.text);
        out.write_all(text.as_bytes()).await
    }
}

/// Where to cut a line: not inside a character, if it has characters.
fn cut(line: &[u8]) -> usize {
    if line.len() <= PIECE {
        return line.len();
    }
    let is_start = |at: &usize| line[*at] & 0xc0 != 0x80;
    (PIECE - 3..=PIECE).rev().find(is_start).unwrap_or(PIECE)
}

/// Writes bytes as the text they should be.
fn show(bytes: &[u8], text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match u8::try_from(letter) {
                Ok(b'\t') => text.push('\t'),
                Ok(byte) if byte.is_ascii_control() => {
                    let _ = write!(text, "{}", byte.escape_ascii());
                }
                _ if letter.is_control() => text.extend(letter.escape_default()),
                _ => text.push(letter),
            }
        }
        if !chunk.invalid().is_empty() {
            text.push('\u{fffd}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        let mut text = String::new();
        show(bytes, &mut text);
        text
    }

    #[test]
    fn nothing_that_steers_a_terminal_reaches_it() {
        assert_eq!(shown(b"gr\xc3\xbc\xc3\x9fe\t!"), "gr\u{fc}\u{df}e\t!");
        assert_eq!(shown(b"\x1b[2J\0\xff"), "\\x1b[2J\\x00\u{fffd}");
        assert_eq!(shown(b"a\nb"), "a\\nb");
    }

    #[test]
    fn a_piece_ends_where_a_character_does_and_fits_a_pipe() {
        let line = "x".to_owned() + &"\u{fc}".repeat(PIECE);
        assert_eq!(cut(line.as_bytes()), PIECE - 1);
        assert_eq!(cut(&[0x80; 2 * PIECE]), PIECE);
        assert_eq!(cut(b"short"), 5);
    }
}
