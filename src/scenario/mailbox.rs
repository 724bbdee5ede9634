//! Named tasks write to each other: three senders, and a receiver that answers by name.

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Result, Sys};

/// Sends one message to the desk, and waits for the desk's answer.
pub async fn sender(sys: Sys<'_>, stage: Stage<'_>, message: &str) -> Result<()> {
    sys.send("desk", message.as_bytes()).await?;

    let mut buffer = [0; 64];
    let answer = sys.receive_from("desk", &mut buffer).await?;
    stage.say(format_args!("[desk] {}", Text(&buffer[..answer.copied])));
    Ok(())
}

/// Answers each message to whoever sent it. The name comes from the kernel, not from the message,
/// so nobody can pose as someone else.
pub async fn desk(sys: Sys<'_>, stage: Stage<'_>, messages: usize) -> Result<()> {
    for _ in 0..messages {
        let mut buffer = [0; 64];
        let message = sys.receive(&mut buffer).await?;
        let name = message.name;
        stage.say(format_args!("[{name}] {}", Text(&buffer[..message.copied])));

        let mut answer = heapless::String::<64>::new();
        // Greeting and name fit: a name has at most 23 bytes.
        let _ = core::fmt::Write::write_fmt(&mut answer, format_args!("Welcome, {name}!"));
        sys.send(name.as_str(), answer.as_bytes()).await?;
    }
    Ok(())
}

/// One desk, three senders.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "mailbox",
    teaches: "every task has a mailbox under its name, and the kernel says who wrote",
    start: |crew, stage| {
        crew.task("desk", boxed(move |sys| desk(sys, stage, 3)))?;
        crew.task("alice", boxed(move |sys| sender(sys, stage, "Hello from the left")))?;
        crew.task("bob", boxed(move |sys| sender(sys, stage, "Hello from the right")))?;
        crew.task("carol", boxed(move |sys| sender(sys, stage, "")))
    },
};
