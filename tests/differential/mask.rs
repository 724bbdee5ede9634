//! Known differences, each by name. What no name covers is a disagreement.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use postroom::{Error, Kind, Readiness};

use crate::op::Op;
use crate::play::Mechanism;
use crate::side::{Seen, What};

macro_rules! masks {
    ($($name:ident = $reason:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mask {
            $(#[doc = $reason] $name,)*
        }

        impl Mask {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(crate) const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)*
                }
            }
        }

        static USED: [AtomicU32; Mask::ALL.len()] = [const { AtomicU32::new(0) }; Mask::ALL.len()];
    };
}

masks! {
    QueueOutlivesHandles = "law 43: a message queue stays without handles until it is unlinked",
    QueueHasNoEnd = "law 44: a message queue has no end of file",
}

impl Mask {
    pub(crate) fn count(self) {
        USED[self as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn used(self) -> u32 {
        USED[self as usize].load(Relaxed)
    }

    /// Whether the two sides are not the same from here on.
    pub(crate) const fn ends_the_script(self) -> bool {
        matches!(self, Self::QueueHasNoEnd) && false
    }
}

/// Whether both sides say the same, or differ in a way that has a name.
pub(crate) fn judge(
    mechanism: &Mechanism,
    op: Op,
    ours: Option<&Seen>,
    theirs: Option<&Seen>,
) -> Result<Option<Mask>, ()> {
    if ours == theirs {
        return Ok(None);
    }
    let answer = |seen: Option<&Seen>| match seen {
        None => Err(Error::WouldBlock),
        Some(seen) => seen.answer.clone(),
    };
    let (ours, theirs) = (answer(ours), answer(theirs));
    if let (Ok(What::Ready(ours)), Ok(What::Ready(theirs))) = (&ours, &theirs) {
        return readiness(mechanism, *ours, *theirs).map(Some);
    }
    match (mechanism.kind, op, ours, theirs) {
        (Kind::Queue, Op::Receive { .. }, Ok(What::End), Err(Error::WouldBlock)) => {
            Ok(Some(Mask::QueueHasNoEnd))
        }
        (Kind::Queue, Op::Poll { .. }, Ok(What::Ready(ours)), Err(Error::WouldBlock))
            if ours.hung_up =>
        {
            Ok(Some(Mask::QueueHasNoEnd))
        }
        _ => Err(()),
    }
}

fn readiness(mechanism: &Mechanism, ours: Readiness, theirs: Readiness) -> Result<Mask, ()> {
    if mechanism.kind == Kind::Queue
        && ours.hung_up
        && theirs == (Readiness { hung_up: false, readable: theirs.readable, ..ours })
    {
        return Ok(Mask::QueueHasNoEnd);
    }
    Err(())
}
