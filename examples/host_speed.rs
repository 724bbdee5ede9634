//! What the host adapter adds to the system's own cost: bytes through a pipe of the system, written
//! and read by a task, beside a plain loop over write(2) and read(2).
//!
//! ```text
//! cargo run --release --example host_speed
//! ```
//!
//! The two take turns, many times; what counts is the ratio of their medians in one run.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:>8} {:>12} {:>12} {:>7}", "bytes", "plain, ns", "task, ns", "ratio");
    for (length, count) in [(64, 20_000), (65_536, 500)] {
        let mut rounds = [Vec::new(), Vec::new()];
        for _ in 0..21 {
            rounds[0].push(linux::plain(length, count)?);
            rounds[1].push(linux::task(length, count)?);
        }
        let [plain, task] = rounds.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!("{length:>8} {plain:>12.0} {task:>12.0} {:>7.2}", task / plain);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the host adapter is for Linux");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::hint::black_box;
    use std::io::{self, Read, Write, pipe};
    use std::time::Instant;

    use postroom::{Executor, Host, Kernel, Lock, Priority, Stop};

    /// Nanoseconds for a write and a read of so many bytes, by plain system calls.
    pub(super) fn plain(length: usize, count: u32) -> io::Result<f64> {
        let (mut reader, mut writer) = pipe()?;
        let mut buffer = vec![1; black_box(length)];
        let start = Instant::now();
        for _ in 0..count {
            writer.write_all(&buffer)?;
            reader.read_exact(&mut buffer)?;
        }
        Ok(start.elapsed().as_nanos() as f64 / f64::from(count))
    }

    /// The same by a task, on the same kind of pipe.
    pub(super) fn task(length: usize, count: u32) -> Result<f64, Box<dyn std::error::Error>> {
        let kernel = Lock::new(Kernel::<1, 4, 64, Host>::with(Host::new()?, ()));
        let time = Cell::new(0.0);
        let mut executor = Executor::new(&kernel);
        executor.spawn("task", Priority::NORMAL, async |sys| {
            let (reader, writer) =
                (sys.open_read("pipe:p").await?, sys.open_write("pipe:p").await?);
            let mut buffer = vec![1; black_box(length)];
            let start = Instant::now();
            for _ in 0..count {
                writer.write_all(&buffer).await?;
                reader.read_full(&mut buffer).await?;
            }
            time.set(start.elapsed().as_nanos() as f64 / f64::from(count));
            Ok(())
        })?;
        match executor.run() {
            Stop::Done => {}
            stop => return Err(format!("{stop:?}").into()),
        }
        drop(executor);
        Ok(time.get())
    }
}
