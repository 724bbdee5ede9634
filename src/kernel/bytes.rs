//! A ring of bytes: the store of a pipe.
//!
//! It holds only indices; the bytes stand in the channel's store, which is lent to each
//! operation. A start and a length tell full from empty without losing a slot (law 38), and every
//! copy is at most two `copy_from_slice`.

/// Where the bytes of a pipe lie in its store. All counts are bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteRing {
    capacity: usize,
    start: usize,
    length: usize,
}

impl ByteRing {
    /// An empty ring over the first `capacity` bytes of a store.
    pub(crate) const fn new(capacity: usize) -> Self {
        Self { capacity, start: 0, length: 0 }
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) const fn free(&self) -> usize {
        self.capacity - self.length
    }

    /// Copies in what fits of `bytes`, and returns how many that were. The length changes after
    /// the copy (law 7).
    #[inline(always)]
    pub(crate) fn write(&mut self, store: &mut [u8], bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.free());
        let end = self.wrap(self.start + self.length);
        let bytes = &bytes[..count];
        let ahead = self.capacity - end;
        if count <= ahead {
            store[end..end + count].copy_from_slice(bytes);
        } else {
            let (head, tail) = bytes.split_at(ahead);
            store[end..end + ahead].copy_from_slice(head);
            store[..tail.len()].copy_from_slice(tail);
        }
        self.length += count;
        count
    }

    /// Copies out what there is, as far as `buffer` reaches, and returns how many bytes that were.
    #[inline(always)]
    pub(crate) fn read(&mut self, store: &[u8], buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.length);
        let buffer = &mut buffer[..count];
        let (start, ahead) = (self.start, self.capacity - self.start);
        if count <= ahead {
            buffer.copy_from_slice(&store[start..start + count]);
        } else {
            let (head, tail) = buffer.split_at_mut(ahead);
            head.copy_from_slice(&store[start..start + ahead]);
            tail.copy_from_slice(&store[..tail.len()]);
        }
        self.length -= count;
        // An empty ring starts afresh, so that the next copy is one piece.
        self.start = if self.length == 0 { 0 } else { self.wrap(self.start + count) };
        count
    }

    /// The bytes in the ring, in their order.
    pub(crate) fn contents(self, store: &[u8]) -> impl Iterator<Item = u8> {
        (0..self.length).map(move |offset| store[self.wrap(self.start + offset)])
    }

    /// An index that has run at most once past the end.
    const fn wrap(&self, index: usize) -> usize {
        if index >= self.capacity { index - self.capacity } else { index }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Write(Vec<u8>),
        Read(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..12).prop_map(Step::Write),
            (0..12usize).prop_map(Step::Read),
        ]
    }

    proptest! {
        #[test]
        fn a_deque_says_the_same(
            capacity in 1..9usize,
            steps in proptest::collection::vec(step(), 0..80),
        ) {
            let mut ring = ByteRing::new(capacity);
            let mut store = [0; 8];
            let mut model = VecDeque::<u8>::new();
            for step in steps {
                match step {
                    Step::Write(bytes) => {
                        let count = ring.write(&mut store, &bytes);
                        prop_assert_eq!(count, bytes.len().min(capacity - model.len()));
                        model.extend(&bytes[..count]);
                    }
                    Step::Read(length) => {
                        let mut buffer = [0; 12];
                        let count = ring.read(&store, &mut buffer[..length]);
                        prop_assert_eq!(count, length.min(model.len()));
                        prop_assert!(model.drain(..count).eq(buffer[..count].iter().copied()));
                    }
                }
                prop_assert!(ring.contents(&store).eq(model.iter().copied()));
                prop_assert_eq!(ring.free(), capacity - model.len());
            }
        }
    }
}
