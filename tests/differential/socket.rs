//! Connections: streams and sequenced messages, over Unix sockets and TCP.

use postroom::{Kind, Rights, Sizes};

use crate::config::{compare, may_be_used, were_used};
use crate::mask::Mask;
use crate::op::Op;
use crate::play::{Draw, Mechanism};
use crate::world::{LABELS, World};

/// What is written in one script; so it fits, and room for a whole write is left.
const WRITTEN: usize = 4096;
pub(crate) const RING: usize = WRITTEN + 1024;
pub(crate) const LONGEST: usize = 192;
pub(crate) const MESSAGES: usize = 30;
const BOTH: Rights = Rights::READ.union(Rights::WRITE);

pub(crate) const STREAM: Mechanism = Mechanism {
    scheme: "unix",
    kind: Kind::Stream,
    sizes: Sizes::Bytes(RING),
    theirs: None,
    tasks: 1,
    prologue,
    draw: |world, draw| draw_socket(world, draw, Kind::Stream),
    fills: false,
    patient: false,
};

pub(crate) const TCP: Mechanism =
    Mechanism { scheme: "tcp", prologue: tcp_prologue, patient: true, ..STREAM };

pub(crate) const SEQUENCED: Mechanism = Mechanism {
    scheme: "unix-seqpacket",
    kind: Kind::Sequenced,
    sizes: Sizes::Messages { most: MESSAGES, longest: LONGEST },
    draw: |world, draw| draw_socket(world, draw, Kind::Sequenced),
    ..STREAM
};

/// Often a connection: #0 listens, #1 is the client, #2 the server.
fn prologue(way: u8) -> Vec<Op> {
    let all = [
        Op::Socket,
        Op::Bind { end: 0, label: 0 },
        Op::Listen { end: 0, backlog: 2 },
        Op::Socket,
        Op::Connect { end: 1, label: 0 },
        Op::Accept { end: 0 },
    ];
    all[..[6, 6, 6, 6, 5, 4, 3, 0][usize::from(way) % 8]].to_vec()
}

/// The same, or now and then one whose connection has to wait.
fn tcp_prologue(way: u8) -> Vec<Op> {
    let mut ops = prologue(if way < 8 { 0 } else { way });
    if way < 8 {
        ops.truncate(2);
        ops.extend([Op::Listen { end: 0, backlog: 1 }, Op::Socket, Op::Socket]);
        ops.extend([1, 2].map(|end| Op::Connect { end, label: 0 }));
        ops.push(Op::Readiness { end: 2 });
    }
    ops
}

fn draw_socket(world: &mut World, (what, which, how): Draw, kind: Kind) -> Vec<Op> {
    let label = usize::from(how) % LABELS;
    let Some(end) = world.pick(which, |_| true) else { return vec![Op::Socket] };
    let rights = [Rights::READ, Rights::WRITE, BOTH][usize::from(how) % 3];
    vec![match what % 32 {
        0 | 1 => Op::Socket,
        // What is connected has a name on the host already, so it is asked now and then only.
        2 if how < 250 && world.peer[world.ends[end].object].is_some() => Op::Readiness { end },
        2 => Op::Bind { end, label },
        3 => Op::Listen { end, backlog: usize::from(how) % 4 },
        4 | 5 => Op::Connect { end, label: label % 2 },
        6 | 7 => Op::Accept { end: if how < 128 { 0 } else { end } },
        8 => Op::Shutdown { end, rights },
        9 => Op::Duplicate { end },
        10 | 11 => Op::Close { end },
        12..=15 => Op::Readiness { end },
        16 => Op::Poll { end, wants: rights },
        17..=24 if kind == Kind::Stream => {
            let length = [0, 1, 2, 100, 511, 512, 513][usize::from(how) % 7];
            let length = if world.written() < WRITTEN { length } else { length.min(1) };
            Op::Write { end, bytes: world.bytes(length) }
        }
        17..=24 => {
            let length = [0, 1, 2, 100, LONGEST - 1, LONGEST][usize::from(how) % 6];
            let to = (how > 250).then_some(label);
            Op::Send { end, to, bytes: world.bytes(length) }
        }
        _ if kind == Kind::Stream => {
            Op::Read { end, length: [0, 1, 2, 100, 512, 4000][usize::from(how) % 6] }
        }
        _ => Op::Receive { end, length: [0, 1, 100, LONGEST, 500][usize::from(how) % 5] },
    }]
}

#[test]
fn streams() {
    compare::<34, RING>("stream", &STREAM, 1);
    let common = [Mask::OwnShutdownHangsUp, Mask::RefusedIsWritable, Mask::ConnectedIsBound];
    were_used(&common);
}

#[test]
fn streams_over_tcp() {
    compare::<34, RING>("stream over TCP", &TCP, 1);
    were_used(&[
        Mask::PortIsRefused,
        Mask::TcpReachesItself,
        Mask::TcpBindsTwice,
        Mask::TcpConnectGoesOn,
        Mask::TcpIsTornDown,
        Mask::TcpEndHidesReset,
        Mask::TcpLearnsLate,
    ]);
    may_be_used(Mask::TcpHoldsBack);
}

#[test]
fn sequenced_sockets() {
    compare::<34, { MESSAGES * (48 + LONGEST) + 2 }>("sequenced", &SEQUENCED, 1);
    were_used(&[
        Mask::ResetIsToldToTheSender,
        Mask::ResetComesFirst,
        Mask::EmptyIsNoReset,
        Mask::SequencedSenderHasNoName,
    ]);
}
