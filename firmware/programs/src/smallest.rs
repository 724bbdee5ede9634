//! The smallest kernel that is of use, to see how much room it takes: four tasks, and four channels
//! of 64 bytes, their mailboxes. A counter goes round among the tasks.

use core::pin::pin;

use postroom::{Executor, Kernel, Lock, Priority, Result, Stop, Sys};

/// Four tasks with a mailbox each.
pub type Machine = Kernel<4, 4, 64>;

const NAMES: [&str; 4] = ["north", "east", "south", "west"];

/// How often each task adds to the counter.
const ROUNDS: u8 = 10;

/// Takes the counter, adds one, and hands it to the next task.
async fn task(sys: Sys<'_>, seat: usize) -> Result<()> {
    let mut counter = [0];
    if seat == 0 {
        sys.send(NAMES[0], &counter).await?;
    }
    for _ in 0..ROUNDS {
        sys.receive(&mut counter).await?;
        counter[0] += 1;
        if counter[0] < ROUNDS * NAMES.len() as u8 {
            sys.send(NAMES[(seat + 1) % NAMES.len()], &counter).await?;
        }
    }
    Ok(())
}

/// Runs all four to their end, and says whether all went well.
///
/// # Errors
/// Those of making the tasks.
pub fn run(kernel: &'static Lock<Machine>) -> Result<bool> {
    let spawn = |seat: usize| kernel.with(|it| it.spawn(NAMES[seat], Priority::NORMAL));
    let tasks = [spawn(0)?, spawn(1)?, spawn(2)?, spawn(3)?];
    let body = |seat: usize| task(Sys::new(kernel, tasks[seat]), seat);
    let (north, east, south, west) = (pin!(body(0)), pin!(body(1)), pin!(body(2)), pin!(body(3)));
    let mut executor = Executor::new(kernel);
    executor.attach(tasks[0], north)?;
    executor.attach(tasks[1], east)?;
    executor.attach(tasks[2], south)?;
    executor.attach(tasks[3], west)?;
    Ok(matches!(executor.run(), Stop::Done))
}
