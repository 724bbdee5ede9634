//! What the host adapter adds to the system's own cost: a pipe of the system, written and read by a
//! task, beside a plain loop over the same calls on the same descriptors.

use std::cell::Cell;
use std::hint::black_box;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use postroom::{Executor, Host, Kernel, Lock, Priority, Stop};
use rustix::io::{read, write};
use rustix::pipe::pipe;

use crate::measure::{Contender, Goal, Role, Workload};

/// A write and a read of a pipe.
pub fn workload() -> Workload {
    let goal = |text, at, at_most| Goal {
        text,
        ours: ("postroom", at),
        against: ("bare calls", at),
        at_most,
    };
    Workload {
        id: "host",
        title: "a pipe of the system, written and read by one task or thread",
        axis: "bytes",
        unit: "write and read",
        contenders: [64, 64 << 10].into_iter().flat_map(both).collect(),
        goals: vec![
            goal("1.05 x bare calls at 64 B", 64, 1.05),
            goal("1.02 x bare calls at 64 KiB", 64 << 10, 1.02),
        ],
    }
}

/// Both on one pipe, which is there as long as either.
fn both(length: usize) -> [Contender; 2] {
    let at = length as u64;
    let ends = std::rc::Rc::new(pipe().expect("the system has two descriptors left"));
    let bare_ends = ends.clone();
    [
        Contender {
            name: "bare calls",
            role: Role::Floor,
            at,
            run: Box::new(move |n| bare(&bare_ends, n, length)),
        },
        Contender {
            name: "postroom",
            role: Role::Ours,
            at,
            run: Box::new(move |n| task(&ends, n, length)),
        },
    ]
}

fn bare((reader, writer): &(OwnedFd, OwnedFd), n: u64, length: usize) -> Duration {
    let mut buffer = vec![1; black_box(length)];
    let start = Instant::now();
    for _ in 0..n {
        let written = write(writer, black_box(&buffer));
        assert_eq!(written, Ok(length), "the pipe was empty");
        let got = read(reader, &mut buffer);
        assert_eq!(got, Ok(length), "all of it lies in the pipe");
    }
    start.elapsed()
}

fn task((reader, writer): &(OwnedFd, OwnedFd), n: u64, length: usize) -> Duration {
    let host = Host::new().expect("the system has descriptors left");
    let kernel = Lock::new(Kernel::<1, 4, 64, Host>::with(host, ()));
    let names = [reader, writer].map(|end| format!("fd:{}", end.as_raw_fd()));
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::new(&kernel);
    let body = async |sys: postroom::Sys<'_>| {
        let (reader, writer) = (sys.open_read(&names[0]).await?, sys.open_write(&names[1]).await?);
        let mut buffer = vec![1; black_box(length)];
        let start = Instant::now();
        for _ in 0..n {
            writer.write(black_box(&buffer)).await?;
            black_box(reader.read(&mut buffer).await?);
        }
        time.set(start.elapsed());
        Ok(())
    };
    executor.spawn("task", Priority::NORMAL, body).expect("there is room for a task");
    assert!(matches!(executor.run(), Stop::Done), "the pipe holds what is written");
    drop(executor);
    time.get()
}
