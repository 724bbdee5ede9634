//! A poll looks at everything in one entry, and misses nothing that comes later (laws 59 and 60).

use super::super::kernel::{Call, Destination, Error, Kind, PollEntry, Rights, Sizes, Wait};
use super::super::machine::Machine;
use super::super::user::{Datagram, ReadEnd, Stream, WriteEnd};
use crate::models;

models! {
    one_of_two_pipes_is_enough: 3 threads, 3 preemptions, at least 3_600;
    a_mailbox_and_a_pipe_are_looked_at_together: 3 threads, 3 preemptions, at least 1_800;
    all_who_poll_are_woken: 3 threads, 3 preemptions, at least 720;
    a_poll_takes_nothing_from_a_reader: 3 threads, 3 preemptions, at least 310;
    room_ends_a_poll: 2 threads, every order, at least 2;
    room_at_the_peer_ends_a_poll: 2 threads, every order, at least 2;
    the_close_of_the_writer_ends_a_poll: 2 threads, every order, at least 27;
    the_close_of_the_reader_ends_a_poll: 2 threads, every order, at least 23;
    the_close_of_a_datagram_peer_ends_a_poll: 2 threads, every order, at least 27;
    the_close_of_a_peer_ends_a_poll: 2 threads, every order, at least 27;
}

fn one_of_two_pipes_is_enough() {
    let machine = Machine::<64>::new();
    let poller = machine.task("poller");
    let mut writing = Vec::new();
    let sources = [("one", "from-one"), ("other", "from-other")].map(|(name, pipe)| {
        machine.with(|kernel| kernel.create_pipe(pipe, 1)).unwrap();
        let writer = machine.task(name);
        let sink = machine.open(writer, pipe, Rights::WRITE, None);
        writing.push(
            machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await),
        );
        // The poller could write to it as well, so it is the byte that is seen, and no end.
        machine.open(poller, pipe, Rights::WRITE, None);
        machine.open(poller, pipe, Rights::READ, None)
    });
    machine.run(poller, async |sys| {
        let sources = sources.map(|source| ReadEnd::new(sys, source));
        let mut read = 0;
        while read < 2 {
            let mut set = [sources[0].entry(), sources[1].entry()];
            let count = sys.poll(&mut set).await?;
            let ready = set.iter().zip(&sources).filter(|(it, _)| it.ready.unwrap().readable);
            for (_, source) in ready.clone() {
                assert_eq!(source.read(&mut [0]).try_now().await, Ok(1));
            }
            assert_eq!(ready.count(), count);
            read += count;
        }
        Ok(())
    });
    for writer in writing {
        writer.join().unwrap();
    }
    machine.check();
}

fn a_mailbox_and_a_pipe_are_looked_at_together() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [poller, writer, sender] = ["poller", "writer", "sender"].map(|name| machine.task(name));
    let source = machine.open(poller, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    // The end that comes after the byte is not looked at any more.
    let writing =
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    let sending = machine.spawn(sender, async move |sys| sys.send(poller, b"b").await);
    machine.run(poller, async |sys| {
        let source = ReadEnd::new(sys, source);
        let mut set = [source.entry(), PollEntry::mailbox()];
        sys.poll(&mut set).await?;
        // Those that are not ready are waited for alone.
        if set[0].ready.unwrap().readable {
            assert_eq!(source.read(&mut [0]).try_now().await, Ok(1));
            sys.poll(&mut [PollEntry::mailbox()]).await?;
            assert!(sys.receive(&mut [0]).try_now().await.is_ok());
        } else {
            assert!(set[1].ready.unwrap().readable, "{set:?}");
            assert!(sys.receive(&mut [0]).try_now().await.is_ok());
            sys.poll(&mut [source.entry()]).await?;
            assert_eq!(source.read(&mut [0]).try_now().await, Ok(1));
        }
        Ok(())
    });
    writing.join().unwrap();
    sending.join().unwrap();
    machine.check();
}

fn all_who_poll_are_woken() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let writer = machine.task("writer");
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let [one, other] = ["one", "other"].map(|name| machine.task(name));
    let polling = [(one, other), (other, one)].map(|(poller, friend)| {
        let source = machine.open(poller, "pipe", Rights::READ, None);
        machine.spawn(poller, async move |sys| {
            let source = ReadEnd::new(sys, source);
            assert_eq!(sys.poll(&mut [source.entry()]).await, Ok(1));
            // Neither of them goes before the other one has seen the byte too.
            sys.send(friend, b"").await?;
            sys.receive(&mut []).await.map(drop)
        })
    });
    // It does not end, so the byte alone wakes them.
    machine.call(writer, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    for poller in polling {
        poller.join().unwrap();
    }
    machine.check();
}

