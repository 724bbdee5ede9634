//! Drawing calls on what a task holds.

use postroom::{Kind, Rights};
use proptest::prelude::*;

use crate::drawing::Choices;
use crate::model::{Held, Model, Stage, What};
use crate::request::Life;
use crate::sizes::length;
use crate::step::Wish;
use crate::wishes::{hold, name, patience, rights, to as receiver, wants};

/// Calls on what the task holds.
pub(crate) fn with_handles(model: &Model, me: Life) -> Choices<Wish> {
    let held: Vec<&Held> = model.tasks[me].handles.iter().flatten().collect();
    let of = |right: Rights, suits: &dyn Fn(Kind, &Stage) -> bool| -> Vec<&Held> {
        let suits = |it: &&&Held| match it.what {
            What::Object(object) => {
                let object = &model.objects[object];
                it.rights.contains(right) && suits(object.kind, &object.stage)
            }
            What::Task(_) => false,
        };
        held.iter().filter(suits).copied().collect()
    };
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
            weigh(&notifies, 24),
            (h(&notifies), patience())
                .prop_map(|(handle, wait)| Wish::Notify { handle, wait })
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
            (h(&held), receiver(), rights(), any::<bool>())
                .prop_map(|(handle, to, rights, keep)| Wish::Give { handle, to, rights, keep })
                .boxed(),
        ),
        wish(4, h(&held).prop_map(|handle| Wish::Close { handle }).boxed()),
        wish(2, h(&held).prop_map(|handle| Wish::Readiness { handle }).boxed()),
    ]
}
