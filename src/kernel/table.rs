//! A table of slots that are used again and again, each use with a generation of its own.

use super::{Key, NONE};

/// What stands in a slot that nobody has used yet.
pub(crate) trait Vacant {
    const VACANT: Self;
}

/// `N` slots. A value never moves: it is made ready in its slot, and stays there.
///
/// Freed slots are used again in the order in which they became free, so an id stays recognisably
/// stale for as long as the table can afford.
pub(crate) struct Table<T, const N: usize> {
    slots: [Slot<T>; N],
    // The free list; slots from `fresh` on have never been used and are on no list.
    first: u16,
    last: u16,
    fresh: u16,
    live: u16,
}

// What every look-up reads stands first, beside what the value has first.
#[repr(C)]
struct Slot<T> {
    generation: u32,
    next: u16,
    live: bool,
    value: T,
}

impl<T: Vacant, const N: usize> Table<T, N> {
    pub(crate) const fn new() -> Self {
        const { assert!(N < NONE as usize, "a table has at most 65534 slots") };
        Self {
            slots: [const { Slot { generation: 0, live: false, next: NONE, value: T::VACANT } }; N],
            first: NONE,
            last: NONE,
            fresh: 0,
            live: 0,
        }
    }

    /// Takes a slot; its value is what the last user left. `None` if the table is full.
    pub(crate) fn insert(&mut self) -> Option<Key> {
        let index = if self.first != NONE {
            let index = self.first;
            self.first = self.slots[usize::from(index)].next;
            index
        } else if usize::from(self.fresh) < N {
            self.fresh += 1;
            self.fresh - 1
        } else {
            return None;
        };
        let slot = &mut self.slots[usize::from(index)];
        slot.live = true;
        self.live += 1;
        Some(Key { index, generation: slot.generation })
    }

    /// Gives a live slot back. Every id of it is stale from here on.
    pub(crate) fn remove(&mut self, index: u16) {
        let slot = &mut self.slots[usize::from(index)];
        debug_assert!(slot.live, "a slot is freed once");
        slot.live = false;
        self.live -= 1;
        // A slot whose generations are used up retires: a number that came twice would make an
        // old id good again.
        let Some(generation) = slot.generation.checked_add(1) else { return };
        slot.generation = generation;
        slot.next = NONE;
        if self.first == NONE {
            self.first = index;
        } else {
            self.slots[usize::from(self.last)].next = index;
        }
        self.last = index;
    }

    /// Whether one more would fit.
    pub(crate) fn has_room(&self) -> bool {
        self.first != NONE || usize::from(self.fresh) < N
    }

    pub(crate) fn is_live(&self, key: Key) -> bool {
        self.get(key).is_some()
    }

    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let slot = self.slots.get(usize::from(key.index))?;
        (slot.live && slot.generation == key.generation).then_some(&slot.value)
    }

    /// The slot's value, live or not: for those who hold the index by right, as a list does.
    #[inline]
    pub(crate) fn at(&self, index: u16) -> &T {
        &self.slots[usize::from(index)].value
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, index: u16) -> &mut T {
        &mut self.slots[usize::from(index)].value
    }

    /// The id of a slot's present use: for those who hold the index by right.
    #[inline]
    pub(crate) fn key(&self, index: u16) -> Key {
        Key { index, generation: self.slots[usize::from(index)].generation }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.live)
    }

    /// All slots in use, in the order of their indices.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> + Clone {
        self.slots[..usize::from(self.fresh)]
            .iter()
            .zip(0..)
            .filter(|(slot, _)| slot.live)
            .map(|(slot, index)| (Key { index, generation: slot.generation }, &slot.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Vacant for u8 {
        const VACANT: u8 = 0;
    }

    #[test]
    fn a_reused_slot_has_a_new_generation() {
        let mut table = Table::<u8, 1>::new();
        let old = table.insert().unwrap();
        assert_eq!(table.insert(), None);
        table.remove(old.index);
        let new = table.insert().unwrap();
        assert_eq!(old.index, new.index);
        assert!(table.is_live(new) && !table.is_live(old));
    }

    #[test]
    fn slots_are_reused_in_the_order_in_which_they_became_free() {
        let mut table = Table::<u8, 3>::new();
        for _ in 0..3 {
            table.insert().unwrap();
        }
        table.remove(2);
        table.remove(0);
        assert_eq!(table.insert().unwrap().index, 2);
        assert_eq!(table.insert().unwrap().index, 0);
        assert_eq!(table.insert(), None);
    }

    #[test]
    fn a_slot_without_generations_left_retires() {
        let mut table = Table::<u8, 1>::new();
        table.slots[0].generation = u32::MAX;
        let key = table.insert().unwrap();
        table.remove(key.index);
        assert_eq!(table.insert(), None);
        assert!(!table.is_live(key));
    }
}