fn a_poll_takes_nothing_from_a_reader() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [poller, reader, writer] = ["poller", "reader", "writer"].map(|name| machine.task(name));
    let [its, source] = [poller, reader].map(|it| machine.open(it, "pipe", Rights::READ, None));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let polling = machine.spawn(poller, async move |sys| {
        // It sees the byte, or the message that comes after it.
        let source = ReadEnd::new(sys, its);
        sys.poll(&mut [source.entry(), PollEntry::mailbox()]).await?;
        // It stays until the reader has the byte, since its close would wake the reader.
        sys.receive(&mut []).await.map(drop)
    });
    let reading = machine.spawn(reader, async move |sys| {
        // Though the poller may have been woken for it first.
        assert_eq!(ReadEnd::new(sys, source).read(&mut [0]).await, Ok(1));
        sys.send(poller, b"").await
    });
    // It does not end, so the byte alone wakes them.
    machine.call(writer, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    polling.join().unwrap();
    reading.join().unwrap();
    machine.check();
}

fn room_ends_a_poll() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (poller, reader) = (machine.task("poller"), machine.task("reader"));
    let sink = machine.open(poller, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    machine.call(poller, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    let polling = machine.spawn(poller, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        let mut set = [sink.entry()];
        sys.poll(&mut set).await?;
        assert!(set[0].ready.unwrap().writable, "{set:?}");
        Ok(())
    });
    // The reader does not end, so the room alone wakes the poller.
    machine.call(reader, Call::Read { handle: source, buffer: &mut [0], wait: Wait::Try });
    polling.join().unwrap();
    machine.check();
}

fn room_at_the_peer_ends_a_poll() {
    let machine = Machine::<64>::new();
    let (poller, other) = (machine.task("poller"), machine.task("other"));
    let [near, far] = machine.pair(poller, other, Kind::Stream, Sizes::Bytes(1));
    machine.call(poller, Call::Write { handle: near, bytes: b"a", wait: Wait::Try });
    let polling = machine.spawn(poller, async move |sys| {
        let near = Stream::new(sys, near);
        let mut set = [near.entry()];
        sys.poll(&mut set).await?;
        assert!(set[0].ready.unwrap().writable, "{set:?}");
        Ok(())
    });
    machine.call(other, Call::Read { handle: far, buffer: &mut [0], wait: Wait::Try });
    polling.join().unwrap();
    machine.check();
}

fn the_close_of_the_writer_ends_a_poll() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (poller, writer) = (machine.task("poller"), machine.task("writer"));
    let source = machine.open(poller, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let closing = machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).close().await);
    machine.run(poller, async |sys| {
        let source = ReadEnd::new(sys, source);
        let mut set = [source.entry()];
        assert_eq!(sys.poll(&mut set).await, Ok(1));
        assert!(set[0].ready.unwrap().hung_up, "{set:?}");
        // Also while it lives, whoever polls no more is on no list.
        machine.check();
        Ok(())
    });
    closing.join().unwrap();
    machine.check();
}

fn the_close_of_the_reader_ends_a_poll() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (poller, reader) = (machine.task("poller"), machine.task("reader"));
    let sink = machine.open(poller, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    machine.call(poller, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    let closing = machine.spawn(reader, async move |sys| ReadEnd::new(sys, source).close().await);
    machine.run(poller, async |sys| {
        let sink = WriteEnd::new(sys, sink);
        let mut set = [sink.entry()];
        assert_eq!(sys.poll(&mut set).await, Ok(1));
        assert!(set[0].ready.unwrap().error, "{set:?}");
        Ok(())
    });
    closing.join().unwrap();
    machine.check();
}

fn the_close_of_a_peer_ends_a_poll() {
    let machine = Machine::<64>::new();
    let (poller, other) = (machine.task("poller"), machine.task("other"));
    let [near, far] = machine.pair(poller, other, Kind::Stream, Sizes::Bytes(1));
    // Full, so the poller watches the ring of the peer as well, which goes with the peer.
    machine.call(poller, Call::Write { handle: near, bytes: b"a", wait: Wait::Try });
    let closing = machine.spawn(other, async move |sys| Stream::new(sys, far).close().await);
    machine.run(poller, async |sys| {
        let near = Stream::new(sys, near);
        assert_eq!(sys.poll(&mut [near.entry()]).await, Ok(1));
        assert_eq!(near.read(&mut [0]).try_now().await, Err(Error::ConnectionReset));
        Ok(())
    });
    closing.join().unwrap();
    machine.check();
}

fn the_close_of_a_datagram_peer_ends_a_poll() {
    let machine = Machine::<64>::new();
    let (poller, other) = (machine.task("poller"), machine.task("other"));
    let sizes = Sizes::Messages { most: 1, longest: 1 };
    let [near, far] = machine.pair(poller, other, Kind::Datagram, sizes);
    let to = Destination::Socket { handle: near, to: None };
    machine.call(poller, Call::Send { to, message: b"a", wait: Wait::Try });
    let closing = machine.spawn(other, async move |sys| Datagram::new(sys, far).close().await);
    machine.run(poller, async |sys| {
        // Its own socket is not told of it: nothing comes to an end there.
        let near = Datagram::new(sys, near);
        assert_eq!(sys.poll(&mut [near.entry()]).await, Ok(1));
        assert_eq!(near.send(b"b").try_now().await, Err(Error::ConnectionRefused));
        Ok(())
    });
    closing.join().unwrap();
    machine.check();
}
