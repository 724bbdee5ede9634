//! Bytes without end through a pipe: of the kernel, of the system by tasks, threads and processes.

use std::cell::Cell;
use std::hint::black_box;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use postroom::{Devices, Enter, Executor, Host, Kernel, Lock, NoDevices, Priority, Stop, Sys};
use rustix::io::{read, write};
use rustix::pipe::pipe;

use crate::clock::{Start, of_program};
use crate::measure::{Contender, Role, Workload};

/// Bytes of a write, and what a pipe holds: what Linux gives one.
const CHUNK: usize = 64 << 10;

type Piped<D> = Kernel<2, 4, CHUNK, D>;

/// Bytes from one to another; 1 GiB is 16,384 times 64 KiB.
pub(super) fn workload() -> Workload {
    let row = |name, role, run: fn(u64) -> Duration| {
        let at = CHUNK as u64;
        Contender { name, role, at, run: Box::new(run) }
    };
    let mut contenders = vec![
        row("postroom", Role::Ours, |n| tasks(NoDevices, "pipe", n)),
        row("postroom on the system's pipe", Role::Ours, |n| {
            tasks(Host::new().expect("the system has descriptors left"), "pipe:cat", n)
        }),
        row("pipe, two threads", Role::System, threads),
    ];
    let has_cat = Command::new("cat").arg("--version").stdout(Stdio::null()).status().is_ok();
    if has_cat && of_program(std::process::id()).is_some() {
        contenders.push(row("pipe, cat and another process", Role::System, processes));
    } else {
        eprintln!("LEFT OUT: `cat` has no cat to run, or nobody who times it");
    }
    Workload {
        id: "cat",
        title: "cat: bytes from one to another, one core; 1 GiB is 16,384 items",
        axis: "bytes",
        unit: "64 KiB",
        contenders,
        goals: Vec::new(),
    }
}

/// Two tasks of postroom.
fn tasks<D: Devices>(devices: D, name: &str, n: u64) -> Duration {
    // With its rings it is too large for the stack of a test.
    let kernel = Box::new(Lock::new(Piped::with(devices, ())));
    if name == "pipe" {
        kernel.enter(|it| it.create_pipe(name, CHUNK)).expect("a ring holds that much");
    }
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::<_, 2>::new(&*kernel);
    let reader = async |sys: Sys<'_>| {
        let reader = sys.open_read(name).await?;
        let mut buffer = vec![0; CHUNK];
        let start = Start::now();
        while reader.read(&mut buffer).await? > 0 {
            black_box(&buffer);
        }
        time.set(start.elapsed());
        Ok(())
    };
    let writer = async |sys: Sys<'_>| {
        let writer = sys.open_write(name).await?;
        let buffer = vec![1; CHUNK];
        for _ in 0..n {
            writer.write_all(black_box(&buffer)).await?;
        }
        Ok(())
    };
    executor.spawn("reader", Priority::NORMAL, reader).expect("there is room for two");
    executor.spawn("writer", Priority::NORMAL, writer).expect("there is room for two");
    assert!(matches!(executor.run(), Stop::Done), "both come to an end");
    drop(executor);
    time.get()
}

/// Two threads of one process.
fn threads(n: u64) -> Duration {
    let (reader, writer) = pipe().expect("the system has two descriptors left");
    let both = Barrier::new(2);
    thread::scope(|scope| {
        let both = &both;
        scope.spawn(move || {
            let buffer = vec![1; CHUNK];
            both.wait();
            for _ in 0..n {
                let mut left = black_box(&buffer[..]);
                while !left.is_empty() {
                    left = &left[write(&writer, left).expect("its reader is there")..];
                }
            }
        });
        let mut buffer = vec![0; CHUNK];
        both.wait();
        let start = Start::now();
        while read(&reader, &mut buffer[..]).expect("a pipe can be read") > 0 {
            black_box(&buffer);
        }
        start.elapsed()
    })
}

/// cat(1), and this process, which reads what it writes: the time of both, from when it writes on.
fn processes(n: u64) -> Duration {
    let mut cat = Command::new("cat")
        .arg("/dev/zero")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it could be started before");
    let mut output = cat.stdout.take().expect("it is piped");
    let mut buffer = vec![0; CHUNK];
    output.read_exact(&mut buffer[..1]).expect("it writes without end");
    let of_cat = || of_program(cat.id()).expect("the system knows its programs");
    let (start, cats_start) = (Start::now(), of_cat());
    for _ in 0..n {
        output.read_exact(&mut buffer).expect("it writes without end");
        black_box(&buffer);
    }
    let time = start.elapsed() + (of_cat() - cats_start);
    // Without a reader it ends.
    drop(output);
    cat.wait().expect("it was not waited for before");
    time
}
