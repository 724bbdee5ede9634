//! Drawing system calls: mostly good handles and names, some bad ones.

use postroom::{Priority, Rights};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::drawing::{Choices, who};
use crate::grip::with_handles;
use crate::links::on_links;
use crate::model::{Held, Model};
use crate::request::Life;
use crate::sizes::{capacity, message, sizes, socket};
use crate::step::{Hold, Making, NAMES, Patience, To, Wish};

/// What objects are called: mostly the same, so that many meet there. One has the name of a task.
pub(crate) const THINGS: [&str; 8] = ["p", "p", "q", "q", "s", "s", "s", "dan"];

/// Names that nothing has, or can have.
const NO_NAMES: [&str; 4] = ["nobody", "", "unix:p", "a name of twenty-four byt"];

/// A call that this task may make now.
pub(crate) fn wish(model: &Model, me: Life) -> BoxedStrategy<Wish> {
    let limits = model.limits;
    let objects = model.objects.iter().filter(|object| object.alive).count();
    let named = model.objects.iter().any(|object| object.alive && object.name.is_some());
    let peer = alive(model);
    let few = model.tasks[me].handles.iter().flatten().count() < 4;

    let making = (sizes(limits), any::<bool>(), only()).prop_map(|(sizes, exclusive, only)| {
        Making { sizes, exclusive: exclusive && only.is_some(), only }
    });
    let create = prop_oneof![2 => making.prop_map(Some), 3 => Just(None)];
    let open = (name(), rights(), create).prop_map(|(name, rights, create)| Wish::Open {
        name,
        rights,
        create,
    });
    let send = (peer.clone(), message(limits), patience())
        .prop_map(|(to, length, wait)| Wish::Send { to, length, wait });
    let from = prop_oneof![2 => Just(None), 1 => peer.clone().prop_map(Some)];
    let receive = (from, message(limits), patience())
        .prop_map(|(from, length, wait)| Wish::Receive { from, length, wait });
    let request = (peer, message(limits), 0..4usize, patience())
        .prop_map(|(to, length, room, wait)| Wish::Request { to, length, room, wait });
    let reply = (who(), prop_oneof![9 => Just(0), 1 => 0..3u64], message(limits))
        .prop_map(|(to, back, length)| Wish::Reply { to, back, length });
    let answer =
        (message(limits), patience()).prop_map(|(length, wait)| Wish::Answer { length, wait });
    let asked = model.tasks[me].request.is_some();
    let asks = model.tasks.iter().any(|task| {
        task.alive && task.reply.is_none() && task.request.is_some_and(|it| it.server == me)
    });
    let new = if few && objects < 4 { 4 } else { 1 };
    let mut choices: Choices<Wish> = vec![
        (new, capacity(limits).prop_map(|capacity| Wish::Pipe { capacity }).boxed()),
        (if few { 12 } else { 2 }, open.boxed()),
        (if named { 1 } else { 0 }, name().prop_map(|name| Wish::Unlink { name }).boxed()),
        (new, socket(limits).prop_map(|(kind, sizes)| Wish::Pair { kind, sizes }).boxed()),
        (2 * new, socket(limits).prop_map(|(kind, sizes)| Wish::Socket { kind, sizes }).boxed()),
        (7, send.boxed()),
        (7, receive.boxed()),
        (4, request.boxed()),
        (if asked { 30 } else { 1 }, answer.boxed()),
        (if asks { 60 } else { 1 }, reply.boxed()),
        (1, (0..4u64).prop_map(|ticks| Wish::Sleep { ticks }).boxed()),
        (2, select(vec![Wish::Yield, Wish::Now, Wish::Cancel]).boxed()),
        (if asked { 3 } else { 1 }, Just(Wish::GiveUp).boxed()),
        (1, priority().prop_map(|priority| Wish::SetPriority { priority }).boxed()),
        (1, Just(Wish::Exit).boxed()),
    ];
    choices.extend(with_handles(model, me));
    choices.extend(on_links(model, me));
    choices.retain(|(weight, _)| *weight > 0);
    Union::new_weighted(choices).boxed()
}

/// Mostly one of these handles, now and then one that is closed, unsuitable or another task's.
pub(crate) fn hold(held: &[&Held]) -> BoxedStrategy<Hold> {
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

pub(crate) fn name() -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![30 => select(&THINGS[..]), 1 => select(&NAMES[..]), 1 => select(&NO_NAMES[..])]
}

pub(crate) fn to() -> impl Strategy<Value = To> + Clone {
    prop_oneof![
        10 => select(&NAMES[..]).prop_map(To::Name),
        10 => who().prop_map(To::Last),
        1 => who().prop_map(To::First),
        1 => select(&THINGS[..]).prop_map(To::Name),
        1 => select(&NO_NAMES[..]).prop_map(To::Name),
    ]
}

/// Mostly one who lives.
fn alive(model: &Model) -> impl Strategy<Value = To> + Clone + use<> {
    let names: Vec<_> = model.tasks.iter().filter(|task| task.alive).map(|it| it.name).collect();
    let who = |name| To::Last(NAMES.iter().position(|it| *it == name).unwrap_or(0));
    let ids: Vec<To> = names.iter().copied().map(who).collect();
    prop_oneof![6 => select(names).prop_map(To::Name), 6 => select(ids), 1 => to()]
}

/// Those who may open something: mostly everyone.
pub(crate) fn only() -> impl Strategy<Value = Option<Vec<To>>> {
    prop_oneof![12 => Just(None), 1 => proptest::collection::vec(to(), 0..6).prop_map(Some)]
}

pub(crate) fn rights() -> impl Strategy<Value = Rights> {
    prop_oneof![
        4 => Just(Rights::READ),
        4 => Just(Rights::WRITE),
        3 => Just(Rights::READ | Rights::WRITE),
        1 => select(vec![Rights::NONE, Rights::KILL, Rights::READ | Rights::KILL]),
    ]
}

pub(crate) fn wants() -> impl Strategy<Value = Rights> + Clone {
    prop_oneof![
        6 => Just(Rights::READ),
        4 => Just(Rights::WRITE),
        1 => Just(Rights::READ | Rights::WRITE),
        1 => Just(Rights::NONE),
    ]
}

pub(crate) fn patience() -> impl Strategy<Value = Patience> {
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
