//! Time that runs out while what was waited for comes: the call has it, or says "timed out" and it
//! is still there. Never both, never neither (laws 4, 7, 8 and 11).
//!
//! The clock is a thread of its own, and comes to the deadline at any moment.

use super::super::kernel::{Access, Call, Error, Kind, Rights, Sizes, Ticks, Wait};
use super::super::machine::Machine;
use super::super::user::{Listener, QueueReceiver, QueueSender, ReadEnd, Stream, WriteEnd};
use crate::models;

models! {
    a_byte_is_read_or_still_there: 3 threads, 3 preemptions, at least 1_000;
    a_write_is_in_whole_or_not_at_all: 3 threads, 3 preemptions, at least 920;
    a_long_write_says_how_far_it_came: 3 threads, 2 preemptions, at least 500;
    a_message_is_received_or_still_there: 3 threads, 3 preemptions, at least 1_000;
    a_message_of_one_sender_is_received_or_still_there: 3 threads, 3 preemptions, at least 630;
    a_poll_that_timed_out_missed_nothing: 3 threads, 3 preemptions, at least 1_800;
    a_poll_that_sleeps_on_keeps_its_deadline: 4 threads, 2 preemptions, at least 420;
    a_connection_is_made_or_can_be_made_later: 3 threads, 3 preemptions, at least 2_300;
    two_sleepers_wake_at_their_times: 3 threads, 3 preemptions, at least 500;
    the_next_reader_gets_what_was_meant_for_the_late: 4 threads, 2 preemptions, at least 680;
    the_next_writer_needs_less_than_the_late: 4 threads, 2 preemptions, at least 590;
}

const DEADLINE: Ticks = Ticks(5);
const BOTH: Rights = Rights::READ.union(Rights::WRITE);

fn a_byte_is_read_or_still_there() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let clock = machine.clock(DEADLINE);
    let writing =
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    machine.run(reader, async |sys| {
        let source = ReadEnd::new(sys, source);
        let taken = match source.read(&mut [0]).until(DEADLINE).await {
            Ok(count) => count,
            Err(error) => {
                assert_eq!(error, Error::TimedOut);
                0
            }
        };
        let rest = source.read_full(&mut [0; 2]).await;
        assert_eq!(rest, Ok(1 - taken));
        Ok(())
    });
    writing.join().unwrap();
    clock.join().unwrap();
    machine.check();
}

fn a_write_is_in_whole_or_not_at_all() {
    // There is no room for it before the reader has come.
    a_write(b"a", b"b", |written| matches!(written, Ok(1) | Err(Error::TimedOut)));
}

fn a_long_write_says_how_far_it_came() {
    a_write(b"", b"bc", |written| matches!(written, Ok(1 | 2)));
}

fn a_write(before: &[u8], bytes: &'static [u8], known: fn(Result<usize, Error>) -> bool) {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    machine.call(writer, Call::Write { handle: sink, bytes: before, wait: Wait::Try });
    let clock = machine.clock(DEADLINE);
    let writing = machine.spawn(writer, async move |sys| {
        let written = WriteEnd::new(sys, sink).write(bytes).until(DEADLINE).await;
        assert!(known(written), "{written:?}");
        Ok(written.unwrap_or(0))
    });
    let read =
        machine.run(reader, async |sys| ReadEnd::new(sys, source).read_full(&mut [0; 4]).await);
    assert_eq!(read, before.len() + writing.join().unwrap());
    clock.join().unwrap();
    machine.check();
}

