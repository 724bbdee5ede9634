//! A serial port as a device: a task reads lines from `uart:0`, another writes them back.

use core::pin::pin;

use postroom::{Error, Executor, Kernel, Lock, Priority, Result, Stop, Sys};

use crate::port::Port;
use crate::{Board, Input};

/// Longest line, in bytes, its end included.
const LONGEST: usize = 64;

/// The line that ends the program.
const LAST: &[u8] = b"bye\n";

/// Two tasks, two mailboxes, and the port twice: to read, and to write.
pub type Machine<B> = Kernel<2, 4, 128, Port<B>>;

/// A kernel with this port; `const`, for a `static`.
pub const fn machine<B: Board>(input: &'static Input, output: fn(u8)) -> Machine<B> {
    Kernel::with(Port::new("uart:0", input, output), ())
}

/// Reads lines and sends each on, until the last one.
async fn reader(sys: Sys<'_>) -> Result<()> {
    let uart = sys.open_read("uart:0").await?;
    let mut line = heapless::Vec::<u8, LONGEST>::new();
    while line != LAST {
        line.clear();
        while line.last() != Some(&b'\n') {
            let mut byte = [0];
            if uart.read(&mut byte).await? == 0 {
                return Ok(());
            }
            // A terminal says that a line ends in its own way.
            let byte = if byte == *b"\r" { b'\n' } else { byte[0] };
            line.push(byte).map_err(|_| Error::MessageTooLong)?;
        }
        sys.send("writer", &line).await?;
    }
    Ok(())
}

/// Writes each line back, and ends after the last one.
async fn writer(sys: Sys<'_>) -> Result<()> {
    let uart = sys.open_write("uart:0").await?;
    let mut buffer = [0; LONGEST];
    loop {
        let copied = sys.receive(&mut buffer).await?.copied;
        uart.write_all(&buffer[..copied]).await?;
        if buffer[..copied] == *LAST {
            return Ok(());
        }
    }
}

/// Runs both until the last line, and says whether all went well.
///
/// # Errors
/// Those of making the tasks.
pub fn run<B: Board>(kernel: &'static Lock<Machine<B>>) -> Result<bool> {
    let [first, second] = kernel.with(|kernel| {
        Ok([kernel.spawn("reader", Priority::NORMAL)?, kernel.spawn("writer", Priority::NORMAL)?])
    })?;
    let reader = pin!(reader(Sys::new(kernel, first)));
    let writer = pin!(writer(Sys::new(kernel, second)));
    let mut executor = Executor::new(kernel);
    executor.attach(first, reader)?;
    executor.attach(second, writer)?;
    Ok(matches!(executor.run(), Stop::Done))
}
