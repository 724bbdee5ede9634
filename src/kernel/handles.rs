//! A task's handle table: which objects it may use, and how (law 63).

use super::{ChannelId, Error, HANDLES, Handle, Kind, Kinds, Result, Rights, TaskId};

#[derive(Clone, Copy)]
pub(crate) struct Handles {
    entries: [Entry; HANDLES],
}

/// What one handle stands for, in sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The very handle that was given out for it.
    pub(crate) handle: Handle,
    // The object's id.
    generation: u32,
    index: u16,
    /// The object's kind. A mailbox is never opened: its kind stands for its task.
    pub(crate) kind: Kind,
    pub(crate) rights: Rights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Channel(ChannelId),
    Task(TaskId),
}

// No slot of a table is the one of `Handle::NONE`, so nobody can hold a free entry.
const _: () =
    assert!(HANDLES <= Handle::NONE.slot() as usize, "every slot has a number of its own");

impl Entry {
    const FREE: Self = Self {
        handle: Handle::NONE,
        generation: 0,
        index: 0,
        kind: Kind::Mailbox,
        rights: Rights::NONE,
    };

    fn is_free(&self) -> bool {
        self.handle == Handle::NONE
    }

    /// The object, if it is a channel.
    #[inline]
    pub(crate) fn channel(&self) -> Option<ChannelId> {
        (self.kind != Kind::Mailbox).then_some(ChannelId::from_parts(self.index, self.generation))
    }

    /// The object, if it is a channel of one of these kinds.
    #[inline]
    pub(crate) fn channel_of(&self, kinds: Kinds) -> Option<ChannelId> {
        kinds.contains(self.kind).then_some(ChannelId::from_parts(self.index, self.generation))
    }

    /// The object.
    pub(crate) fn object(&self) -> Object {
        match self.channel() {
            Some(channel) => Object::Channel(channel),
            None => Object::Task(TaskId::from_parts(self.index, self.generation)),
        }
    }
}

impl Handles {
    pub(crate) const EMPTY: Self = Self { entries: [Entry::FREE; HANDLES] };

    /// Whether `count` more would fit.
    pub(crate) fn have_room(&self, count: usize) -> bool {
        self.entries.iter().filter(|entry| entry.is_free()).count() >= count
    }

    /// Makes an entry in the lowest free slot, as POSIX does with file descriptors.
    ///
    /// # Errors
    /// [`Error::HandlesFull`].
    pub(crate) fn insert(
        &mut self,
        serial: u64,
        object: Object,
        kind: Kind,
        rights: Rights,
    ) -> Result<Handle> {
        let slot = self.entries.iter().position(Entry::is_free).ok_or(Error::HandlesFull)?;
        let handle = Handle::from_parts(slot as u16, serial);
        let (index, generation) = match object {
            Object::Channel(channel) => (channel.index(), channel.generation()),
            Object::Task(task) => (task.index(), task.generation()),
        };
        self.entries[slot] = Entry { handle, generation, index, kind, rights };
        Ok(handle)
    }

    /// The entry that this very handle stands for.
    ///
    /// # Errors
    /// [`Error::BadHandle`] if the slot is empty, or was given out anew since.
    #[inline]
    pub(crate) fn get(&self, handle: Handle) -> Result<&Entry> {
        match self.entries.get(usize::from(handle.slot())) {
            Some(entry) if entry.handle == handle => Ok(entry),
            _ => Err(Error::BadHandle),
        }
    }

    /// Takes out the entry that this very handle stands for.
    ///
    /// # Errors
    /// [`Error::BadHandle`], as [`Handles::get`].
    pub(crate) fn remove(&mut self, handle: Handle) -> Result<Entry> {
        let entry = *self.get(handle)?;
        self.entries[usize::from(handle.slot())] = Entry::FREE;
        Ok(entry)
    }

    /// Takes out any entry, the lowest slot first.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let entry = self.entries.iter_mut().find(|entry| !entry.is_free())?;
        Some(core::mem::replace(entry, Entry::FREE))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.is_free())
    }
}
