//! Known differences, each by name. What no name covers is a disagreement.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use postroom::{Error, Kind, Readiness, Rights, Sizes, param::PIPE_BUF};

use crate::op::Op;
use crate::play::Mechanism;
use crate::side::{Seen, What};
use crate::world::World;

/// What the host's pipes are made of, and what it writes all or nothing.
const PAGE: usize = 4096;

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
    RoomInPages = "law 38: the host counts room in pages, so near full another number fits",
    LongerAtomicWrites = "law 31: what is written all or nothing is longer on the host",
    QueueOutlivesHandles = "law 43: a message queue stays without handles until it is unlinked",
    QueueHasNoEnd = "law 44: a message queue has no end of file",
    OwnShutdownHangsUp = "law 37: on the host, one's own shutdown to read is a hang-up too",
    RefusedIsWritable = "law 37: a socket that nobody can read from is writable; the write says it",
    ConnectedIsBound = "law 46: an accepted socket, and one that is connected over IP, has a name",
    ResetIsToldToTheSender = "law 51: whoever sends first on a sequenced socket is told of a reset",
    ResetComesFirst = "law 51: a sequenced peer's reset comes before the messages that it left",
    EmptyIsNoReset = "law 51: a sequenced peer that left only empty messages unread is no reset",
    SequencedSenderHasNoName = "law 54: a sequenced message does not say from which name it is",
    UdpSenderHasAName = "law 54: over UDP every sender has a name",
    NameIsReadLate = "law 54: the sender's name is the one that it has when its datagram is read",
    PortIsRefused = "law 46: of a port that nobody has is told that it refused",
    TcpReachesItself = "law 46: a socket can be connected to itself over TCP",
    TcpBindsTwice = "law 46: before anyone listens, two sockets of TCP can be bound to one address",
    TcpIsTornDown = "law 51: after a reset nothing is left of a connection over TCP to shut down",
    TcpEndHidesReset = "law 51: over TCP no reset comes after the end that a shutdown has made",
    TcpLearnsLate = "law 50: TCP does not tell a writer at once that nobody reads",
    UdpLearnsLate = "law 57: of a port that is gone UDP learns with a later call",
    UdpLoses = "law 53: what nobody takes is lost over UDP",
    ConnectAsksThePeer = "law 57: a socket that has another peer refuses to be connected to",
    DeadPeerIsLeft = "law 57: a datagram socket whose dead peer has refused it is connected no more",
    UnreadIsDropped = "law 57: a datagram socket with another peer, or none, drops what is unread",
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
        matches!(
            self,
            Self::ConnectedIsBound
                | Self::ResetComesFirst
                | Self::ResetIsToldToTheSender
                | Self::TcpIsTornDown
                | Self::TcpReachesItself
                | Self::TcpBindsTwice
                | Self::TcpLearnsLate
                | Self::UdpLearnsLate
                | Self::ConnectAsksThePeer
                | Self::DeadPeerIsLeft
                | Self::UnreadIsDropped
        )
    }
}

/// By which names both sides may differ here; an error if by none.
pub(crate) fn judge(
    world: &World,
    mechanism: &Mechanism,
    op: Op,
    ours: Option<&Seen>,
    theirs: Option<&Seen>,
) -> Result<Vec<Mask>, ()> {
    if ours == theirs {
        return Ok(Vec::new());
    }
    let &Mechanism { kind, scheme, sizes, theirs: their_sizes, fills, .. } = mechanism;
    let it = Difference { world, kind, scheme, sizes: their_sizes.unwrap_or(sizes), fills, op };
    // Whoever waits would, if it tried, be told so.
    let answer = |seen: Option<&Seen>| match seen {
        None => Err(Error::WouldBlock),
        Some(seen) => seen.answer.clone(),
    };
    match (answer(ours), answer(theirs)) {
        (Ok(What::Ready(ours)), Ok(What::Ready(theirs))) => it.readiness(ours, theirs),
        // A poll that waits has found nothing.
        (Ok(What::Ready(ours)), Err(Error::WouldBlock)) => it.readiness(ours, Readiness::NOTHING),
        (Err(Error::WouldBlock), Ok(What::Ready(theirs))) => {
            it.readiness(Readiness::NOTHING, theirs)
        }
        (ours, theirs) => Ok(vec![it.answer(ours, theirs)?]),
    }
}

