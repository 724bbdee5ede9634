//! Whether both sides may differ at a step, and by which name.

use postroom::{Error, Kind, Readiness, Rights, Sizes, param::PIPE_BUF};

use crate::mask::Mask;
use crate::op::Op;
use crate::play::Mechanism;
use crate::seen::{Seen, What};
use crate::world::World;

/// What the host's pipes are made of, and what it writes all or nothing.
const PAGE: usize = 4096;

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
    let bytes = |seen: Option<&Seen>| seen.map_or(Vec::new(), |seen| seen.bytes.clone());
    let (our, their) = (bytes(ours), bytes(theirs));
    // Nobody may hear other bytes; only how many is left open, here and there.
    let (same, fewer) = (our == their, our.starts_with(&their));
    let judged = match (answer(ours), answer(theirs)) {
        (Ok(What::Ready(ours)), Ok(What::Ready(theirs))) => it.readiness(ours, theirs),
        // A poll that waits has found nothing.
        (Ok(What::Ready(ours)), Err(Error::WouldBlock)) => it.readiness(ours, Readiness::NOTHING),
        (Err(Error::WouldBlock), Ok(What::Ready(theirs))) => {
            it.readiness(Readiness::NOTHING, theirs)
        }
        (ours, theirs) => it.answer(ours, theirs, (same, fewer)).map(|mask| vec![mask]),
    };
    // While a connection is under way, the two are in another state.
    if judged.is_err() && scheme == "tcp" && world.begun {
        return Ok(vec![Mask::TcpConnectGoesOn]);
    }
    judged
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

    fn answer(
        &self,
        ours: Result<What, Error>,
        theirs: Result<What, Error>,
        (same, fewer): (bool, bool),
    ) -> Result<Mask, ()> {
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
            ) if (length, urgency) == (l, u) && same => match self.kind {
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
            (Op::Read { .. }, Ok(What::Count(1..)), Ok(What::Count(_)) | Err(ConnectionReset))
                if tcp && fewer && (self.peer_is_closed() || self.has_shut(Rights::READ)) =>
            {
                Mask::TcpHoldsBack
            }
            (Op::Read { .. }, Err(ConnectionReset), Ok(What::Count(0)))
                if tcp && self.peer_is_closed() && !self.peer_has_shut(Rights::WRITE) =>
            {
                Mask::TcpHoldsBack
            }
            (Op::Read { .. }, Err(ConnectionReset), Ok(What::Count(0)))
                if tcp && self.peer_has_shut(Rights::WRITE) =>
            {
                Mask::TcpEndHidesReset
            }
            (Op::Write { .. }, Err(BrokenPipe), Err(ConnectionReset)) if tcp => Mask::TcpIsTornDown,
            (Op::Write { .. }, Err(BrokenPipe), Ok(What::Count(_))) if tcp => Mask::TcpLearnsLate,
            (Op::Send { .. }, Err(NoRight), Ok(What::Done)) if udp && self.has_an_old_name() => {
                Mask::UdpPeerIsAName
            }
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
            (Op::Send { .. } | Op::Receive { .. }, _, Err(ConnectionReset))
                if self.kind == Kind::Datagram && self.world.anew.contains(&true) =>
            {
                Mask::LostPeerIsTold
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

    /// Whether its name was another socket's before.
    fn has_an_old_name(&self) -> bool {
        let name = self.object().and_then(|it| self.world.bound[it]);
        name.is_some() && self.world.bound.iter().filter(|&&it| it == name).count() > 1
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
            (Kind::Datagram, Field::Error, false) if self.world.anew.contains(&true) => {
                Some(Mask::LostPeerIsTold)
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
