//! A request as the kernel takes it: a call that borrows its buffers.

use postroom::{
    Access, Call, Create, Destination, Envelope, Outcome, Peer, PollEntry, RequestId, Source,
    TaskId,
};

use crate::request::{Address, BLANK, Life, Making, Origin, Request, Result, Target};

impl Request {
    /// Runs `f` on the call as the kernel takes it, and returns what came of it.
    pub(crate) fn with<R>(
        &self,
        id: impl Fn(Option<Life>) -> TaskId,
        f: impl FnOnce(Call<'_>) -> (Outcome, R),
    ) -> (Result<Envelope>, R) {
        let peer = |address: Address| match address {
            Address::Name(name) => Peer::Name(name),
            Address::Life(life) => Peer::Task(id(life)),
        };
        let peers = |only: &Option<Vec<Address>>| -> Vec<_> {
            only.iter().flatten().map(|&it| peer(it)).collect()
        };
        let everyone = |only: &Option<Vec<Address>>| only.is_none();
        let mut buffer = vec![BLANK; self.room()];
        let (mut envelope, mut entries, allowed) = (
            None,
            Vec::new(),
            match self {
                Self::Open { create: Some(Making { only, .. }), .. } | Self::Bind { only, .. } => {
                    peers(only)
                }
                _ => Vec::new(),
            },
        );
        let access = |all| if all { Access::Everyone } else { Access::Only(&allowed) };
        let call = match *self {
            Self::Pipe { capacity } => Call::Pipe { capacity },
            Self::Open { name, rights, ref create } => Call::Open {
                name,
                rights,
                create: create.as_ref().map(|&Making { sizes, exclusive, ref only }| Create {
                    sizes,
                    exclusive,
                    access: access(everyone(only)),
                }),
            },
            Self::Duplicate { handle } => Call::Duplicate { handle },
            Self::Give { handle, to, rights, keep } => {
                Call::Give { handle, to: peer(to), rights, keep }
            }
            Self::Close { handle } => Call::Close { handle },
            Self::Unlink { name } => Call::Unlink { name },
            Self::Read { handle, wait, .. } => Call::Read { handle, buffer: &mut buffer, wait },
            Self::Write { handle, ref bytes, wait } => Call::Write { handle, bytes, wait },
            Self::Send { to, ref message, wait } => {
                let to = match to {
                    Target::Task(to) => Destination::Task(peer(to)),
                    Target::Queue { handle, urgency } => Destination::Queue { handle, urgency },
                    Target::Socket { handle, to } => Destination::Socket { handle, to },
                };
                Call::Send { to, message, wait }
            }
            Self::Receive { from, wait, .. } => {
                let from = match from {
                    Origin::Anyone => Source::Anyone,
                    Origin::Task(from) => Source::Task(peer(from)),
                    Origin::Object(handle) => Source::Object(handle),
                };
                Call::Receive { from, buffer: &mut buffer, envelope: &mut envelope, wait }
            }
            Self::Ask { to, ref message, room, wait } => {
                Call::Request { to: peer(to), message, room, wait }
            }
            Self::Answer { wait, .. } => Call::Answer { buffer: &mut buffer, wait },
            Self::Reply { caller, serial, ref message } => {
                Call::Reply { request: RequestId { caller: id(caller), serial }, message }
            }
            Self::Readiness { handle } => Call::Readiness { handle },
            Self::Poll { ref set, wait } => {
                entries =
                    set.iter().map(|&(handle, wants)| PollEntry::new(handle, wants)).collect();
                Call::Poll { set: &mut entries, wait }
            }
            Self::Attributes { handle } => Call::Attributes { handle },
            Self::Notify { handle, wait } => Call::Notify { handle, wait },
            Self::Socket { kind, sizes } => Call::Socket { kind, sizes },
            Self::Pair { kind, sizes } => Call::Pair { kind, sizes },
            Self::Bind { handle, name, ref only } => {
                Call::Bind { handle, name, access: access(everyone(only)) }
            }
            Self::Listen { handle, backlog } => Call::Listen { handle, backlog },
            Self::Connect { handle, to, wait } => Call::Connect { handle, to, wait },
            Self::Accept { handle, wait } => Call::Accept { handle, wait },
            Self::Shutdown { handle, rights } => Call::Shutdown { handle, rights },
            Self::Kill { handle } => Call::Kill { handle },
            Self::Sleep { until } => Call::Sleep { until },
            Self::Cancel => Call::Cancel,
            Self::GiveUp => Call::GiveUp,
            Self::Yield => Call::Yield,
            Self::SetPriority { priority } => Call::SetPriority { priority },
            Self::Now => Call::Now,
            Self::Exit { status } => Call::Exit { status },
        };
        let (outcome, more) = f(call);
        let set = entries.iter().map(|entry| entry.ready).collect();
        (Result { outcome, buffer, set, envelope }, more)
    }
}
