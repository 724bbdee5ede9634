//! A ring of messages: the store of everything that keeps boundaries.
//!
//! Like the ring of bytes it holds only indices. The store is cut into slots of one size, a header
//! and room for the longest message. The slots in use form a circle for each level, in the order
//! of sending, and the store begins with the last slot of each circle; the others form a free
//! list. So the first message of the highest level is found at once (law 40), and whoever walks to
//! one in the middle, to take from one sender only (law 25), knows the one before it.

use super::{Key, MAILBOX_LONGEST, MAILBOX_SHORTEST, NAME_BYTES, NONE, Name, RequestId, TaskId};

/// Bytes of the header that stands before each message in the store.
const HEADER: usize = 48;

/// Most levels: as many as a bitmap has bits.
pub(crate) const LEVELS: usize = 32;

/// Where the messages lie in their store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageRing {
    slots: u16,
    levels: u8,
    longest: usize,
    // One bit for each level that has a message.
    occupied: u32,
    length: u16,
    // The free list; slots from `fresh` on have never been used and are on no list.
    free: u16,
    fresh: u16,
}

/// What the kernel writes on a message. Nobody can forge it (law 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Who sent it. The task may have ended since.
    pub sender: TaskId,
    /// In a mailbox, the sender's name; in a datagram socket, the name that the sending socket was
    /// bound to, if it was.
    pub name: Option<Name>,
    /// In a queue, its urgency: 31 is the highest.
    pub urgency: u8,
    /// The number of the request, if the sender waits for a reply; 0 if not.
    pub request: u64,
}

/// Where a message stands in the ring.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    level: u8,
    slot: u16,
    // The slot before it in the circle of its level.
    before: u16,
}

impl MessageRing {
    /// An empty ring with so many slots for messages of up to `longest` bytes, at so many levels.
    /// `None` if the store is too small for that.
    pub(crate) fn new(store: usize, slots: usize, longest: usize, levels: usize) -> Option<Self> {
        let size = HEADER.checked_add(longest)?.checked_mul(slots)?;
        let fits = size <= store.checked_sub(2 * levels)? && slots < usize::from(NONE);
        (fits && levels <= LEVELS).then_some(Self {
            slots: slots as u16,
            levels: levels as u8,
            longest,
            occupied: 0,
            length: 0,
            free: NONE,
            fresh: 0,
        })
    }

    /// An empty ring for a mailbox, with as many slots as fit into the store, and two levels: one
    /// for the reply to the owner's own call, one for messages. In a small store the messages are
    /// shorter, so that there are two slots; in a very small one there is a single slot.
    pub(crate) fn mailbox(store: usize) -> Self {
        let room = store.saturating_sub(2 * 2);
        let slots = if room < 2 * (HEADER + MAILBOX_SHORTEST) { 1 } else { 2 };
        let longest = MAILBOX_LONGEST.min((room / slots).saturating_sub(HEADER));
        let slots = (room / (HEADER + longest)).min(usize::from(NONE) - 1);
        let none =
            Self { slots: 0, levels: 2, longest: 0, occupied: 0, length: 0, free: NONE, fresh: 0 };
        // It fits: it was measured for this store.
        Self::new(store, slots, longest, 2).unwrap_or(none)
    }

