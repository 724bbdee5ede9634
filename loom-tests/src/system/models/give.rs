//! An end that changes hands: from the outside nothing is seen of it, whoever comes or goes
//! meanwhile (law 64).

use super::super::kernel::{Error, Handle, Kind, Result, Rights, Sizes, TaskId};
use super::super::machine::Machine;
use super::super::user::{End, Kinded, ReadEnd, Stream, Sys, WriteEnd};
use crate::models;

models! {
    its_reader_sees_no_end_before_the_heir_has_written: 3 threads, 3 preemptions, at least 550;
    its_writer_sees_no_broken_pipe_before_the_heir_has_read: 3 threads, 3 preemptions, at least 1_100;
    its_peer_sees_no_end_before_the_heir_has_written: 3 threads, 3 preemptions, at least 550;
    an_heir_finds_the_broken_pipe_that_the_giver_would: 3 threads, 3 preemptions, at least 720;
    what_a_dead_heir_was_given_is_closed: 3 threads, 3 preemptions, at least 160;
    what_a_dead_giver_had_is_closed_or_the_heirs: 4 threads, 2 preemptions, at least 860;
    what_a_dead_giver_had_in_more_orders: 4 threads, 3 preemptions, at least 20_000, deep;
}

/// Gives an end away, and tells the heir the handle.
async fn hand_over<K: Kinded>(sys: &Sys<'_>, end: End<'_, K>, heir: TaskId) -> Result<()> {
    let given = end.give(heir).await?;
    sys.send(heir, &[given.slot() as u8, given.serial() as u8]).await
}

/// The handle that someone hands over.
async fn inherit(sys: &Sys<'_>, giver: TaskId) -> Result<Handle> {
    let mut told = [0; 2];
    sys.receive_from(giver, &mut told).await?;
    Ok(Handle::from_parts(told[0].into(), told[1].into()))
}

fn its_reader_sees_no_end_before_the_heir_has_written() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [giver, heir, reader] = ["giver", "heir", "reader"].map(|name| machine.task(name));
    let sink = machine.open(giver, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let giving = machine
        .spawn(giver, async move |sys| hand_over(&sys, WriteEnd::new(sys, sink), heir).await);
    let writing = machine.spawn(heir, async move |sys| {
        let sink = inherit(&sys, giver).await?;
        WriteEnd::new(sys, sink).write_all(b"a").await
    });
    machine.run(reader, async |sys| {
        let source = ReadEnd::new(sys, source);
        assert_eq!(source.read(&mut [0]).await, Ok(1));
        assert_eq!(source.read(&mut [0]).await, Ok(0));
        Ok(())
    });
    giving.join().unwrap();
    writing.join().unwrap();
    machine.check();
}

fn its_writer_sees_no_broken_pipe_before_the_heir_has_read() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [giver, heir, writer] = ["giver", "heir", "writer"].map(|name| machine.task(name));
    let source = machine.open(giver, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let giving = machine
        .spawn(giver, async move |sys| hand_over(&sys, ReadEnd::new(sys, source), heir).await);
    let reading = machine.spawn(heir, async move |sys| {
        let source = inherit(&sys, giver).await?;
        assert_eq!(ReadEnd::new(sys, source).read_full(&mut [0; 2]).await, Ok(2));
        Ok(())
    });
    machine.run(writer, async |sys| WriteEnd::new(sys, sink).write_all(b"ab").await);
    giving.join().unwrap();
    reading.join().unwrap();
    machine.check();
}

fn its_peer_sees_no_end_before_the_heir_has_written() {
    let machine = Machine::<64>::new();
    let [giver, heir, peer] = ["giver", "heir", "peer"].map(|name| machine.task(name));
    // The giver has the only handle for its socket, so a close before the gift would end it.
    let [near, far] = machine.pair(peer, giver, Kind::Stream, Sizes::Bytes(1));
    let giving =
        machine.spawn(giver, async move |sys| hand_over(&sys, Stream::new(sys, far), heir).await);
    let writing = machine.spawn(heir, async move |sys| {
        let far = inherit(&sys, giver).await?;
        Stream::new(sys, far).write_all(b"a").await
    });
    machine.run(peer, async |sys| {
        let near = Stream::new(sys, near);
        assert_eq!(near.read(&mut [0]).await, Ok(1));
        assert_eq!(near.read(&mut [0]).await, Ok(0));
        Ok(())
    });
    giving.join().unwrap();
    writing.join().unwrap();
    machine.check();
}

fn an_heir_finds_the_broken_pipe_that_the_giver_would() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [giver, heir, reader] = ["giver", "heir", "reader"].map(|name| machine.task(name));
    let sink = machine.open(giver, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let giving = machine
        .spawn(giver, async move |sys| hand_over(&sys, WriteEnd::new(sys, sink), heir).await);
    let closing = machine.spawn(reader, async move |sys| ReadEnd::new(sys, source).close().await);
    machine.run(heir, async |sys| {
        let sink = inherit(&sys, giver).await?;
        let sink = WriteEnd::new(sys, sink);
        // There is room for the first byte, if the reader is still there.
        let written = sink.write(b"a").await;
        assert!(matches!(written, Ok(1) | Err(Error::BrokenPipe)), "{written:?}");
        assert_eq!(sink.write(b"b").await, Err(Error::BrokenPipe));
        Ok(())
    });
    giving.join().unwrap();
    closing.join().unwrap();
    machine.check();
}

fn what_a_dead_heir_was_given_is_closed() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [giver, heir, reader] = ["giver", "heir", "reader"].map(|name| machine.task(name));
    let sink = machine.open(giver, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let giving = machine.spawn(giver, async move |sys| {
        let given = WriteEnd::new(sys, sink).give(heir).await;
        assert!(matches!(given, Ok(_) | Err(Error::PeerDead)), "{given:?}");
        // Given or not, it is no longer the giver's, which lives on.
        sys.receive(&mut []).await.map(drop)
    });
    let reading = machine.spawn(reader, async move |sys| {
        assert_eq!(ReadEnd::new(sys, source).read(&mut [0]).await, Ok(0));
        sys.send(giver, b"").await
    });
    machine.run(heir, async |_| Ok(()));
    giving.join().unwrap();
    reading.join().unwrap();
    machine.check();
}

fn what_a_dead_giver_had_in_more_orders() {
    what_a_dead_giver_had_is_closed_or_the_heirs();
}

fn what_a_dead_giver_had_is_closed_or_the_heirs() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let names = ["supervisor", "giver", "heir", "reader"];
    let [supervisor, giver, heir, reader] = names.map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, giver);
    let sink = machine.open(giver, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let giving = machine.spawn(giver, async move |sys| {
        hand_over(&sys, WriteEnd::new(sys, sink), heir).await?;
        sys.receive(&mut []).await.map(drop)
    });
    let writing = machine.spawn(heir, async move |sys| match inherit(&sys, giver).await {
        Ok(sink) => WriteEnd::new(sys, sink).write(b"a").await,
        // It may have the end even so, and only not know the handle; it goes with the heir.
        Err(error) => {
            assert_eq!(error, Error::PeerDead);
            Ok(0)
        }
    });
    let reading = machine
        .spawn(reader, async move |sys| ReadEnd::new(sys, source).read_full(&mut [0; 2]).await);
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    giving.join().unwrap();
    assert_eq!(reading.join().unwrap(), writing.join().unwrap());
    machine.check();
}
