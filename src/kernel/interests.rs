//! Who polls what: for each channel the list of those to tell when it becomes ready.
//!
//! A task that polls stands in several lists at once, so it has a node for each thing that it
//! looks at. It takes nothing, so it stands in no wait queue, and keeps nobody from anything.

use core::ops::Range;

use super::{ChannelId, POLL, Rights};

/// The numbers of a task's nodes.
pub(crate) const fn nodes() -> Range<usize> {
    Range { start: 0, end: POLL }
}

/// The index that no node has.
const NONE: u32 = u32::MAX;

/// The list of one channel.
#[derive(Clone, Copy)]
pub(crate) struct PollList {
    head: u32,
}

impl PollList {
    pub(crate) const EMPTY: Self = Self { head: NONE };

    pub(crate) fn is_empty(self) -> bool {
        POLL == 0 || self.head == NONE
    }
}

/// The nodes of all lists.
pub(crate) struct Interests<const TASKS: usize> {
    nodes: [[Node; POLL]; TASKS],
}

// The nodes of a list form a circle.
#[derive(Clone, Copy)]
struct Node {
    next: u32,
    previous: u32,
    /// `None` if the node is in no list.
    interest: Option<Interest>,
}

/// What a task that polls looks at, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interest {
    /// The channel in whose list the node is.
    pub(crate) list: u16,
    /// Whose readiness counts: of a socket its own, also in the list of its peer.
    pub(crate) object: ChannelId,
    /// What the task's handle allows.
    pub(crate) rights: Rights,
    pub(crate) wants: Rights,
}

impl<const TASKS: usize> Interests<TASKS> {
    pub(crate) const fn new() -> Self {
        Self { nodes: [[Node { next: NONE, previous: NONE, interest: None }; POLL]; TASKS] }
    }

    /// What the nth node of a task looks at.
    pub(crate) fn get(&self, task: u16, n: usize) -> Option<Interest> {
        self.nodes[usize::from(task)][n].interest
    }

    /// Puts the nth node of a task at the end of a list.
    pub(crate) fn add(&mut self, list: &mut PollList, task: u16, n: usize, interest: Interest) {
        let at = u32::from(task) * POLL as u32 + n as u32;
        let (next, previous) = if list.head == NONE {
            list.head = at;
            (at, at)
        } else {
            let last = self.node(list.head).previous;
            self.node_mut(last).next = at;
            self.node_mut(list.head).previous = at;
            (list.head, last)
        };
        *self.node_mut(at) = Node { next, previous, interest: Some(interest) };
    }

    /// Takes the nth node of a task out of its list.
    pub(crate) fn remove(&mut self, list: &mut PollList, task: u16, n: usize) {
        let at = u32::from(task) * POLL as u32 + n as u32;
        let Node { next, previous, .. } = *self.node(at);
        self.node_mut(at).interest = None;
        self.node_mut(previous).next = next;
        self.node_mut(next).previous = previous;
        if list.head == at {
            list.head = if next == at { NONE } else { next };
        }
    }

    /// The tasks in a list, first come first, and which node of theirs it is.
    pub(crate) fn iter(&self, list: PollList) -> impl Iterator<Item = (u16, usize)> {
        let first = (!list.is_empty()).then_some(list.head);
        core::iter::successors(first, move |&at| {
            let next = self.node(at).next;
            (next != list.head).then_some(next)
        })
        .map(|at| {
            let (task, n) = place(at);
            (task as u16, n)
        })
    }

    /// The first in a list, for those who change it as they go.
    pub(crate) fn first(&self, list: PollList) -> Option<(u16, usize)> {
        self.iter(list).next()
    }

    /// What follows a task's nth node in its list.
    pub(crate) fn after(&self, list: PollList, (task, n): (u16, usize)) -> Option<(u16, usize)> {
        let next = self.nodes[usize::from(task)][n].next;
        let more = (next != list.head).then_some(PollList { head: next })?;
        self.first(more)
    }

    fn node(&self, at: u32) -> &Node {
        let (task, n) = place(at);
        &self.nodes[task][n]
    }

    fn node_mut(&mut self, at: u32) -> &mut Node {
        let (task, n) = place(at);
        &mut self.nodes[task][n]
    }
}

/// Whose node this is, and which of them. Where nobody can poll, there is none.
const fn place(node: u32) -> (usize, usize) {
    let each = if POLL == 0 { 1 } else { POLL };
    (node as usize / each, node as usize % each)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_vector_says_the_same(steps in proptest::collection::vec((0..4u16, 0..2usize), 0..60)) {
            let mut interests = Interests::<4>::new();
            let mut list = PollList::EMPTY;
            let mut model: Vec<(u16, usize)> = Vec::new();
            let interest = Interest {
                list: 0,
                object: ChannelId::from_parts(0, 0),
                rights: Rights::READ,
                wants: Rights::READ,
            };
            for (task, n) in steps {
                if interests.get(task, n).is_some() {
                    interests.remove(&mut list, task, n);
                    model.retain(|&node| node != (task, n));
                } else {
                    interests.add(&mut list, task, n, interest);
                    model.push((task, n));
                }
                prop_assert_eq!(interests.iter(list).collect::<Vec<_>>(), model.clone());
                prop_assert_eq!(list.is_empty(), model.is_empty());
            }
        }
    }
}
