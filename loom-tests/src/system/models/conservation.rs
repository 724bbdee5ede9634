//! What was sent is what was received and what is left, each once (laws 7, 24, 30 and 40).
//!
//! Some of the calls wait, some only try: one that is refused must leave nothing behind.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::kernel::{Error, Handle, Result, Rights, TaskId};
use super::super::machine::Machine;
use super::super::user::{QueueReceiver, QueueSender, ReadEnd, Sys, WriteEnd};
use crate::models;

models! {
    a_pipe_keeps_each_byte: 2 threads, every order, at least 90;
    a_pipe_keeps_each_byte_of_two_writers: 3 threads, 3 preemptions, at least 1_500;
    a_pipe_gives_each_byte_to_one_of_two_readers: 3 threads, 3 preemptions, at least 1_000;
    a_queue_keeps_each_message: 2 threads, every order, at least 90;
    a_queue_keeps_each_message_of_two_senders: 3 threads, 3 preemptions, at least 1_300;
    a_queue_gives_each_message_to_one_of_two_receivers: 3 threads, 3 preemptions, at least 1_000;
    what_is_left_in_a_queue_is_in_order_of_urgency: 3 threads, 3 preemptions, at least 1_100;
    a_mailbox_keeps_each_message: 2 threads, every order, at least 50;
    a_mailbox_keeps_each_message_of_two_senders: 3 threads, 3 preemptions, at least 930;
    two_writers_and_two_readers_share_all: 4 threads, 3 preemptions, at least 61_000, deep;
    two_senders_and_two_receivers_share_all: 4 threads, 3 preemptions, at least 84_000, deep;
}

/// What went in and what came out, as the tasks see it. Loom does not see it: what is written here
/// belongs to the call before it.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Pages>>);

/// Each byte is sent once.
#[derive(Default)]
struct Pages {
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Ledger {
    fn with<R>(&self, f: impl FnOnce(&mut Pages) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// This was sent, unless the call was refused.
    fn sent<T>(&self, byte: u8, result: Result<T>) -> Result<()> {
        if unless_refused(result)?.is_some() {
            self.with(|pages| pages.sent.push(byte));
        }
        Ok(())
    }

    /// This was received, unless the call was refused.
    fn received(&self, byte: [u8; 1], result: Result<usize>) -> Result<()> {
        let count = unless_refused(result)?.unwrap_or(0);
        self.with(|pages| pages.received.extend(&byte[..count]));
        Ok(())
    }

    /// Sees that nothing was lost, and nothing doubled.
    fn agrees(&self, left: impl IntoIterator<Item = u8>) {
        self.with(|Pages { sent, received }| {
            received.extend(left);
            sent.sort();
            received.sort();
            assert_eq!(sent, received);
        });
    }
}

fn unless_refused<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(Error::WouldBlock | Error::BrokenPipe) => Ok(None),
        result => result.map(Some),
    }
}

/// Tasks that have the object open for this.
fn users<const RING: usize>(
    machine: &Machine<RING>,
    names: &[&str],
    rights: Rights,
) -> Vec<(TaskId, Handle)> {
    let user = |name: &&str| {
        let task = machine.task(name);
        (task, machine.open(task, "object", rights, None))
    };
    names.iter().map(user).collect()
}

/// What each sender sends.
const BYTES: [[u8; 2]; 2] = [*b"ab", *b"cd"];

fn a_pipe_keeps_each_byte() {
    a_pipe(&["writer"], &["reader"]);
}

fn a_pipe_keeps_each_byte_of_two_writers() {
    a_pipe(&["one", "other"], &["reader"]);
}

fn a_pipe_gives_each_byte_to_one_of_two_readers() {
    a_pipe(&["writer"], &["one", "other"]);
}

fn two_writers_and_two_readers_share_all() {
    a_pipe(&["one writer", "other writer"], &["one reader", "other reader"]);
}

fn a_pipe(writers: &[&str], readers: &[&str]) {
    let machine = Machine::<64>::new();
    let pipe = machine.with(|kernel| kernel.create_pipe("object", 1)).unwrap();
    let ledger = Ledger::default();
    let writers = users(&machine, writers, Rights::WRITE);
    let mut readers = users(&machine, readers, Rights::READ);
    let mut others = Vec::new();
    for ((writer, sink), bytes) in writers.into_iter().zip(BYTES) {
        let ledger = ledger.clone();
        others.push(machine.spawn(writer, async move |sys| write(sys, sink, bytes, ledger).await));
    }
    let (reader, source) = readers.remove(0);
    for (reader, source) in readers {
        let ledger = ledger.clone();
        others.push(machine.spawn(reader, async move |sys| read(sys, source, ledger).await));
    }
    machine.run(reader, async |sys| read(sys, source, ledger.clone()).await);
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.with(|kernel| ledger.agrees(kernel.bytes_in(pipe)));
    machine.check();
}

async fn write(sys: Sys<'_>, sink: Handle, [one, other]: [u8; 2], ledger: Ledger) -> Result<()> {
    let sink = WriteEnd::new(sys, sink);
    ledger.sent(one, sink.write(&[one]).await)?;
    ledger.sent(other, sink.write(&[other]).try_now().await)?;
    // The exit closes it.
    core::mem::forget(sink);
    Ok(())
}

async fn read(sys: Sys<'_>, source: Handle, ledger: Ledger) -> Result<()> {
    let source = ReadEnd::new(sys, source);
    let mut byte = [0];
    let result = source.read(&mut byte).try_now().await;
    ledger.received(byte, result)?;
    // This may be the end of the file.
    let result = source.read(&mut byte).await;
    ledger.received(byte, result)?;
    core::mem::forget(source);
    Ok(())
}

