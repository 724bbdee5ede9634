//! What an operation came to.

use std::fmt;

use postroom::{Error, Readiness};

/// What an operation came to, without what may be another number on the other side.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) answer: Result<What, Error>,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Done,
    Count(usize),
    End,
    /// A new handle, and the handle that it is, which is not compared.
    Opened,
    /// The length of the whole message, its urgency, and its sender's name.
    Message {
        length: u32,
        urgency: u8,
        from: Option<usize>,
    },
    Attributes {
        most: u16,
        longest: u32,
        length: u16,
    },
    Ready(Readiness),
}

impl Seen {
    /// Bytes that a write put in.
    pub(crate) fn written(&self) -> usize {
        if let Ok(What::Count(count)) = self.answer { count } else { 0 }
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Err(error) => write!(f, "{}", error.name())?,
            Ok(What::Ready(ready)) => write!(
                f,
                "ready:{}{}{}{}",
                if ready.readable { " read" } else { "" },
                if ready.writable { " write" } else { "" },
                if ready.hung_up { " hung-up" } else { "" },
                if ready.error { " error" } else { "" },
            )?,
            Ok(what) => write!(f, "{what:?}")?,
        }
        match &self.bytes[..] {
            [] => Ok(()),
            [first, .., last] => write!(f, ", bytes {first}..={last} ({})", self.bytes.len()),
            [only] => write!(f, ", byte {only}"),
        }
    }
}