    /// The longest message, in bytes.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Messages that it can hold.
    pub(crate) fn capacity(&self) -> usize {
        usize::from(self.slots)
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether there is a message of this level.
    #[inline]
    pub(crate) fn has(&self, level: u8) -> bool {
        self.occupied & (1 << level) != 0
    }

    /// Copies a message in behind all others of its level. It is linked, and so becomes visible,
    /// when header and body are complete (law 7). The caller has made sure that it fits.
    #[inline(always)]
    pub(crate) fn push(&mut self, store: &mut [u8], level: u8, envelope: &Envelope, body: &[u8]) {
        debug_assert!(self.len() < self.capacity() && body.len() <= self.longest);
        let slot = if self.free == NONE { self.fresh } else { self.free };
        let at = self.offset(slot);
        store[at + HEADER..at + HEADER + body.len()].copy_from_slice(body);
        if self.free == NONE {
            self.fresh += 1;
        } else {
            self.free = self.next(store, slot);
        }
        let first = if self.has(level) {
            let last = self.last(store, level);
            let first = self.next(store, last);
            self.set_next(store, last, slot);
            first
        } else {
            self.occupied |= 1 << level;
            slot
        };
        envelope.write(first, body.len(), &mut store[at..at + HEADER]);
        self.set_last(store, level, slot);
        self.length += 1;
    }

    /// The first message of the highest level from this one on.
    #[inline(always)]
    pub(crate) fn front(&self, store: &[u8], from: u8) -> Option<Message> {
        let occupied = self.occupied & u32::MAX.checked_shl(from.into())?;
        if occupied == 0 {
            return None;
        }
        let level = occupied.trailing_zeros() as u8;
        let last = self.last(store, level);
        Some(Message { level, slot: self.next(store, last), before: last })
    }

    /// The messages of all levels from this one on, in the order in which they would be taken.
    pub(crate) fn iter(self, store: &[u8], from: u8) -> impl Iterator<Item = Message> {
        let first = self.front(store, from);
        core::iter::successors(first, move |&Message { level, slot, .. }| {
            if slot == self.last(store, level) {
                self.front(store, level + 1)
            } else {
                Some(Message { level, slot: self.next(store, slot), before: slot })
            }
        })
    }

    /// What the kernel wrote on a message.
    #[inline(always)]
    pub(crate) fn envelope(self, store: &[u8], message: Message) -> Envelope {
        let at = self.offset(message.slot);
        Envelope::read(&store[at..at + HEADER])
    }

    /// The bytes of a message.
    #[inline(always)]
    pub(crate) fn body(self, store: &[u8], message: Message) -> &[u8] {
        let at = self.offset(message.slot);
        let length = u32::from_le_bytes(take(store, at + 4)) as usize;
        &store[at + HEADER..at + HEADER + length]
    }

    /// Takes a message out, wherever it stands. No other that was found before may be
    /// used: what stands before it may have changed.
    #[inline(always)]
    pub(crate) fn remove(&mut self, store: &mut [u8], message: Message) {
        let Message { level, slot, before } = message;
        debug_assert_eq!(self.next(store, before), slot, "a message is removed as it was found");
        if before == slot {
            self.occupied &= !(1 << level);
        } else {
            let next = self.next(store, slot);
            self.set_next(store, before, next);
            if self.last(store, level) == slot {
                self.set_last(store, level, before);
            }
        }
        self.set_next(store, slot, self.free);
        self.free = slot;
        self.length -= 1;
    }

    #[inline(always)]
    fn offset(&self, slot: u16) -> usize {
        2 * usize::from(self.levels) + usize::from(slot) * (HEADER + self.longest)
    }

    #[inline(always)]
    fn last(&self, store: &[u8], level: u8) -> u16 {
        u16::from_le_bytes(take(store, 2 * usize::from(level)))
    }

    #[inline(always)]
    fn set_last(&self, store: &mut [u8], level: u8, slot: u16) {
        put(store, 2 * usize::from(level), slot.to_le_bytes());
    }

    #[inline(always)]
    fn next(&self, store: &[u8], slot: u16) -> u16 {
        u16::from_le_bytes(take(store, self.offset(slot)))
    }

    #[inline(always)]
    fn set_next(&self, store: &mut [u8], slot: u16, next: u16) {
        put(store, self.offset(slot), next.to_le_bytes());
    }
}

// A header: next in the circle 0..2, urgency 2, length 4..8, sender 8..10 and 12..16, request
// 16..24, name 24..48.
const _: () = assert!(24 + NAME_BYTES == HEADER);

impl Envelope {
    /// The request that this message is, if its sender waits for a reply (law 27).
    pub fn request(&self) -> Option<RequestId> {
        (self.request > 0).then_some(RequestId { caller: self.sender, serial: self.request })
    }

    #[inline]
    fn write(&self, next: u16, length: usize, to: &mut [u8]) {
        let Key { index, generation } = self.sender.0;
        put(to, 0, next.to_le_bytes());
        put(to, 2, [self.urgency, 0]);
        put(to, 4, (length as u32).to_le_bytes());
        put(to, 8, index.to_le_bytes());
        put(to, 12, generation.to_le_bytes());
        put(to, 16, self.request.to_le_bytes());
        match self.name {
            Some(name) => put(to, 24, name.to_bytes()),
            // A length of 0 says so; what follows it says nothing.
            None => put(to, 24, [0]),
        }
    }

