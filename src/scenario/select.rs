//! One task waits for a pipe, a queue and a listener at once, and serves whatever is ready.

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
#[cfg(feature = "std")]
use crate::{Kind, Sizes};
use crate::{PollEntry, Result, Rights, Sys};

/// Looks at all three until the pipe and the queue have ended and a connection has come.
pub async fn waiter(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let pipe = sys.open_read("bytes").await?;
    let queue = sys.open_receiver("messages").await?;
    let socket = sys.sequenced(1, 32).await?;
    socket.bind("door").await?;
    let listener = socket.listen(1).await?;
    sys.send("visitor", b"the door is there").await?;

    let mut buffer = [0; 32];
    let mut open = [true; 3];
    while open != [false; 3] {
        let all = [pipe.entry(), queue.entry(), listener.entry()];
        let mut set = heapless::Vec::<PollEntry, 3>::new();
        for (entry, _) in all.iter().zip(open).filter(|(_, open)| *open) {
            // There is room for three.
            let _ = set.push(entry.wanting(Rights::READ));
        }
        sys.poll(&mut set).await?;
        for entry in set.iter().filter(|entry| entry.ready.is_ok_and(|it| it.serves(entry.wants))) {
            if entry.handle == Some(pipe.handle()) {
                let count = pipe.read(&mut buffer).await?;
                open[0] = count > 0;
                stage.say(format_args!("[pipe] {count} bytes"));
            } else if entry.handle == Some(queue.handle()) {
                match queue.receive(&mut buffer).await? {
                    Some(it) => stage.say(format_args!("[queue] {}", Text(&buffer[..it.copied]))),
                    None => open[1] = false,
                }
            } else {
                open[2] = false;
                let connection = listener.accept().await?;
                while let Some(it) = connection.receive(&mut buffer).await? {
                    stage.say(format_args!("[door] {}", Text(&buffer[..it.copied])));
                }
            }
        }
    }
    Ok(())
}

/// Writes a few bytes.
pub async fn writer(sys: Sys<'_>) -> Result<()> {
    sys.open_write("bytes").await?.write_all(b"12345678").await
}

/// Sends two messages; the second is the more urgent.
pub async fn sender(sys: Sys<'_>) -> Result<()> {
    let queue = sys.open_sender("messages").await?;
    queue.send(0, b"any time").await?;
    queue.send(31, b"at once").await
}

/// Comes through the door.
pub async fn visitor(sys: Sys<'_>) -> Result<()> {
    sys.receive_from("waiter", &mut []).await?;
    let connection = sys.sequenced(1, 32).await?;
    connection.connect("door").await?;
    connection.send(b"knock, knock").await
}

/// One task that waits, three that it waits for.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "select",
    teaches: "one task waits for a pipe, a queue and a listener at once",
    start: |crew, stage| {
        crew.pipe("bytes", stage.capacity)?;
        crew.queue("messages", 2, 32)?;
        crew.socket("door", Kind::Sequenced, Sizes::Messages { most: 1, longest: 32 })?;
        crew.task("waiter", boxed(move |sys| waiter(sys, stage)))?;
        crew.task("writer", boxed(writer))?;
        crew.task("sender", boxed(sender))?;
        crew.task("visitor", boxed(visitor))
    },
};
