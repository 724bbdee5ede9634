//! A ring of messages: the store of a mailbox.
//!
//! Like the ring of bytes it holds only indices. The store is cut into slots of one size, a header
//! and room for the longest message. The slots in use form a list in the order of sending, the
//! others a free list, so a message can also be taken from the middle, for those who wait for one
//! sender only.

use super::id::{Key, NONE, TaskId};
use super::name::{NAME_BYTES, Name};

/// Bytes of the header that stands before each message in the store.
const HEADER: usize = 40;

/// Where the messages lie in their store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MessageRing {
    slots: u16,
    longest: usize,
    // The list of messages.
    first: u16,
    last: u16,
    length: u16,
    // The free list; slots from `fresh` on have never been used and are on no list.
    free: u16,
    fresh: u16,
}

/// What the kernel writes about a message (law 23).
#[derive(Clone, Copy)]
struct Header {
    next: u16,
    previous: u16,
    length: u32,
    sender: TaskId,
    name: [u8; NAME_BYTES],
}

/// Who sent a message, as the kernel knows it (law 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The sending task; it may have ended since.
    pub task: TaskId,
    /// The name that it had.
    pub name: Name,
}

/// A message in the ring: who sent it, how long it is, and where.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) sender: Sender,
    pub(crate) length: usize,
    slot: u16,
}

impl MessageRing {
    /// An empty ring for messages of up to `longest` bytes in a store of `store` bytes; the
    /// longest is less if not even one such message would fit.
    pub(crate) fn new(store: usize, longest: usize) -> Self {
        let longest = longest.min(store.saturating_sub(HEADER));
        let slots = (store / (HEADER + longest)).min(usize::from(NONE) - 1) as u16;
        Self { slots, longest, first: NONE, last: NONE, length: 0, free: NONE, fresh: 0 }
    }

    /// The longest message, in bytes. `None` if the store is too small for any message.
    pub(crate) fn longest(&self) -> Option<usize> {
        (self.slots > 0).then_some(self.longest)
    }

    pub(crate) fn capacity(&self) -> usize {
        usize::from(self.slots)
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.length)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.length == self.slots
    }

    /// Copies a message in behind all others. It is linked, and so becomes visible, when header
    /// and body are complete (law 7). The caller has made sure that it fits.
    pub(crate) fn push(&mut self, store: &mut [u8], sender: Sender, body: &[u8]) {
        debug_assert!(!self.is_full() && body.len() <= self.longest);
        let slot = if self.free != NONE { self.free } else { self.fresh };
        let header = Header {
            next: NONE,
            previous: self.last,
            length: body.len() as u32,
            sender: sender.task,
            name: sender.name.to_bytes(),
        };
        let at = self.offset(slot);
        store[at + HEADER..at + HEADER + body.len()].copy_from_slice(body);
        if slot == self.free {
            self.free = self.next(store, slot);
        } else {
            self.fresh += 1;
        }
        header.write(&mut store[at..at + HEADER]);
        if self.last == NONE {
            self.first = slot;
        } else {
            self.set_next(store, self.last, slot);
        }
        self.last = slot;
        self.length += 1;
    }

    /// The first message.
    pub(crate) fn front(&self, store: &[u8]) -> Option<Message> {
        self.message(store, self.first)
    }

    /// All messages, in the order of sending.
    pub(crate) fn iter(self, store: &[u8]) -> impl Iterator<Item = Message> {
        core::iter::successors(self.front(store), move |message| {
            self.message(store, self.next(store, message.slot))
        })
    }

    /// The bytes of a message.
    pub(crate) fn body(self, store: &[u8], message: Message) -> &[u8] {
        let at = self.offset(message.slot) + HEADER;
        &store[at..at + message.length]
    }

    /// Takes a message out, wherever it stands.
    pub(crate) fn remove(&mut self, store: &mut [u8], message: Message) {
        let slot = message.slot;
        let Header { next, previous, .. } = self.header(store, slot);
        match previous {
            NONE => self.first = next,
            previous => self.set_next(store, previous, next),
        }
        match next {
            NONE => self.last = previous,
            next => self.set_previous(store, next, previous),
        }
        self.set_next(store, slot, self.free);
        self.free = slot;
        self.length -= 1;
    }

    fn message(&self, store: &[u8], slot: u16) -> Option<Message> {
        if slot == NONE {
            return None;
        }
        let header = self.header(store, slot);
        let name = Name::from_bytes(header.name)?;
        let sender = Sender { task: header.sender, name };
        Some(Message { sender, length: header.length as usize, slot })
    }

    fn offset(&self, slot: u16) -> usize {
        usize::from(slot) * (HEADER + self.longest)
    }

    fn header(&self, store: &[u8], slot: u16) -> Header {
        Header::read(&store[self.offset(slot)..])
    }

    fn next(&self, store: &[u8], slot: u16) -> u16 {
        u16::from_le_bytes(take(&store[self.offset(slot)..], 0))
    }

    fn set_next(&self, store: &mut [u8], slot: u16, next: u16) {
        let at = self.offset(slot);
        store[at..at + 2].copy_from_slice(&next.to_le_bytes());
    }

    fn set_previous(&self, store: &mut [u8], slot: u16, previous: u16) {
        let at = self.offset(slot) + 2;
        store[at..at + 2].copy_from_slice(&previous.to_le_bytes());
    }
}

