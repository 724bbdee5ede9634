//! Single messages to a bound name. The receiver learns the name of the sender's socket, and can
//! answer it; a message that is too long does not leave.

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
#[cfg(feature = "std")]
use crate::{Kind, Sizes};
use crate::{Result, Sys};

/// Longest message that the board takes, in bytes.
const LONGEST: usize = 32;

/// Binds a name, says so to each sender, and answers as many messages.
pub async fn board(sys: Sys<'_>, stage: Stage<'_>, senders: &[&str]) -> Result<()> {
    let socket = sys.datagram(4, LONGEST).await?;
    socket.bind("board").await?;
    for sender in senders {
        sys.send(*sender, b"the board is there").await?;
    }
    for _ in senders {
        let mut buffer = [0; LONGEST];
        let Some(message) = socket.receive(&mut buffer).await? else { break };
        stage.say(format_args!("[board] {}", Text(&buffer[..message.copied])));
        // A socket without a name cannot be answered.
        if let Some(name) = message.name {
            socket.send_to(name.as_str(), b"I have read it").await?;
        }
    }
    Ok(())
}

/// Sends a message, shorter if it must be, and prints the answer.
pub async fn sender(sys: Sys<'_>, stage: Stage<'_>, name: &str, message: &str) -> Result<()> {
    let socket = sys.datagram(1, LONGEST).await?;
    socket.bind(name).await?;
    sys.receive_from("board keeper", &mut []).await?;
    if let Err(error) = socket.send_to("board", message.as_bytes()).await {
        stage.say(format_args!("[{name}] {error}"));
        socket.send_to("board", &message.as_bytes()[..LONGEST]).await?;
    }
    let mut buffer = [0; LONGEST];
    if let Some(answer) = socket.receive(&mut buffer).await? {
        stage.say(format_args!("[{name}] {}", Text(&buffer[..answer.copied])));
    }
    Ok(())
}

/// One board, three senders.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "datagram",
    teaches: "single messages to a bound name, answered by name; one of them is too long",
    start: |crew, stage| {
        const SENDERS: &[&str] = &["anna", "ben", "cleo"];
        for name in ["board", "red", "green", "blue"] {
            let sizes = Sizes::Messages { most: 4, longest: LONGEST };
            crew.socket(name, Kind::Datagram, sizes)?;
        }
        crew.task("board keeper", boxed(move |sys| board(sys, stage, SENDERS)))?;
        crew.task("anna", boxed(move |sys| sender(sys, stage, "red", "red was here")))?;
        crew.task("ben", boxed(move |sys| sender(sys, stage, "green", "so was green")))?;
        let long = "blue has so very much to say that it does not fit";
        crew.task("cleo", boxed(move |sys| sender(sys, stage, "blue", long)))
    },
};
