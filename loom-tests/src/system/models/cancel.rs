//! A call that is dropped while it waits passes its wake on to the next in line (laws 2 and 4).
//!
//! In each model the quitter is first in line before the threads begin, and has no thread: it only
//! leaves. It stays alive, so that no close wakes those who are to be woken by its leaving.

use super::super::kernel::{Access, Call, Kind, Rights, Sizes};
use super::super::machine::{Machine, begin};
use super::super::user::{Listener, QueueReceiver, QueueSender, ReadEnd, Stream, Sys, WriteEnd};
use crate::models;

models! {
    a_byte_is_for_the_next_reader: 3 threads, 3 preemptions, at least 120;
    room_in_a_pipe_is_for_the_next_writer: 3 threads, 3 preemptions, at least 210;
    a_message_is_for_the_next_receiver: 3 threads, 3 preemptions, at least 120;
    room_in_a_queue_is_for_the_next_sender: 3 threads, 3 preemptions, at least 210;
    room_in_a_mailbox_is_for_the_next_sender: 3 threads, 3 preemptions, at least 130;
    a_connection_is_for_the_next_server: 3 threads, 3 preemptions, at least 140;
    two_bytes_are_for_the_next_two_readers: 4 threads, 2 preemptions, at least 1_400, deep;
    what_the_quitter_does_not_take_it_can_take_later: 2 threads, every order, at least 260;
}

const BOTH: Rights = Rights::READ.union(Rights::WRITE);

fn a_byte_is_for_the_next_reader() {
    bytes_are_for_the_next_readers(["next"]);
}

fn two_bytes_are_for_the_next_two_readers() {
    bytes_are_for_the_next_readers(["next", "last"]);
}

fn bytes_are_for_the_next_readers<const N: usize>(names: [&str; N]) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (quitter, writer) = (machine.task("quitter"), machine.task("writer"));
    let end = machine.open(quitter, "pipe", BOTH, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let door = machine.awake();
    let end = ReadEnd::new(Sys::new(&door, quitter), end);
    let mut buffer = [0];
    let mut read = end.read(&mut buffer);
    assert!(begin(&mut read).is_pending());
    let readers = names.map(|name| {
        let reader = machine.task(name);
        let source = machine.open(reader, "pipe", Rights::READ, None);
        machine.spawn(reader, async move |sys| ReadEnd::new(sys, source).read(&mut [0]).await)
    });
    let writing = machine
        .spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(&[b'a'; N]).await);
    drop(read);
    writing.join().unwrap();
    for reader in readers {
        assert_eq!(reader.join().unwrap(), 1);
    }
    machine.check();
}

fn room_in_a_pipe_is_for_the_next_writer() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [quitter, next, reader] = ["quitter", "next", "reader"].map(|name| machine.task(name));
    let end = machine.open(quitter, "pipe", BOTH, None);
    let sink = machine.open(next, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let door = machine.awake();
    let end = WriteEnd::new(Sys::new(&door, quitter), end);
    assert!(begin(&mut end.write(b"a")).is_ready());
    let mut write = end.write(b"x");
    assert!(begin(&mut write).is_pending());
    let writing =
        machine.spawn(next, async move |sys| WriteEnd::new(sys, sink).write_all(b"b").await);
    let reading = machine.spawn(reader, async move |sys| {
        let mut buffer = [0; 2];
        assert_eq!(ReadEnd::new(sys, source).read_full(&mut buffer).await, Ok(2));
        assert_eq!(&buffer, b"ab");
        Ok(())
    });
    drop(write);
    writing.join().unwrap();
    reading.join().unwrap();
    machine.check();
}

fn a_message_is_for_the_next_receiver() {
    let machine = Machine::<192>::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let [quitter, next, sender] = ["quitter", "next", "sender"].map(|name| machine.task(name));
    let [end, source] = [quitter, next].map(|task| machine.open(task, "queue", BOTH, None));
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let door = machine.awake();
    let end = QueueReceiver::new(Sys::new(&door, quitter), end);
    let mut buffer = [0];
    let mut receive = end.receive(&mut buffer);
    assert!(begin(&mut receive).is_pending());
    let sending =
        machine.spawn(sender, async move |sys| QueueSender::new(sys, sink).send(0, b"a").await);
    let receiving = machine.spawn(next, async move |sys| {
        let message = QueueReceiver::new(sys, source).receive(&mut [0]).await?;
        assert_eq!(message.map(|message| message.task), Some(sender));
        Ok(())
    });
    drop(receive);
    sending.join().unwrap();
    receiving.join().unwrap();
    machine.check();
}

