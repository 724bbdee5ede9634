//! Sockets in the model: a connection is two objects that name each other.

use std::collections::VecDeque;
use std::mem::replace;

use postroom::{Ends, Error, Handle, Kind, Rights, Sizes, Value};

use crate::model::{Attempt, Line, Mail, Model, Place, Side, Stage, Waiting, What, plain};
use crate::names::Named;
use crate::request::{Address, Life, Request};

type Result<T> = std::result::Result<T, Error>;

const SOCKETS: &[Kind] = &[Kind::Stream, Kind::Sequenced, Kind::Datagram];
const CONNECTIONS: &[Kind] = &[Kind::Stream, Kind::Sequenced];

impl Model {
    pub(crate) fn socket(&mut self, me: Life, kind: Kind, sizes: Sizes) -> Result<Value> {
        self.expect_free_handles(me, 1)?;
        let socket = self.make_socket(kind, sizes)?;
        Ok(Value::Handle(self.grant_object(me, socket, Rights::READ | Rights::WRITE)))
    }

    pub(crate) fn pair(&mut self, me: Life, kind: Kind, sizes: Sizes) -> Result<Value> {
        self.expect_free_handles(me, 2)?;
        if self.free_channels() < 2 {
            return Err(Error::ChannelsFull);
        }
        let (one, other) = (self.make_socket(kind, sizes)?, self.make_socket(kind, sizes)?);
        self.join_sockets(one, other);
        let rights = Rights::READ | Rights::WRITE;
        let read = self.grant_object(me, one, rights);
        let write = self.grant_object(me, other, rights);
        Ok(Value::Ends(Ends::new(read, write.slot())))
    }

    fn make_socket(&mut self, kind: Kind, sizes: Sizes) -> Result<usize> {
        if SOCKETS.contains(&kind) { self.make(kind, sizes, None) } else { Err(Error::BadArgument) }
    }

    fn join_sockets(&mut self, one: usize, other: usize) {
        for (it, peer) in [(one, other), (other, one)] {
            self.objects[it].stage = Stage::Connected(peer);
            if self.objects[it].kind != Kind::Datagram {
                self.objects[it].writes.enter();
            }
        }
    }

    pub(crate) fn bind(
        &mut self,
        me: Life,
        handle: Handle,
        name: &'static str,
        only: Option<&[Address]>,
    ) -> Result<Value> {
        let socket = self.held_with(me, handle, SOCKETS, Rights::READ)?;
        let found = self.find(name)?;
        if self.objects[socket].name.is_some() {
            return Err(Error::BadArgument);
        }
        if !matches!(found, Named::Nothing) {
            return Err(Error::AddressInUse);
        }
        self.objects[socket].only = self.allowed(me, only)?;
        self.objects[socket].name = Some(name);
        Ok(Value::Unit)
    }

    pub(crate) fn listen(&mut self, me: Life, handle: Handle, backlog: usize) -> Result<Value> {
        let socket = self.held_with(me, handle, CONNECTIONS, Rights::READ)?;
        match self.objects[socket].stage {
            Stage::Listening(..) => return Err(Error::Busy),
            Stage::Idle if self.objects[socket].name.is_some() => {}
            _ => return Err(Error::BadArgument),
        }
        if !self.limits.fits_backlog(backlog) {
            return Err(Error::BadArgument);
        }
        self.objects[socket].stage = Stage::Listening(backlog, VecDeque::new());
        self.wake_the_connecting(socket);
        Ok(Value::Unit)
    }

    /// Wakes those who wait to connect a socket that is no longer one to connect.
    fn wake_the_connecting(&mut self, socket: usize) {
        let here = |life: Life, handle| self.held(life, handle).map(|held| held.what);
        let connects = |it: &&Waiting| match it.request {
            Request::Connect { handle, .. } => here(it.task, handle) == Ok(What::Object(socket)),
            _ => false,
        };
        let all: Vec<Life> = self.waiting.iter().filter(connects).map(|it| it.task).collect();
        all.into_iter().for_each(|me| self.wake_if_blocked(me));
    }

