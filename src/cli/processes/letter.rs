//! A message between mailboxes of processes, as it travels.

/// What a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message to a task.
    Message,
    /// One that waits for a reply (law 27).
    Request,
    /// A reply to the request of this number.
    Reply,
    /// The sender waits no longer for the reply to that request.
    GivenUp,
    /// The sender has ended. It comes from the parent, after all that the task has sent.
    Ended,
}

/// A letter. It says itself who sent it: the directory that the mailboxes are in lets nobody else
/// in, but a task of the run could lie (law 23 differs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter<'b> {
    pub(super) kind: Kind,
    /// Of a request and what belongs to it, its number.
    pub(super) serial: u64,
    /// Of a request, how many bytes of a reply its sender takes.
    pub(super) room: u32,
    pub(super) from: &'b str,
    pub(super) text: &'b [u8],
}

/// Bytes after text and name: kind, serial, room, length of the name. They come last, so that a
/// trace shows what was said.
const TAIL: usize = 1 + 8 + 4 + 1;

/// The most bytes that a letter has besides its text.
pub(super) const MOST: usize = TAIL + 255;

const KINDS: [Kind; 5] = [Kind::Message, Kind::Request, Kind::Reply, Kind::GivenUp, Kind::Ended];

impl<'b> Letter<'b> {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len() + self.from.len() + TAIL);
        bytes.extend(self.text);
        bytes.extend(self.from.as_bytes());
        bytes.push(self.kind as u8);
        bytes.extend(self.serial.to_le_bytes());
        bytes.extend(self.room.to_le_bytes());
        // Names of tasks are short.
        bytes.push(self.from.len() as u8);
        bytes
    }

    /// Reads a letter; `None` if it is none.
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (rest, tail) = bytes.split_last_chunk::<TAIL>()?;
        let length = rest.len().checked_sub(tail[TAIL - 1].into())?;
        let (text, from) = rest.split_at(length);
        Some(Self {
            kind: *KINDS.get(usize::from(tail[0]))?,
            serial: u64::from_le_bytes(*tail[1..].first_chunk()?),
            room: u32::from_le_bytes(*tail[9..].first_chunk()?),
            from: core::str::from_utf8(from).ok()?,
            text,
        })
    }
}

/// The file of a task's mailbox, in the directory of the run.
pub(super) fn mailbox(task: &str) -> String {
    format!("@{task}")
}

/// What a kernel calls it.
pub(super) fn address(task: &str) -> String {
    format!("unix-datagram:{}", mailbox(task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_arrives_as_it_was_sent_and_other_bytes_are_none() {
        for kind in KINDS {
            let letter = Letter { kind, serial: 1 << 40, room: 7, from: "größe", text: b"text" };
            let bytes = letter.to_bytes();
            assert_eq!(Letter::read(&bytes), Some(letter));
            assert!((0..TAIL).all(|length| Letter::read(&bytes[..length]).is_none()));
        }
        assert_eq!(Letter::read(&[9; 64]), None);
        assert_eq!(Letter::read(&[255; 64]), None);
    }
}
