//! A serial port as a device: a task reads lines from `uart:0`, another writes them back.

use core::pin::pin;

use postroom::{Executor, Kernel, Lock, Priority, Result, Stop, Sys};

use crate::port::Port;
use crate::{Board, Input};

/// Bytes of a line that are sent back in one piece; a longer line comes back in several.
const PIECE: usize = 64;

/// The line that ends the program.
const LAST: &[u8] = b"bye\n";

/// End of transmission: what a terminal sends for Ctrl-D. A serial line has no other end of input.
const END: u8 = 4;

/// Two tasks, two mailboxes, and the port twice: to read, and to write.
pub type Machine<B> = Kernel<2, 4, 128, Port<B>>;

/// A kernel with this port; `const`, for a `static`.
pub const fn machine<B: Board>(input: &'static Input, output: fn(u8)) -> Machine<B> {
    Kernel::with(Port::new("uart:0", input, output), ())
}

/// Reads lines and sends each on, until the last one or the end of the input. An empty message says
/// that this was all.
async fn reader(sys: Sys<'_>) -> Result<()> {
    let uart = sys.open_read("uart:0").await?;
    let mut piece = heapless::Vec::<u8, PIECE>::new();
    let mut begins_line = true;
    loop {
        let mut byte = [0];
        if uart.read(&mut byte).await? == 0 || byte == [END] {
            break;
        }
        // A terminal says that a line ends in its own way.
        let byte = if byte == *b"\r" { b'\n' } else { byte[0] };
        let ends_line = byte == b'\n';
        // It is empty or has room: a full one is sent on below.
        let _ = piece.push(byte);
        if ends_line || piece.is_full() {
            sys.send("writer", &piece).await?;
            let was_last = begins_line && piece == LAST;
            piece.clear();
            begins_line = ends_line;
            if was_last {
                break;
            }
        }
    }
    if !piece.is_empty() {
        // What was begun is sent back as well.
        sys.send("writer", &piece).await?;
    }
    sys.send("writer", b"").await
}

/// Writes each piece back, until that was all.
async fn writer(sys: Sys<'_>) -> Result<()> {
    let uart = sys.open_write("uart:0").await?;
    let mut buffer = [0; PIECE];
    loop {
        let copied = sys.receive(&mut buffer).await?.copied;
        if copied == 0 {
            return Ok(());
        }
        uart.write_all(&buffer[..copied]).await?;
    }
}

/// Runs both until the last line or the end of the input, and says whether all went well.
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