    pub(crate) fn connect(&mut self, me: Life, handle: Handle, to: &str) -> Attempt {
        let client = self.held_with(me, handle, SOCKETS, Rights::WRITE)?;
        let kind = self.objects[client].kind;
        match self.objects[client].stage {
            Stage::Connected(_) if kind != Kind::Datagram => return Err(Error::Busy.into()),
            Stage::Listening(..) => return Err(Error::BadArgument.into()),
            _ => {}
        }
        let server = self.bound(me, kind, to)?;
        if kind == Kind::Datagram {
            let before = replace(&mut self.objects[client].stage, Stage::Connected(server));
            self.look_again(client, &before);
            return plain(Value::Unit);
        }
        if !matches!(self.objects[server].stage, Stage::Listening(..)) {
            return Err(Error::ConnectionRefused.into());
        }
        self.expect_room(me, server, 0)?;
        let accepted = self.make_socket(kind, self.objects[server].sizes)?;
        self.join_sockets(client, accepted);
        self.look_again(client, &Stage::Idle);
        self.wake_the_connecting(client);
        let name = self.objects[client].name.map(str::to_owned);
        let Stage::Listening(_, pending) = &mut self.objects[server].stage else {
            return Err(Error::ConnectionRefused.into());
        };
        pending.push_back(accepted);
        self.objects[server].mail.push_back(Mail { stamp: (me, name, 0, None), body: Vec::new() });
        self.changed(Place::Object(server));
        plain(Value::Unit)
    }

    /// Lets those try again to whom a new peer of this socket may give another answer.
    fn look_again(&mut self, socket: usize, before: &Stage) {
        self.dismiss_pollers(Place::Object(socket));
        self.wake_all(Line::Room(socket, 0));
        if let &Stage::Connected(peer) = before {
            self.wake_all(Line::Room(peer, 0));
        }
    }

    pub(crate) fn accept(&mut self, me: Life, handle: Handle) -> Attempt {
        let listener = self.held_with(me, handle, CONNECTIONS, Rights::READ)?;
        if !matches!(self.objects[listener].stage, Stage::Listening(..)) {
            return Err(Error::BadArgument.into());
        }
        self.expect_free_handles(me, 1)?;
        self.expect_output(me, listener)?;
        let accepted = self.next_pending(listener).ok_or(Error::BadArgument)?;
        self.changed(Place::Object(listener));
        plain(Value::Handle(self.grant_object(me, accepted, Rights::READ | Rights::WRITE)))
    }

    fn next_pending(&mut self, listener: usize) -> Option<usize> {
        self.objects[listener].mail.pop_front();
        match &mut self.objects[listener].stage {
            Stage::Listening(_, pending) => pending.pop_front(),
            _ => None,
        }
    }

    pub(crate) fn shutdown(&mut self, me: Life, handle: Handle, rights: Rights) -> Result<Value> {
        let socket = self.held_with(me, handle, CONNECTIONS, rights)?;
        let Stage::Connected(peer) = self.objects[socket].stage else {
            return Err(Error::NotConnected);
        };
        if rights.contains(Rights::READ) {
            self.objects[socket].reads.shut();
            self.changed(Place::Object(socket));
        }
        if rights.contains(Rights::WRITE) && self.objects[peer].alive {
            self.objects[peer].writes.shut();
            self.changed(Place::Object(peer));
        }
        Ok(Value::Unit)
    }

    /// The last handle of a socket is closed.
    pub(crate) fn end_socket(&mut self, socket: usize) {
        match self.objects[socket].stage {
            Stage::Listening(..) => {
                while let Some(pending) = self.next_pending(socket) {
                    if let Stage::Connected(client) = self.objects[pending].stage {
                        self.part(client, true);
                    }
                    self.destroy(pending, Error::BrokenPipe);
                }
                self.destroy(socket, Error::ConnectionRefused);
            }
            Stage::Connected(peer) if self.objects[socket].kind != Kind::Datagram => {
                let unread = self.objects[socket].length() > 0;
                self.destroy(socket, Error::BrokenPipe);
                self.part(peer, unread);
            }
            _ => self.destroy(socket, Error::ConnectionRefused),
        }
    }

    /// The peer of a socket has gone, perhaps with input unread.
    fn part(&mut self, socket: usize, unread: bool) {
        let it = &mut self.objects[socket];
        if it.alive {
            it.writes = if it.writes == Side::Shut(1) { Side::Shut(0) } else { Side::Open(0) };
            it.reset |= unread;
            self.changed(Place::Object(socket));
        }
    }
}
