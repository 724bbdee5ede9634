//! Interrupts without end, into a kernel at work: nothing that fitted is lost, what did not fit is
//! counted, and nobody who waits is forgotten.

use core::fmt::Write;
use core::pin::pin;

use postroom::{Error, Executor, Kernel, Lock, Priority, Result, Stop, Sys, Ticks};

use crate::port::Port;
use crate::{Board, Console, Input};

/// How many interrupts there are, each with a byte.
const INTERRUPTS: u32 = 100_000;

/// Bytes after which the reader sleeps for a while, so that the ring runs over.
const NAP: u32 = 5_000;

/// The bytes count from 0 to here, and again.
const ROUND: u32 = 251;

/// Two tasks, two mailboxes, a pipe, the port.
pub type Machine<B> = Kernel<2, 4, 128, Port<B>>;

/// A kernel for the storm, with this input; `const`, for a `static`.
pub const fn machine<B: Board>(input: &'static Input) -> Machine<B> {
    Kernel::with(Port::new("storm:0", input, |_| {}), ())
}

/// What the interrupt handler does. It says whether there is to be another one.
pub fn interrupt(input: &Input) -> bool {
    let count = input.taken() + input.lost();
    if count < INTERRUPTS {
        // Only what found room counts on: so a byte that is lost later leaves a gap.
        input.push((input.taken() % ROUND) as u8);
    }
    let more = count + 1 < INTERRUPTS;
    if !more {
        input.end();
    }
    more
}

/// Takes the bytes from the interrupt, and passes them on.
async fn reader(sys: Sys<'_>) -> Result<()> {
    let storm = sys.open_read("storm:0").await?;
    let calm = sys.open_write("calm").await?;
    let (mut buffer, mut count) = ([0; 8], 0);
    loop {
        let read = storm.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        calm.write_all(&buffer[..read]).await?;
        let before = count / NAP;
        count += read as u32;
        if count / NAP > before {
            sys.sleep(Ticks(2)).await?;
        }
    }
}

/// Checks that each byte is the one that follows; returns how many there were.
async fn checker(sys: Sys<'_>, count: &mut u32) -> Result<()> {
    let calm = sys.open_read("calm").await?;
    let mut buffer = [0; 5];
    loop {
        let read = calm.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        for &byte in &buffer[..read] {
            if u32::from(byte) != *count % ROUND {
                return Err(Error::BadArgument);
            }
            *count += 1;
        }
    }
}

/// Runs both until the storm is over, and says whether all went well.
pub fn run<B: Board>(kernel: &'static Lock<Machine<B>>, input: &Input) -> bool {
    let mut count = 0;
    let ended = play(kernel, &mut count);
    let (taken, lost) = (input.taken(), input.lost());
    let (sleeps, missed) = (input.sleeps(), input.missed());
    // A console takes everything.
    let _ = writeln!(
        Console::<B>::new(),
        "{} interrupts: {taken} bytes taken, {count} read, {lost} lost; {sleeps} sleeps, {missed} \
         wakes missed",
        taken + lost,
    );
    // A storm in which nothing was lost, or nobody slept, has shown nothing.
    let tried = lost > 0 && sleeps > 0;
    ended == Ok(true) && tried && taken + lost == INTERRUPTS && count == taken && missed == 0
}

fn play<B: Board>(kernel: &'static Lock<Machine<B>>, count: &mut u32) -> Result<bool> {
    let [first, second] = kernel.with(|kernel| {
        kernel.create_pipe("calm", 32)?;
        Ok([kernel.spawn("reader", Priority::NORMAL)?, kernel.spawn("checker", Priority::NORMAL)?])
    })?;
    let reader = pin!(reader(Sys::new(kernel, first)));
    let checker = pin!(checker(Sys::new(kernel, second), count));
    let mut executor = Executor::new(kernel);
    executor.attach(first, reader)?;
    executor.attach(second, checker)?;
    Ok(matches!(executor.run(), Stop::Done))
}
