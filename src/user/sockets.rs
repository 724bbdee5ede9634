//! Sockets: for connections of bytes or of messages, and for single messages.

use core::marker::PhantomData;

use super::end::{End, Kinded, Sealed};
use super::ends::{Reads, Writes, kinds};
use super::kernel::{Access, Call, Destination, Kind, Peer, Result, Rights};
use super::request::{Accept, Connect, ReceiveMessage, Send};
use super::syscall::Syscall;

const BOTH: Rights = Rights::READ.union(Rights::WRITE);

kinds! {
    /// The kind of [`Stream`].
    StreamSocket, BOTH;
    /// The kind of [`Sequenced`].
    SequencedSocket, BOTH;
    /// The kind of [`Datagram`].
    DatagramSocket, BOTH;
    /// The kind of a [`Listener`] for streams.
    StreamListener, BOTH;
    /// The kind of a [`Listener`] for sequenced sockets.
    SequencedListener, BOTH;
}

/// A socket for a connection that carries bytes both ways; each direction is a pipe (law 50).
pub type Stream<'k> = End<'k, StreamSocket>;
/// A socket for a connection that carries messages both ways (law 58).
pub type Sequenced<'k> = End<'k, SequencedSocket>;
/// A socket for single messages (section G of the laws).
pub type Datagram<'k> = End<'k, DatagramSocket>;
/// A socket that accepts connections.
pub type Listener<'k, L = StreamListener> = End<'k, L>;

/// A kind of socket.
pub trait Socket: Kinded {
    /// Which.
    const KIND: Kind;
}

/// A kind of socket that connects to a listener.
pub trait Connects: Socket {
    /// The listener's kind.
    type Listener: Accepts<Connection = Self>;
}

/// A kind of listener.
pub trait Accepts: Kinded {
    /// The kind of the sockets that it accepts.
    type Connection: Connects;
}

impl Socket for StreamSocket {
    const KIND: Kind = Kind::Stream;
}
impl Socket for SequencedSocket {
    const KIND: Kind = Kind::Sequenced;
}
impl Socket for DatagramSocket {
    const KIND: Kind = Kind::Datagram;
}
impl Connects for StreamSocket {
    type Listener = StreamListener;
}
impl Connects for SequencedSocket {
    type Listener = SequencedListener;
}
impl Accepts for StreamListener {
    type Connection = StreamSocket;
}
impl Accepts for SequencedListener {
    type Connection = SequencedSocket;
}
impl Reads for StreamSocket {}
impl Writes for StreamSocket {}

impl<K: Socket> End<'_, K> {
    /// Gives the socket a name, by which others connect or send to it; it is free again when the
    /// socket closes (law 52).
    ///
    /// # Errors
    /// [`AddressInUse`](crate::Error::AddressInUse) (law 46), [`BadName`](crate::Error::BadName),
    /// [`NameTooLong`](crate::Error::NameTooLong), [`BadArgument`](crate::Error::BadArgument) if
    /// the socket has a name.
    pub async fn bind(&self, name: &str) -> Result<()> {
        self.bind_for(name, Access::Everyone).await
    }

    /// The same, for these tasks only (law 65): [`NoRight`](crate::Error::NoRight) for others.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub async fn bind_only(&self, name: &str, tasks: &[Peer<'_>]) -> Result<()> {
        self.bind_for(name, Access::Only(tasks)).await
    }

    async fn bind_for(&self, name: &str, access: Access<'_>) -> Result<()> {
        self.sys.perform(Call::Bind { handle: self.handle, name, access }).await
    }

    /// Connects to the socket of this name. A listener's backlog may have to be waited for
    /// (law 47); it need not have accepted (law 48).
    ///
    /// A datagram socket that is connected sends to its peer and takes from it alone (law 57); it
    /// can be connected again.
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName),
    /// [`ConnectionRefused`](crate::Error::ConnectionRefused) if it does not listen,
    /// [`WrongKind`](crate::Error::WrongKind) (law 46), [`NoRight`](crate::Error::NoRight)
    /// (law 65), [`Busy`](crate::Error::Busy) if this is connected,
    /// [`ChannelsFull`](crate::Error::ChannelsFull), and those of waiting.
    pub fn connect<'s>(&'s self, to: &'s str) -> Syscall<'s, Connect<'s>> {
        Syscall::new(&self.sys, Connect { handle: self.handle, to })
    }
}

