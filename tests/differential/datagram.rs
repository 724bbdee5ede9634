//! Datagram sockets: three names, any number of sockets, over Unix sockets and UDP.

use postroom::{Kind, Rights, Sizes};

use crate::config::{compare, were_used};
use crate::mask::Mask;
use crate::op::{Bytes, Op};
use crate::play::{Draw, Mechanism};
use crate::world::{LABELS, World};

pub(crate) const LONGEST: usize = 192;

/// What a named receiver on the host takes of short messages.
pub(crate) const MOST: usize = 11;

pub(crate) const DATAGRAM: Mechanism = Mechanism {
    scheme: "unix-datagram",
    kind: Kind::Datagram,
    sizes: Sizes::Messages { most: MOST, longest: LONGEST },
    theirs: None,
    tasks: 1,
    prologue,
    draw: draw_datagram,
    fills: false,
    patient: false,
};

const UDP: Mechanism = Mechanism {
    scheme: "udp",
    sizes: Sizes::Messages { most: 40, longest: LONGEST },
    patient: true,
    ..DATAGRAM
};

fn prologue(way: u8) -> Vec<Op> {
    let named = |end, label| [Op::Socket, Op::Bind { end, label }];
    let mut ops = [named(0, 0), named(1, 1)].concat();
    match way {
        // Two have each other for peers, and one turns to a third with something unread.
        0..8 => {
            ops.extend([(0, 1), (1, 0)].map(|(end, label)| Op::Connect { end, label }));
            let send = Op::Send { end: 1, to: None, bytes: Bytes { from: 0, length: 0 } };
            ops.push(send);
            ops.extend(named(2, 2));
            ops.extend([Op::Connect { end: 0, label: 2 }, send]);
        }
        8..90 => ops.extend([Op::Socket, Op::Connect { end: 2, label: 0 }]),
        90..200 => {}
        _ => ops.truncate(2),
    }
    ops
}

pub(crate) fn draw_datagram(world: &mut World, (what, which, how): Draw) -> Vec<Op> {
    let label = usize::from(how) % LABELS;
    let Some(end) = world.pick(which, |_| true) else { return vec![Op::Socket] };
    let rights = [Rights::READ, Rights::WRITE, Rights::READ | Rights::WRITE];
    vec![match what % 32 {
        0 | 1 => Op::Socket,
        2 | 3 => Op::Bind { end, label },
        4 | 5 => Op::Connect { end, label },
        6 => Op::Duplicate { end },
        7 | 8 => Op::Close { end },
        9..=11 => Op::Readiness { end },
        12 => Op::Poll { end, wants: rights[usize::from(how) % 3] },
        13..=22 => {
            let length = [0, 1, 2, 100, LONGEST - 1, LONGEST][usize::from(how) % 6];
            let to = (how >= 80).then_some(usize::from(how / 6) % LABELS);
            Op::Send { end, to, bytes: world.bytes(length) }
        }
        _ => Op::Receive { end, length: [0, 1, 100, LONGEST, 500][usize::from(how) % 5] },
    }]
}

#[test]
fn datagrams() {
    compare::<24, { MOST * (48 + LONGEST) + 2 }>("datagram", &DATAGRAM, 1);
    were_used(&[
        Mask::NameIsReadLate,
        Mask::ConnectAsksThePeer,
        Mask::LostPeerIsTold,
        Mask::DeadPeerIsLeft,
        Mask::UnreadIsDropped,
    ]);
}

#[test]
fn datagrams_over_udp() {
    compare::<24, { 40 * (48 + LONGEST) + 2 }>("datagram over UDP", &UDP, 1);
    were_used(&[
        Mask::UdpSenderHasAName,
        Mask::UdpLearnsLate,
        Mask::UdpPeerIsAName,
        Mask::UdpLoses,
    ]);
}
