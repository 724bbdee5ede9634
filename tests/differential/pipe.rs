//! Pipes: two names, any number of ends.

use postroom::{Kind, Rights, Sizes};

use crate::config::{compare, were_used};
use crate::mask::Mask;
use crate::op::Op;
use crate::play::{Draw, Mechanism};
use crate::world::World;

pub(crate) const PAGE: usize = 4096;

/// Bytes that are stored at the most where pages are not to show. What the host uses for them is
/// more than its pages have bytes, so it has room for several times as much.
const MOST: usize = 3 * PAGE;
const CAPACITY: usize = MOST + 512;
const THEIRS: usize = 16 * PAGE;

const READ: Rights = Rights::READ;
const WRITE: Rights = Rights::WRITE;

/// Around nothing, around the longest atomic write here and there, and more.
const SIZES: [usize; 12] = [0, 1, 2, 7, 100, 511, 512, 513, 4095, 4096, 4097, 6000];

pub(crate) const PIPE: Mechanism = Mechanism {
    scheme: "pipe",
    kind: Kind::Pipe,
    sizes: Sizes::Bytes(CAPACITY),
    theirs: Some(Sizes::Bytes(THEIRS)),
    tasks: 1,
    prologue: |_| both_ends(0),
    draw: |world, draw| draw_pipe(world, draw, away_from_full),
    fills: false,
    patient: false,
};

pub(crate) fn both_ends(label: usize) -> Vec<Op> {
    let open = |rights, exclusive| Op::Open { label, rights, exclusive };
    vec![open(READ, true), open(WRITE, false)]
}

/// How many bytes to write to an object, and to read.
type Lengths = fn(&World, usize, u8) -> (Option<usize>, usize);

fn away_from_full(world: &World, object: usize, how: u8) -> (Option<usize>, usize) {
    let length = SIZES[usize::from(how) % SIZES.len()];
    let fits = world.stored[object] + length <= MOST;
    (fits.then_some(length), length)
}

/// Whole pages, so that both count the same, up to the last one.
pub(crate) fn whole_pages(_: &World, _: usize, how: u8) -> (Option<usize>, usize) {
    let length = PAGE * (1 + usize::from(how) % 2);
    (Some(length), length)
}

pub(crate) fn draw_pipe(world: &mut World, (what, which, how): Draw, lengths: Lengths) -> Vec<Op> {
    let label = usize::from(how) % 2;
    let rights = [READ, WRITE, READ | WRITE][usize::from(which) % 3];
    let any = world.pick(which, |_| true);
    let one = |op: Option<Op>| Vec::from_iter(op);
    match what % 32 {
        // A side to which nobody has come yet stays open on the host, so both are opened at first.
        0 if world.named[label].is_none() => both_ends(label),
        0 | 1 if world.named[label].is_some() => {
            let exclusive = which.is_multiple_of(16);
            vec![Op::Open { label, rights, exclusive }]
        }
        2 => one(any.map(|end| Op::Duplicate { end })),
        3 | 4 => one(any.map(|end| Op::Close { end })),
        5 if how < 40 => vec![Op::Unlink { label }],
        5..=8 => one(any.map(|end| Op::Readiness { end })),
        9 => one(any.map(|end| Op::Poll { end, wants: rights })),
        10..=20 => {
            let end = world.pick(which, |end| end.rights.contains(WRITE));
            let Some(end) = end else { return vec![] };
            match lengths(world, world.ends[end].object, how) {
                (Some(length), _) => vec![Op::Write { end, bytes: world.bytes(length) }],
                (None, length) => one(world
                    .pick(which, |it| it.rights.contains(READ))
                    .map(|end| Op::Read { end, length })),
            }
        }
        // Perhaps without the right.
        21 => one(any.map(|end| Op::Write { end, bytes: world.bytes(0) })),
        22 => one(any.map(|end| Op::Read { end, length: PAGE })),
        _ => {
            let end = world.pick(which, |end| end.rights.contains(READ));
            let Some(end) = end else { return vec![] };
            let (_, length) = lengths(world, world.ends[end].object, how);
            vec![Op::Read { end, length }]
        }
    }
}

#[test]
fn pipes_away_from_full() {
    compare::<24, CAPACITY>("pipe", &PIPE, 2);
}

#[test]
fn pipes_of_whole_pages_up_to_full() {
    let draw = |world: &mut World, draw| draw_pipe(world, draw, whole_pages);
    let pipe = Mechanism { draw, sizes: Sizes::Bytes(2 * PAGE), theirs: None, ..PIPE };
    compare::<24, { 2 * PAGE }>("pipe, whole pages", &pipe, 2);
}

/// Anything, up to one byte more than there is room for at all.
fn anything(_: &World, _: usize, how: u8) -> (Option<usize>, usize) {
    let all = [1, 2, 511, 512, 513, 4095, 4096, 4097, 4 * PAGE - 1, 4 * PAGE, 4 * PAGE + 1];
    let length = all[usize::from(how) % all.len()];
    (Some(length), length)
}

#[test]
fn pipes_near_full() {
    let draw = |world: &mut World, draw| draw_pipe(world, draw, anything);
    let pipe = Mechanism { draw, sizes: Sizes::Bytes(4 * PAGE), theirs: None, fills: true, ..PIPE };
    compare::<24, { 4 * PAGE }>("pipe, near full", &pipe, 2);
    were_used(&[Mask::RoomInPages, Mask::LongerAtomicWrites]);
}
