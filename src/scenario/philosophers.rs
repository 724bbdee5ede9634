//! Five philosophers share five forks, each a queue that holds one message: whoever receives it
//! has the fork. If all take the left one first, some runs deadlock; if all take the one with the
//! lower number first, none does.

use super::Stage;
#[cfg(feature = "std")]
use super::{Scenario, boxed};
use crate::{Result, Sys};

/// The names of the forks.
pub const FORKS: [&str; 5] = ["fork 1", "fork 2", "fork 3", "fork 4", "fork 5"];
/// The names of the philosophers; each sits between the fork of the same number and the next.
pub const PHILOSOPHERS: [&str; 5] = ["Aristotle", "Confucius", "Hypatia", "Kant", "Plato"];

/// Thinks, and eats twice.
pub async fn philosopher(sys: Sys<'_>, stage: Stage<'_>, seat: usize) -> Result<()> {
    let (left, right) = (seat, (seat + 1) % FORKS.len());
    let (first, second) =
        if stage.ordered { (left.min(right), left.max(right)) } else { (left, right) };
    let first = (sys.open_receiver(FORKS[first]).await?, sys.open_sender(FORKS[first]).await?);
    let second = (sys.open_receiver(FORKS[second]).await?, sys.open_sender(FORKS[second]).await?);
    for _ in 0..2 {
        first.0.receive(&mut [0]).await?;
        second.0.receive(&mut [0]).await?;
        stage.say(format_args!("{} eats", PHILOSOPHERS[seat]));
        second.1.send(0, b"").await?;
        first.1.send(0, b"").await?;
    }
    Ok(())
}

/// Puts the forks on the table.
pub async fn waiter(sys: Sys<'_>) -> Result<()> {
    for fork in FORKS {
        sys.open_sender(fork).await?.send(0, b"").await?;
    }
    Ok(())
}

/// Five philosophers, five forks.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "philosophers",
    teaches: "five tasks take two forks each: some orders deadlock, one never does",
    start: |crew, stage| {
        for fork in FORKS {
            crew.queue(fork, 1, 1)?;
        }
        crew.task("waiter", boxed(waiter))?;
        for (seat, name) in PHILOSOPHERS.into_iter().enumerate() {
            crew.task(name, boxed(move |sys| philosopher(sys, stage, seat)))?;
        }
        Ok(())
    },
};
