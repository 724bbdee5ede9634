//! Known differences, each by name. What no name covers is a disagreement.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

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
    TcpConnectGoesOn = "law 11: a connection over TCP, once begun, goes on by itself",
    TcpHoldsBack = "law 51: over TCP a reset overtakes what the system holds back, or is not made by it",
    TcpIsTornDown = "law 51: after a reset nothing is left of a connection over TCP to shut down",
    TcpEndHidesReset = "law 51: over TCP no reset comes after the end that a shutdown has made",
    TcpLearnsLate = "law 50: TCP does not tell a writer at once that nobody reads",
    UdpLearnsLate = "law 57: of a port that is gone UDP learns with a later call",
    UdpPeerIsAName = "law 57: over UDP, whoever has the name of a peer is that peer",
    UdpLoses = "law 53: what nobody takes is lost over UDP",
    ConnectAsksThePeer = "law 57: a socket that has another peer refuses to be connected to",
    LostPeerIsTold = "law 57: whose words a peer drops when it turns to another is told of a reset",
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
                | Self::TcpConnectGoesOn
                | Self::TcpHoldsBack
                | Self::TcpBindsTwice
                | Self::TcpLearnsLate
                | Self::UdpLearnsLate
                | Self::UdpPeerIsAName
                | Self::ConnectAsksThePeer
                | Self::LostPeerIsTold
                | Self::DeadPeerIsLeft
                | Self::UnreadIsDropped
        )
    }
}
