//! Drawing system calls: mostly good handles and names, some bad ones.

use postroom::{Kind, Priority, Rights};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::drawing::{Choices, who};
use crate::model::{Held, Model, Stage, What};
use crate::request::Life;
use crate::sizes::{capacity, length, message, sizes, socket};
use crate::step::{Hold, Making, NAMES, Patience, To, Wish};

/// What objects are called: mostly the same, so that many meet there. One has the name of a task.
pub(crate) const THINGS: [&str; 8] = ["p", "p", "p", "q", "q", "s", "s", "dan"];

/// Names that nothing has, or can have.
const NO_NAMES: [&str; 4] = ["nobody", "", "unix:p", "a name of twenty-four byt"];

/// A call that this task may make now.
pub(crate) fn wish(model: &Model, me: Life) -> BoxedStrategy<Wish> {
    let limits = model.limits;
    let objects = model.objects.iter().filter(|object| object.alive).count();
    let named = model.objects.iter().any(|object| object.alive && object.name.is_some());
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
    let send = (to(), message(limits), patience()).prop_map(|(to, length, wait)| Wish::Send {
        to,
        length,
        wait,
    });
    let from = prop_oneof![2 => Just(None), 1 => to().prop_map(Some)];
    let receive = (from, message(limits), patience())
        .prop_map(|(from, length, wait)| Wish::Receive { from, length, wait });
    let request = (to(), message(limits), 0..4usize, patience())
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
        (if asked { 12 } else { 1 }, answer.boxed()),
        (if asks { 12 } else { 1 }, reply.boxed()),
        (1, (0..4u64).prop_map(|ticks| Wish::Sleep { ticks }).boxed()),
        (2, select(vec![Wish::Yield, Wish::Now, Wish::Cancel]).boxed()),
        (1, priority().prop_map(|priority| Wish::SetPriority { priority }).boxed()),
        (1, Just(Wish::Exit).boxed()),
    ];
    choices.extend(with_handles(model, me));
    choices.retain(|(weight, _)| *weight > 0);
    Union::new_weighted(choices).boxed()
}

