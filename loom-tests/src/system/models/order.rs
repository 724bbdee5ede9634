//! Lines are fair: who came first is served first, whoever comes in between (laws 5, 17 and 24).
//!
//! So that it is certain who came first, those in line make their call before the threads begin.
//! Each body begins with the same call once more, and so finds its place again (law 4). The tasks
//! stay alive, so that no close wakes anyone.

use std::sync::Arc;

use loom::thread::JoinHandle;

use super::super::kernel::{
    Call, Destination, Error, Handle, Outcome, Priority, Result, Rights, TaskId, Wait,
};
use super::super::machine::Machine;
use super::super::user::{ReadEnd, WriteEnd};
use crate::models;

models! {
    the_first_reader_in_line_reads_first: 3 threads, 3 preemptions, at least 230;
    the_first_writer_in_line_writes_first: 3 threads, 3 preemptions, at least 590;
    the_first_sender_in_line_sends_first: 3 threads, 3 preemptions, at least 590;
    a_newcomer_does_not_pass_a_reader_in_line: 3 threads, 3 preemptions, at least 230;
    a_newcomer_does_not_take_what_a_reader_was_woken_for: 2 threads, every order, at least 6;
    a_newcomer_does_not_take_the_room_a_writer_was_woken_for: 2 threads, every order, at least 6;
    a_more_urgent_newcomer_takes_what_a_reader_was_woken_for: 2 threads, every order, at least 10;
    a_reader_who_was_passed_is_the_next: 3 threads, 3 preemptions, at least 470;
    the_more_urgent_reader_in_line_reads_first: 3 threads, 3 preemptions, at least 230;
    a_reader_who_becomes_more_urgent_in_line_reads_first: 3 threads, 3 preemptions, at least 360;
    the_messages_of_a_sender_keep_their_order: 3 threads, 3 preemptions, at least 3_100;
    a_newcomer_comes_behind_two_readers_in_line: 4 threads, 3 preemptions, at least 15_000, deep;
}

/// A task, and its handle for the pipe.
type User = (TaskId, Handle);

/// A machine with a pipe for one byte, and a task that can read and write there.
fn pipe(name: &str, priority: Priority) -> (Arc<Machine>, User) {
    let machine = Machine::new();
    machine.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let user = user(&machine, name, priority);
    (machine, user)
}

fn user(machine: &Machine, name: &str, priority: Priority) -> User {
    let task = machine.task(name);
    machine.with(|kernel| kernel.set_priority(task, priority)).unwrap();
    (task, machine.open(task, "pipe", Rights::READ | Rights::WRITE, None))
}

/// A task that waits to read before the threads begin.
fn reader_in_line(machine: &Machine, name: &str, priority: Priority) -> User {
    let (reader, handle) = user(machine, name, priority);
    let call = Call::Read { handle, buffer: &mut [0], wait: Wait::Forever };
    assert_eq!(machine.with(|kernel| kernel.syscall(reader, call)), Outcome::Blocked);
    (reader, handle)
}

/// A task that waits to write a byte before the threads begin.
fn writer_in_line(machine: &Machine, name: &str) -> User {
    let (writer, handle) = user(machine, name, Priority::NORMAL);
    let call = Call::Write { handle, bytes: b"?", wait: Wait::Forever };
    assert_eq!(machine.with(|kernel| kernel.syscall(writer, call)), Outcome::Blocked);
    (writer, handle)
}

/// Starts a reader that is to read this byte.
fn reads(machine: &Arc<Machine>, (reader, source): User, byte: u8) -> JoinHandle<()> {
    machine.spawn_alive(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0];
        source.read(&mut buffer).await?;
        assert_eq!(char::from(buffer[0]), char::from(byte));
        core::mem::forget(source);
        Ok(())
    })
}

/// Starts a writer of this byte.
fn writes(machine: &Arc<Machine>, (writer, sink): User, byte: u8) -> JoinHandle<()> {
    machine.spawn_alive(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        sink.write_all(&[byte]).await?;
        core::mem::forget(sink);
        Ok(())
    })
}

