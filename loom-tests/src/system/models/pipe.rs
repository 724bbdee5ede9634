//! No wakeup is lost in a pipe: whoever can go on does (laws 1 to 5, 30 to 36).
//!
//! The tasks stay alive, with their ends: the close of one wakes others, also those whom a read or
//! a write forgot.

use super::super::kernel::{Call, Rights, Wait};
use super::super::machine::Machine;
use super::super::user::{ReadEnd, WriteEnd};
use crate::models;

models! {
    a_byte_arrives: 2 threads, every order, at least 10;
    a_writer_and_a_reader_with_room_for_one_byte: 2 threads, every order, at least 100;
    a_writer_and_a_reader_with_room_for_two_bytes: 2 threads, every order, at least 100;
    two_writers_and_a_reader: 3 threads, 3 preemptions, at least 630;
    two_writers_and_a_reader_with_room_for_two_bytes: 3 threads, 3 preemptions, at least 310;
    a_writer_and_two_readers: 3 threads, 3 preemptions, at least 400;
    a_writer_and_two_readers_with_room_for_two_bytes: 3 threads, 3 preemptions, at least 120;
    two_bytes_of_a_writer_stay_together: 3 threads, 3 preemptions, at least 1_000;
    three_bytes_pass_through_room_for_one: 2 threads, every order, at least 2_800;
    three_writers_and_a_reader: 4 threads, 3 preemptions, at least 73_000, deep;
    a_writer_and_three_readers: 4 threads, 3 preemptions, at least 52_000, deep;
}

fn a_byte_arrives() {
    let machine = Machine::<64>::new(); // 64 bytes of store for each channel
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let writing =
        machine.spawn(writer, async |sys| sys.open_write("pipe").await?.write_all(b"a").await);
    machine.run(reader, async |sys| {
        assert_eq!(sys.open_read("pipe").await?.read(&mut [0]).await, Ok(1));
        Ok(())
    });
    writing.join().unwrap();
}

fn a_writer_and_a_reader_with_room_for_one_byte() {
    a_writer_and_a_reader(1, &[b"ab"]);
}

fn a_writer_and_a_reader_with_room_for_two_bytes() {
    a_writer_and_a_reader(2, &[b"ab", b"c"]);
}

fn three_bytes_pass_through_room_for_one() {
    a_writer_and_a_reader(1, &[b"ab", b"c"]);
}

fn a_writer_and_a_reader(capacity: usize, writes: &'static [&'static [u8]]) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", capacity)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let other = machine.spawn_alive(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        for bytes in writes {
            sink.write_all(bytes).await?;
        }
        core::mem::forget(sink);
        Ok(())
    });
    machine.run_alive(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = vec![0; writes.concat().len()];
        assert_eq!(source.read_full(&mut buffer).await, Ok(buffer.len()));
        assert_eq!(buffer, writes.concat());
        core::mem::forget(source);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_writers_and_a_reader() {
    some_writers(1, &["one", "other"], b"a");
}

fn two_writers_and_a_reader_with_room_for_two_bytes() {
    some_writers(2, &["one", "other"], b"a");
}

fn three_writers_and_a_reader() {
    some_writers(1, &["one", "another", "the third"], b"a");
}

/// Each writes this, and the reader finds it again and again.
fn some_writers(capacity: usize, names: &[&str], bytes: &'static [u8]) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", capacity)).unwrap();
    let reader = machine.task("reader");
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let writers = names.iter().map(|name| {
        let writer = machine.task(name);
        (writer, machine.open(writer, "pipe", Rights::WRITE, None))
    });
    let writers: Vec<_> = writers.collect();
    let others = writers.into_iter().map(|(writer, sink)| {
        machine.spawn_alive(writer, async move |sys| {
            let sink = WriteEnd::new(sys, sink);
            sink.write_all(bytes).await?;
            core::mem::forget(sink);
            Ok(())
        })
    });
    let others: Vec<_> = others.collect();
    machine.run_alive(reader, async |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = vec![0; bytes.len() * names.len()];
        assert_eq!(source.read_full(&mut buffer).await, Ok(buffer.len()));
        assert_eq!(buffer, bytes.repeat(names.len()));
        core::mem::forget(source);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn two_bytes_of_a_writer_stay_together() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 2)).unwrap();
    let reader = machine.task("reader");
    let source = machine.open(reader, "pipe", Rights::READ | Rights::WRITE, None);
    // With this there is room for one byte, which is not enough for either of the writers.
    machine.call(reader, Call::Write { handle: source, bytes: b"!", wait: Wait::Try });
    let writers = [("one", b"ab"), ("other", b"cd")].map(|(name, bytes)| {
        let writer = machine.task(name);
        (writer, machine.open(writer, "pipe", Rights::WRITE, None), bytes)
    });
    let others = writers.map(|(writer, sink, bytes)| {
        machine.spawn_alive(writer, async move |sys| {
            let sink = WriteEnd::new(sys, sink);
            sink.write_all(bytes).await?;
            core::mem::forget(sink);
            Ok(())
        })
    });
    machine.run_alive(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0; 5];
        assert_eq!(source.read_full(&mut buffer).await, Ok(5));
        assert!([b"!abcd", b"!cdab"].contains(&&buffer), "{buffer:?}");
        core::mem::forget(source);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_writer_and_two_readers() {
    some_readers(1, &["one", "other"]);
}

fn a_writer_and_two_readers_with_room_for_two_bytes() {
    some_readers(2, &["one", "other"]);
}

fn a_writer_and_three_readers() {
    some_readers(1, &["one", "another", "the third"]);
}

/// There is a byte for each.
fn some_readers(capacity: usize, names: &[&str]) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", capacity)).unwrap();
    let writer = machine.task("writer");
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let readers = names.iter().map(|name| {
        let reader = machine.task(name);
        (reader, machine.open(reader, "pipe", Rights::READ, None))
    });
    let readers: Vec<_> = readers.collect();
    let others = readers.into_iter().map(|(reader, source)| {
        machine.spawn_alive(reader, async move |sys| {
            let source = ReadEnd::new(sys, source);
            assert_eq!(source.read(&mut [0]).await, Ok(1));
            core::mem::forget(source);
            Ok(())
        })
    });
    let others: Vec<_> = others.collect();
    machine.run_alive(writer, async |sys| {
        let sink = WriteEnd::new(sys, sink);
        for _ in names {
            sink.write_all(b"a").await?;
        }
        core::mem::forget(sink);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}
