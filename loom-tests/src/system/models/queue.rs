//! Nobody is stuck at a queue: who can go on does, and all hear of the end (laws 1 to 5, 44).
//!
//! Where the end is not the matter, the tasks stay alive with what they have open: a close wakes
//! also those whom a send or a receive forgot.

use super::super::kernel::{Handle, Result, Rights};
use super::super::machine::Machine;
use super::super::user::{QueueReceiver, QueueSender, Sys};
use crate::models;

models! {
    a_sender_and_a_receiver_go_on_with_room_for_one: 2 threads, every order, at least 100;
    a_sender_and_a_receiver_go_on_with_room_for_two: 2 threads, every order, at least 610;
    a_receiver_hears_of_the_end_behind_the_last_message: 2 threads, every order, at least 90;
    two_senders_go_on_when_one_receives: 3 threads, 3 preemptions, at least 630;
    two_receivers_go_on_when_one_sends: 3 threads, 3 preemptions, at least 400;
    two_receivers_go_on_when_one_sends_ahead: 3 threads, 3 preemptions, at least 120;
    both_receivers_hear_of_the_end: 3 threads, 3 preemptions, at least 160;
    one_receiver_gets_the_last_message_and_one_the_end: 3 threads, 3 preemptions, at least 190;
    three_messages_pass_through_room_for_one: 2 threads, every order, at least 2_800;
    two_senders_of_two_go_on_when_one_receives: 3 threads, 3 preemptions, at least 11_000, deep;
    two_senders_and_two_receivers_go_on: 4 threads, 3 preemptions, at least 2_700, deep;
}

/// Room for two messages of one byte, and the 32 levels of a queue.
type Small = Machine<192>;

/// The next message, a byte; `None` at the end of the file.
async fn next(source: &QueueReceiver<'_>) -> Result<Option<u8>> {
    let mut buffer = [0];
    Ok(source.receive(&mut buffer).await?.map(|_| buffer[0]))
}

fn a_sender_and_a_receiver_go_on_with_room_for_one() {
    a_sender_and_a_receiver(1, b"ab");
}

fn a_sender_and_a_receiver_go_on_with_room_for_two() {
    a_sender_and_a_receiver(2, b"abc");
}

fn three_messages_pass_through_room_for_one() {
    a_sender_and_a_receiver(1, b"abc");
}

