//! What the host adapter adds to the system's own cost: a pipe of the system, written and read by a
//! task, beside a plain loop over the same calls on the same descriptors.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::time::Duration;

use postroom::{Executor, Host, Kernel, Lock, Priority, Stop, Sys};
use rustix::io::{read, write};
use rustix::pipe::pipe;

use crate::clock::Start;
use crate::measure::{Contender, Goal, Role, Workload};

/// A write and a read of a pipe.
pub(super) fn workload() -> Workload {
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
        contenders: [64, 64 << 10].into_iter().flat_map(all).collect(),
        goals: vec![
            goal("1.05 x bare calls at 64 B", 64, 1.05),
            goal("1.02 x bare calls at 64 KiB", 64 << 10, 1.02),
        ],
    }
}

/// All on one pipe and with one buffer: where a long one lies in memory makes a difference.
struct Shared {
    reader: File,
    writer: File,
    buffer: RefCell<Vec<u8>>,
}

fn all(length: usize) -> [Contender; 3] {
    let (reader, writer) = pipe().expect("the system has two descriptors left");
    let (reader, writer) = (File::from(reader), File::from(writer));
    let shared = Rc::new(Shared { reader, writer, buffer: RefCell::new(vec![1; length]) });
    let [one, two] = [shared.clone(), shared.clone()];
    [
        Contender::new("bare calls", Role::Floor, length, move |n| bare(&one, n)),
        Contender::new("calls of libc", Role::System, length, move |n| called(&two, n)),
        Contender::new("postroom", Role::Ours, length, move |n| task(&shared, n)),
    ]
}

/// By system calls that stand in the loop itself.
fn bare(Shared { reader, writer, buffer }: &Shared, n: u64) -> Duration {
    let mut buffer = buffer.borrow_mut();
    let start = Start::now();
    for _ in 0..n {
        let written = write(writer, black_box(&buffer));
        assert_eq!(written, Ok(buffer.len()), "the pipe was empty");
        let got = read(reader, &mut buffer[..]);
        assert_eq!(got, Ok(buffer.len()), "all of it lies in the pipe");
    }
    start.elapsed()
}

/// By libc's functions, as most programs do. To return from them costs more than it seems: what the
/// processor knows of returns is gone after a system call, where the system has to hide what it did.
fn called(Shared { reader, writer, buffer }: &Shared, n: u64) -> Duration {
    let mut buffer = buffer.borrow_mut();
    let start = Start::now();
    for _ in 0..n {
        let written = (&*writer).write(black_box(&buffer)).ok();
        assert_eq!(written, Some(buffer.len()), "the pipe was empty");
        let got = (&*reader).read(&mut buffer[..]).ok();
        assert_eq!(got, Some(buffer.len()), "all of it lies in the pipe");
    }
    start.elapsed()
}

fn task(Shared { reader, writer, buffer }: &Shared, n: u64) -> Duration {
    let buffer = &mut *buffer.borrow_mut();
    let host = Host::new().expect("the system has descriptors left");
    let kernel = Lock::new(Kernel::<1, 4, 64, Host>::with(host, ()));
    let [reader, writer] = [reader, writer].map(|end| format!("fd:{}", end.as_raw_fd()));
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::new(&kernel);
    let body = async |sys: Sys<'_>| {
        let (reader, writer) = (sys.open_read(&reader).await?, sys.open_write(&writer).await?);
        let start = Start::now();
        for _ in 0..n {
            writer.write(black_box(buffer)).await?;
            black_box(reader.read(buffer).await?);
        }
        time.set(start.elapsed());
        Ok(())
    };
    executor.spawn("task", Priority::NORMAL, body).expect("there is room for a task");
    assert!(matches!(executor.run(), Stop::Done), "the pipe holds what is written");
    drop(executor);
    time.get()
}
