//! A pipe between two threads, in every order that two threads can have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread;
use loom_tests::kernel::{Call, Handle, Rights, TaskId, Value, Wait};
use loom_tests::threads::Threads;

/// Runs a model exhaustively, and sees that it did explore.
fn explore(at_least: usize, model: impl Fn() + Sync + Send + 'static) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    loom::model(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let runs = runs.load(Ordering::Relaxed);
    println!("{runs} interleavings");
    assert!(runs >= at_least, "only {runs} interleavings: nothing was explored");
}

fn open(threads: &Threads, task: TaskId, rights: Rights) -> Handle {
    match threads.call(task, |kernel| {
        kernel.syscall(task, Call::Open { name: "pipe", rights, create: None })
    }) {
        Ok(Value::Handle(handle)) => handle,
        other => panic!("{other:?}"),
    }
}

fn writer_and_reader(capacity: usize, at_least: usize) {
    explore(at_least, move || {
        let (threads, tasks) = Threads::new(&["writer", "reader"], |kernel| {
            kernel.create_pipe("pipe", capacity).unwrap();
        });
        let (writer, reader) = (tasks[0], tasks[1]);
        let other = threads.clone();
        let sender = thread::spawn(move || {
            other.enlist(writer);
            let handle = open(&other, writer, Rights::WRITE);
            for byte in [1, 2] {
                let sent = other.call(writer, |kernel| {
                    kernel.syscall(
                        writer,
                        Call::Write { handle, bytes: &[byte], wait: Wait::Forever },
                    )
                });
                assert_eq!(sent, Ok(Value::Count(1)));
            }
            other.call(writer, |kernel| kernel.syscall(writer, Call::Close { handle })).unwrap();
        });
        threads.enlist(reader);
        let handle = open(&threads, reader, Rights::READ);
        let mut received = Vec::new();
        loop {
            let mut byte = [0];
            let answer = threads.call(reader, |kernel| {
                let buffer = &mut byte;
                kernel.syscall(reader, Call::Read { handle, buffer, wait: Wait::Forever })
            });
            match answer {
                Ok(Value::Count(1)) => received.push(byte[0]),
                end => break assert_eq!(end, Ok(Value::Count(0))),
            }
        }
        assert_eq!(received, [1, 2]);
        sender.join().unwrap();
        threads.with(|kernel| assert_eq!(kernel.check(), Ok(())));
    });
}

#[test]
fn no_wakeup_is_lost_between_writer_and_reader_with_room_for_one_byte() {
    writer_and_reader(1, 100);
}

#[test]
fn no_wakeup_is_lost_between_writer_and_reader_with_room_for_two_bytes() {
    writer_and_reader(2, 100);
}
