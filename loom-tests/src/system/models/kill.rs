//! A task is killed at any moment: asleep, on its way in, woken and about to take what it was
//! woken for. It goes in order, and all others go on (laws 4, 19, 20, 25, 35).
//!
//! The supervisor stays alive, and with it the ends that it holds. So where the next in line is to
//! be woken, no close does it.

use super::super::kernel::{Call, Door, Error, PollEntry, Rights, Ticks};
use super::super::machine::{Machine, begin};
use super::super::user::{ReadEnd, Sys, WriteEnd};
use crate::models;

models! {
    of_two_who_kill_each_other_one_survives: 2 threads, every order, at least 7;
    its_reader_finds_what_is_left_and_then_the_end: 3 threads, 3 preemptions, at least 1_200;
    its_writer_finds_a_broken_pipe: 3 threads, 3 preemptions, at least 960;
    who_waits_for_its_message_gets_it_or_learns_of_the_death: 3 threads, 3 preemptions, at least 520;
    the_byte_it_was_woken_for_is_for_the_next_reader: 3 threads, 3 preemptions, at least 190;
    the_room_it_was_woken_for_is_for_the_next_writer: 3 threads, 3 preemptions, at least 500;
    the_room_in_a_mailbox_is_for_the_next_sender: 3 threads, 3 preemptions, at least 340;
    the_byte_it_does_not_take_is_for_the_next_reader: 4 threads, 2 preemptions, at least 870;
    the_byte_it_does_not_take_in_more_orders: 4 threads, 3 preemptions, at least 11_000, deep;
    one_that_polls_is_on_no_list: 3 threads, 3 preemptions, at least 580;
    one_that_sleeps_has_no_timer: 3 threads, 3 preemptions, at least 140;
}

const BOTH: Rights = Rights::READ.union(Rights::WRITE);

fn of_two_who_kill_each_other_one_survives() {
    let machine = Machine::<64>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let [its, others] = [machine.entrust(one, other), machine.entrust(other, one)];
    let thread = machine.spawn(other, async move |sys| {
        sys.kill(others).await?;
        Ok(true)
    });
    let survived = machine.run(one, async |sys| {
        sys.kill(its).await?;
        Ok(true)
    });
    let other_survived = thread.join().unwrap();
    assert!(survived != other_survived, "one: {survived}, other: {other_survived}");
    machine.check();
}