fn a_message_is_received_or_still_there() {
    let machine = Machine::<192>::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let source = machine.open(receiver, "queue", Rights::READ, None);
    let clock = machine.clock(DEADLINE);
    let sending =
        machine.spawn(sender, async move |sys| QueueSender::new(sys, sink).send(0, b"a").await);
    machine.run(receiver, async |sys| {
        let queue = QueueReceiver::new(sys, source);
        let mut messages = 0;
        match queue.receive(&mut [0]).until(DEADLINE).await {
            Ok(message) => messages += usize::from(message.is_some()),
            Err(error) => assert_eq!(error, Error::TimedOut),
        }
        while queue.receive(&mut [0]).await?.is_some() {
            messages += 1;
        }
        assert_eq!(messages, 1);
        Ok(())
    });
    sending.join().unwrap();
    clock.join().unwrap();
    machine.check();
}

fn a_message_of_one_sender_is_received_or_still_there() {
    let machine = Machine::<64>::new();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let clock = machine.clock(DEADLINE);
    let sending = machine.spawn(sender, async move |sys| sys.send(receiver, b"a").await);
    machine.run(receiver, async |sys| {
        let mut messages = 0;
        match sys.receive_from(sender, &mut [0]).until(DEADLINE).await {
            Ok(_) => messages += 1,
            Err(error) => assert_eq!(error, Error::TimedOut),
        }
        // The sender ends, but what it has sent is received first.
        while sys.receive_from(sender, &mut [0]).await.is_ok() {
            messages += 1;
        }
        assert_eq!(messages, 1);
        Ok(())
    });
    sending.join().unwrap();
    clock.join().unwrap();
    machine.check();
}

fn a_poll_that_timed_out_missed_nothing() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let (writer, reader) = (machine.task("writer"), machine.task("reader"));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let clock = machine.clock(DEADLINE);
    // The pipe stays open: it is the byte alone that is to be seen.
    let writing = machine.spawn(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        sink.write_all(b"a").await?;
        sys.receive(&mut []).await.map(drop)
    });
    machine.run(reader, async |sys| {
        let source = ReadEnd::new(sys, source);
        let mut set = [source.entry()];
        match sys.poll(&mut set).until(DEADLINE).await {
            Ok(count) => {
                assert_eq!(count, 1);
                assert_eq!(source.read(&mut [0]).try_now().await, Ok(1));
            }
            Err(error) => {
                assert_eq!(error, Error::TimedOut);
                assert_eq!(sys.poll(&mut set).await, Ok(1));
                assert_eq!(source.read(&mut [0]).try_now().await, Ok(1));
            }
        }
        sys.send(writer, b"").await
    });
    writing.join().unwrap();
    clock.join().unwrap();
    machine.check();
}

fn a_poll_that_sleeps_on_keeps_its_deadline() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [poller, reader, writer] = ["poller", "reader", "writer"].map(|name| machine.task(name));
    let [its, source] = [poller, reader].map(|it| machine.open(it, "pipe", Rights::READ, None));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let clock = machine.clock(DEADLINE);
    let polling = machine.spawn(poller, async move |sys| {
        // Woken by the byte, it may find that it is gone; then nothing but the time can end it.
        let source = ReadEnd::new(sys, its);
        let polled = sys.poll(&mut [source.entry()]).until(DEADLINE).await;
        assert!(matches!(polled, Ok(1) | Err(Error::TimedOut)), "{polled:?}");
        Ok(())
    });
    let reading = machine
        .spawn(reader, async move |sys| ReadEnd::new(sys, source).read(&mut [0]).await.map(drop));
    machine.call(writer, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    for thread in [clock, polling, reading] {
        thread.join().unwrap();
    }
    machine.check();
}

