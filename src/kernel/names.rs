//! The name table: one flat namespace for tasks and channels.
//!
//! Everything that has a name is a channel: a task is found through its mailbox. So the table
//! stores a name for each slot of the channel table and chains those with the same hash; a look-up
//! does not grow with the number of names.

use super::{NONE, Name, hash};

pub(crate) struct Names<const CHANNELS: usize> {
    buckets: [u16; CHANNELS],
    next: [u16; CHANNELS],
    names: [Option<Name>; CHANNELS],
}

impl<const CHANNELS: usize> Names<CHANNELS> {
    pub(crate) const fn new() -> Self {
        Self { buckets: [NONE; CHANNELS], next: [NONE; CHANNELS], names: [None; CHANNELS] }
    }

    /// The slot that has this name.
    pub(crate) fn find(&self, name: &Name) -> Option<u16> {
        let mut at = *self.buckets.get(Self::bucket(name))?;
        while at != NONE {
            if self.names[usize::from(at)] == Some(*name) {
                return Some(at);
            }
            at = self.next[usize::from(at)];
        }
        None
    }

    /// The name of a slot.
    #[inline]
    pub(crate) fn of(&self, slot: u16) -> Option<Name> {
        self.names[usize::from(slot)]
    }

    /// Names a slot that has no name.
    pub(crate) fn insert(&mut self, slot: u16, name: Name) {
        debug_assert!(self.of(slot).is_none() && self.find(&name).is_none());
        let bucket = Self::bucket(&name);
        self.names[usize::from(slot)] = Some(name);
        self.next[usize::from(slot)] = self.buckets[bucket];
        self.buckets[bucket] = slot;
    }

    /// Takes note of a slot's name by which nobody is found. Others may have the same.
    pub(crate) fn note(&mut self, slot: u16, name: Name) {
        debug_assert!(self.of(slot).is_none());
        self.names[usize::from(slot)] = Some(name);
    }

    /// Takes a slot's name away, if it has one.
    pub(crate) fn remove(&mut self, slot: u16) {
        let Some(name) = self.names[usize::from(slot)].take() else { return };
        let after = self.next[usize::from(slot)];
        let bucket = Self::bucket(&name);
        if self.buckets[bucket] == slot {
            self.buckets[bucket] = after;
            return;
        }
        let mut at = self.buckets[bucket];
        // One that was only noted is in no chain.
        while at != NONE {
            let next = &mut self.next[usize::from(at)];
            if *next == slot {
                *next = after;
                return;
            }
            at = *next;
        }
    }

    fn bucket(name: &Name) -> usize {
        // A table without slots has no bucket either; `find` then looks in none.
        hash(name.as_bytes()) as usize % CHANNELS.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_share_a_bucket_are_told_apart() {
        let mut names = Names::<2>::new();
        let [a, b, c] = ["a", "c", "e"].map(|text| Name::new(text).unwrap());
        names.insert(0, a);
        names.insert(1, b);
        assert_eq!((names.find(&a), names.find(&b), names.find(&c)), (Some(0), Some(1), None));
        names.remove(0);
        names.insert(0, c);
        assert_eq!((names.find(&a), names.find(&b), names.find(&c)), (None, Some(1), Some(0)));
    }

    #[test]
    fn nobody_is_found_by_a_name_that_was_only_noted() {
        let mut names = Names::<4>::new();
        let [a, b] = ["pipe:a", "b"].map(|text| Name::of_device(text).unwrap());
        names.note(0, a);
        names.note(1, a);
        names.insert(2, b);
        assert_eq!((names.of(0), names.of(1), names.find(&a)), (Some(a), Some(a), None));
        names.remove(0);
        names.remove(1);
        assert_eq!((names.of(0), names.of(1), names.find(&b)), (None, None, Some(2)));
    }
}