impl Header {
    fn write(&self, to: &mut [u8]) {
        let Key { index, generation } = self.sender.0;
        to[0..2].copy_from_slice(&self.next.to_le_bytes());
        to[2..4].copy_from_slice(&self.previous.to_le_bytes());
        to[4..8].copy_from_slice(&self.length.to_le_bytes());
        to[8..10].copy_from_slice(&index.to_le_bytes());
        to[12..16].copy_from_slice(&generation.to_le_bytes());
        to[16..16 + NAME_BYTES].copy_from_slice(&self.name);
    }

    fn read(from: &[u8]) -> Self {
        Self {
            next: u16::from_le_bytes(take(from, 0)),
            previous: u16::from_le_bytes(take(from, 2)),
            length: u32::from_le_bytes(take(from, 4)),
            sender: TaskId::from_parts(
                u16::from_le_bytes(take(from, 8)),
                u32::from_le_bytes(take(from, 12)),
            ),
            name: take(from, 16),
        }
    }
}

fn take<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&from[at..at + N]);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn sender(n: u16) -> Sender {
        Sender {
            task: TaskId::from_parts(n, 7),
            name: Name::new(["a", "b", "c"][usize::from(n)]).unwrap(),
        }
    }

    #[test]
    fn a_store_too_small_for_one_message_has_no_slot() {
        assert_eq!(MessageRing::new(HEADER - 1, 16).longest(), None);
        assert_eq!(MessageRing::new(HEADER, 16).longest(), Some(0));
        assert_eq!(MessageRing::new(HEADER + 3, 16).longest(), Some(3));
        assert_eq!(MessageRing::new(2 * (HEADER + 16), 16).capacity(), 2);
    }

    proptest! {
        #[test]
        fn a_deque_says_the_same(
            steps in proptest::collection::vec((any::<bool>(), 0..3u16, proptest::collection::vec(any::<u8>(), 0..5)), 0..60),
        ) {
            let mut store = [0; 3 * (HEADER + 4)];
            let mut ring = MessageRing::new(store.len(), 4);
            let mut model: VecDeque<(u16, Vec<u8>)> = VecDeque::new();
            for (push, who, body) in steps {
                if push && !ring.is_full() {
                    ring.push(&mut store, sender(who), &body);
                    model.push_back((who, body));
                } else if let Some(at) = model.iter().position(|message| message.0 == who) {
                    let message = ring.iter(&store).find(|m| m.sender == sender(who)).unwrap();
                    prop_assert_eq!(ring.body(&store, message), &model[at].1[..]);
                    ring.remove(&mut store, message);
                    model.remove(at);
                }
                prop_assert_eq!(ring.is_full(), model.len() == 3);
                let now: Vec<_> = ring
                    .iter(&store)
                    .map(|m| (m.sender.task.index(), ring.body(&store, m).to_vec()))
                    .collect();
                prop_assert_eq!(now, Vec::from(model.clone()));
            }
        }
    }
}