fn its_reader_finds_what_is_left_and_then_the_end() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [supervisor, victim, reader] =
        ["supervisor", "victim", "reader"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let sink = machine.open(victim, "pipe", Rights::WRITE, None);
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let dying = machine.spawn(victim, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        sink.write_all(b"ab").await?;
        // Nobody writes to it: it is killed here, or before.
        sys.receive(&mut []).await.map(drop)
    });
    let reading = machine.spawn(reader, async move |sys| {
        // It ends, whatever had been written.
        ReadEnd::new(sys, source).read_full(&mut [0; 4]).await
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    dying.join().unwrap();
    assert!(reading.join().unwrap() <= 2);
    machine.check();
}

fn its_writer_finds_a_broken_pipe() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [supervisor, victim, writer] =
        ["supervisor", "victim", "writer"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let source = machine.open(victim, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let dying = machine.spawn(victim, async move |sys| {
        let source = ReadEnd::new(sys, source);
        source.read(&mut [0]).await?;
        sys.receive(&mut []).await.map(drop)
    });
    let writing = machine.spawn(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        let written = sink.write(b"abc").await;
        assert!(matches!(written, Ok(1 | 2) | Err(Error::BrokenPipe)), "{written:?}");
        assert_eq!(sink.write(b"d").await, Err(Error::BrokenPipe));
        Ok(())
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    dying.join().unwrap();
    writing.join().unwrap();
    machine.check();
}

fn who_waits_for_its_message_gets_it_or_learns_of_the_death() {
    let machine = Machine::<64>::new();
    let [supervisor, victim, receiver] =
        ["supervisor", "victim", "receiver"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let dying = machine.spawn(victim, async move |sys| {
        sys.send(receiver, b"a").await?;
        sys.receive(&mut []).await.map(drop)
    });
    let receiving = machine.spawn(receiver, async move |sys| {
        if sys.receive_from(victim, &mut [0]).await != Err(Error::PeerDead) {
            assert_eq!(sys.receive_from(victim, &mut [0]).await, Err(Error::PeerDead));
        }
        // What it had sent came before the word of its death.
        assert_eq!(sys.receive(&mut [0]).try_now().await, Err(Error::WouldBlock));
        Ok(())
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    dying.join().unwrap();
    receiving.join().unwrap();
    machine.check();
}

// In the next three the victim is first in line before the threads begin, and has no thread: it may
// be woken, but it never comes back for what it was woken for.

fn the_byte_it_was_woken_for_is_for_the_next_reader() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let names = ["supervisor", "victim", "next", "writer"];
    let [supervisor, victim, next, writer] = names.map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    machine.open(supervisor, "pipe", BOTH, None);
    let [its, source] = [victim, next].map(|it| machine.open(it, "pipe", Rights::READ, None));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let door = machine.awake();
    let its = ReadEnd::new(Sys::new(&door, victim), its);
    let mut buffer = [0];
    let mut read = its.read(&mut buffer);
    assert!(begin(&mut read).is_pending());
    let reading =
        machine.spawn(next, async move |sys| ReadEnd::new(sys, source).read(&mut [0]).await);
    let writing =
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"a").await);
    machine.call(supervisor, Call::Kill { handle: grip });
    assert_eq!(reading.join().unwrap(), 1);
    writing.join().unwrap();
    machine.check();
}

fn the_room_it_was_woken_for_is_for_the_next_writer() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let names = ["supervisor", "victim", "next", "reader"];
    let [supervisor, victim, next, reader] = names.map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    machine.open(supervisor, "pipe", BOTH, None);
    let [its, sink] = [victim, next].map(|it| machine.open(it, "pipe", Rights::WRITE, None));
    let source = machine.open(reader, "pipe", Rights::READ, None);
    let door = machine.awake();
    let its = WriteEnd::new(Sys::new(&door, victim), its);
    assert!(begin(&mut its.write(b"a")).is_ready());
    let mut write = its.write(b"x");
    assert!(begin(&mut write).is_pending());
    let writing =
        machine.spawn(next, async move |sys| WriteEnd::new(sys, sink).write_all(b"b").await);
    let reading = machine.spawn(reader, async move |sys| {
        let mut buffer = [0; 2];
        assert_eq!(ReadEnd::new(sys, source).read_full(&mut buffer).await, Ok(2));
        // What it had written remains, what it waited to write is not there.
        assert_eq!(&buffer, b"ab");
        Ok(())
    });
    machine.call(supervisor, Call::Kill { handle: grip });
    writing.join().unwrap();
    reading.join().unwrap();
    machine.check();
}

fn the_room_in_a_mailbox_is_for_the_next_sender() {
    // It has no handle for the mailbox, so it is not the close of that which wakes the next one.
    let machine = Machine::<64>::new();
    let names = ["supervisor", "victim", "next", "receiver"];
    let [supervisor, victim, next, receiver] = names.map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let door = machine.awake();
    let sys = Sys::new(&door, victim);
    assert!(begin(&mut sys.send(receiver, b"a")).is_ready());
    let mut send = sys.send(receiver, b"x");
    assert!(begin(&mut send).is_pending());
    let sending = machine.spawn(next, async move |sys| sys.send(receiver, b"b").await);
    let receiving = machine.spawn(receiver, async move |sys| {
        for sender in [victim, next] {
            assert_eq!(sys.receive(&mut [0]).await?.task, sender);
        }
        Ok(())
    });
    machine.call(supervisor, Call::Kill { handle: grip });
    sending.join().unwrap();
    receiving.join().unwrap();
    machine.check();
}

fn the_byte_it_does_not_take_in_more_orders() {
    the_byte_it_does_not_take_is_for_the_next_reader();
}

fn the_byte_it_does_not_take_is_for_the_next_reader() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 2)).unwrap();
    let names = ["supervisor", "victim", "next", "writer"];
    let [supervisor, victim, next, writer] = names.map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    machine.open(supervisor, "pipe", BOTH, None);
    let [its, source] = [victim, next].map(|it| machine.open(it, "pipe", Rights::READ, None));
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    // One byte is for the victim, if it takes it.
    let dying = machine
        .spawn(victim, async move |sys| ReadEnd::new(sys, its).read(&mut [0]).await.map(drop));
    let reading =
        machine.spawn(next, async move |sys| ReadEnd::new(sys, source).read(&mut [0]).await);
    let writing =
        machine.spawn(writer, async move |sys| WriteEnd::new(sys, sink).write_all(b"ab").await);
    // It may have ended by itself.
    let _ = machine.awake().syscall(supervisor, Call::Kill { handle: grip });
    assert_eq!(reading.join().unwrap(), 1);
    dying.join().unwrap();
    writing.join().unwrap();
    machine.check();
}

fn one_that_polls_is_on_no_list() {
    let machine = Machine::<64>::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let [supervisor, victim, writer] =
        ["supervisor", "victim", "writer"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let source = machine.open(victim, "pipe", Rights::READ, None);
    let sink = machine.open(writer, "pipe", Rights::WRITE, None);
    let dying = machine.spawn(victim, async move |sys| {
        let source = ReadEnd::new(sys, source);
        sys.poll(&mut [source.entry(), PollEntry::mailbox()]).await?;
        sys.receive(&mut []).await.map(drop)
    });
    let writing = machine.spawn(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        // The first byte wakes the poll; the second one finds room never.
        let written = sink.write(b"ab").await;
        assert!(matches!(written, Ok(1) | Err(Error::BrokenPipe)), "{written:?}");
        Ok(())
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    dying.join().unwrap();
    writing.join().unwrap();
    machine.check();
}

fn one_that_sleeps_has_no_timer() {
    let machine = Machine::<64>::new();
    let (supervisor, victim) = (machine.task("supervisor"), machine.task("victim"));
    let grip = machine.entrust(supervisor, victim);
    let clock = machine.clock(Ticks(5));
    let dying = machine.spawn(victim, async move |sys| {
        sys.sleep_until(Ticks(5)).await?;
        sys.receive(&mut []).await.map(drop)
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    clock.join().unwrap();
    dying.join().unwrap();
    // A timer that is left would be due, or wake whoever has its slot by now.
    assert_eq!(machine.with(|kernel| kernel.next_timer()), None);
    machine.check();
}