impl<'k, K: Connects> End<'k, K> {
    /// Accepts connections from now on; so many can wait to be accepted (law 47).
    ///
    /// # Errors
    /// [`BadArgument`](crate::Error::BadArgument) if the backlog is 0 or more than a ring of the
    /// kernel holds, or if the socket has no name, or is connected. The socket is then closed.
    pub async fn listen(self, backlog: usize) -> Result<End<'k, K::Listener>> {
        self.sys.perform(Call::Listen { handle: self.handle, backlog }).await?;
        let (sys, handle) = self.into_parts();
        Ok(End::new(sys, handle))
    }

    /// Ends a direction of the connection, or both (law 50): with [`Rights::WRITE`] the peer reads
    /// what is there and then the end of file, with [`Rights::READ`] its writes are broken pipes.
    ///
    /// # Errors
    /// [`NotConnected`](crate::Error::NotConnected).
    pub async fn shutdown(&self, rights: Rights) -> Result<()> {
        self.sys.perform(Call::Shutdown { handle: self.handle, rights }).await
    }
}

impl<'k, L: Accepts> End<'k, L> {
    /// Accepts the first connection that waits (law 49).
    ///
    /// # Errors
    /// [`HandlesFull`](crate::Error::HandlesFull), those of waiting for a connection.
    pub fn accept(&self) -> Syscall<'_, Accept<'k, L>> {
        Syscall::new(&self.sys, Accept { sys: self.sys, handle: self.handle, listens: PhantomData })
    }
}

impl Sequenced<'_> {
    /// Sends a message to the peer. It may be empty.
    ///
    /// # Errors
    /// [`MessageTooLong`](crate::Error::MessageTooLong), [`BrokenPipe`](crate::Error::BrokenPipe)
    /// if the peer has gone or takes nothing more,
    /// [`NotConnected`](crate::Error::NotConnected), those of waiting for room.
    pub fn send<'s>(&'s self, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        let to = Destination::Socket { handle: self.handle, to: None };
        Syscall::new(&self.sys, Send { to, message })
    }

    /// Receives a message; `None` when the peer has gone and all is read.
    ///
    /// # Errors
    /// [`ConnectionReset`](crate::Error::ConnectionReset) (law 51),
    /// [`NotConnected`](crate::Error::NotConnected), those of waiting for a message.
    pub fn receive<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, ReceiveMessage<'s>> {
        Syscall::new(&self.sys, ReceiveMessage::new(self.handle, buffer))
    }
}

impl Datagram<'_> {
    /// Sends a message to the peer that the socket is connected to.
    ///
    /// # Errors
    /// [`MessageTooLong`](crate::Error::MessageTooLong) (law 56),
    /// [`ConnectionRefused`](crate::Error::ConnectionRefused) if the peer has closed,
    /// [`NoRight`](crate::Error::NoRight) if it takes from another one alone,
    /// [`NotConnected`](crate::Error::NotConnected), those of waiting for room.
    pub fn send<'s>(&'s self, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        let to = Destination::Socket { handle: self.handle, to: None };
        Syscall::new(&self.sys, Send { to, message })
    }

    /// Sends a message to the datagram socket of this name.
    ///
    /// # Errors
    /// As [`send`](Self::send), [`NoSuchName`](crate::Error::NoSuchName),
    /// [`WrongKind`](crate::Error::WrongKind).
    pub fn send_to<'s>(&'s self, name: &'s str, message: &'s [u8]) -> Syscall<'s, Send<'s>> {
        let to = Destination::Socket { handle: self.handle, to: Some(name) };
        Syscall::new(&self.sys, Send { to, message })
    }

    /// Receives a message, and learns the name of the socket that sent it, if it has one
    /// (law 54). There is no end of file: it is never `None`.
    ///
    /// # Errors
    /// Those of waiting for a message.
    pub fn receive<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, ReceiveMessage<'s>> {
        Syscall::new(&self.sys, ReceiveMessage::new(self.handle, buffer))
    }
}
