//! A queue shares work out: a source fills it, workers move each item on to a second queue with
//! their own name on it, a sink prints. Everyone ends by the end of file: no flag says stop.

use core::fmt::Write;

use heapless::String;

#[cfg(feature = "std")]
use super::{Scenario, boxed};
use super::{Stage, Text};
use crate::{Result, Sys};

/// Messages that a queue holds: far fewer than there are items.
pub const MOST: usize = 16;
/// Longest item, in bytes.
pub const LONGEST: usize = 64;

/// Fills the first queue. Its end closes when it returns.
pub async fn source(sys: Sys<'_>, items: usize) -> Result<()> {
    let work = sys.open_sender("work").await?;
    for i in 0..items {
        let mut item = String::<LONGEST>::new();
        // 64 bytes hold any number.
        let _ = write!(item, "Data - {i}");
        work.send(0, item.as_bytes()).await?;
    }
    Ok(())
}

/// Moves items on, until nobody can send any more.
pub async fn worker(sys: Sys<'_>, name: &str) -> Result<()> {
    let work = sys.open_receiver("work").await?;
    let done = sys.open_sender("done").await?;
    let mut buffer = [0; LONGEST];
    while let Some(item) = work.receive(&mut buffer).await? {
        let mut tagged = String::<LONGEST>::new();
        // An item has at most 27 bytes, a name 23.
        let _ = write!(tagged, "[{name}] {}", Text(&buffer[..item.copied]));
        done.send(0, tagged.as_bytes()).await?;
    }
    Ok(())
}

/// Prints what comes out.
pub async fn sink(sys: Sys<'_>, stage: Stage<'_>) -> Result<()> {
    let done = sys.open_receiver("done").await?;
    let mut buffer = [0; LONGEST];
    while let Some(item) = done.receive(&mut buffer).await? {
        stage.say(format_args!("{}", Text(&buffer[..item.copied])));
    }
    Ok(())
}

/// The names of the workers: as many as can take part.
pub const WORKERS: [&str; 8] = [
    "worker 1", "worker 2", "worker 3", "worker 4", "worker 5", "worker 6", "worker 7", "worker 8",
];

/// A source, some workers, a sink.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "queue",
    teaches: "workers share a queue and end when its last sender has closed",
    start: |crew, stage| {
        crew.queue("work", MOST, LONGEST)?;
        crew.queue("done", MOST, LONGEST)?;
        crew.task("sink", boxed(move |sys| sink(sys, stage)))?;
        crew.task("source", boxed(move |sys| source(sys, stage.items)))?;
        for name in WORKERS.into_iter().take(stage.workers) {
            crew.task(name, boxed(move |sys| worker(sys, name)))?;
        }
        Ok(())
    },
};
