//! A close is felt by everyone on the other side, wherever they are: asleep, on their way in, or
//! awake and about to ask again (laws 3, 34 to 36, 43, 44, 49 to 51, 55).

use super::super::kernel::{Access, Call, Create, Error, Kind, Rights, Sizes};
use super::super::machine::Machine;
use super::super::user::{
    Datagram, Listener, QueueReceiver, QueueSender, ReadEnd, Stream, WriteEnd,
};
use crate::models;

models! {
    a_reader_finds_what_is_left_and_then_the_end: 2 threads, every order, at least 110;
    a_writer_finds_a_broken_pipe: 2 threads, every order, at least 370;
    readers_who_stay_are_both_told_of_the_end: 3 threads, 2 preemptions, at least 100;
    two_readers_are_both_told_of_the_end: 3 threads, 3 preemptions, at least 1_000;
    three_readers_are_all_told_of_the_end: 4 threads, 2 preemptions, at least 1_900, deep;
    two_writers_are_both_told_of_the_broken_pipe: 3 threads, 3 preemptions, at least 570;
    two_receivers_are_both_told_of_the_end: 3 threads, 3 preemptions, at least 1_000;
    a_stream_that_leaves_nothing_unread_just_ends: 2 threads, every order, at least 110;
    a_stream_that_leaves_something_unread_is_reset_once: 2 threads, every order, at least 44;
    a_sender_of_datagrams_is_refused: 2 threads, every order, at least 37;
    a_client_in_line_is_refused: 2 threads, every order, at least 50;
    an_open_gets_the_old_object_whole_or_no_name: 2 threads, every order, at least 130;
    a_shutdown_to_write_is_the_end_for_the_peer: 2 threads, every order, at least 1_700;
    a_shutdown_to_read_is_a_broken_pipe_for_the_peer: 2 threads, every order, at least 120;
}