    #[inline]
    fn read(from: &[u8]) -> Self {
        let [urgency] = take(from, 2);
        Self {
            sender: TaskId::from_parts(
                u16::from_le_bytes(take(from, 8)),
                u32::from_le_bytes(take(from, 12)),
            ),
            name: Name::from_bytes(take(from, 24)),
            urgency,
            request: u64::from_le_bytes(take(from, 16)),
        }
    }
}

fn take<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&from[at..at + N]);
    bytes
}

fn put<const N: usize>(to: &mut [u8], at: usize, bytes: [u8; N]) {
    to[at..at + N].copy_from_slice(&bytes);
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn envelope(task: u16) -> Envelope {
        Envelope { sender: TaskId::from_parts(task, 7), name: None, urgency: 3, request: 9 }
    }

    #[test]
    fn a_mailbox_has_two_slots_or_one_or_none() {
        let measure = |store| {
            let ring = MessageRing::mailbox(store);
            (ring.capacity(), ring.longest())
        };
        assert_eq!(measure(4 + HEADER - 1), (0, 0));
        assert_eq!(measure(4 + HEADER + 3), (1, 3));
        assert_eq!(measure(4 + 2 * (HEADER + MAILBOX_SHORTEST)), (2, MAILBOX_SHORTEST));
        assert_eq!(measure(4 + 3 * (HEADER + MAILBOX_LONGEST)), (3, MAILBOX_LONGEST));
    }

    #[test]
    fn a_ring_that_does_not_fit_its_store_is_none() {
        assert!(MessageRing::new(2 * (HEADER + 16) + 2, 2, 16, 1).is_some());
        assert!(MessageRing::new(2 * (HEADER + 16) + 1, 2, 16, 1).is_none());
        assert!(MessageRing::new(usize::MAX, usize::MAX, usize::MAX, 1).is_none());
    }

    #[test]
    fn the_envelope_comes_out_as_it_went_in() {
        let mut store = [0; 100];
        let mut ring = MessageRing::new(store.len(), 1, 16, 1).unwrap();
        let sent = Envelope { name: Some(Name::new("größe").unwrap()), ..envelope(2) };
        ring.push(&mut store, 0, &sent, b"");
        let message = ring.front(&store, 0).unwrap();
        assert_eq!(ring.envelope(&store, message), sent);
    }

    proptest! {
        #[test]
        fn one_deque_a_level_says_the_same(
            steps in proptest::collection::vec(
                (any::<bool>(), 0..4u8, 0..3u16, proptest::collection::vec(any::<u8>(), 0..5)),
                0..80,
            ),
        ) {
            let mut store = [0; 8 + 3 * (HEADER + 4)];
            let mut ring = MessageRing::new(store.len(), 3, 4, 4).unwrap();
            let mut model: [VecDeque<(u16, Vec<u8>)>; 4] = Default::default();
            for (push, level, who, body) in steps {
                let found = model.iter().enumerate().find_map(|(level, line)| {
                    Some((level, line.iter().position(|message| message.0 == who)?))
                });
                if push && ring.len() < ring.capacity() {
                    ring.push(&mut store, level, &envelope(who), &body);
                    model[usize::from(level)].push_back((who, body));
                } else if let Some((level, at)) = found {
                    let mut all = ring.iter(&store, 0);
                    let message = all.find(|&it| ring.envelope(&store, it) == envelope(who)).unwrap();
                    drop(all);
                    prop_assert_eq!(ring.body(&store, message), &model[level][at].1[..]);
                    ring.remove(&mut store, message);
                    model[level].remove(at);
                }
                for from in 0..4u8 {
                    let lines = &model[usize::from(from)..];
                    let expected: Vec<_> = lines.iter().flatten().cloned().collect();
                    let now: Vec<_> = ring
                        .iter(&store, from)
                        .map(|it| (ring.envelope(&store, it).sender.index(), ring.body(&store, it).to_vec()))
                        .collect();
                    prop_assert_eq!(now, expected);
                }
            }
        }
    }
}
