//! Several tasks whose calls wait for ever. After each step, all who can go on have done so on
//! both sides; then the same tasks wait, and the others have heard the same.
//!
//! Tasks share what they wait for, so that they stand in one line on both sides: those who have
//! opened the same thing of the host twice stand in two.

use postroom::{Rights, Sizes};

use crate::config::compare;
use crate::op::Op;
use crate::play::{Draw, Mechanism};
use crate::side::TASKS;
use crate::world::World;
use crate::{datagram, pipe, queue, socket};

/// Now and then one gives up, or gets a share; else what one alone would do.
fn among_several(world: &mut World, draw: Draw, alone: fn(&mut World, Draw) -> Vec<Op>) -> Vec<Op> {
    let (what, which, how) = draw;
    let to = usize::from(how) % TASKS;
    match what {
        0..16 => vec![Op::Cancel { task: to }],
        16..32 => {
            let end = world.pick(which, |end| end.open);
            Vec::from_iter(end.map(|end| share(end, to, world.ends[end].rights)))
        }
        _ => {
            let mut ops = alone(world, (what.wrapping_mul(11), which, how));
            ops.retain(|op| !matches!(op, Op::Open { .. } | Op::Unlink { .. }));
            ops
        }
    }
}

fn share(end: usize, to: usize, rights: Rights) -> Op {
    Op::Share { end, to, rights }
}

const BOTH: Rights = Rights::READ.union(Rights::WRITE);

/// Two ends, for two tasks each: #0 and #1 of the first, then of the others.
fn both_ends_shared() -> Vec<Op> {
    let mut ops = pipe::both_ends(0);
    for (end, rights) in [(0, Rights::READ), (1, Rights::WRITE)] {
        ops.extend((1..TASKS).map(|to| share(end, to, rights)));
    }
    ops
}

/// A listener and two clients.
fn sockets_shared() -> Vec<Op> {
    let mut ops =
        vec![Op::Socket, Op::Bind { end: 0, label: 0 }, Op::Listen { end: 0, backlog: 1 }];
    ops.extend([Op::Socket, Op::Socket]);
    ops.extend([share(0, 1, BOTH), share(1, 2, BOTH), share(2, 3, BOTH), share(1, 3, BOTH)]);
    ops.extend([Op::Connect { end: 4, label: 0 }, Op::Accept { end: 3 }]);
    ops
}

/// Two that have names, and one that is connected to the first.
fn datagrams_shared() -> Vec<Op> {
    let mut ops = vec![Op::Socket, Op::Bind { end: 0, label: 0 }];
    ops.extend([Op::Socket, Op::Bind { end: 1, label: 1 }, Op::Socket]);
    ops.extend([share(0, 1, BOTH), share(1, 2, BOTH), share(2, 3, BOTH), share(0, 3, BOTH)]);
    ops
}

#[test]
fn pipes() {
    let pipe = Mechanism {
        tasks: TASKS,
        sizes: Sizes::Bytes(2 * pipe::PAGE),
        theirs: None,
        prologue: |_| both_ends_shared(),
        draw: |world, draw| {
            among_several(world, draw, |world, draw| {
                pipe::draw_pipe(world, draw, pipe::whole_pages)
            })
        },
        ..pipe::PIPE
    };
    compare::<24, { 2 * pipe::PAGE }>("pipe, waiting", &pipe, 5);
}

#[test]
fn queues() {
    let queue = Mechanism {
        tasks: TASKS,
        prologue: |_| both_ends_shared(),
        draw: |world, draw| among_several(world, draw, queue::draw_queue),
        ..queue::QUEUE
    };
    compare::<24, 640>("queue, waiting", &queue, 5);
}

#[test]
fn streams() {
    let stream = Mechanism {
        tasks: TASKS,
        prologue: |_| sockets_shared(),
        draw: |world, draw| among_several(world, draw, socket::STREAM.draw),
        ..socket::STREAM
    };
    compare::<48, { socket::RING }>("stream, waiting", &stream, 5);
    let tcp = Mechanism { scheme: "tcp", patient: true, ..stream };
    compare::<48, { socket::RING }>("stream over TCP, waiting", &tcp, 10);
}

#[test]
fn sequenced_sockets() {
    let sequenced = Mechanism {
        tasks: TASKS,
        prologue: |_| sockets_shared(),
        draw: |world, draw| among_several(world, draw, socket::SEQUENCED.draw),
        ..socket::SEQUENCED
    };
    const RING: usize = socket::MESSAGES * (48 + socket::LONGEST) + 2;
    compare::<48, RING>("sequenced, waiting", &sequenced, 5);
}

#[test]
fn datagrams() {
    let datagram = Mechanism {
        tasks: TASKS,
        prologue: |_| datagrams_shared(),
        draw: |world, draw| among_several(world, draw, datagram::draw_datagram),
        ..datagram::DATAGRAM
    };
    const RING: usize = datagram::MOST * (48 + datagram::LONGEST) + 2;
    compare::<48, RING>("datagram, waiting", &datagram, 5);
}
