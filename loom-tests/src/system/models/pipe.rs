//! No wakeup is lost in a pipe: whoever can go on does (laws 1 to 5, 30 to 36).

use super::super::kernel::Rights;
use super::super::machine::Machine;
use super::super::user::{ReadEnd, WriteEnd};
use crate::models;

models! {
    a_writer_and_a_reader_with_room_for_one_byte: 2 threads, every order, at least 100;
    a_writer_and_a_reader_with_room_for_two_bytes: 2 threads, every order, at least 100;
    two_writers_and_a_reader: 3 threads, 3 preemptions, at least 100;
}

fn a_writer_and_a_reader_with_room_for_one_byte() {
    a_writer_and_a_reader(1);
}

fn a_writer_and_a_reader_with_room_for_two_bytes() {
    a_writer_and_a_reader(2);
}

fn a_writer_and_a_reader(capacity: usize) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", capacity)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let other = machine.spawn(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        sink.write_all(b"ab").await?;
        sink.write_all(b"c").await
    });
    machine.run(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0; 4];
        assert_eq!(source.read_full(&mut buffer).await, Ok(3));
        assert_eq!(&buffer[..3], b"abc");
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_writers_and_a_reader() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let reader = machine.task("reader");
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let others = ["one", "other"].map(|name| {
        let writer = machine.task(name);
        let sink = machine.open(writer, "pipe", Rights::WRITE, None);
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await)
    });
    machine.run(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0; 4];
        assert_eq!(source.read_full(&mut buffer).await, Ok(2));
        assert_eq!(&buffer[..2], b"aa");
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}
