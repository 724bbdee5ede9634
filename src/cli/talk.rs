//! What sockets of every kind can do, as far as the command line needs it.

use postroom::kinds::{DatagramSocket, SequencedSocket, Socket, StreamSocket};
use postroom::{End, Message, Result, Rights, Sys};

use super::console;

/// The longest message that is taken whole, in bytes.
pub(super) const LONGEST: usize = 65_536;

/// Says that a message was longer than that, if it was.
pub(super) fn tell_of_the_rest(heard: &Heard) {
    if heard.length > heard.copied {
        let (length, rest) = (heard.length, heard.length - heard.copied);
        console::say(format_args!("{rest} bytes of a message of {length} are cut off"));
    }
}

/// Until a socket has a name of the host it is one of the kernel, with a ring of this many bytes.
const SHORT: usize = 16;

/// What was heard: so many bytes of so many.
pub(super) struct Heard {
    pub(super) copied: usize,
    pub(super) length: usize,
}

impl From<Message> for Heard {
    fn from(message: Message) -> Self {
        Self { copied: message.copied, length: message.length }
    }
}

/// A kind of socket through which two talk.
pub(super) trait Talks: Socket + Sized {
    /// Whether what is said comes as it was said, in one piece.
    const WHOLE: bool;
    /// Bytes of a buffer that can take whatever comes at once.
    const ROOM: usize;
    /// Whether there is a connection, which can end.
    const ENDS: bool;

    async fn make<'k>(sys: &Sys<'k>) -> Result<End<'k, Self>>;

    async fn say(end: &End<'_, Self>, piece: &[u8]) -> Result<()>;

    /// `None` when the other side says nothing more.
    async fn hear(end: &End<'_, Self>, buffer: &mut [u8]) -> Result<Option<Heard>>;

    /// Tells the other side that nothing more will be said, if it can be told.
    async fn finish(end: &End<'_, Self>) -> Result<()>;
}

impl Talks for StreamSocket {
    const WHOLE: bool = false;
    const ROOM: usize = 4096;
    const ENDS: bool = true;

    async fn make<'k>(sys: &Sys<'k>) -> Result<End<'k, Self>> {
        sys.stream(1).await
    }

    async fn say(end: &End<'_, Self>, piece: &[u8]) -> Result<()> {
        end.write_all(piece).await
    }

    async fn hear(end: &End<'_, Self>, buffer: &mut [u8]) -> Result<Option<Heard>> {
        let count = end.read(buffer).await?;
        Ok((count > 0).then_some(Heard { copied: count, length: count }))
    }

    async fn finish(end: &End<'_, Self>) -> Result<()> {
        end.shutdown(Rights::WRITE).await
    }
}

impl Talks for SequencedSocket {
    const WHOLE: bool = true;
    const ROOM: usize = LONGEST;
    const ENDS: bool = true;

    async fn make<'k>(sys: &Sys<'k>) -> Result<End<'k, Self>> {
        sys.sequenced(1, SHORT).await
    }

    async fn say(end: &End<'_, Self>, piece: &[u8]) -> Result<()> {
        end.send(piece).await
    }

    async fn hear(end: &End<'_, Self>, buffer: &mut [u8]) -> Result<Option<Heard>> {
        Ok(end.receive(buffer).await?.map(Heard::from))
    }

    async fn finish(end: &End<'_, Self>) -> Result<()> {
        end.shutdown(Rights::WRITE).await
    }
}

impl Talks for DatagramSocket {
    const WHOLE: bool = true;
    const ROOM: usize = LONGEST;
    const ENDS: bool = false;

    async fn make<'k>(sys: &Sys<'k>) -> Result<End<'k, Self>> {
        sys.datagram(1, SHORT).await
    }

    async fn say(end: &End<'_, Self>, piece: &[u8]) -> Result<()> {
        end.send(piece).await
    }

    async fn hear(end: &End<'_, Self>, buffer: &mut [u8]) -> Result<Option<Heard>> {
        Ok(end.receive(buffer).await?.map(Heard::from))
    }

    async fn finish(_: &End<'_, Self>) -> Result<()> {
        Ok(())
    }
}
