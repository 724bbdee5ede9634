//! Message queues: three names, priorities, and a queue that fills up.

use postroom::{Kind, Rights, Sizes};

use crate::config::{compare, were_used};
use crate::mask::Mask;
use crate::op::Op;
use crate::play::{Draw, Mechanism};
use crate::world::{LABELS, World};

const MOST: usize = 4;
const LONGEST: usize = 40;

pub(crate) const QUEUE: Mechanism = Mechanism {
    scheme: "mq",
    kind: Kind::Queue,
    sizes: Sizes::Messages { most: MOST, longest: LONGEST },
    theirs: None,
    tasks: 1,
    prologue: |_| {
        let open = |rights, exclusive| Op::Open { label: 0, rights, exclusive };
        vec![open(Rights::READ, true), open(Rights::WRITE, false)]
    },
    draw: draw_queue,
    fills: false,
    patient: false,
};

pub(crate) fn draw_queue(world: &mut World, (what, which, how): Draw) -> Vec<Op> {
    let label = usize::from(how) % LABELS;
    let rights =
        [Rights::READ, Rights::WRITE, Rights::READ | Rights::WRITE][usize::from(which) % 3];
    let any = world.pick(which, |_| true);
    let on = |op: fn(usize) -> Op| Vec::from_iter(any.map(op));
    match what % 32 {
        0 | 1 => vec![Op::Open { label, rights, exclusive: how.is_multiple_of(4) }],
        2 => on(|end| Op::Duplicate { end }),
        3 | 4 => on(|end| Op::Close { end }),
        5 if how < 60 => vec![Op::Unlink { label }],
        5..=7 => on(|end| Op::Readiness { end }),
        8 | 9 => on(|end| Op::Attributes { end }),
        10 => Vec::from_iter(any.map(|end| Op::Poll { end, wants: rights })),
        11..=21 => {
            let end = world.pick(which, |end| what == 11 || end.rights.contains(Rights::WRITE));
            // Up to one too long, and one too urgent.
            let length = [0, 1, 2, 17, LONGEST - 1, LONGEST, LONGEST + 1][usize::from(how) % 7];
            let urgency = if how > 250 { 32 } else { [0, 1, 5, 31][usize::from(how) % 4] };
            let bytes = world.bytes(length);
            Vec::from_iter(end.map(|end| Op::Enqueue { end, urgency, bytes }))
        }
        _ => {
            let end = world.pick(which, |end| what == 22 || end.rights.contains(Rights::READ));
            let length = if how < 20 { LONGEST - 1 } else { LONGEST + usize::from(how % 2) };
            Vec::from_iter(end.map(|end| Op::Receive { end, length }))
        }
    }
}

#[test]
fn queues() {
    compare::<24, 640>("queue", &QUEUE, 1);
    were_used(&[Mask::QueueOutlivesHandles, Mask::QueueHasNoEnd]);
}
