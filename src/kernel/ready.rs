//! The ready queue: one list for each priority level, and a bitmap of the levels that have one.
//!
//! The lists are linked through the task table, so nothing is ever scanned: the next task to run
//! is the head of the list that the bitmap's lowest bit names.

use super::{NONE, PRIORITIES};

const _: () = assert!(PRIORITIES <= u32::BITS as usize, "the bitmap of levels is a u32");

pub(crate) struct ReadyQueue<const TASKS: usize> {
    levels: u32,
    // The last task of each level; the lists are circles, so `last.next` is the first.
    last: [u16; PRIORITIES],
    nodes: [Node; TASKS],
    count: u16,
}

#[derive(Clone, Copy)]
struct Node {
    next: u16,
    previous: u16,
    level: u8,
    queued: bool,
}

impl<const TASKS: usize> ReadyQueue<TASKS> {
    pub(crate) const fn new() -> Self {
        Self {
            levels: 0,
            last: [NONE; PRIORITIES],
            nodes: [Node { next: NONE, previous: NONE, level: 0, queued: false }; TASKS],
            count: 0,
        }
    }

    /// Whether a task is ready at one of these levels.
    #[inline]
    pub(crate) fn has_any(&self, levels: u32) -> bool {
        self.levels & levels != 0
    }

    /// The highest level that has a ready task.
    #[inline]
    pub(crate) fn highest(&self) -> Option<u8> {
        (self.levels != 0).then(|| self.levels.trailing_zeros() as u8)
    }

    /// Puts a task behind all others of its level.
    #[inline]
    pub(crate) fn push(&mut self, task: u16, level: u8) {
        debug_assert!(!self.contains(task), "a task is made ready once");
        let last = self.last[usize::from(level)];
        let (next, previous) = if last == NONE {
            self.levels |= 1 << level;
            (task, task)
        } else {
            let first = self.node(last).next;
            self.node_mut(last).next = task;
            self.node_mut(first).previous = task;
            (first, last)
        };
        *self.node_mut(task) = Node { next, previous, level, queued: true };
        self.last[usize::from(level)] = task;
        self.count += 1;
    }

    /// Takes a task out, wherever it stands; whether it stood anywhere.
    #[inline]
    pub(crate) fn remove(&mut self, task: u16) -> bool {
        let Node { next, previous, level, queued } = *self.node(task);
        if !queued {
            return false;
        }
        self.node_mut(task).queued = false;
        self.count -= 1;
        if next == task {
            self.levels &= !(1 << level);
            self.last[usize::from(level)] = NONE;
        } else {
            self.node_mut(previous).next = next;
            self.node_mut(next).previous = previous;
            if self.last[usize::from(level)] == task {
                self.last[usize::from(level)] = previous;
            }
        }
        true
    }

    /// Takes out the first task of the highest level.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u16> {
        let level = usize::from(self.highest()?);
        let last = self.last[level];
        let first = self.node(last).next;
        let second = self.node(first).next;
        self.node_mut(first).queued = false;
        self.count -= 1;
        if first == last {
            self.levels &= self.levels - 1;
            self.last[level] = NONE;
        } else {
            self.node_mut(last).next = second;
            self.node_mut(second).previous = last;
        }
        Some(first)
    }

    /// Takes out the `n`th task, counted over all levels. The only choice that walks, for the
    /// policy that picks by lot.
    pub(crate) fn take_nth(&mut self, n: usize) -> Option<u16> {
        let task = self.iter().nth(n)?;
        self.remove(task);
        Some(task)
    }

    pub(crate) fn contains(&self, task: u16) -> bool {
        self.node(task).queued
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// All ready tasks, highest level first, in the order in which they would run.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> {
        self.last.iter().filter(|&&last| last != NONE).flat_map(move |&last| {
            core::iter::successors(Some(self.node(last).next), move |&at| {
                (at != last).then(|| self.node(at).next)
            })
        })
    }

    fn node(&self, task: u16) -> &Node {
        &self.nodes[usize::from(task)]
    }

    fn node_mut(&mut self, task: u16) -> &mut Node {
        &mut self.nodes[usize::from(task)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_levels_first_and_first_come_first_served_inside_one() {
        let mut ready = ReadyQueue::<4>::new();
        ready.push(0, 7);
        ready.push(1, 3);
        ready.push(2, 7);
        ready.push(3, 3);
        assert_eq!(ready.highest(), Some(3));
        let order: [_; 4] = core::array::from_fn(|_| ready.pop().unwrap());
        assert_eq!(order, [1, 3, 0, 2]);
        assert_eq!((ready.pop(), ready.highest(), ready.len()), (None, None, 0));
    }

    #[test]
    fn a_task_can_leave_from_anywhere() {
        for leaver in 0..3 {
            let mut ready = ReadyQueue::<3>::new();
            (0..3).for_each(|task| ready.push(task, 0));
            assert!(ready.remove(leaver) && !ready.remove(leaver));
            assert!(ready.iter().eq((0..3).filter(|&task| task != leaver)));
        }
    }

    #[test]
    fn the_nth_is_counted_over_all_levels() {
        let mut ready = ReadyQueue::<3>::new();
        ready.push(2, 31);
        ready.push(0, 0);
        ready.push(1, 31);
        assert_eq!(ready.take_nth(2), Some(1));
        assert_eq!(ready.take_nth(2), None);
        assert!(ready.iter().eq([0, 2]));
    }
}
