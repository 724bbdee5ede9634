//! A connection carries bytes both ways. A receiver binds a name and accepts, a sender connects,
//! sends three lines and shuts its side down: the receiver sees the end of file, and can still
//! answer.

use core::fmt::Write;

use heapless::String;

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Error, Result, Rights, Stream, Sys};
#[cfg(feature = "std")]
use crate::{Kind, Sizes};

const LINES: [&str; 3] = ["Hello World!", " ", "Why so serious?"];

/// Longest line, in bytes. Each travels behind its length.
const LONGEST: usize = 32;

async fn write_line(connection: &Stream<'_>, line: &str) -> Result<()> {
    let length = u8::try_from(line.len()).map_err(|_| Error::MessageTooLong)?;
    connection.write_all(&[length]).await?;
    connection.write_all(line.as_bytes()).await
}

/// Reads a line into the buffer: how long it is, or `None` at the end of file.
async fn read_line(connection: &Stream<'_>, buffer: &mut [u8]) -> Result<Option<usize>> {
    let mut length = [0];
    if connection.read_full(&mut length).await? == 0 {
        return Ok(None);
    }
    let line = buffer.get_mut(..length[0].into()).ok_or(Error::MessageTooLong)?;
    connection.read_full(line).await.map(Some)
}

/// Accepts a connection, prints each line, and at the end of file answers.
pub async fn receiver(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let socket = sys.stream(stage.capacity).await?;
    socket.bind("mailBox").await?;
    let listener = socket.listen(1).await?;
    sys.send("sender", b"somebody listens now").await?;

    let connection = listener.accept().await?;
    let (mut buffer, mut lines) = ([0; LONGEST], 0);
    while let Some(length) = read_line(&connection, &mut buffer).await? {
        stage.say(format_args!("[receiver] {}", Text(&buffer[..length])));
        lines += 1;
    }
    let mut answer = String::<LONGEST>::new();
    // It has less than 32 bytes.
    let _ = write!(answer, "{lines} lines, thank you");
    write_line(&connection, &answer).await
}

/// Connects, sends, and waits for the answer.
pub async fn sender(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    sys.receive_from("receiver", &mut []).await?;
    let connection = sys.stream(stage.capacity).await?;
    connection.connect("mailBox").await?;
    for line in LINES {
        write_line(&connection, line).await?;
    }
    connection.shutdown(Rights::WRITE).await?;

    let mut buffer = [0; LONGEST];
    if let Some(length) = read_line(&connection, &mut buffer).await? {
        stage.say(format_args!("[sender] {}", Text(&buffer[..length])));
    }
    Ok(())
}

/// One sender, one receiver.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "socket",
    teaches: "a connection is two pipes; one side can end while the other still speaks",
    start: |crew, stage| {
        crew.socket("mailBox", Kind::Stream, Sizes::Bytes(stage.capacity))?;
        crew.task("receiver", boxed(move |sys| receiver(sys, stage)))?;
        crew.task("sender", boxed(move |sys| sender(sys, stage)))
    },
};
