//! Drawing sizes and lengths: mostly around the limits.

use postroom::{Kind, Sizes};
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{Held, Model, What};
use crate::script::Limits;

/// Bytes that the kernel keeps of a connection that waits. No message drawn here has so many.
pub(crate) const ID: usize = 6;

/// Lengths around the limits of the objects behind these handles.
pub(crate) fn length(model: &Model, held: &[&Held]) -> BoxedStrategy<usize> {
    let mut lengths = vec![0, 1, 1, 2, 3];
    for held in held {
        let What::Object(object) = held.what else { continue };
        let it = &model.objects[object];
        match it.sizes {
            Sizes::Bytes(capacity) => {
                let atomic = it.atomic();
                lengths.extend([atomic.saturating_sub(1), atomic, atomic + 1, capacity]);
                lengths.extend([capacity + 1, 2 * capacity, it.free(), it.free() + 1]);
                lengths.push(it.bytes.len());
            }
            Sizes::Messages { longest, .. } => {
                lengths.extend([longest, longest, longest, longest.saturating_sub(1), longest + 1]);
            }
        }
    }
    lengths.sort_unstable();
    select(lengths).boxed()
}

pub(crate) fn message(limits: Limits) -> BoxedStrategy<usize> {
    let (_, longest) = limits.mailbox();
    prop_oneof![
        8 => select(vec![0, 1, 2, 3]),
        2 => select(vec![longest.saturating_sub(1), longest, longest, longest + 1]),
    ]
    .boxed()
}

pub(crate) fn capacity(limits: Limits) -> BoxedStrategy<usize> {
    let some = [1, 2, 3, 5, 8, 511, 512, 513, 700, limits.ring];
    let fit = some.into_iter().filter(|&capacity| capacity <= limits.ring).collect::<Vec<_>>();
    prop_oneof![20 => select(fit), 1 => select(vec![0, limits.ring + 1, usize::MAX])].boxed()
}

pub(crate) fn messages(limits: Limits) -> BoxedStrategy<Sizes> {
    let few = prop_oneof![20 => 1..4usize, 1 => select(vec![0, 70_000, usize::MAX])];
    let short = prop_oneof![20 => 0..4usize, 1 => select(vec![limits.ring, usize::MAX - 40])];
    (few, short).prop_map(|(most, longest)| Sizes::Messages { most, longest }).boxed()
}

/// What a pipe or a queue is made for.
pub(crate) fn sizes(limits: Limits) -> BoxedStrategy<Sizes> {
    prop_oneof![capacity(limits).prop_map(Sizes::Bytes), messages(limits)].boxed()
}

/// A kind of socket, and what it is made for.
pub(crate) fn socket(limits: Limits) -> BoxedStrategy<(Kind, Sizes)> {
    prop_oneof![
        10 => capacity(limits).prop_map(|capacity| (Kind::Stream, Sizes::Bytes(capacity))),
        8 => messages(limits).prop_map(|sizes| (Kind::Sequenced, sizes)),
        8 => messages(limits).prop_map(|sizes| (Kind::Datagram, sizes)),
        1 => (select(vec![Kind::Pipe, Kind::Stream, Kind::Sequenced]), sizes(limits)),
    ]
    .boxed()
}