fn a_queue_keeps_each_message() {
    a_queue(&["sender"], &["receiver"]);
}

fn a_queue_keeps_each_message_of_two_senders() {
    a_queue(&["one", "other"], &["receiver"]);
}

fn a_queue_gives_each_message_to_one_of_two_receivers() {
    a_queue(&["sender"], &["one", "other"]);
}

fn two_senders_and_two_receivers_share_all() {
    a_queue(&["one sender", "other sender"], &["one receiver", "other receiver"]);
}

fn a_queue(senders: &[&str], receivers: &[&str]) {
    let machine = Machine::<192>::new();
    // One is received in any case, so the two that are waited with find room.
    let queue = machine.with(|kernel| kernel.create_queue("object", 2, 1)).unwrap();
    let ledger = Ledger::default();
    let senders = users(&machine, senders, Rights::WRITE);
    let mut receivers = users(&machine, receivers, Rights::READ);
    let mut others = Vec::new();
    for ((sender, sink), bytes) in senders.into_iter().zip(BYTES) {
        let ledger = ledger.clone();
        others.push(machine.spawn(sender, async move |sys| send(sys, sink, bytes, ledger).await));
    }
    let (receiver, source) = receivers.remove(0);
    for (receiver, source) in receivers {
        let ledger = ledger.clone();
        others.push(machine.spawn(receiver, async move |sys| receive(sys, source, ledger).await));
    }
    machine.run(receiver, async |sys| receive(sys, source, ledger.clone()).await);
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.with(|kernel| ledger.agrees(kernel.messages_in(queue).map(|(_, message)| message[0])));
    machine.check();
}

async fn send(sys: Sys<'_>, sink: Handle, [one, other]: [u8; 2], ledger: Ledger) -> Result<()> {
    let sink = QueueSender::new(sys, sink);
    ledger.sent(one, sink.send(0, &[one]).await)?;
    ledger.sent(other, sink.send(1, &[other]).try_now().await)?;
    core::mem::forget(sink);
    Ok(())
}

async fn receive(sys: Sys<'_>, source: Handle, ledger: Ledger) -> Result<()> {
    let source = QueueReceiver::new(sys, source);
    let mut byte = [0];
    let result = source.receive(&mut byte).try_now().await;
    ledger.received(byte, result.map(|message| message.map_or(0, |it| it.copied)))?;
    let result = source.receive(&mut byte).await;
    ledger.received(byte, result.map(|message| message.map_or(0, |it| it.copied)))?;
    core::mem::forget(source);
    Ok(())
}

fn what_is_left_in_a_queue_is_in_order_of_urgency() {
    let machine = Machine::<320>::new();
    let queue = machine.with(|kernel| kernel.create_queue("object", 4, 1)).unwrap();
    let senders = users(&machine, &["one", "other"], Rights::WRITE);
    let receiver = users(&machine, &["receiver"], Rights::READ)[0];
    let others = senders.into_iter().zip([[0, 2], [1, 3]]).map(|((sender, sink), urgencies)| {
        machine.spawn(sender, async move |sys| {
            let sink = QueueSender::new(sys, sink);
            for urgency in urgencies {
                sink.send(urgency, b"a").await?;
            }
            core::mem::forget(sink);
            Ok(())
        })
    });
    let others: Vec<_> = others.collect();
    machine.run(receiver.0, async move |sys| {
        let source = QueueReceiver::new(sys, receiver.1);
        source.receive(&mut [0]).await?;
        core::mem::forget(source);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.with(|kernel| {
        let left: Vec<_> = kernel.messages_in(queue).map(|(it, _)| it.urgency).collect();
        assert_eq!(left.len(), 3);
        assert!(left.is_sorted_by(|one, next| one > next), "{left:?}");
    });
    machine.check();
}

fn a_mailbox_keeps_each_message() {
    a_mailbox(&["sender"]);
}

fn a_mailbox_keeps_each_message_of_two_senders() {
    a_mailbox(&["one", "other"]);
}

fn a_mailbox(senders: &[&str]) {
    // Room for two messages and a reply.
    let machine = Machine::<{ 4 + 3 * (48 + 256) }>::new();
    let receiver = machine.task("receiver");
    let ledger = Ledger::default();
    let senders: Vec<_> = senders.iter().map(|name| machine.task(name)).collect();
    let others = senders.into_iter().zip(BYTES).map(|(sender, [one, other])| {
        let ledger = ledger.clone();
        machine.spawn(sender, async move |sys| {
            ledger.sent(one, sys.send(receiver, &[one]).await)?;
            ledger.sent(other, sys.send(receiver, &[other]).try_now().await)
        })
    });
    let others: Vec<_> = others.collect();
    machine.run(receiver, async |sys| {
        let mut byte = [0];
        let result = sys.receive(&mut byte).try_now().await;
        let none = result.is_err();
        ledger.received(byte, result.map(|message| message.copied))?;
        if none {
            let result = sys.receive(&mut byte).await;
            ledger.received(byte, result.map(|message| message.copied))?;
        }
        // What is left goes with the mailbox, so it is looked at before.
        others.into_iter().for_each(|other| other.join().unwrap());
        let mut left = Vec::new();
        while sys.receive(&mut byte).try_now().await.is_ok() {
            left.push(byte[0]);
        }
        ledger.agrees(left);
        Ok(())
    });
    machine.check();
}