struct Difference<'w> {
    world: &'w World,
    kind: Kind,
    scheme: &'static str,
    /// On the host.
    sizes: Sizes,
    fills: bool,
    op: Op,
}

impl Difference<'_> {
    /// The socket that the step is about.
    fn object(&self) -> Option<usize> {
        self.op.end().map(|end| self.world.ends[end].object)
    }

    /// Whether it has shut this down.
    fn has_shut(&self, rights: Rights) -> bool {
        self.object().is_some_and(|it| self.world.shut[it].contains(rights))
    }

    /// Whether its peer has.
    fn peer_has_shut(&self, rights: Rights) -> bool {
        let peer = self.object().and_then(|it| self.world.peer[it]);
        peer.is_some_and(|peer| self.world.shut[peer].contains(rights))
    }

    /// Whether its peer is closed.
    fn peer_is_closed(&self) -> bool {
        let peer = self.object().and_then(|it| self.world.peer[it]);
        peer.is_some_and(|peer| !self.world.is_open(peer))
    }

    fn is_connected(&self) -> bool {
        self.object().is_some_and(|it| self.world.peer[it].is_some())
    }

    fn answer(&self, ours: Result<What, Error>, theirs: Result<What, Error>) -> Result<Mask, ()> {
        use Error::{
            AddressInUse, BadArgument, BrokenPipe, ConnectionRefused, ConnectionReset, NoRight,
            NoSuchName, NotConnected, WouldBlock,
        };
        let (tcp, udp) = (self.scheme == "tcp", self.scheme == "udp");
        let mask = match (self.op, ours, theirs) {
            (
                Op::Write { bytes, .. },
                Ok(What::Count(_)) | Err(WouldBlock),
                Ok(What::Count(_)) | Err(WouldBlock),
            ) if self.is_near_full(bytes.length) => {
                if (PIPE_BUF + 1..=PAGE).contains(&bytes.length) {
                    Mask::LongerAtomicWrites
                } else {
                    Mask::RoomInPages
                }
            }
            (Op::Receive { .. }, Ok(What::End), Err(WouldBlock)) if self.kind == Kind::Queue => {
                Mask::QueueHasNoEnd
            }
            (Op::Bind { .. }, Ok(_) | Err(AddressInUse), Err(BadArgument))
                if self.kind != Kind::Datagram || udp =>
            {
                Mask::ConnectedIsBound
            }
            (Op::Send { .. }, Err(BrokenPipe), Err(ConnectionReset))
                if self.kind == Kind::Sequenced =>
            {
                Mask::ResetIsToldToTheSender
            }
            (Op::Receive { .. }, Ok(What::Message { .. }), Err(ConnectionReset))
                if self.kind == Kind::Sequenced =>
            {
                Mask::ResetComesFirst
            }
            (Op::Receive { .. }, Err(ConnectionReset), Ok(What::End))
                if self.kind == Kind::Sequenced =>
            {
                Mask::EmptyIsNoReset
            }
            (
                Op::Receive { .. },
                Ok(What::Message { length, urgency, from: our }),
                Ok(What::Message { length: l, urgency: u, from: their }),
            ) if (length, urgency) == (l, u) => match self.kind {
                Kind::Sequenced if their.is_none() => Mask::SequencedSenderHasNoName,
                Kind::Datagram if udp && our.is_none() => Mask::UdpSenderHasAName,
                Kind::Datagram if our.is_none() => Mask::NameIsReadLate,
                _ => return Err(()),
            },
            (Op::Connect { .. }, Err(NoSuchName), Err(ConnectionRefused)) if tcp => {
                Mask::PortIsRefused
            }
            (Op::Connect { label, .. }, Err(ConnectionRefused), Ok(What::Done))
                if tcp && self.object().is_some_and(|it| self.world.bound[it] == Some(label)) =>
            {
                Mask::TcpReachesItself
            }
            (Op::Bind { .. }, Err(AddressInUse), Ok(What::Done)) if tcp => Mask::TcpBindsTwice,
            (Op::Shutdown { .. }, Ok(What::Done), Err(NotConnected)) if tcp => Mask::TcpIsTornDown,
            (Op::Read { .. }, Err(ConnectionReset), Ok(What::Count(0)))
                if tcp && self.peer_has_shut(Rights::WRITE) =>
            {
                Mask::TcpEndHidesReset
            }
            (Op::Write { .. }, Err(BrokenPipe), Err(ConnectionReset)) if tcp => Mask::TcpIsTornDown,
            (Op::Write { .. }, Err(BrokenPipe), Ok(What::Count(_))) if tcp => Mask::TcpLearnsLate,
            (Op::Connect { .. }, Err(NoSuchName), Ok(What::Done)) if udp => Mask::UdpLearnsLate,
            (Op::Send { .. }, Err(ConnectionRefused | NoRight | NoSuchName), Ok(What::Done))
                if udp =>
            {
                if self.is_connected() {
                    Mask::UdpLearnsLate
                } else {
                    Mask::UdpLoses
                }
            }
            (Op::Connect { .. }, Ok(What::Done), Err(NoRight)) if self.kind == Kind::Datagram => {
                Mask::ConnectAsksThePeer
            }
            (Op::Send { .. }, Err(ConnectionRefused), Err(NotConnected))
            | (Op::Send { .. }, Err(NoRight), Ok(What::Done))
                if self.world.left.contains(&true) =>
            {
                Mask::DeadPeerIsLeft
            }
            (Op::Receive { .. }, Ok(What::Message { .. }), _) if self.dropped() => {
                Mask::UnreadIsDropped
            }
            _ => return Err(()),
        };
        Ok(mask)
    }

    /// Whether a pipe has been used so far that pages may show.
    fn is_near_full(&self, more: usize) -> bool {
        let stored = self.object().map_or(0, |it| self.world.stored[it]);
        let capacity = match self.sizes {
            Sizes::Bytes(capacity) => capacity,
            Sizes::Messages { .. } => return false,
        };
        self.fills && stored + more > capacity / 2 - PAGE
    }

    /// Whether the host may have dropped what this datagram socket had not read.
    fn dropped(&self) -> bool {
        self.kind == Kind::Datagram
            && self.object().is_some_and(|it| self.world.left[it] || self.world.anew[it])
    }

    fn readiness(&self, ours: Readiness, theirs: Readiness) -> Result<Vec<Mask>, ()> {
        let mut masks = Vec::new();
        let pairs = [
            ((ours.readable, theirs.readable), Field::Readable),
            ((ours.writable, theirs.writable), Field::Writable),
            ((ours.hung_up, theirs.hung_up), Field::HungUp),
            ((ours.error, theirs.error), Field::Error),
        ];
        for ((our, their), field) in pairs {
            if our != their {
                masks.push(self.field(field, our).ok_or(())?);
            }
        }
        Ok(masks)
    }

    /// Why one side says this and the other does not.
    fn field(&self, field: Field, ours: bool) -> Option<Mask> {
        match (self.kind, field, ours) {
            (Kind::Pipe, Field::Writable, _) if self.is_near_full(0) => Some(Mask::RoomInPages),
            (Kind::Queue, Field::HungUp | Field::Readable, true) => Some(Mask::QueueHasNoEnd),
            (Kind::Stream | Kind::Sequenced, Field::HungUp, false)
                if self.has_shut(Rights::READ) =>
            {
                Some(Mask::OwnShutdownHangsUp)
            }
            (Kind::Stream | Kind::Sequenced, Field::Error, true)
            | (Kind::Stream | Kind::Sequenced, Field::Writable, false)
                if self.has_shut(Rights::WRITE)
                    || self.peer_has_shut(Rights::READ)
                    || self.peer_is_closed() =>
            {
                Some(Mask::RefusedIsWritable)
            }
            (Kind::Datagram, Field::Error, true) | (Kind::Datagram, Field::Writable, false) => {
                Some(Mask::RefusedIsWritable)
            }
            (Kind::Datagram, Field::Readable, true) if self.dropped() => {
                Some(Mask::UnreadIsDropped)
            }
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
enum Field {
    Readable,
    Writable,
    HungUp,
    Error,
}
