//! The task that lets clients in, each to a task of its own.

use std::fs::File;

use postroom::kinds::Connects;
use postroom::{End, Error, PollEntry, Priority, Result, Rights, Sys, Ticks, WriteEnd};

use super::client::{Seat, attend};
use super::{House, Place, add};
use crate::cli::talk::Talks;
use crate::cli::tasks::tell_handles;

/// Clients that may wait to be accepted.
const BACKLOG: usize = 1024;

/// How long nobody is accepted if the system has no descriptor at all.
const PAUSE: Ticks = Ticks(100);

/// Accepts clients until a message says that it is enough.
pub(super) async fn keep<'t, K: Connects + Talks + 't>(
    sys: &Sys<'t>,
    out: Option<WriteEnd<'t>>,
    house: &'t House<'_>,
    place: &Place<'t>,
) -> Result<()> {
    let socket = K::make(sys).await?;
    socket.bind(&house.options.name).await?;
    let listener = socket.listen(BACKLOG).await?;
    house.note(format_args!("Serving {}; Ctrl-C ends it", house.options.name));
    // Without any descriptor a client could not even be told that there is none.
    let mut spare = File::open("/dev/null").ok();
    let mut is_full = false;
    loop {
        let mut set = [listener.entry().wanting(Rights::READ), PollEntry::mailbox()];
        sys.poll(&mut set).await?;
        if set[1].ready?.readable {
            return Ok(());
        }
        let reason = match listener.accept().try_now().await {
            Ok(connection) if house.present.get() < house.options.max_clients => {
                admit(sys, connection, out.as_ref(), house, place).await?;
                is_full = false;
                continue;
            }
            Ok(connection) => {
                let reason = format!("{} clients are here already", house.present.get());
                turn_away(connection, &reason).await;
                reason
            }
            // Whoever it was has left.
            Err(Error::WouldBlock) => continue,
            Err(Error::HandlesFull | Error::ChannelsFull | Error::TasksFull) => {
                let reason = "the server has no descriptors left";
                let had_spare = spare.take().is_some();
                match listener.accept().try_now().await {
                    Ok(connection) => turn_away(connection, reason).await,
                    Err(_) if had_spare => {}
                    Err(_) => sys.sleep(PAUSE).await?,
                }
                spare = File::open("/dev/null").ok();
                format!("{reason} (ulimit -n)")
            }
            Err(error) => return Err(error),
        };
        add(&house.refused, 1);
        if !core::mem::replace(&mut is_full, true) {
            house.note(format_args!("clients are refused: {reason}"));
        }
    }
}

/// Gives a client a task of its own.
async fn admit<'t, K: Connects + Talks + 't>(
    sys: &Sys<'t>,
    connection: End<'t, K>,
    out: Option<&WriteEnd<'t>>,
    house: &'t House<'_>,
    place: &Place<'t>,
) -> Result<()> {
    add(&house.clients, 1);
    let label = format!("client {}", house.clients.get());
    let seat = Seat::take(&house.present);
    let name = label.clone();
    let task =
        place.spawner.spawn(&name, Priority::NORMAL, |sys| attend::<K>(sys, house, label, seat))?;
    let mut handles = vec![connection.give(task).await?];
    if let Some(out) = out {
        handles.push(out.share(task, Rights::WRITE).await?);
    }
    tell_handles(sys, task, &handles).await
}

/// Tells a client why it is not served. One that is gone already need not be told.
async fn turn_away<K: Talks>(connection: End<'_, K>, reason: &str) {
    let line = format!("postroom: {reason}, come back later\n");
    if K::say(&connection, line.as_bytes()).await.is_ok() {
        let _ = K::finish(&connection).await;
    }
}
