//! A list goes through a pipe. A pipe is a stream of bytes without boundaries, so the list travels
//! as one record that says how long it is.

use heapless::Vec;

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Error, Result, Sys};

const LIST: [&str; 2] = ["Hello World!", "why so serious"];

/// A record: its length in two bytes, then each item with its own length before it.
const LONGEST: usize = 64;

/// Sends the list as one record.
pub async fn writer(sys: Sys<'_>) -> Result<()> {
    let mut items = Vec::<u8, LONGEST>::new();
    for item in LIST {
        items.push(item.len() as u8).map_err(|_| Error::MessageTooLong)?;
        items.extend_from_slice(item.as_bytes()).map_err(|_| Error::MessageTooLong)?;
    }
    let mut record = Vec::<u8, { 2 + LONGEST }>::new();
    let length = (items.len() as u16).to_le_bytes();
    record.extend_from_slice(&length).map_err(|_| Error::MessageTooLong)?;
    record.extend_from_slice(&items).map_err(|_| Error::MessageTooLong)?;
    sys.open_write("greeting").await?.write_all(&record).await
}

/// Reads the record, and prints the list. The writer's end closes with the writer, so a record
/// that breaks off is told from one that is complete.
pub async fn reader(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let pipe = sys.open_read("greeting").await?;
    let mut length = [0; 2];
    pipe.read_full(&mut length).await?;

    let mut items = [0; LONGEST];
    let items = items.get_mut(..u16::from_le_bytes(length).into()).ok_or(Error::MessageTooLong)?;
    if pipe.read_full(items).await? < items.len() {
        return Err(Error::BrokenPipe);
    }
    let mut rest = &*items;
    while let Some((&length, tail)) = rest.split_first() {
        let (item, others) = tail.split_at_checked(length.into()).ok_or(Error::BadArgument)?;
        stage.say(format_args!("{}", Text(item)));
        rest = others;
    }
    Ok(())
}

/// One writer, one reader.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "pipe",
    teaches: "a pipe carries bytes without boundaries; a record says its own length",
    start: |crew, stage| {
        crew.pipe("greeting", stage.capacity)?;
        crew.task("reader", boxed(move |sys| reader(sys, stage)))?;
        crew.task("writer", boxed(move |sys| writer(sys)))
    },
};
