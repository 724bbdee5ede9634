//! What postroom does in each workload.

pub mod fan;
pub mod poll;
pub mod priority;
pub mod round_trip;
pub mod send_receive;
pub mod sleep;
pub mod streaming;

use std::fmt::Debug;

use postroom::{Result, Stop};

/// Bytes of a ring that holds 64 messages of up to 256 bytes, with the headers of a queue.
pub const SMALL: usize = 20 << 10;
/// The same for messages of up to 4 KiB.
pub const MEDIUM: usize = 260 << 10;
/// The same for messages of up to 64 KiB.
pub const LARGE: usize = 4100 << 10;

/// Messages that a queue or a pipe holds in all workloads, as the peers' channels do.
pub const SLOTS: usize = 64;

/// Every task has ended as it should. In anything else there would be nothing to measure.
#[track_caller]
fn expect_done(stop: Stop<impl Debug>) {
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

/// There is room for all of them in the kernels that the workloads choose.
#[track_caller]
fn expect<T>(made: Result<T>) -> T {
    made.expect("the kernel is large enough for the workload")
}

/// Puts one program on a list of contenders twice: with a `Lock` around the kernel, as threads and
/// interrupts need it, and with a `RefCell`, for one core without atomic instructions. Each sample
/// has a kernel of its own. It is boxed, as some are too large for a stack.
macro_rules! rows {
    ($list:expr, $name:literal, $at:expr, $type:ty, |$kernel:ident, $n:ident| $program:expr) => {{
        let name = concat!("postroom ", $name, ", Lock");
        $list.push($crate::measure::Contender::new(
            name,
            $crate::measure::Role::Ours,
            $at,
            move |$n| {
                let $kernel = &*Box::new(postroom::Lock::new(<$type>::new()));
                $program
            },
        ));
        let name = concat!("postroom ", $name, ", RefCell");
        $list.push($crate::measure::Contender::new(
            name,
            $crate::measure::Role::Ours,
            $at,
            move |$n| {
                let $kernel = &*Box::new(std::cell::RefCell::new(<$type>::new()));
                $program
            },
        ));
    }};
}

/// Has `$ring` be the size of ring that messages of a length need: it is a constant of the type.
macro_rules! ring_for {
    ($length:expr, $ring:ident => $body:expr) => {
        match $length {
            0..=256 => {
                const $ring: usize = $crate::ours::SMALL;
                $body
            }
            257..=4096 => {
                const $ring: usize = $crate::ours::MEDIUM;
                $body
            }
            _ => {
                const $ring: usize = $crate::ours::LARGE;
                $body
            }
        }
    };
}

pub(crate) use {ring_for, rows};
