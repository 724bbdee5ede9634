//! Requests and replies. Every request has an identity of its own, so a reply finds the one who
//! waits for it; a reply to someone who has given up finds nobody, and the server learns it.

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Error, Result, Sys, Ticks};

/// Answers in capitals. The request of `slow` is put aside until its sender says that it is too
/// late.
pub async fn server(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let (mut buffer, mut put_aside, mut answered) = ([0; 32], None, 0);
    while answered < 3 {
        let message = sys.receive(&mut buffer).await?;
        let text = &mut buffer[..message.copied];
        let Some(request) = message.request.or(put_aside) else { continue };
        if text == b"slow" {
            put_aside = Some(request);
            continue;
        }
        text.make_ascii_uppercase();
        match sys.reply(request, text).await {
            Ok(_) => {}
            Err(Error::NoSuchRequest) => {
                stage.say(format_args!("[server] {} has given up", message.name));
                sys.send(message.task, b"I have seen it").await?;
            }
            Err(error) => return Err(error),
        }
        answered += 1;
    }
    Ok(())
}

/// Asks, and prints the reply.
pub async fn client(sys: Sys<'_>, stage: Stage<'_>, text: &str) -> Result<()> {
    let mut reply = [0; 32];
    let replied = sys.call("server", text.as_bytes(), &mut reply).await?;
    stage.say(format_args!("[client] {text} -> {}", Text(&reply[..replied.copied])));
    Ok(())
}

/// Asks, and does not wait for ever.
pub async fn impatient(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let answer = sys.call("server", b"slow", &mut [0; 32]).within(Ticks(10)).await;
    if let Err(error) = answer {
        stage.say(format_args!("[impatient] {error}"));
    }
    sys.send("server", b"too late").await?;
    sys.receive_from("server", &mut []).await.map(drop)
}

/// One server, two clients, and one that gives up.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "rpc",
    teaches: "a reply finds its own request, or nobody if the caller has given up",
    start: |crew, stage| {
        crew.task("server", boxed(move |sys| server(sys, stage)))?;
        crew.task("impatient", boxed(move |sys| impatient(sys, stage)))?;
        crew.task("first", boxed(move |sys| client(sys, stage, "good morning")))?;
        crew.task("second", boxed(move |sys| client(sys, stage, "good night")))
    },
};