/// Calls on what the task holds.
fn with_handles(model: &Model, me: Life) -> Choices<Wish> {
    let held: Vec<&Held> = model.tasks[me].handles.iter().flatten().collect();
    let of = |right: Rights, suits: &dyn Fn(Kind, &Stage) -> bool| -> Vec<&Held> {
        let suits = |it: &&&Held| match it.what {
            What::Object(object) => {
                let object = &model.objects[object];
                it.rights.allow(right) && suits(object.kind, &object.stage)
            }
            What::Task(_) => false,
        };
        held.iter().filter(suits).copied().collect()
    };
    let listens = |stage: &Stage| matches!(stage, Stage::Listening(..));
    let connected = |stage: &Stage| matches!(stage, Stage::Connected(_));
    let bytes =
        |kind, stage: &Stage| kind == Kind::Pipe || kind == Kind::Stream && connected(stage);
    let reads = of(Rights::READ, &bytes);
    let writes = of(Rights::WRITE, &bytes);
    let enqueues = of(Rights::WRITE, &|kind, _| kind == Kind::Queue);
    let notifies = of(Rights::READ, &|kind, _| kind == Kind::Queue);
    let takes = of(Rights::READ, &|kind, stage| match kind {
        Kind::Queue | Kind::Datagram => true,
        kind => kind == Kind::Sequenced && connected(stage),
    });
    let sends = of(Rights::WRITE, &|kind, stage| match kind {
        Kind::Datagram => true,
        kind => kind == Kind::Sequenced && connected(stage),
    });
    let idle = |_, stage: &Stage| *stage == Stage::Idle;
    let socket = |kind: Kind| !matches!(kind, Kind::Pipe | Kind::Queue);
    let sockets = of(Rights::READ, &|kind, stage| socket(kind) && idle(kind, stage));
    let clients = of(Rights::WRITE, &|kind, stage| socket(kind) && idle(kind, stage));
    let listeners = of(Rights::READ, &|_, stage| listens(stage));
    let shuts = of(Rights::NONE, &|kind, stage| kind != Kind::Datagram && connected(stage));
    let tasks: Vec<&Held> =
        held.iter().filter(|it| matches!(it.what, What::Task(_))).copied().collect();

    let weigh = |held: &[&Held], weight: u32| if held.is_empty() { 1 } else { weight };
    let h = |held: &[&Held]| hold(held);
    let hlp = |held: &[&Held]| (hold(held), length(model, held), patience());
    let urgency = prop_oneof![20 => 0..3u8, 2 => Just(31), 1 => Just(32)];
    let to = prop_oneof![3 => Just(None), 2 => name().prop_map(Some)];
    let entry = (prop_oneof![6 => hold(&held).prop_map(Some), 1 => Just(None)], wants());
    let set = prop_oneof![
        30 => proptest::collection::vec(entry.clone(), 0..5),
        1 => proptest::collection::vec(entry, 15..20),
    ];
    let wish = |weight, strategy: BoxedStrategy<Wish>| (weight, strategy);
    vec![
        wish(
            weigh(&reads, 14),
            hlp(&reads)
                .prop_map(|(handle, length, wait)| Wish::Read { handle, length, wait })
                .boxed(),
        ),
        wish(
            weigh(&writes, 16),
            hlp(&writes)
                .prop_map(|(handle, length, wait)| Wish::Write { handle, length, wait })
                .boxed(),
        ),
        wish(
            weigh(&enqueues, 14),
            (hlp(&enqueues), urgency)
                .prop_map(|((handle, length, wait), urgency)| Wish::Enqueue {
                    handle,
                    urgency,
                    length,
                    wait,
                })
                .boxed(),
        ),
        wish(
            weigh(&takes, 14),
            hlp(&takes)
                .prop_map(|(handle, length, wait)| Wish::TakeOut { handle, length, wait })
                .boxed(),
        ),
        wish(
            weigh(&sends, 14),
            (hlp(&sends), to)
                .prop_map(|((handle, length, wait), to)| Wish::SendOut { handle, to, length, wait })
                .boxed(),
        ),
        wish(
            weigh(&notifies, 2),
            (h(&notifies), patience())
                .prop_map(|(handle, wait)| Wish::Notify { handle, wait })
                .boxed(),
        ),
        wish(
            weigh(&sockets, 10),
            (h(&sockets), name(), only())
                .prop_map(|(handle, name, only)| Wish::Bind { handle, name, only })
                .boxed(),
        ),
        wish(
            weigh(&sockets, 10),
            (h(&sockets), prop_oneof![9 => 1..3usize, 1 => select(vec![0, 9, usize::MAX])])
                .prop_map(|(handle, backlog)| Wish::Listen { handle, backlog })
                .boxed(),
        ),
        wish(
            weigh(&clients, 12),
            (h(&clients), name(), patience())
                .prop_map(|(handle, to, wait)| Wish::Connect { handle, to, wait })
                .boxed(),
        ),
        wish(
            weigh(&listeners, 12),
            (h(&listeners), patience())
                .prop_map(|(handle, wait)| Wish::Accept { handle, wait })
                .boxed(),
        ),
        wish(
            weigh(&shuts, 3),
            (h(&shuts), rights())
                .prop_map(|(handle, rights)| Wish::Shutdown { handle, rights })
                .boxed(),
        ),
        wish(weigh(&tasks, 3), h(&tasks).prop_map(|handle| Wish::Kill { handle }).boxed()),
        wish(
            if held.is_empty() { 1 } else { 8 },
            (set, patience()).prop_map(|(set, wait)| Wish::Poll { set, wait }).boxed(),
        ),
        wish(1, h(&notifies).prop_map(|handle| Wish::Attributes { handle }).boxed()),
        wish(2, h(&held).prop_map(|handle| Wish::Duplicate { handle }).boxed()),
        wish(
            weigh(&held, 6),
            (h(&held), crate::wishes::to(), rights(), any::<bool>())
                .prop_map(|(handle, to, rights, keep)| Wish::Give { handle, to, rights, keep })
                .boxed(),
        ),
        wish(4, h(&held).prop_map(|handle| Wish::Close { handle }).boxed()),
        wish(2, h(&held).prop_map(|handle| Wish::Readiness { handle }).boxed()),
    ]
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

fn name() -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![30 => select(&THINGS[..]), 1 => select(&NAMES[..]), 1 => select(&NO_NAMES[..])]
}

fn to() -> impl Strategy<Value = To> {
    prop_oneof![
        10 => select(&NAMES[..]).prop_map(To::Name),
        10 => who().prop_map(To::Last),
        1 => who().prop_map(To::First),
        1 => select(&THINGS[..]).prop_map(To::Name),
        1 => select(&NO_NAMES[..]).prop_map(To::Name),
    ]
}

/// Those who may open something: mostly everyone.
fn only() -> impl Strategy<Value = Option<Vec<To>>> {
    prop_oneof![12 => Just(None), 1 => proptest::collection::vec(to(), 0..6).prop_map(Some)]
}

fn rights() -> impl Strategy<Value = Rights> {
    prop_oneof![
        4 => Just(Rights::READ),
        4 => Just(Rights::WRITE),
        3 => Just(Rights::READ | Rights::WRITE),
    ]
}

fn wants() -> impl Strategy<Value = Rights> + Clone {
    prop_oneof![
        6 => Just(Rights::READ),
        4 => Just(Rights::WRITE),
        1 => Just(Rights::READ | Rights::WRITE),
        1 => Just(Rights::NONE),
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
