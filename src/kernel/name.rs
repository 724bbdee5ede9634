//! Names of tasks and channels: short, never empty, never cut.

use core::fmt;
use core::num::NonZeroU8;

use super::{Error, NAME, Result};

/// Bytes of a name as it stands in a message's header: the length, then the text.
pub(crate) const NAME_BYTES: usize = NAME + 1;

/// The name of a task or a channel: 1 to [`NAME`] bytes of UTF-8.
///
/// ```
/// use postroom::{Error, Name};
///
/// assert_eq!(Name::new("reader")?.as_str(), "reader");
/// assert_eq!(Name::new(""), Err(Error::BadName));
/// assert_eq!(Name::new("a name that goes on and on"), Err(Error::NameTooLong));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    // Zero past the end, so that the derived comparisons compare names.
    bytes: [u8; NAME],
    length: NonZeroU8,
}

impl Name {
    /// A name from its text.
    ///
    /// # Errors
    /// [`Error::BadName`] if it is empty, or holds a control character or a colon (a name with a
    /// scheme is a device's); [`Error::NameTooLong`] if it has more than [`NAME`] bytes (law 14:
    /// refused, never cut).
    pub fn new(text: &str) -> Result<Self> {
        if text.len() > NAME {
            return Err(Error::NameTooLong);
        }
        if text.chars().any(char::is_control) || has_scheme(text) {
            return Err(Error::BadName);
        }
        let length = NonZeroU8::new(text.len() as u8).ok_or(Error::BadName)?;
        let mut bytes = [0; NAME];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length })
    }

    /// The name of a device, which has a scheme; `None` if it is too long to be kept.
    pub fn of_device(text: &str) -> Option<Self> {
        let length = NonZeroU8::new(u8::try_from(text.len()).ok()?)?;
        let mut bytes = [0; NAME];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // The bytes were a `str` in `new`, and nothing changes them afterwards.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The same, for those who need not know that it is text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length.get())]
    }

    pub(crate) fn to_bytes(self) -> [u8; NAME_BYTES] {
        let mut raw = [0; NAME_BYTES];
        raw[0] = self.length.get();
        raw[1..].copy_from_slice(&self.bytes);
        raw
    }

    /// The name that [`Name::to_bytes`] wrote; `None` for bytes that it cannot have written.
    pub(crate) fn from_bytes(raw: [u8; NAME_BYTES]) -> Option<Self> {
        let length = NonZeroU8::new(raw[0]).filter(|n| usize::from(n.get()) <= NAME)?;
        let mut bytes = [0; NAME];
        bytes.copy_from_slice(&raw[1..]);
        Some(Self { bytes, length })
    }
}

/// FNV-1a over a name's text (Fowler, Noll and Vo).
pub(crate) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Whether a name has a scheme, as `unix:chat`: such a name belongs to the devices.
pub(crate) fn has_scheme(text: &str) -> bool {
    text.bytes().any(|byte| byte == b':')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl TryFrom<&str> for Name {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_fits_and_one_byte_more_is_refused() {
        let longest = "abcdefghijklmnopqrstuvw";
        assert_eq!(longest.len(), NAME);
        assert_eq!(Name::new(longest).unwrap().as_str(), longest);
        assert_eq!(Name::new("abcdefghijklmnopqrstuvwx"), Err(Error::NameTooLong));
    }

    #[test]
    fn a_name_survives_its_trip_through_a_header() {
        let name = Name::new("größe").unwrap();
        assert_eq!(Name::from_bytes(name.to_bytes()), Some(name));
    }

    #[test]
    fn control_characters_and_schemes_are_refused() {
        assert_eq!(Name::new("a\nb"), Err(Error::BadName));
        assert_eq!(Name::new("a\u{9b}b"), Err(Error::BadName));
        assert_eq!(Name::new("unix:a"), Err(Error::BadName));
    }
}