fn a_connection_is_made_or_can_be_made_later() {
    let machine = Machine::<64>::new();
    let (server, client) = (machine.task("server"), machine.task("client"));
    let socket = || Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(1) };
    let listener = machine.handle(server, socket());
    let bind = Call::Bind { handle: listener, name: "port", access: Access::Everyone };
    machine.call(server, bind);
    machine.call(server, Call::Listen { handle: listener, backlog: 1 });
    let [first, second] = [(); 2].map(|()| machine.handle(client, socket()));
    // The only place to wait in is taken until the server has come.
    machine.call(client, Call::Connect { handle: first, to: "port", wait: Wait::Try });
    let clock = machine.clock(DEADLINE);
    let accepting = machine.spawn(server, async move |sys| {
        let listener = <Listener>::new(sys, listener);
        listener.accept().await?.close().await?;
        listener.accept().await?.close().await?;
        assert_eq!(listener.accept().try_now().await.err(), Some(Error::WouldBlock));
        Ok(())
    });
    machine.run(client, async |sys| {
        let socket = Stream::new(sys, second);
        match socket.connect("port").until(DEADLINE).await {
            Err(Error::TimedOut) => socket.connect("port").await,
            connected => connected,
        }
    });
    accepting.join().unwrap();
    clock.join().unwrap();
    machine.check();
}

fn two_sleepers_wake_at_their_times() {
    let machine = Machine::<64>::new();
    let early = Ticks(DEADLINE.0 - 1);
    let sleepers = [("one", early), ("other", DEADLINE)].map(|(name, time)| {
        let sleeper = machine.task(name);
        machine.spawn(sleeper, async move |sys| {
            sys.sleep_until(time).await?;
            assert!(sys.now() >= time);
            Ok(())
        })
    });
    // The first step wakes nobody, the second one both.
    machine.advance(Ticks(early.0 - 1));
    machine.advance(DEADLINE);
    for sleeper in sleepers {
        sleeper.join().unwrap();
    }
    machine.check();
}

// In the last two nobody ends before the next one has what it waits for: a close would wake it.

fn the_next_reader_gets_what_was_meant_for_the_late() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [late, next, writer] = ["late", "next", "writer"].map(|name| machine.task(name));
    let [its_source, its_sink] =
        [Rights::READ, Rights::WRITE].map(|rights| machine.open(late, "pipe", rights, None));
    let source = machine.open(next, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", BOTH, None);
    let clock = machine.clock(DEADLINE);
    let reading = machine.spawn(late, async move |sys| {
        let (source, sink) = (ReadEnd::new(sys, its_source), WriteEnd::new(sys, its_sink));
        // Should it be in time, it puts back what it took: there is always a byte for the next.
        if source.read(&mut [0]).until(DEADLINE).await.is_ok() {
            sink.write_all(b"a").await?;
        }
        sys.receive(&mut []).await.map(drop)
    });
    let next = machine.spawn(next, async move |sys| {
        let source = ReadEnd::new(sys, source);
        assert_eq!(source.read(&mut [0]).await, Ok(1));
        sys.send(late, b"").await
    });
    machine.call(writer, Call::Write { handle: sink, bytes: b"a", wait: Wait::Try });
    for thread in [clock, reading, next] {
        thread.join().unwrap();
    }
    machine.check();
}

fn the_next_writer_needs_less_than_the_late() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 2)).unwrap();
    let [late, next, reader] = ["late", "next", "reader"].map(|name| machine.task(name));
    let [its, sink] = [late, next].map(|it| machine.open(it, "pipe", Rights::WRITE, None));
    let source = machine.open(reader, "pipe", BOTH, None);
    machine.call(reader, Call::Write { handle: source, bytes: b"aa", wait: Wait::Try });
    let clock = machine.clock(DEADLINE);
    let writing = machine.spawn(late, async move |sys| {
        // There is never room for two bytes, but for one, and the next one may wait behind.
        let sink = WriteEnd::new(sys, its);
        assert_eq!(sink.write(b"bb").until(DEADLINE).await, Err(Error::TimedOut));
        sys.receive(&mut []).await.map(drop)
    });
    let next = machine.spawn(next, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        assert_eq!(sink.write(b"c").await, Ok(1));
        sys.send(late, b"").await
    });
    machine.call(reader, Call::Read { handle: source, buffer: &mut [0], wait: Wait::Try });
    for thread in [clock, writing, next] {
        thread.join().unwrap();
    }
    machine.check();
}
