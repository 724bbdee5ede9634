//! Drawing system calls: sizes around the limits, mostly good handles and names, some bad ones.

use postroom::{Priority, Rights};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::drawing::{Choices, who};
use crate::model::{Held, Model};
use crate::request::Life;
use crate::script::Sizes;
use crate::step::{Hold, NAMES, Patience, To, Wish};

/// What pipes are called: mostly the same, so that many meet there. One has the name of a task.
pub(crate) const PIPES: [&str; 8] = ["p", "p", "p", "p", "p", "q", "q", "dan"];

/// Names that nothing has, or can have.
const NO_NAMES: [&str; 4] = ["nobody", "", "unix:p", "a name of twenty-four byt"];

/// A call that this task may make now.
pub(crate) fn wish(model: &Model, me: Life) -> BoxedStrategy<Wish> {
    let sizes = model.sizes;
    let held = model.tasks[me].handles.iter().flatten();
    let (reads, writes): (Vec<&Held>, Vec<&Held>) = (
        held.clone().filter(|it| it.rights.contains(Rights::READ)).collect(),
        held.clone().filter(|it| it.rights.contains(Rights::WRITE)).collect(),
    );
    let all: Vec<&Held> = held.collect();
    let named = model.pipes.iter().any(|pipe| pipe.alive && pipe.name.is_some());
    let pipes = model.pipes.iter().filter(|pipe| pipe.alive).count();

    let name = prop_oneof![4 => select(&PIPES[..]).prop_map(Some), 1 => Just(None)];
    let pipe = (name, capacity(sizes)).prop_map(|(name, capacity)| Wish::Pipe { name, capacity });
    let rights = prop_oneof![
        4 => Just(Rights::READ),
        4 => Just(Rights::WRITE),
        1 => Just(Rights::READ | Rights::WRITE),
    ];
    let open = (pipe_name(), rights).prop_map(|(name, rights)| Wish::Open { name, rights });
    let send = (to(), message(sizes), patience()).prop_map(|(to, length, wait)| Wish::Send {
        to,
        length,
        wait,
    });
    let from = prop_oneof![2 => Just(None), 1 => to().prop_map(Some)];
    let receive = (from, message(sizes), patience())
        .prop_map(|(from, length, wait)| Wish::Receive { from, length, wait });
    let mut choices: Choices<Wish> = vec![
        (if pipes == 0 { 4 } else { 1 }, pipe.boxed()),
        (if named && all.len() < 3 { 16 } else { 2 }, open.boxed()),
        (8, send.boxed()),
        (8, receive.boxed()),
        (1, (0..4u64).prop_map(|ticks| Wish::Sleep { ticks }).boxed()),
        (2, select(vec![Wish::Yield, Wish::Now, Wish::Cancel]).boxed()),
        (1, priority().prop_map(|priority| Wish::SetPriority { priority }).boxed()),
        (1, Just(Wish::Exit).boxed()),
    ];
    let at_some_handle = |held: &[&Held], f: fn(Hold, usize, Patience) -> Wish| {
        (hold(held), length(model, held), patience()).prop_map(move |(h, n, p)| f(h, n, p)).boxed()
    };
    choices.push((
        if reads.is_empty() { 1 } else { 14 },
        at_some_handle(&reads, |handle, length, wait| Wish::Read { handle, length, wait }),
    ));
    choices.push((
        if writes.is_empty() { 1 } else { 16 },
        at_some_handle(&writes, |handle, length, wait| Wish::Write { handle, length, wait }),
    ));
    choices.push((2, hold(&all).prop_map(|handle| Wish::Duplicate { handle }).boxed()));
    choices.push((4, hold(&all).prop_map(|handle| Wish::Close { handle }).boxed()));
    choices.push((2, hold(&all).prop_map(|handle| Wish::Readiness { handle }).boxed()));
    Union::new_weighted(choices).boxed()
}

/// Mostly one of these handles, now and then one that is closed, unsuitable or another task's.
fn hold(held: &[&Held]) -> BoxedStrategy<Hold> {
    let slots: Vec<u16> = held.iter().map(|held| held.handle.slot()).collect();
    let mut choices: Choices<Hold> = vec![
        (1, (0..4u16).prop_map(Hold::Own).boxed()),
        (1, (0..3u16).prop_map(Hold::Closed).boxed()),
        (1, (who(), 0..3u16).prop_map(|(who, slot)| Hold::Of(who, slot)).boxed()),
    ];
    if !slots.is_empty() {
        choices.push((40, select(slots).prop_map(Hold::Own).boxed()));
    }
    Union::new_weighted(choices).boxed()
}

/// Lengths around the limits of the pipes behind these handles.
fn length(model: &Model, held: &[&Held]) -> BoxedStrategy<usize> {
    let mut lengths = vec![0, 1, 1, 2, 3];
    for held in held {
        let pipe = &model.pipes[held.pipe];
        let (atomic, capacity) = (pipe.atomic(), pipe.capacity);
        lengths.extend([atomic - 1, atomic, atomic + 1, capacity, capacity + 1, 2 * capacity]);
        lengths.extend([pipe.free(), pipe.free() + 1, pipe.bytes.len()]);
    }
    lengths.sort_unstable();
    select(lengths).boxed()
}

fn message(sizes: Sizes) -> BoxedStrategy<usize> {
    let longest = sizes.longest().unwrap_or(0);
    prop_oneof![
        8 => select(vec![0, 1, 2, 3]),
        2 => select(vec![longest.saturating_sub(1), longest, longest, longest + 1]),
    ]
    .boxed()
}

pub(crate) fn capacity(sizes: Sizes) -> BoxedStrategy<usize> {
    let some = [1, 2, 3, 5, 8, 511, 512, 513, 700, sizes.ring];
    let fit = some.into_iter().filter(|&capacity| capacity <= sizes.ring).collect::<Vec<_>>();
    prop_oneof![20 => select(fit), 1 => select(vec![0, sizes.ring + 1, usize::MAX])].boxed()
}

fn pipe_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![20 => select(&PIPES[..]), 1 => select(&NAMES[..]), 1 => select(&NO_NAMES[..])]
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![
        10 => select(&NAMES[..]).prop_map(To::Name),
        10 => who().prop_map(To::Last),
        1 => who().prop_map(To::First),
        1 => select(&PIPES[..]).prop_map(To::Name),
        1 => select(&NO_NAMES[..]).prop_map(To::Name),
    ]
}

fn patience() -> impl Strategy<Value = Patience> {
    prop_oneof![
        2 => Just(Patience::Try),
        2 => (0..5u64).prop_map(Patience::For),
        6 => Just(Patience::Forever),
    ]
}

/// Few priorities, so that many are equal.
pub(crate) fn priority() -> impl Strategy<Value = Priority> + Clone {
    (0..3u8).prop_map(|level| {
        Priority::new(Priority::NORMAL.level() - 1 + level).unwrap_or(Priority::NORMAL)
    })
}
