//! A task's handle table: which objects it may use, and how (law 63).

use super::{ChannelId, Error, HANDLES, Handle, Result, Rights, TaskId};

#[derive(Clone, Copy)]
pub(crate) struct Handles {
    entries: [Option<Entry>; HANDLES],
}

#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// Which of all the handles given out this is.
    pub(crate) serial: u64,
    pub(crate) object: Object,
    pub(crate) rights: Rights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Channel(ChannelId),
    Task(TaskId),
}

impl Handles {
    pub(crate) const EMPTY: Self = Self { entries: [None; HANDLES] };

    /// Whether `count` more would fit.
    pub(crate) fn have_room(&self, count: usize) -> bool {
        self.entries.iter().filter(|entry| entry.is_none()).count() >= count
    }

    /// Puts an entry into the lowest free slot, as POSIX does with file descriptors.
    ///
    /// # Errors
    /// [`Error::HandlesFull`].
    pub(crate) fn insert(&mut self, entry: Entry) -> Result<Handle> {
        let slot = self.entries.iter().position(Option::is_none).ok_or(Error::HandlesFull)?;
        self.entries[slot] = Some(entry);
        Ok(Handle::from_parts(slot as u16, entry.serial))
    }

    /// The entry that this very handle stands for.
    ///
    /// # Errors
    /// [`Error::BadHandle`] if the slot is empty, or was given out anew since.
    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Result<&Entry> {
        match self.entries.get(usize::from(handle.slot())) {
            Some(Some(entry)) if entry.serial == handle.serial() => Ok(entry),
            _ => Err(Error::BadHandle),
        }
    }

    /// Takes out the entry that this very handle stands for.
    ///
    /// # Errors
    /// [`Error::BadHandle`], as [`Handles::get`].
    pub(crate) fn remove(&mut self, handle: Handle) -> Result<Entry> {
        let entry = *self.get(handle)?;
        self.entries[usize::from(handle.slot())] = None;
        Ok(entry)
    }

    /// Takes out any entry, the lowest slot first.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        self.entries.iter_mut().find_map(Option::take)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().flatten()
    }
}