fn a_sender_and_a_receiver(most: usize, messages: &'static [u8]) {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", most, 1)).unwrap();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let source = machine.open(receiver, "queue", Rights::READ, None);
    let other = machine.spawn_alive(sender, async move |sys| {
        let sink = QueueSender::new(sys, sink);
        for message in messages {
            sink.send(0, &[*message]).await?;
        }
        core::mem::forget(sink);
        Ok(())
    });
    machine.run_alive(receiver, async move |sys| {
        let source = QueueReceiver::new(sys, source);
        for message in messages {
            assert_eq!(next(&source).await, Ok(Some(*message)));
        }
        core::mem::forget(source);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_receiver_hears_of_the_end_behind_the_last_message() {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let source = machine.open(receiver, "queue", Rights::READ, None);
    let other = machine.spawn(sender, async move |sys| {
        let sink = QueueSender::new(sys, sink);
        sink.send(0, b"a").await?;
        sink.close().await
    });
    machine.run(receiver, async move |sys| {
        let source = QueueReceiver::new(sys, source);
        assert_eq!(next(&source).await, Ok(Some(b'a')));
        assert_eq!(next(&source).await, Ok(None));
        core::mem::forget(source);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_senders_go_on_when_one_receives() {
    two_senders(1);
}

fn two_senders_of_two_go_on_when_one_receives() {
    two_senders(2);
}

fn two_senders(each: usize) {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let receiver = machine.task("receiver");
    let source = machine.open(receiver, "queue", Rights::READ, None);
    let senders = ["one", "other"].map(|name| {
        let sender = machine.task(name);
        (sender, machine.open(sender, "queue", Rights::WRITE, None))
    });
    let others = senders.map(|(sender, sink)| {
        machine.spawn_alive(sender, async move |sys| {
            let sink = QueueSender::new(sys, sink);
            for _ in 0..each {
                sink.send(0, b"a").await?;
            }
            core::mem::forget(sink);
            Ok(())
        })
    });
    machine.run_alive(receiver, async move |sys| {
        let source = QueueReceiver::new(sys, source);
        for _ in 0..2 * each {
            assert_eq!(next(&source).await, Ok(Some(b'a')));
        }
        core::mem::forget(source);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn two_receivers_go_on_when_one_sends() {
    two_receivers_of_one(1);
}

fn two_receivers_go_on_when_one_sends_ahead() {
    two_receivers_of_one(2);
}

fn two_receivers_of_one(most: usize) {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", most, 1)).unwrap();
    let sender = machine.task("sender");
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let receivers = ["one", "other"].map(|name| {
        let receiver = machine.task(name);
        (receiver, machine.open(receiver, "queue", Rights::READ, None))
    });
    let others = receivers.map(|(receiver, source)| {
        machine.spawn_alive(receiver, async move |sys| {
            let source = QueueReceiver::new(sys, source);
            assert_eq!(next(&source).await, Ok(Some(b'a')));
            core::mem::forget(source);
            Ok(())
        })
    });
    machine.run_alive(sender, async move |sys| {
        let sink = QueueSender::new(sys, sink);
        sink.send(0, b"a").await?;
        sink.send(0, b"a").await?;
        core::mem::forget(sink);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn both_receivers_hear_of_the_end() {
    the_last_message_and_the_end(b"", &[None]);
}

fn one_receiver_gets_the_last_message_and_one_the_end() {
    the_last_message_and_the_end(b"a", &[Some(b'a'), None]);
}

/// One sends these messages and is gone; two receive once each, and what they get is among `some`.
fn the_last_message_and_the_end(messages: &'static [u8], some: &'static [Option<u8>]) {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let sender = machine.task("sender");
    let sink = machine.open(sender, "queue", Rights::WRITE, None);
    let receivers = ["one", "other"].map(|name| {
        let receiver = machine.task(name);
        (receiver, machine.open(receiver, "queue", Rights::READ, None))
    });
    let others = receivers.map(|(receiver, source)| {
        machine.spawn(receiver, async move |sys| {
            let source = QueueReceiver::new(sys, source);
            assert!(some.contains(&next(&source).await?));
            core::mem::forget(source);
            Ok(())
        })
    });
    machine.run(sender, async move |sys| {
        let sink = QueueSender::new(sys, sink);
        for message in messages {
            sink.send(0, &[*message]).await?;
        }
        core::mem::forget(sink);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.with(|kernel| assert!(kernel.channels().all(|channel| channel.length == 0)));
    machine.check();
}

fn two_senders_and_two_receivers_go_on() {
    let machine = Small::new();
    machine.with(|kernel| kernel.create_queue("queue", 1, 1)).unwrap();
    let receivers = ["one receiver", "other receiver"].map(|name| {
        let receiver = machine.task(name);
        (receiver, machine.open(receiver, "queue", Rights::READ, None))
    });
    let [one, other] = ["one sender", "other sender"].map(|name| machine.task(name));
    let sinks = [one, other].map(|it| machine.open(it, "queue", Rights::WRITE, None));
    let receivers = receivers.map(|(receiver, source)| {
        machine.spawn_alive(receiver, async move |sys| {
            let source = QueueReceiver::new(sys, source);
            assert_eq!(next(&source).await, Ok(Some(b'a')));
            core::mem::forget(source);
            Ok(())
        })
    });
    let sender = machine.spawn_alive(one, async move |sys| send(sys, sinks[0]).await);
    machine.run_alive(other, async move |sys| send(sys, sinks[1]).await);
    receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
    sender.join().unwrap();
    machine.check();
}

async fn send(sys: Sys<'_>, sink: Handle) -> Result<()> {
    let sink = QueueSender::new(sys, sink);
    sink.send(0, b"a").await?;
    core::mem::forget(sink);
    Ok(())
}
