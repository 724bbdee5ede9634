//! Who is to be woken at what time.
//!
//! A binary heap of tasks by deadline, first come first served for equal ones. Where in the heap each
//! task stands is known, so a timer that is no longer needed is taken out at once: no list of
//! dead timers grows.

use heapless::Vec;

use super::{NONE, Ticks};

pub(crate) struct Timers<const TASKS: usize> {
    heap: Vec<u16, TASKS>,
    position: [u16; TASKS],
    due: [Due; TASKS],
    count: u64,
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
        let never = Due { deadline: Ticks(0), order: 0 };
        Self { heap: Vec::new(), position: [NONE; TASKS], due: [never; TASKS], count: 0 }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Ticks> {
        self.heap.first().map(|&task| self.due[usize::from(task)].deadline)
    }

    /// A task's deadline, if it has a timer.
    pub(crate) fn get(&self, task: u16) -> Option<Ticks> {
        let task = usize::from(task);
        (self.position[task] != NONE).then(|| self.due[task].deadline)
    }

    /// Sets a task's timer, in place of the one it had.
    pub(crate) fn set(&mut self, task: u16, deadline: Ticks) {
        self.clear(task);
        self.due[usize::from(task)] = Due { deadline, order: self.count };
        self.count += 1;
        // A task has one timer and there is a place for each task, so this cannot be refused.
        if self.heap.push(task).is_ok() {
            self.up(self.heap.len() - 1);
        }
    }

    /// Takes a task's timer away, if it has one.
    #[inline]
    pub(crate) fn clear(&mut self, task: u16) {
        if self.position[usize::from(task)] != NONE {
            self.take_out(task);
        }
    }

    fn take_out(&mut self, task: u16) {
        let at = self.position[usize::from(task)];
        self.position[usize::from(task)] = NONE;
        let at = usize::from(at);
        self.heap.swap_remove(at);
        if at < self.heap.len() {
            self.up(at);
            self.down(at);
        }
    }

    /// Takes out a task whose deadline has come, the earliest first.
    pub(crate) fn expire(&mut self, now: Ticks) -> Option<u16> {
        let task = *self.heap.first()?;
        if self.due[usize::from(task)].deadline > now {
            return None;
        }
        self.clear(task);
        Some(task)
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 && self.due_at(at) < self.due_at((at - 1) / 2) {
            self.heap.swap(at, (at - 1) / 2);
            self.place(at);
            at = (at - 1) / 2;
        }
        self.place(at);
    }

    fn down(&mut self, mut at: usize) {
        while let Some(child) = (2 * at + 1..(2 * at + 3).min(self.heap.len()))
            .min_by_key(|&child| self.due_at(child))
            .filter(|&child| self.due_at(child) < self.due_at(at))
        {
            self.heap.swap(at, child);
            self.place(at);
            at = child;
        }
        self.place(at);
    }

    fn due_at(&self, at: usize) -> Due {
        self.due[usize::from(self.heap[at])]
    }

    fn place(&mut self, at: usize) {
        self.position[usize::from(self.heap[at])] = at as u16;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
