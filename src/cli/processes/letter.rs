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

/// Bytes before the name: kind, serial, room, length of the name.
const HEAD: usize = 1 + 8 + 4 + 1;

/// The most bytes that a letter has besides its text.
pub(super) const MOST: usize = HEAD + 255;

const KINDS: [Kind; 5] =
    [Kind::Message, Kind::Request, Kind::Reply, Kind::GivenUp, Kind::Ended];

impl<'b> Letter<'b> {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.from.len() + self.text.len());
        bytes.push(self.kind as u8);
        bytes.extend(self.serial.to_le_bytes());
        bytes.extend(self.room.to_le_bytes());
        // Names of tasks are short.
        bytes.push(self.from.len() as u8);
        bytes.extend(self.from.as_bytes());
        bytes.extend(self.text);
        bytes
    }

    /// Reads a letter; `None` if it is none.
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (from, text) = rest.split_at_checked(head[HEAD - 1].into())?;
        Some(Self {
            kind: *KINDS.get(usize::from(head[0]))?,
            serial: u64::from_le_bytes(*head[1..].first_chunk()?),
            room: u32::from_le_bytes(*head[9..].first_chunk()?),
            from: core::str::from_utf8(from).ok()?,
            text,
        })
    }
}

/// The file of a task's mailbox, in the directory of the run.
pub(super) fn mailbox(task: &str) -> String {
    format!("box.{task}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_arrives_as_it_was_sent_and_half_a_letter_is_none() {
        for kind in KINDS {
            let letter = Letter { kind, serial: 1 << 40, room: 7, from: "größe", text: b"text" };
            let bytes = letter.to_bytes();
            assert_eq!(Letter::read(&bytes), Some(letter));
            assert!((0..HEAD + 7).all(|cut| Letter::read(&bytes[..cut]).is_none()));
        }
        assert_eq!(Letter::read(&[9; 64]), None);
    }
}
