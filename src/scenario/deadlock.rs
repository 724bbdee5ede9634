//! Two tasks that wait for each other: each reads before it writes. The run ends all the same, and
//! says who waits for whom.

use super::Stage;
#[cfg(feature = "std")]
use super::{Scenario, boxed};
use crate::{Result, Sys};

/// Waits for a byte from the other task before it sends one itself.
pub async fn polite(sys: Sys<'_>, stage: Stage<'_>, input: &str, output: &str) -> Result<()> {
    let input = sys.open_read(input).await?;
    let output = sys.open_write(output).await?;
    stage.say(format_args!("After you!"));
    input.read_full(&mut [0]).await?;
    output.write_all(b"!").await
}

/// Two polite tasks.
#[cfg(feature = "std")]
pub const SCENARIO: Scenario = Scenario {
    name: "deadlock",
    teaches: "two tasks wait for each other; the run ends and names the circle",
    start: |crew, stage| {
        crew.pipe("to-left", stage.capacity)?;
        crew.pipe("to-right", stage.capacity)?;
        crew.task("left", boxed(move |sys| polite(sys, stage, "to-left", "to-right")))?;
        crew.task("right", boxed(move |sys| polite(sys, stage, "to-right", "to-left")))
    },
};