fn a_reader_finds_what_is_left_and_then_the_end() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let other = machine.spawn(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        sink.write_all(b"a").await?;
        sink.close().await
    });
    machine.run(reader, async |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0; 2];
        assert_eq!(source.read(&mut buffer).await, Ok(1));
        assert_eq!(source.read(&mut buffer).await, Ok(0));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_writer_finds_a_broken_pipe() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let other = machine.spawn(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        assert_eq!(source.read(&mut [0]).await, Ok(1));
        source.close().await
    });
    machine.run(writer, async |sys| {
        let sink = WriteEnd::new(sys, sink);
        // The reader takes one byte, so there was never room for three. How many went in comes
        // first, the reason with the next call (law 8).
        let written = sink.write(b"abc").await;
        assert!(matches!(written, Ok(1 | 2)), "{written:?}");
        assert_eq!(sink.write(b"d").await, Err(Error::BrokenPipe));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_readers_are_both_told_of_the_end() {
    readers_are_told_of_the_end(["one", "other"]);
}

/// Neither of them goes before both have been told: it is the close that wakes them.
fn readers_who_stay_are_both_told_of_the_end() {
    let machine = Machine::<192>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let writer = machine.task("writer");
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let readers = ["one", "other"].map(|name| {
        let reader = machine.task(name);
        let source = machine.open(reader, "pipe", Rights::READ, None);
        machine.spawn(reader, async move |sys| {
            let source = ReadEnd::new(sys, source);
            assert_eq!(source.read(&mut [0]).await, Ok(0));
            sys.send("writer", b"").await?;
            sys.receive_from("writer", &mut []).await.map(drop)
        })
    });
    machine.run(writer, async |sys| {
        WriteEnd::new(sys, sink).close().await?;
        for _ in 0..2 {
            sys.receive(&mut []).await?;
        }
        sys.send("one", b"").await?;
        sys.send("other", b"").await
    });
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

fn three_readers_are_all_told_of_the_end() {
    readers_are_told_of_the_end(["one", "two", "three"]);
}

fn readers_are_told_of_the_end<const N: usize>(names: [&str; N]) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let writer = machine.task("writer");
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let readers = names.map(|name| {
        let reader = machine.task(name);
        let source = machine.open(reader, "pipe", Rights::READ, None);
        machine
            .spawn(reader, async move |sys| ReadEnd::new(sys, source).read_full(&mut [0; 2]).await)
    });
    machine.run(writer, async |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    // One of them got the byte, and all of them came to the end.
    let read = readers.map(|reader| reader.join().unwrap());
    assert_eq!(read.iter().sum::<usize>(), 1, "{read:?}");
    machine.check();
}

fn two_writers_are_both_told_of_the_broken_pipe() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let reader = machine.task("reader");
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let writers = ["one", "other"].map(|name| {
        let writer = machine.task(name);
        let sink = machine.open(writer, "pipe", Rights::WRITE, None);
        machine.spawn(writer, async move |sys| {
            // The first write of the two may find room, the second one cannot.
            let sink = WriteEnd::new(sys, sink);
            let written = sink.write(b"ab").await;
            assert!(matches!(written, Ok(1) | Err(Error::BrokenPipe)), "{written:?}");
            Ok(written.unwrap_or(0))
        })
    });
    machine.run(reader, async |sys| ReadEnd::new(sys, source).close().await);
    let written: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
    assert!(written <= 1, "{written} bytes in a pipe for one");
    machine.check();
}

fn two_receivers_are_both_told_of_the_end() {
    let machine = Machine::<192>::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let sender = machine.task("sender");
    let queue = machine.open(sender, "queue", Rights::WRITE, None);
    let receivers = ["one", "other"].map(|name| {
        let receiver = machine.task(name);
        let queue = machine.open(receiver, "queue", Rights::READ, None);
        machine.spawn(receiver, async move |sys| {
            let queue = QueueReceiver::new(sys, queue);
            let mut received = 0;
            while queue.receive(&mut [0]).await?.is_some() {
                received += 1;
            }
            Ok(received)
        })
    });
    machine.run(sender, async |sys| QueueSender::new(sys, queue).send(0, b"a").await);
    let received = receivers.map(|receiver| receiver.join().unwrap());
    assert_eq!(received.iter().sum::<usize>(), 1, "{received:?}");
    machine.check();
}

fn a_stream_that_leaves_nothing_unread_just_ends() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let [near, far] = machine.pair(one, other, Kind::Stream, Sizes::Bytes(1));
    let thread = machine.spawn(other, async move |sys| {
        let far = Stream::new(sys, far);
        far.write_all(b"a").await?;
        far.close().await
    });
    machine.run(one, async |sys| {
        let near = Stream::new(sys, near);
        let mut buffer = [0; 2];
        assert_eq!(near.read(&mut buffer).await, Ok(1));
        assert_eq!(near.read(&mut buffer).await, Ok(0));
        Ok(())
    });
    thread.join().unwrap();
    machine.check();
}

fn a_stream_that_leaves_something_unread_is_reset_once() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let [near, far] = machine.pair(one, other, Kind::Stream, Sizes::Bytes(1));
    let thread = machine.spawn(other, async move |sys| Stream::new(sys, far).close().await);
    machine.run(one, async |sys| {
        let near = Stream::new(sys, near);
        // What was written was not read. What was refused, nobody could have read.
        let expected = match near.write(b"a").await {
            Ok(1) => Err(Error::ConnectionReset),
            Err(Error::BrokenPipe) => Ok(0),
            other => panic!("{other:?}"),
        };
        assert_eq!(near.read(&mut [0]).await, expected);
        assert_eq!(near.read(&mut [0]).await, Ok(0));
        Ok(())
    });
    thread.join().unwrap();
    machine.check();
}

fn a_sender_of_datagrams_is_refused() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let sizes = Sizes::Messages { most: 1, longest: 1 };
    let [near, far] = machine.pair(one, other, Kind::Datagram, sizes);
    let thread = machine.spawn(other, async move |sys| Datagram::new(sys, far).close().await);
    machine.run(one, async |sys| {
        let near = Datagram::new(sys, near);
        // There is room for the first one, if the other socket is still there.
        let first = near.send(b"a").await;
        assert!(matches!(first, Ok(()) | Err(Error::ConnectionRefused)), "{first:?}");
        assert_eq!(near.send(b"b").await, Err(Error::ConnectionRefused));
        Ok(())
    });
    thread.join().unwrap();
    machine.check();
}

