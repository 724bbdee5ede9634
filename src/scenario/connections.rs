//! A server for one connection after the other. A plain loop around `accept` would wait for ever
//! after the last client; this one also looks at its mailbox, and ends when it is told to.

use core::fmt::Write;

use heapless::String;

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
#[cfg(feature = "std")]
use crate::{Kind, Sizes};
use crate::{PollEntry, Result, Rights, Sys};

const CLIENTS: usize = 9;

/// Serves whoever connects, until a message comes into its mailbox.
pub async fn server(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let socket = sys.sequenced(1, 32).await?;
    socket.bind("server socket").await?;
    let listener = socket.listen(2).await?;
    sys.send("client", b"somebody listens now").await?;

    let mut buffer = [0; 32];
    loop {
        stage.say(format_args!("Server: waiting for a client..."));
        let mailbox = PollEntry::mailbox();
        let mut set = [listener.entry().wanting(Rights::READ), mailbox];
        sys.poll(&mut set).await?;
        // Whoever has connected is still served; connections come first.
        if !set[0].ready?.readable {
            break;
        }
        let connection = listener.accept().await?;
        while let Some(message) = connection.receive(&mut buffer).await? {
            stage.say(format_args!("Server received: {}", Text(&buffer[..message.copied])));
        }
    }
    stage.say(format_args!("Server: told to end"));
    Ok(())
}

/// Opens a connection for each message, then tells the server to end.
pub async fn client(sys: Sys<'_>) -> Result<()> {
    sys.receive_from("server", &mut []).await?;
    for i in 1..=CLIENTS {
        let mut message = String::<32>::new();
        // 32 bytes hold any number.
        let _ = write!(message, "Message {i}");
        let connection = sys.sequenced(1, 32).await?;
        connection.connect("server socket").await?;
        connection.send(message.as_bytes()).await?;
    }
    sys.send("server", b"that was all").await
}

/// One server, one client that comes nine times.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "connections",
    teaches: "a server takes one connection after the other, and ends when it is told to",
    start: |crew, stage| {
        let sizes = Sizes::Messages { most: 1, longest: 32 };
        crew.socket("server socket", Kind::Sequenced, sizes)?;
        crew.task("server", boxed(move |sys| server(sys, stage)))?;
        crew.task("client", boxed(client))
    },
};
