//! Sockets: made, named, connected, and taken apart (laws 46 to 58).
//!
//! A connection is two channels crossed: what one socket sends stands in the other one's ring. A
//! listening socket keeps the sockets that wait to be accepted as messages in its own ring.

use super::{
    Access, Attempt, Body, Chance, Channel, ChannelId, Devices, Ends, Envelope, Error, Event,
    Handle, Kernel, Key, Kind, Kinds, MessageRing, Name, Result, Rights, Ring, Sizes, Socket,
    Stage, State, Trace, Value, Verb, Whole, has_scheme,
};

const SOCKETS: Kinds = Kinds::of(&[Kind::Stream, Kind::Sequenced, Kind::Datagram]);
const CONNECTIONS: Kinds = Kinds::of(&[Kind::Stream, Kind::Sequenced]);
/// What sends messages, besides queues.
const LETTERS: Kinds = Kinds::of(&[Kind::Sequenced, Kind::Datagram]);
/// What messages are received from, besides mailboxes.
const MESSAGES: Kinds = Kinds::of(&[Kind::Queue, Kind::Sequenced, Kind::Datagram]);

/// Bytes of a channel's id, as it stands in a listener's ring.
const ID_BYTES: usize = 6;

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    pub(super) fn socket(&mut self, me: u16, kind: Kind, sizes: Sizes) -> Result<Value> {
        self.expect_room_for_handles(me, 1)?;
        let socket = self.make_socket(kind, sizes)?;
        Ok(Value::Handle(self.open_channel(me, socket, Rights::READ | Rights::WRITE)?))
    }

    /// Makes two sockets that are connected to each other (socketpair(2)).
    pub(super) fn pair(&mut self, me: u16, kind: Kind, sizes: Sizes) -> Result<Value> {
        self.expect_room_for_handles(me, 2)?;
        if self.channels.len() + 2 > CHANNELS {
            return Err(Error::ChannelsFull);
        }
        let (one, other) = (self.make_socket(kind, sizes)?, self.make_socket(kind, sizes)?);
        self.cross_over(one, other);
        let rights = Rights::READ | Rights::WRITE;
        let read = self.open_channel(me, one, rights)?;
        let write = self.open_channel(me, other, rights)?;
        Ok(Value::Ends(Ends::new(read, write.slot())))
    }

    fn make_socket(&mut self, kind: Kind, sizes: Sizes) -> Result<ChannelId> {
        match (kind, sizes) {
            (Kind::Stream, Sizes::Bytes(_)) => {}
            (Kind::Sequenced | Kind::Datagram, Sizes::Messages { .. }) => {}
            _ => return Err(Error::BadArgument),
        }
        let whole = Whole::HERE.ok_or(Error::Unsupported)?;
        let body =
            Body::Socket(Socket { kind, sizes, stage: Stage::Idle, reset: false, _whole: whole });
        let channel = self.make_channel(body, sizes, 1)?;
        self.emit(|| Event::Create { channel, kind, name: None, sizes });
        Ok(channel)
    }

    /// Connects two sockets to each other.
    fn cross_over(&mut self, one: ChannelId, other: ChannelId) {
        for (it, peer) in [(one, other), (other, one)] {
            let channel = self.channels.at_mut(it.index());
            if let Body::Socket(socket) = &mut channel.body {
                socket.stage = Stage::Connected(peer);
                if socket.kind != Kind::Datagram {
                    channel.write_side.enter();
                }
            }
        }
    }

    /// Gives a socket its name.
    pub(super) fn bind(
        &mut self,
        me: u16,
        handle: Handle,
        name: &str,
        access: Access<'_>,
    ) -> Result<Value> {
        let socket = self.channel(me, handle, SOCKETS, Rights::READ)?;
        if has_scheme(name) && access != Access::Everyone {
            // The world outside knows no tasks.
            return Err(Error::Unsupported);
        }
        if let Some(device) = self.device_socket(socket.index(), name)? {
            return self.bind_device(device, name);
        }
        let name = Name::new(name)?;
        if self.names.of(socket.index()).is_some() {
            return Err(Error::BadArgument);
        }
        if self.names.find(&name).is_some() {
            return Err(Error::AddressInUse);
        }
        self.channels.at_mut(socket.index()).allowed = self.allowed(me, access)?;
        self.names.insert(socket.index(), name);
        self.emit(|| Event::Bind { channel: socket, name });
        Ok(Value::Unit)
    }

    /// Makes a bound socket accept connections (law 47).
    pub(super) fn listen(&mut self, me: u16, handle: Handle, backlog: usize) -> Result<Value> {
        let slot = self.channel(me, handle, CONNECTIONS, Rights::READ)?.index();
        if let Some(device) = self.device(slot) {
            self.devices.listen(device, backlog)?;
            return Ok(Value::Unit);
        }
        match self.stage(slot) {
            Stage::Idle if self.names.of(slot).is_some() => {}
            Stage::Listening => return Err(Error::Busy),
            _ => return Err(Error::BadArgument),
        }
        let ring = match backlog {
            0 => None,
            backlog => MessageRing::new(RING, backlog, ID_BYTES, 1),
        };
        let channel = self.channels.at_mut(slot);
        channel.ring = Ring::Messages(ring.ok_or(Error::BadArgument)?);
        if let Body::Socket(socket) = &mut channel.body {
            socket.stage = Stage::Listening;
        }
        self.rouse_connecting(me, self.channel_id(slot));
        Ok(Value::Unit)
    }

    /// Wakes those who wait to connect a socket that is no longer one to connect. They stand in
    /// the lines of listeners; there are some only if the socket has several handles, or the task
    /// does several things at once.
    fn rouse_connecting(&mut self, me: u16, socket: ChannelId) {
        let handles = self.channels.at(socket.index()).read_side.open;
        if handles < 2 && self.tasks.at(me).waiting.is_none() {
            return;
        }
        for at in 0..TASKS as u16 {
            let task = self.tasks.at(at);
            let waiting = task.waiting.filter(|it| it.verb == Verb::Connect);
            let handle = waiting.map(|waiting| waiting.handle);
            let entry = handle.and_then(|handle| task.handles.get(handle).ok());
            let same = entry.is_some_and(|entry| entry.channel() == Some(socket));
            if same && task.state == State::Blocked {
                self.wake(at, self.cause);
            }
        }
    }

    /// Connects a socket; the connection then waits in the listener's ring (laws 46 to 48).
    pub(super) fn connect(&mut self, me: u16, handle: Handle, to: &str) -> Attempt {
        let client = self.channel(me, handle, SOCKETS, Rights::WRITE)?;
        if let Some(device) = self.device_socket(client.index(), to)? {
            return self.connect_device(me, device, to);
        }
        let Body::Socket(Socket { kind, stage, .. }) = self.channels.at(client.index()).body else {
            return Err(Error::WrongKind.into());
        };
        match stage {
            Stage::Idle => {}
            Stage::Connected(_) if kind == Kind::Datagram => {}
            Stage::Connected(_) => return Err(Error::Busy.into()),
            Stage::Listening => return Err(Error::BadArgument.into()),
        }
        let (server, target) = self.bound_socket(me, kind, to)?;
        if kind == Kind::Datagram {
            self.set_stage(client.index(), Stage::Connected(server));
            self.dismiss_pollers(client.index());
            // Only the new peer may still wait to send to it.
            self.rouse(self.channels.at(client.index()).writers, Chance::All);
            // Whoever waits to send through this socket waits at its old peer.
            if let Stage::Connected(old) = stage
                && let Some(writers) = self.channels.get(old.0).map(|old| old.writers)
            {
                self.rouse(writers, Chance::All);
            }
            return Ok(Value::Unit);
        }
        if target.stage != Stage::Listening {
            return Err(Error::ConnectionRefused.into());
        }
        let slot = server.index();
        self.expect_room(me, slot)?;
        let accepted = self.make_socket(kind, target.sizes)?;
        self.cross_over(client, accepted);
        // Whoever polls the client has a peer to look at now.
        self.dismiss_pollers(client.index());
        self.rouse_connecting(me, client);
        let envelope = self.envelope(me, self.names.of(client.index()));
        self.push_message(me, slot, 0, &envelope, &id_bytes(accepted));
        Ok(Value::Unit)
    }

    /// Takes the first connection that waits (law 49).
    pub(super) fn accept(&mut self, me: u16, handle: Handle) -> Attempt {
        let slot = self.channel(me, handle, CONNECTIONS, Rights::READ)?.index();
        if let Some(device) = self.device(slot) {
            self.expect_room_for_handles(me, 1)?;
            return self.accept_device(me, device);
        }
        if self.stage(slot) != Stage::Listening {
            return Err(Error::BadArgument.into());
        }
        self.expect_room_for_handles(me, 1)?;
        self.expect_output(me, slot)?;
        let accepted = self.next_pending(slot).ok_or(Error::BadArgument)?;
        self.settle(slot);
        let rights = Rights::READ | Rights::WRITE;
        Ok(Value::Handle(self.open_channel(me, accepted, rights)?))
    }

    /// Ends one or both directions of a connection (law 50).
    pub(super) fn shutdown(&mut self, me: u16, handle: Handle, rights: Rights) -> Result<Value> {
        let slot = self.channel(me, handle, CONNECTIONS, rights)?.index();
        if let Some(device) = self.device(slot) {
            self.devices.shutdown(device, rights)?;
            return Ok(Value::Unit);
        }
        let Stage::Connected(peer) = self.stage(slot) else { return Err(Error::NotConnected) };
        if rights.contains(Rights::READ) {
            self.channels.at_mut(slot).read_side.shut();
            self.settle(slot);
        }
        if rights.contains(Rights::WRITE) && self.channels.is_live(peer.0) {
            self.channels.at_mut(peer.index()).write_side.shut();
            self.settle(peer.index());
        }
        Ok(Value::Unit)
    }

    /// Sends a message out of a socket: to the peer, or to a name.
    pub(super) fn send_from(
        &mut self,
        me: u16,
        handle: Handle,
        to: Option<&str>,
        message: &[u8],
    ) -> Attempt {
        let own = self.channel(me, handle, LETTERS, Rights::WRITE)?;
        if let Some(device) = self.device_socket(own.index(), to.unwrap_or_default())? {
            return self.send_device(me, device, to, 0, message);
        }
        let kind = self.channels.at(own.index()).kind();
        let sink = match to {
            Some(_) if kind == Kind::Sequenced => return Err(Error::BadArgument.into()),
            Some(name) => self.bound_socket(me, kind, name)?.0,
            None => match self.stage(own.index()) {
                Stage::Connected(peer) if self.channels.is_live(peer.0) => peer,
                Stage::Connected(_) if kind == Kind::Datagram => {
                    return Err(Error::ConnectionRefused.into());
                }
                Stage::Connected(_) => return Err(Error::BrokenPipe.into()),
                _ => return Err(Error::NotConnected.into()),
            },
        };
        // A datagram socket that is connected takes from its peer alone (law 57).
        if kind == Kind::Datagram
            && let Stage::Connected(peer) = self.stage(sink.index())
            && peer != own
        {
            return Err(Error::NoRight.into());
        }
        let envelope = self.envelope(me, self.names.of(own.index()));
        self.put_message(me, sink.index(), 0, &envelope, message)
    }

    /// Takes a message out of a queue or a socket.
    #[inline(always)]
    pub(super) fn receive_from_object(
        &mut self,
        me: u16,
        handle: Handle,
        buffer: &mut [u8],
        envelope: &mut Option<Envelope>,
    ) -> Attempt {
        let slot = self.channel(me, handle, MESSAGES, Rights::READ)?.index();
        if let Some(device) = self.device(slot) {
            return self.receive_device(me, device, buffer, envelope);
        }
        match self.channels.at(slot).kind() {
            Kind::Queue => self.dequeue_message(me, slot, buffer, envelope),
            _ => {
                self.expect_connection(slot)?;
                self.take_message(me, slot, buffer, envelope)
            }
        }
    }

    /// Where the bytes go that are written to a pipe or a stream: into the pipe itself, or into
    /// the ring of the peer.
    #[inline(always)]
    pub(super) fn sink(&self, slot: u16) -> Result<u16> {
        match self.channels.at(slot).body {
            Body::Socket(Socket { stage: Stage::Connected(peer), .. }) => {
                if self.channels.is_live(peer.0) {
                    Ok(peer.index())
                } else {
                    Err(Error::BrokenPipe)
                }
            }
            Body::Socket(_) => Err(Error::NotConnected),
            _ => Ok(slot),
        }
    }

    /// Refuses to read from a socket that needs a connection and has none.
    #[inline(always)]
    pub(super) fn expect_connection(&self, slot: u16) -> Result<()> {
        match self.channels.at(slot).body {
            Body::Socket(Socket { stage: Stage::Connected(_), .. }) => Ok(()),
            Body::Socket(Socket { kind: Kind::Datagram, .. }) => Ok(()),
            Body::Socket(_) => Err(Error::NotConnected),
            _ => Ok(()),
        }
    }

    /// Takes a socket apart whose last handle is closed. Ends close independently (law 52).
    pub(super) fn end_socket(&mut self, slot: u16, socket: Socket) {
        let unread = self.channels.at(slot).ring.len() > 0;
        match socket.stage {
            Stage::Listening => {
                while let Some(pending) = self.next_pending(slot) {
                    if let Stage::Connected(client) = self.stage(pending.index()) {
                        self.part(client, true);
                    }
                    self.destroy(pending.index(), Error::BrokenPipe);
                }
                self.destroy(slot, Error::ConnectionRefused);
            }
            Stage::Connected(peer) if socket.kind != Kind::Datagram => {
                self.destroy(slot, Error::BrokenPipe);
                self.part(peer, unread);
            }
            _ => self.destroy(slot, Error::ConnectionRefused),
        }
    }

    /// Tells a socket that its peer has gone, and whether it went with input unread (law 51).
    fn part(&mut self, socket: ChannelId, unread: bool) {
        if !self.channels.is_live(socket.0) {
            return;
        }
        let channel = self.channels.at_mut(socket.index());
        channel.write_side.leave();
        if let Body::Socket(socket) = &mut channel.body {
            socket.reset |= unread;
        }
        self.settle(socket.index());
    }

    /// Takes the first of those sockets out of a listener's ring that wait to be accepted.
    fn next_pending(&mut self, listener: u16) -> Option<ChannelId> {
        let channel = self.channels.at_mut(listener);
        let ring = channel.ring.messages_mut()?;
        let message = ring.front(&channel.store, 0)?;
        let id = id_from(ring.body(&channel.store, message))?;
        ring.remove(&mut channel.store, message);
        Some(id)
    }

    /// The socket of this kind that has a name.
    fn bound_socket(&self, me: u16, kind: Kind, name: &str) -> Result<(ChannelId, Socket)> {
        let slot = self.names.find(&Name::new(name)?).ok_or(Error::NoSuchName)?;
        match self.channels.at(slot).body {
            Body::Socket(socket) if socket.kind == kind => {
                self.expect_access(me, slot)?;
                Ok((self.channel_id(slot), socket))
            }
            _ => Err(Error::WrongKind),
        }
    }

    fn stage(&self, slot: u16) -> Stage {
        match self.channels.at(slot).body {
            Body::Socket(socket) => socket.stage,
            _ => Stage::Idle,
        }
    }

    fn set_stage(&mut self, slot: u16, stage: Stage) {
        if let Body::Socket(socket) = &mut self.channels.at_mut(slot).body {
            socket.stage = stage;
        }
    }
}

impl<const RING: usize> Channel<RING> {
    /// The sockets in a listener's ring, in the order in which they will be accepted.
    pub(super) fn pending(&self) -> impl Iterator<Item = ChannelId> {
        let listens = matches!(self.body, Body::Socket(Socket { stage: Stage::Listening, .. }));
        let ring = self.ring.messages().filter(|_| listens);
        ring.into_iter().flat_map(move |ring| {
            ring.iter(&self.store, 0).filter_map(move |it| id_from(ring.body(&self.store, it)))
        })
    }
}

fn id_bytes(ChannelId(Key { index, generation }): ChannelId) -> [u8; ID_BYTES] {
    let ([a, b], [c, d, e, f]) = (index.to_le_bytes(), generation.to_le_bytes());
    [a, b, c, d, e, f]
}

fn id_from(bytes: &[u8]) -> Option<ChannelId> {
    let &[a, b, c, d, e, f] = bytes else { return None };
    Some(ChannelId::from_parts(u16::from_le_bytes([a, b]), u32::from_le_bytes([c, d, e, f])))
}
