//! Messages without connections: one task takes them all.

use std::collections::VecDeque;

use postroom::kinds::DatagramSocket;
use postroom::{Datagram, Error, Name, PollEntry, Result, Rights, Sizes, Sys, Ticks, WriteEnd};

use super::{House, add};
use crate::cli::page::Page;
use crate::cli::talk::{LONGEST, Talks};

/// What a queue holds that is made here: the most that Linux allows every user (mq_overview(7)).
const QUEUE: Sizes = Sizes::Messages { most: 10, longest: 8192 };

/// How long an echo waits for room at its receiver, in milliseconds. All others wait meanwhile.
const PATIENCE: Ticks = Ticks(1000);

/// Receivers that are known to leave their answers unread; echoes to them do not wait.
const DEAF: usize = 64;

pub(super) async fn datagrams(
    sys: &Sys<'_>,
    out: Option<WriteEnd<'_>>,
    house: &House<'_>,
) -> Result<()> {
    let socket = DatagramSocket::make(sys).await?;
    socket.bind(&house.options.name).await?;
    house.note(format_args!("Serving {}; Ctrl-C ends it", house.options.name));
    let mut buffer = vec![0; LONGEST];
    let mut deaf = VecDeque::new();
    while next(sys, socket.entry().wanting(Rights::READ)).await? {
        let message = match socket.receive(&mut buffer).try_now().await {
            Ok(Some(message)) => message,
            // Somebody to whom an echo went is gone.
            Ok(None) | Err(Error::WouldBlock | Error::ConnectionRefused) => continue,
            Err(error) => return Err(error),
        };
        let letter = &buffer[..message.copied];
        let label = message.name.map_or_else(|| "unnamed".to_owned(), |name| name.to_string());
        print(&label, out.as_ref(), letter, message.length, sys, house).await;
        // Half a message is not what was said.
        let whole = message.length == letter.len();
        if let Some(to) = message.name.filter(|_| house.options.echo && whole) {
            echo(&socket, to, letter, &mut deaf, house).await;
        }
    }
    Ok(())
}

/// Sends a message back. One who does not take it in time gets none, and does not delay the next.
/// What those leave unread who are connected to the server uses up its one send buffer, though,
/// and then nobody is sent anything back until they read or leave (unix(7)).
async fn echo(
    socket: &Datagram<'_>,
    to: Name,
    letter: &[u8],
    deaf: &mut VecDeque<Name>,
    house: &House<'_>,
) {
    let is_deaf = deaf.contains(&to);
    let patience = if is_deaf { Ticks(0) } else { PATIENCE };
    match socket.send_to(to.as_str(), letter).within(patience).await {
        Ok(()) => {
            add(&house.sent, letter.len() as u64);
            deaf.retain(|it| *it != to);
        }
        Err(Error::TimedOut | Error::WouldBlock) if !is_deaf => {
            house.note(format_args!("{to} does not read: what is sent back to it is lost"));
            deaf.truncate(DEAF - 1);
            deaf.push_front(to);
        }
        // It is gone.
        Err(_) => {}
    }
}

pub(super) async fn queue(
    sys: &Sys<'_>,
    out: Option<WriteEnd<'_>>,
    house: &House<'_>,
) -> Result<()> {
    let queue = sys.open_receiver(&house.options.name).or_create(QUEUE).await?;
    let mut buffer = vec![0; queue.attributes().await?.longest];
    house.note(format_args!("Serving {}; Ctrl-C ends it", house.options.name));
    while next(sys, queue.entry()).await? {
        match queue.receive(&mut buffer).try_now().await {
            Ok(Some(message)) => {
                let label = format!("urgency {}", message.urgency);
                let letter = &buffer[..message.copied];
                print(&label, out.as_ref(), letter, message.length, sys, house).await;
            }
            // Somebody else has taken it.
            Ok(None) | Err(Error::WouldBlock) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits for the next message; `false` if the server is told to end.
async fn next(sys: &Sys<'_>, entry: PollEntry) -> Result<bool> {
    let mut set = [entry, PollEntry::mailbox()];
    sys.poll(&mut set).await?;
    Ok(!set[1].ready?.readable)
}

async fn print(
    label: &str,
    out: Option<&WriteEnd<'_>>,
    letter: &[u8],
    length: usize,
    sys: &Sys<'_>,
    house: &House<'_>,
) {
    add(&house.messages, 1);
    add(&house.bytes, letter.len() as u64);
    let printed = Page::new(label, out).message(letter, length - letter.len()).await;
    if let Err(error) = printed {
        house.end_without_output(sys, error).await;
    }
}
