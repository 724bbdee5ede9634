//! What others do in the same workloads, each as its own documentation shows it.
//!
//! A message is a value where the peer carries values, so its length is a constant of the type;
//! where it carries bytes, the length is hidden from the compiler. Senders keep their message and
//! receivers have it in their hands, so each message is copied in and out. The calls are those that
//! wait if they must, as postroom's do. Where a task sends to itself nobody ever waits; there the
//! asynchronous peers have a row for their calls that are no futures as well, which cost less.

pub mod async_channel;
pub mod bbqueue;
pub mod crossbeam;
pub mod embassy;
pub mod flume;
pub mod futures;
pub mod heapless;
pub mod kanal;
pub mod os;
pub mod ringbuf;
pub mod rtrb;
pub mod std;
pub mod tokio;

/// Messages that a channel holds.
const SLOTS: usize = 64;

/// A message as a value. Aligned like this it is copied with the least effort.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
pub struct Message<const L: usize>(pub [u8; L]);

impl<const L: usize> Message<L> {
    const NEW: Self = Self([7; L]);
}

/// Has `$length` be a constant of the same value, for peers whose messages are arrays.
macro_rules! by_length {
    ($at:expr, $length:ident => $body:expr) => {
        by_length!($at, $length => $body; 16 64 256 1024 4096)
    };
    ($at:expr, $length:ident => $body:expr; $($each:literal)+) => {
        match $at {
            $($each => {
                const $length: usize = $each;
                $body
            })+
            other => unreachable!("no workload has messages of {other} bytes as values"),
        }
    };
}

pub(crate) use by_length;