fn a_client_in_line_is_refused() {
    let machine = Machine::<64>::new();
    let (server, client) = (machine.task("server"), machine.task("client"));
    let socket = || Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(1) };
    let listener = machine.handle(server, socket());
    let bind = Call::Bind { handle: listener, name: "port", access: Access::Everyone };
    machine.call(server, bind);
    machine.call(server, Call::Listen { handle: listener, backlog: 1 });
    let [first, second] = [(); 2].map(|()| machine.handle(client, socket()));
    let thread =
        machine.spawn(server, async move |sys| <Listener>::new(sys, listener).close().await);
    machine.run(client, async |sys| {
        let [first, second] = [first, second].map(|socket| Stream::new(sys, socket));
        // The first one has the only place to wait in, if the listener is still there.
        let connected = first.connect("port").await;
        assert!(matches!(connected, Ok(()) | Err(Error::NoSuchName)), "{connected:?}");
        // The second one is refused in line, or comes too late.
        let refused = second.connect("port").await;
        let known = matches!(refused, Err(Error::ConnectionRefused | Error::NoSuchName));
        assert!(known, "{refused:?}");
        if connected.is_ok() {
            assert_eq!(first.read(&mut [0]).await, Err(Error::ConnectionReset));
        }
        Ok(())
    });
    thread.join().unwrap();
    machine.check();
}

fn an_open_gets_the_old_object_whole_or_no_name() {
    let machine = Machine::<64>::new();
    let (owner, guest) = (machine.task("owner"), machine.task("guest"));
    let create = Create { sizes: Sizes::Bytes(1), exclusive: true, access: Access::Everyone };
    let source = machine.open(owner, "pipe", Rights::READ, Some(create));
    let sink = machine.open(owner, "pipe", Rights::WRITE, None);
    let thread = machine.spawn(guest, async move |sys| match sys.open_write("pipe").await {
        Ok(sink) => sink.write(b"a").await,
        Err(Error::NoSuchName) => Ok(0),
        Err(error) => Err(error),
    });
    let read = machine.run(owner, async |sys| {
        let source = ReadEnd::new(sys, source);
        sys.unlink("pipe").await?;
        // From here on nobody but the guest can have an end to write.
        WriteEnd::new(sys, sink).close().await?;
        source.read_full(&mut [0; 2]).await
    });
    assert_eq!(thread.join().unwrap(), read, "what was written was read");
    machine.check();
}

fn a_shutdown_to_write_is_the_end_for_the_peer() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let [near, far] = machine.pair(one, other, Kind::Stream, Sizes::Bytes(1));
    let thread = machine.spawn(other, async move |sys| {
        let far = Stream::new(sys, far);
        far.write_all(b"a").await?;
        far.shutdown(Rights::WRITE).await?;
        // The way back is open: neither direction feels the end of the other.
        assert_eq!(far.read(&mut [0]).await, Ok(1));
        Ok(())
    });
    machine.run(one, async |sys| {
        let near = Stream::new(sys, near);
        assert_eq!(near.read_full(&mut [0; 2]).await, Ok(1));
        near.write_all(b"b").await
    });
    thread.join().unwrap();
    machine.check();
}

fn a_shutdown_to_read_is_a_broken_pipe_for_the_peer() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let [near, far] = machine.pair(one, other, Kind::Stream, Sizes::Bytes(1));
    // The peer holds it as well, so it is not closed: what is felt is the shutdown.
    let rights = Rights::READ | Rights::WRITE;
    machine.call(other, Call::Give { handle: far, to: one.into(), rights, keep: true });
    let thread =
        machine.spawn(other, async move |sys| Stream::new(sys, far).shutdown(Rights::READ).await);
    machine.run(one, async |sys| {
        let near = Stream::new(sys, near);
        let first = near.write(b"a").await;
        assert!(matches!(first, Ok(1) | Err(Error::BrokenPipe)), "{first:?}");
        assert_eq!(near.write(b"b").await, Err(Error::BrokenPipe));
        Ok(())
    });
    thread.join().unwrap();
    machine.check();
}
