//! A client's task: prints what it says, and says it back.

use std::cell::Cell;

use postroom::{End, Error, Result, Sys, WriteEnd};

use super::{House, add};
use crate::cli::page::Page;
use crate::cli::talk::Talks;
use crate::cli::tasks::learn_handles;

/// A client is here; it no longer is when this is dropped, however its task ends.
pub(super) struct Seat<'h>(&'h Cell<usize>);

impl<'h> Seat<'h> {
    pub(super) fn take(present: &'h Cell<usize>) -> Self {
        present.set(present.get() + 1);
        Self(present)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What a conversation broke on.
enum Broken {
    Connection(Error),
    Output(Error),
}

/// Serves a client to its end. How that was is nobody else's affair.
pub(super) async fn attend<K: Talks>(
    sys: Sys<'_>,
    house: &House<'_>,
    label: String,
    _seat: Seat<'_>,
) -> Result<()> {
    let handles = learn_handles(&sys).await?;
    let connection = End::<K>::new(sys, *handles.first().ok_or(Error::BadHandle)?);
    let out = handles.get(1).map(|&handle| WriteEnd::new(sys, handle));
    let mut page = Page::new(&label, out.as_ref());
    let ended = converse(&connection, &mut page, house).await;
    // Half a line is printed too, whatever became of the rest.
    let rest = page.end().await;
    rest.iter().for_each(|&lines| add(&house.messages, lines));
    match ended.and(rest.map(drop).map_err(Broken::Output)) {
        Ok(()) => {}
        Err(Broken::Connection(error)) => house.note(format_args!("{label}: {error}")),
        Err(Broken::Output(error)) => house.end_without_output(&sys, error).await,
    }
    Ok(())
}

async fn converse<K: Talks>(
    connection: &End<'_, K>,
    page: &mut Page<'_, '_>,
    house: &House<'_>,
) -> Result<(), Broken> {
    let mut echoes = house.options.echo;
    let mut buffer = vec![0; K::ROOM];
    while let Some(heard) = K::hear(connection, &mut buffer).await.map_err(Broken::Connection)? {
        let piece = &buffer[..heard.copied];
        add(&house.bytes, heard.copied as u64);
        let messages = if K::WHOLE {
            page.message(piece, heard.length - heard.copied).await.map(|()| 1)
        } else {
            page.bytes(piece).await
        };
        add(&house.messages, messages.map_err(Broken::Output)?);
        // Half a message is not what was said.
        if echoes && heard.copied == heard.length {
            match K::say(connection, piece).await {
                Ok(()) => add(&house.sent, heard.copied as u64),
                // It wants no answers; what it has said before it left is still heard.
                Err(Error::BrokenPipe) => echoes = false,
                Err(error) => return Err(Broken::Connection(error)),
            }
        }
    }
    Ok(())
}
