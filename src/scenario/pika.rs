//! Messages that grow: the i-th is "Pika! ", i times. Two tasks take turns by yielding.

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Error, Result, Sys};

const PIKA: &[u8] = b"Pika! ";

/// Most messages: the last of them has this many times "Pika! ".
pub const MOST: usize = 100;

/// Sends each message with its length before it, and lets the reader have its turn.
pub async fn writer(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let pipe = sys.open_write("pika").await?;
    let mut message = [0; PIKA.len() * MOST];
    for i in 1..=stage.messages {
        let message = message.get_mut(..PIKA.len() * i).ok_or(Error::MessageTooLong)?;
        message[PIKA.len() * (i - 1)..].copy_from_slice(PIKA);
        pipe.write_all(&(message.len() as u16).to_le_bytes()).await?;
        pipe.write_all(message).await?;
        stage.say(format_args!("[Writer] Message {i} sent"));
        sys.yield_now().await?;
    }
    Ok(())
}

/// Prints each message, until the writer has closed its end.
pub async fn reader(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let pipe = sys.open_read("pika").await?;
    let mut buffer = [0; PIKA.len() * MOST];
    for i in 1.. {
        let mut length = [0; 2];
        if pipe.read_full(&mut length).await? == 0 {
            break;
        }
        let message =
            buffer.get_mut(..u16::from_le_bytes(length).into()).ok_or(Error::MessageTooLong)?;
        pipe.read_full(message).await?;
        stage.say(format_args!("[Reader] Message {i} was {}", Text(message)));
    }
    Ok(())
}

/// One writer, one reader.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "pika",
    teaches: "messages of growing length, and two equal tasks that take turns",
    start: |crew, stage| {
        crew.pipe("pika", stage.capacity)?;
        crew.task("writer", boxed(move |sys| writer(sys, stage)))?;
        crew.task("reader", boxed(move |sys| reader(sys, stage)))
    },
};
