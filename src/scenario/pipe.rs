//! A list goes through a pipe. A pipe is a stream of bytes without boundaries, so the list travels
//! as one record that says how long it is.

use heapless::Vec;

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Error, Result, Sys};

const LIST: [&str; 2] = ["Hello World!", "why so serious"];

/// Longest record, in bytes. It begins with the length of what follows, in two bytes; then comes
/// each item, with its own length in one byte before it.
const LONGEST: usize = 64;

/// Sends the list as one record.
pub async fn writer(sys: Sys<'_>) -> Result<()> {
    let mut record = Vec::<u8, LONGEST>::from_array([0; 2]);
    for item in LIST {
        for part in [&[item.len() as u8], item.as_bytes()] {
            record.extend_from_slice(part).map_err(|_| Error::MessageTooLong)?;
        }
    }
    let length = record.len() as u16 - 2;
    record[..2].copy_from_slice(&length.to_le_bytes());
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
    let mut items = &*items;
    while let Some((&length, rest)) = items.split_first() {
        let (item, others) = rest.split_at_checked(length.into()).ok_or(Error::BadArgument)?;
        stage.say(format_args!("{}", Text(item)));
        items = others;
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