fn room_in_a_queue_is_for_the_next_sender() {
    let machine = Machine::<192>::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let [quitter, next, receiver] = ["quitter", "next", "receiver"].map(|name| machine.task(name));
    let end = machine.open(quitter, "queue", BOTH, None);
    let sink = machine.open(next, "queue", Rights::WRITE, None);
    let source = machine.open(receiver, "queue", Rights::READ, None);
    let door = machine.awake();
    let end = QueueSender::new(Sys::new(&door, quitter), end);
    assert!(begin(&mut end.send(0, b"a")).is_ready());
    let mut send = end.send(0, b"x");
    assert!(begin(&mut send).is_pending());
    let sending =
        machine.spawn(next, async move |sys| QueueSender::new(sys, sink).send(0, b"b").await);
    let receiving = machine.spawn(receiver, async move |sys| {
        let queue = QueueReceiver::new(sys, source);
        for sender in [quitter, next] {
            let message = queue.receive(&mut [0]).await?;
            assert_eq!(message.map(|message| message.task), Some(sender));
        }
        Ok(())
    });
    drop(send);
    sending.join().unwrap();
    receiving.join().unwrap();
    machine.check();
}

fn room_in_a_mailbox_is_for_the_next_sender() {
    let machine = Machine::<64>::new();
    let [quitter, next, receiver] = ["quitter", "next", "receiver"].map(|name| machine.task(name));
    let door = machine.awake();
    let sys = Sys::new(&door, quitter);
    assert!(begin(&mut sys.send(receiver, b"a")).is_ready());
    let mut send = sys.send(receiver, b"x");
    assert!(begin(&mut send).is_pending());
    let sending = machine.spawn(next, async move |sys| sys.send(receiver, b"b").await);
    let receiving = machine.spawn(receiver, async move |sys| {
        for sender in [quitter, next] {
            assert_eq!(sys.receive(&mut [0]).await?.task, sender);
        }
        Ok(())
    });
    drop(send);
    sending.join().unwrap();
    receiving.join().unwrap();
    machine.check();
}

fn a_connection_is_for_the_next_server() {
    let machine = Machine::<64>::new();
    let [quitter, next, client] = ["quitter", "next", "client"].map(|name| machine.task(name));
    let socket = || Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(1) };
    let listener = machine.handle(quitter, socket());
    let bind = Call::Bind { handle: listener, name: "port", access: Access::Everyone };
    machine.call(quitter, bind);
    machine.call(quitter, Call::Listen { handle: listener, backlog: 1 });
    let share = Call::Give { handle: listener, to: next.into(), rights: BOTH, keep: true };
    let shared = machine.handle(quitter, share);
    let stream = machine.handle(client, socket());
    let door = machine.awake();
    let listener = <Listener>::new(Sys::new(&door, quitter), listener);
    let mut accept = listener.accept();
    assert!(begin(&mut accept).is_pending());
    let connecting =
        machine.spawn(client, async move |sys| Stream::new(sys, stream).connect("port").await);
    let accepting =
        machine.spawn(next, async move |sys| <Listener>::new(sys, shared).accept().await.map(drop));
    drop(accept);
    connecting.join().unwrap();
    accepting.join().unwrap();
    machine.check();
}

fn what_the_quitter_does_not_take_it_can_take_later() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (quitter, writer) = (machine.task("quitter"), machine.task("writer"));
    let source = machine.open(quitter, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let writing =
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    let door = machine.awake();
    let end = ReadEnd::new(Sys::new(&door, quitter), source);
    let mut buffer = [0];
    let mut read = end.read(&mut buffer);
    let took = begin(&mut read).is_ready();
    drop(read);
    std::mem::forget(end);
    machine.run(quitter, async |sys| {
        let end = ReadEnd::new(sys, source);
        // The byte, if it was not taken at once; then the end.
        let expected = usize::from(!took);
        assert_eq!(end.read_full(&mut [0; 2]).await, Ok(expected));
        Ok(())
    });
    writing.join().unwrap();
    machine.check();
}
