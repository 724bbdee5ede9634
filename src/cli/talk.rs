//! What sockets of every kind can do, as far as the command line needs it.

use postroom::kinds::{DatagramSocket, SequencedSocket, Socket, StreamSocket};
use postroom::{End, Handle, Message, Result, Rights, Sys, TaskId};

/// The longest message that is taken whole, in bytes.
pub(super) const LONGEST: usize = 65_536;

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

    async fn say(end: &End<'_, Self>, piece: &[u8]) -> Result<()>;

    /// `None` when the other side says nothing more.
    async fn hear(end: &End<'_, Self>, buffer: &mut [u8]) -> Result<Option<Heard>>;

    /// Tells the other side that nothing more will be said, if it can be told.
    async fn finish(end: &End<'_, Self>) -> Result<()>;
}

impl Talks for StreamSocket {
    const WHOLE: bool = false;
    const ROOM: usize = 4096;

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

/// Bytes in which a handle is told.
const TOLD: usize = 10;

/// Tells a task of handles that it was given.
pub(super) async fn tell_handles(sys: &Sys<'_>, to: TaskId, handles: &[Handle]) -> Result<()> {
    let told = |it: &Handle| [&it.slot().to_le_bytes()[..], &it.serial().to_le_bytes()].concat();
    sys.send(to, &handles.iter().flat_map(told).collect::<Vec<_>>()).await
}

/// Learns of handles that this task was given: at most two.
pub(super) async fn learn_handles(sys: &Sys<'_>) -> Result<Vec<Handle>> {
    let mut buffer = [0; 2 * TOLD];
    let message = sys.receive(&mut buffer).await?;
    let (told, _) = buffer[..message.copied].as_chunks::<TOLD>();
    Ok(told
        .iter()
        .map(|&[a, b, ref serial @ ..]| {
            Handle::from_parts(u16::from_le_bytes([a, b]), u64::from_le_bytes(*serial))
        })
        .collect())
}
