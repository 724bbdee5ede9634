//! Who is to be woken at what time.
//!
//! A leftist heap of tasks by deadline, first come first served for equal ones (Crane, "Linear lists
//! and priority queues as balanced binary trees", 1972). Whoever sleeps for less than all others stands
//! at the root, and goes in and comes out in a few steps, however many sleep for longer; no step
//! takes longer than the logarithm of their number. A timer that is no longer needed is taken out at
//! once: no list of dead timers grows.

use super::{NONE, Ticks};

pub(crate) struct Timers<const TASKS: usize> {
    // Steps to the right until there is nobody; 0 for a task without a timer. Apart from the rest,
    // as every wake looks at it.
    ranks: [u8; TASKS],
    nodes: [Node; TASKS],
    root: u16,
    count: u64,
}

/// A task's timer, and its place in the heap: each comes before its children.
#[derive(Clone, Copy)]
struct Node {
    due: Due,
    parent: u16,
    // Never with a lower rank than on the right.
    left: u16,
    right: u16,
}

/// When a task's turn comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    deadline: Ticks,
    // Makes the order total, so that it does not depend on how the heap happens to lie.
    order: u64,
}

impl<const TASKS: usize> Timers<TASKS> {
    pub(crate) const fn new() -> Self {
        let due = Due { deadline: Ticks(0), order: 0 };
        let node = Node { due, parent: NONE, left: NONE, right: NONE };
        Self { ranks: [0; TASKS], nodes: [node; TASKS], root: NONE, count: 0 }
    }

    /// The earliest deadline.
    #[inline]
    pub(crate) fn next(&self) -> Option<Ticks> {
        (self.root != NONE).then(|| self.node(self.root).due.deadline)
    }

    /// A task's deadline, if it has a timer.
    pub(crate) fn get(&self, task: u16) -> Option<Ticks> {
        (self.rank(task) > 0).then(|| self.node(task).due.deadline)
    }

    /// Sets a task's timer, in place of the one it had.
    pub(crate) fn set(&mut self, task: u16, deadline: Ticks) {
        self.clear(task);
        let due = Due { deadline, order: self.count };
        self.count += 1;
        *self.node_mut(task) = Node { due, parent: NONE, left: NONE, right: NONE };
        self.ranks[usize::from(task)] = 1;
        self.root = self.merge(task, self.root);
    }

    /// Takes a task's timer away, if it has one.
    #[inline]
    pub(crate) fn clear(&mut self, task: u16) {
        if self.rank(task) > 0 {
            self.take_out(task);
        }
    }

    /// Takes out a task whose deadline has come, the earliest first.
    #[inline]
    pub(crate) fn expire(&mut self, now: Ticks) -> Option<u16> {
        if self.next()? > now {
            return None;
        }
        let task = self.root;
        self.take_out(task);
        Some(task)
    }

    fn take_out(&mut self, task: u16) {
        let Node { parent, left, right, .. } = *self.node(task);
        self.ranks[usize::from(task)] = 0;
        let heir = self.merge(left, right);
        if heir != NONE {
            self.node_mut(heir).parent = parent;
        }
        if parent == NONE {
            self.root = heir;
            return;
        }
        let above = self.node_mut(parent);
        if above.left == task {
            above.left = heir;
        } else {
            above.right = heir;
        }
        self.restore(parent);
    }

    /// Makes one heap of two, and returns its root.
    fn merge(&mut self, a: u16, b: u16) -> u16 {
        if a == NONE || b == NONE {
            // One of them is there, or none.
            return a.min(b);
        }
        let (root, mut rest) = if self.is_before(a, b) { (a, b) } else { (b, a) };
        self.node_mut(root).parent = NONE;
        // Down the right sides of both, each in its turn.
        let mut last = root;
        loop {
            let right = self.node(last).right;
            if right == NONE || self.is_before(rest, right) {
                self.node_mut(last).right = rest;
                self.node_mut(rest).parent = last;
                if right == NONE {
                    break;
                }
                (last, rest) = (rest, right);
            } else {
                last = right;
            }
        }
        while last != NONE {
            self.balance(last);
            last = self.node(last).parent;
        }
        root
    }

    /// Puts right the ranks above a place where one may have become less. It ends where none does; as
    /// those that do rise by one a step, there are no more of them than the highest.
    fn restore(&mut self, mut at: u16) {
        while at != NONE && self.balance(at) {
            at = self.node(at).parent;
        }
    }

    /// Puts the child with the higher rank on the left; whether the rank has changed.
    fn balance(&mut self, at: u16) -> bool {
        let Node { left, right, .. } = *self.node(at);
        let (high, low) = (self.rank(left), self.rank(right));
        if high < low {
            let node = self.node_mut(at);
            (node.left, node.right) = (right, left);
        }
        let rank = high.min(low) + 1;
        core::mem::replace(&mut self.ranks[usize::from(at)], rank) != rank
    }

    #[inline]
    fn rank(&self, task: u16) -> u8 {
        // `NONE` is past the end.
        self.ranks.get(usize::from(task)).copied().unwrap_or(0)
    }

    fn is_before(&self, a: u16, b: u16) -> bool {
        self.node(a).due < self.node(b).due
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

    impl<const TASKS: usize> Timers<TASKS> {
        /// Whether all below this place is in order; its tasks, and its rank.
        fn look(&self, at: u16, parent: u16) -> (usize, u8) {
            if at == NONE {
                return (0, 0);
            }
            let (Node { left, right, .. }, rank) = (*self.node(at), self.rank(at));
            assert_eq!(self.node(at).parent, parent);
            assert!(parent == NONE || self.is_before(parent, at));
            let ((lefts, high), (rights, low)) = (self.look(left, at), self.look(right, at));
            assert!(high >= low && rank == low + 1);
            (lefts + rights + 1, rank)
        }
    }

    proptest! {
        #[test]
        fn a_sorted_list_says_the_same(
            steps in proptest::collection::vec((0..8u16, proptest::option::of(0..20u64)), 0..60),
        ) {
            let mut timers = Timers::<8>::new();
            let mut model: std::vec::Vec<(u64, usize, u16)> = std::vec::Vec::new();
            for (order, (task, deadline)) in steps.into_iter().enumerate() {
                model.retain(|timer| timer.2 != task);
                match deadline {
                    Some(deadline) => {
                        timers.set(task, Ticks(deadline));
                        model.push((deadline, order, task));
                    }
                    None => timers.clear(task),
                }
                model.sort();
                prop_assert_eq!(timers.next(), model.first().map(|timer| Ticks(timer.0)));
                prop_assert_eq!(timers.look(timers.root, NONE).0, model.len());
            }
            for (deadline, _, task) in model {
                if let Some(early) = deadline.checked_sub(1) {
                    prop_assert_eq!(timers.expire(Ticks(early)), None);
                }
                prop_assert_eq!(timers.get(task), Some(Ticks(deadline)));
                prop_assert_eq!(timers.expire(Ticks(deadline)), Some(task));
                prop_assert_eq!(timers.get(task), None);
            }
            prop_assert_eq!(timers.next(), None);
        }
    }
}