async fn a_then_b(sink: WriteEnd<'_>) -> Result<()> {
    sink.write_all(b"a").await?;
    sink.write_all(b"b").await?;
    core::mem::forget(sink);
    Ok(())
}

fn the_first_reader_in_line_reads_first() {
    let (machine, (writer, sink)) = pipe("writer", Priority::NORMAL);
    let [first, second] =
        ["first", "second"].map(|name| reader_in_line(&machine, name, Priority::NORMAL));
    let others = [reads(&machine, first, b'a'), reads(&machine, second, b'b')];
    machine.run_alive(writer, async move |sys| a_then_b(WriteEnd::new(sys, sink)).await);
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn the_first_writer_in_line_writes_first() {
    let (machine, (reader, source)) = pipe("reader", Priority::NORMAL);
    // The pipe is full with this.
    machine.call(reader, Call::Write { handle: source, bytes: b"!", wait: Wait::Try });
    let [first, second] = ["first", "second"].map(|name| writer_in_line(&machine, name));
    let others = [writes(&machine, first, b'a'), writes(&machine, second, b'b')];
    machine.run_alive(reader, async move |sys| {
        let source = ReadEnd::new(sys, source);
        let mut buffer = [0; 3];
        assert_eq!(source.read_full(&mut buffer).await, Ok(3));
        assert_eq!(&buffer, b"!ab");
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn the_first_sender_in_line_sends_first() {
    let machine = Machine::<64>::new();
    let receiver = machine.task("receiver");
    let send = |wait| Call::Send { to: Destination::Task(receiver.into()), message: b"", wait };
    // The mailbox is full with this.
    machine.call(receiver, send(Wait::Try));
    let senders = ["first", "second"].map(|name| machine.task(name));
    let others = senders.map(|sender| {
        let outcome = machine.with(|kernel| kernel.syscall(sender, send(Wait::Forever)));
        assert_eq!(outcome, Outcome::Blocked);
        sender
    });
    let others = others
        .map(|sender| machine.spawn_alive(sender, async move |sys| sys.send(receiver, b"").await));
    machine.run_alive(receiver, async move |sys| {
        for sender in [receiver, senders[0], senders[1]] {
            assert_eq!(sys.receive(&mut []).await?.task, sender);
        }
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_newcomer_does_not_pass_a_reader_in_line() {
    let (machine, (writer, sink)) = pipe("writer", Priority::NORMAL);
    let first = reader_in_line(&machine, "first", Priority::NORMAL);
    let newcomer = user(&machine, "newcomer", Priority::NORMAL);
    let others = [reads(&machine, first, b'a'), reads(&machine, newcomer, b'b')];
    machine.run_alive(writer, async move |sys| a_then_b(WriteEnd::new(sys, sink)).await);
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_newcomer_does_not_take_what_a_reader_was_woken_for() {
    let (machine, (newcomer, handle)) = pipe("newcomer", Priority::NORMAL);
    let first = reader_in_line(&machine, "first", Priority::NORMAL);
    let other = reads(&machine, first, b'a');
    machine.run_alive(newcomer, async move |sys| {
        let sink = WriteEnd::new(sys, handle);
        sink.write_all(b"a").await?;
        let source = ReadEnd::new(sys, handle);
        assert_eq!(source.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
        core::mem::forget((sink, source));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_newcomer_does_not_take_the_room_a_writer_was_woken_for() {
    let (machine, (newcomer, handle)) = pipe("newcomer", Priority::NORMAL);
    // The pipe is full with this.
    machine.call(newcomer, Call::Write { handle, bytes: b"!", wait: Wait::Try });
    let first = writer_in_line(&machine, "first");
    let other = writes(&machine, first, b'a');
    machine.run_alive(newcomer, async move |sys| {
        let source = ReadEnd::new(sys, handle);
        assert_eq!(source.read(&mut [0]).await, Ok(1));
        let sink = WriteEnd::new(sys, handle);
        assert_eq!(sink.write(b"b").try_now().await, Err(Error::WouldBlock));
        core::mem::forget((sink, source));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_more_urgent_newcomer_takes_what_a_reader_was_woken_for() {
    let (machine, (newcomer, handle)) = pipe("newcomer", Priority::HIGHEST);
    let first = reader_in_line(&machine, "first", Priority::NORMAL);
    let other = reads(&machine, first, b'a');
    machine.run_alive(newcomer, async |sys| {
        let sink = WriteEnd::new(sys, handle);
        sink.write_all(b"a").await?;
        let source = ReadEnd::new(sys, handle);
        match source.read(&mut [0]).try_now().await {
            // The first one has to be woken once more.
            Ok(_) => sink.write_all(b"a").await?,
            // The first one was faster.
            Err(_) => machine.with(|kernel| {
                assert!(kernel.channels().all(|channel| channel.length == 0));
            }),
        }
        core::mem::forget((sink, source));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_reader_who_was_passed_is_the_next() {
    let (machine, (newcomer, handle)) = pipe("newcomer", Priority::HIGHEST);
    let [first, second] =
        ["first", "second"].map(|name| reader_in_line(&machine, name, Priority::NORMAL));
    let others = [reads(&machine, first, b'a'), reads(&machine, second, b'b')];
    machine.run_alive(newcomer, async move |sys| {
        let sink = WriteEnd::new(sys, handle);
        sink.write_all(b"a").await?;
        let source = ReadEnd::new(sys, handle);
        if source.read(&mut [0]).try_now().await.is_ok() {
            sink.write_all(b"a").await?;
        }
        sink.write_all(b"b").await?;
        core::mem::forget((sink, source));
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn the_more_urgent_reader_in_line_reads_first() {
    let (machine, (writer, sink)) = pipe("writer", Priority::NORMAL);
    let first = reader_in_line(&machine, "first", Priority::NORMAL);
    let urgent = reader_in_line(&machine, "urgent", Priority::HIGHEST);
    let others = [reads(&machine, first, b'b'), reads(&machine, urgent, b'a')];
    machine.run_alive(writer, async move |sys| a_then_b(WriteEnd::new(sys, sink)).await);
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_reader_who_becomes_more_urgent_in_line_reads_first() {
    let (machine, (writer, sink)) = pipe("writer", Priority::NORMAL);
    let [first, second] =
        ["first", "second"].map(|name| reader_in_line(&machine, name, Priority::NORMAL));
    let others = [reads(&machine, first, b'b'), reads(&machine, second, b'a')];
    machine.run_alive(writer, async |sys| {
        machine.with(|kernel| kernel.set_priority(second.0, Priority::HIGHEST))?;
        a_then_b(WriteEnd::new(sys, sink)).await
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn the_messages_of_a_sender_keep_their_order() {
    // Room for two messages and a reply.
    let machine = Machine::<{ 4 + 3 * (48 + 256) }>::new();
    let receiver = machine.task("receiver");
    let senders = ["one", "other"].map(|name| machine.task(name));
    let others = senders.map(|sender| {
        machine.spawn_alive(sender, async move |sys| {
            sys.send(receiver, b"0").await?;
            sys.send(receiver, b"1").await
        })
    });
    machine.run_alive(receiver, async move |sys| {
        let mut next = [b'0'; 4];
        for _ in 0..4 {
            let mut buffer = [0];
            let sender = usize::from(sys.receive(&mut buffer).await?.task.index());
            assert_eq!(buffer[0], next[sender]);
            next[sender] += 1;
        }
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_newcomer_comes_behind_two_readers_in_line() {
    let (machine, (writer, sink)) = pipe("writer", Priority::NORMAL);
    let [first, second] =
        ["first", "second"].map(|name| reader_in_line(&machine, name, Priority::NORMAL));
    let newcomer = user(&machine, "newcomer", Priority::NORMAL);
    let others = [(first, b'a'), (second, b'b'), (newcomer, b'c')];
    let others = others.map(|(reader, byte)| reads(&machine, reader, byte));
    machine.run_alive(writer, async move |sys| {
        let sink = WriteEnd::new(sys, sink);
        for byte in b"abc" {
            sink.write_all(&[*byte]).await?;
        }
        core::mem::forget(sink);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}
