//! Wait queues: who waits for an object, and in which order.
//!
//! A queue holds its tasks by priority, first come first served inside one (law 5). A task waits
//! for one thing at a time, so all queues are linked through one array, a node for each task. The
//! tasks of one priority form a circle, and the first of each circle points to the first of the
//! next lower one: joining and leaving take at most as many steps as there are priorities,
//! however many tasks wait.

use super::{NONE, Priority};

/// One queue: the first task in line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitQueue {
    head: u16,
}

impl WaitQueue {
    pub(crate) const EMPTY: Self = Self { head: NONE };

    #[inline]
    pub(crate) fn head(&self) -> Option<u16> {
        (self.head != NONE).then_some(self.head)
    }

    /// Whether nobody came before this task.
    #[inline]
    pub(crate) fn has_nobody_but(&self, task: u16) -> bool {
        self.head == NONE || self.head == task
    }
}

/// The links of all wait queues.
pub(crate) struct Waits<const TASKS: usize> {
    nodes: [Node; TASKS],
}

#[derive(Clone, Copy)]
struct Node {
    // The circle of those with the same priority.
    next: u16,
    previous: u16,
    // For the first of a circle: the first of the next lower priority.
    lower: u16,
    priority: Priority,
    queued: bool,
}

impl<const TASKS: usize> Waits<TASKS> {
    pub(crate) const fn new() -> Self {
        const VACANT: Node = Node {
            next: NONE,
            previous: NONE,
            lower: NONE,
            priority: Priority::LOWEST,
            queued: false,
        };
        Self { nodes: [VACANT; TASKS] }
    }

    /// Whether the task stands in a queue.
    #[inline]
    pub(crate) fn contains(&self, task: u16) -> bool {
        self.node(task).queued
    }

    /// Puts a task behind those of the same and of higher priority.
    #[inline(always)]
    pub(crate) fn join(&mut self, queue: &mut WaitQueue, task: u16, priority: Priority) {
        debug_assert!(!self.contains(task), "a task waits in one queue");
        let (higher, first) = self.seek(queue, priority);
        *self.node_mut(task) =
            Node { next: task, previous: task, lower: NONE, priority, queued: true };
        if first != NONE && self.node(first).priority == priority {
            let last = self.node(first).previous;
            self.node_mut(last).next = task;
            self.node_mut(first).previous = task;
            self.node_mut(task).previous = last;
            self.node_mut(task).next = first;
        } else {
            self.node_mut(task).lower = first;
            self.link(queue, higher, task);
        }
    }

    /// Takes a task out of the queue in which it stands.
    #[inline(always)]
    pub(crate) fn leave(&mut self, queue: &mut WaitQueue, task: u16) {
        debug_assert!(self.contains(task), "a task leaves a queue once");
        let Node { next, previous, lower, priority, .. } = *self.node(task);
        self.node_mut(task).queued = false;
        if queue.head == task && next == task {
            queue.head = lower;
            return;
        }
        let (higher, first) = self.seek(queue, priority);
        if next != task {
            self.node_mut(previous).next = next;
            self.node_mut(next).previous = previous;
        }
        if first == task {
            let heir = if next == task {
                lower
            } else {
                self.node_mut(next).lower = lower;
                next
            };
            self.link(queue, higher, heir);
        }
    }

    /// Whether a task may take what the queue waits for: nobody of its priority or a higher one
    /// came before it.
    #[inline]
    pub(crate) fn may_pass(&self, queue: &WaitQueue, task: u16, priority: Priority) -> bool {
        match queue.head() {
            None => true,
            // Whoever is in this line and not its head has a head before it that is as urgent.
            Some(head) => head == task || self.node(head).priority > priority,
        }
    }

    /// The task behind this one.
    pub(crate) fn after(&self, task: u16, queue: &WaitQueue) -> Option<u16> {
        let (_, first) = self.seek(queue, self.node(task).priority);
        let Node { next, .. } = *self.node(task);
        let after = if next == first { self.node(first).lower } else { next };
        (after != NONE).then_some(after)
    }

    /// All tasks in line, the first one first.
    pub(crate) fn iter(&self, queue: &WaitQueue) -> impl Iterator<Item = u16> {
        core::iter::successors(queue.head(), move |&at| self.after(at, queue))
    }

    /// The first of the next higher priority, and the first whose priority is not higher.
    #[inline(always)]
    fn seek(&self, queue: &WaitQueue, priority: Priority) -> (u16, u16) {
        let (mut higher, mut first) = (NONE, queue.head);
        while first != NONE && self.node(first).priority < priority {
            higher = first;
            first = self.node(first).lower;
        }
        (higher, first)
    }

    /// Makes `first` the head of what follows `higher`.
    #[inline(always)]
    fn link(&mut self, queue: &mut WaitQueue, higher: u16, first: u16) {
        if higher == NONE {
            queue.head = first;
        } else {
            self.node_mut(higher).lower = first;
        }
    }

    #[inline]
    fn node(&self, task: u16) -> &Node {
        &self.nodes[usize::from(task)]
    }

    #[inline]
    fn node_mut(&mut self, task: u16) -> &mut Node {
        &mut self.nodes[usize::from(task)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_sorted_list_says_the_same(
            steps in proptest::collection::vec((0..6u16, 0..3u8), 0..40),
        ) {
            let mut waits = Waits::<6>::new();
            let mut queue = WaitQueue::EMPTY;
            let mut model: std::vec::Vec<(u8, usize, u16)> = std::vec::Vec::new();
            for (order, (task, level)) in steps.into_iter().enumerate() {
                if waits.contains(task) {
                    waits.leave(&mut queue, task);
                    model.retain(|waiter| waiter.2 != task);
                } else {
                    let priority = Priority::new(level).unwrap();
                    let may_pass = model.iter().all(|waiter| waiter.0 > level);
                    prop_assert_eq!(waits.may_pass(&queue, task, priority), may_pass);
                    waits.join(&mut queue, task, priority);
                    model.push((level, order, task));
                    model.sort();
                }
                let line: std::vec::Vec<_> = waits.iter(&queue).collect();
                let expected: std::vec::Vec<_> = model.iter().map(|waiter| waiter.2).collect();
                prop_assert_eq!(line, expected);
            }
        }
    }
}
