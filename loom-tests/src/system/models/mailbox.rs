//! Nobody is stuck at a mailbox, whomever its owner waits for (laws 1 to 5, 22 to 25).

use super::super::machine::Machine;
use crate::models;

models! {
    a_sender_and_a_receiver_go_on_with_room_for_one: 2 threads, every order, at least 100;
    a_sender_and_a_receiver_go_on_with_room_for_two: 2 threads, every order, at least 610;
    two_senders_go_on_when_their_receiver_does: 3 threads, 3 preemptions, at least 630;
    two_tasks_that_send_to_each_other_receive: 2 threads, every order, at least 20;
    a_sender_that_is_waited_for_is_not_mixed_up: 3 threads, 3 preemptions, at least 160;
    a_sender_that_is_waited_for_is_heard_behind_another: 3 threads, 3 preemptions, at least 690;
    three_messages_pass_through_room_for_one: 2 threads, every order, at least 2_800;
    three_senders_go_on_when_their_receiver_does: 4 threads, 3 preemptions, at least 73_000, deep;
}

/// A mailbox with a single slot.
const ONE: usize = 64;
/// A mailbox with two slots for messages, and one for a reply.
const TWO: usize = 4 + 3 * (48 + 256);

fn a_sender_and_a_receiver_go_on_with_room_for_one() {
    a_sender_and_a_receiver::<ONE>(b"ab");
}

fn a_sender_and_a_receiver_go_on_with_room_for_two() {
    a_sender_and_a_receiver::<TWO>(b"abc");
}

fn three_messages_pass_through_room_for_one() {
    a_sender_and_a_receiver::<ONE>(b"abc");
}

fn a_sender_and_a_receiver<const RING: usize>(messages: &'static [u8]) {
    let machine = Machine::<RING>::new();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let other = machine.spawn_alive(sender, async move |sys| {
        for message in messages {
            sys.send(receiver, &[*message]).await?;
        }
        Ok(())
    });
    machine.run_alive(receiver, async move |sys| {
        for message in messages {
            let mut buffer = [0; 2];
            assert_eq!(sys.receive(&mut buffer).await?.length, 1);
            assert_eq!(buffer[0], *message);
        }
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_senders_go_on_when_their_receiver_does() {
    some_senders(&["one", "other"]);
}

fn three_senders_go_on_when_their_receiver_does() {
    some_senders(&["one", "another", "the third"]);
}

fn some_senders(names: &'static [&'static str]) {
    let machine = Machine::<ONE>::new();
    let receiver = machine.task("receiver");
    let senders: Vec<_> = names.iter().map(|name| machine.task(name)).collect();
    let others = senders
        .into_iter()
        .map(|sender| machine.spawn_alive(sender, async move |sys| sys.send(receiver, b"a").await));
    let others: Vec<_> = others.collect();
    machine.run_alive(receiver, async move |sys| {
        for _ in names {
            assert!(names.contains(&sys.receive(&mut []).await?.name.as_str()));
        }
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn two_tasks_that_send_to_each_other_receive() {
    let machine = Machine::<ONE>::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let other = machine.spawn_alive(left, async move |sys| {
        sys.send(right, b"a").await?;
        assert_eq!(sys.receive(&mut []).await?.task, right);
        Ok(())
    });
    machine.run_alive(right, async move |sys| {
        sys.send(left, b"b").await?;
        assert_eq!(sys.receive(&mut []).await?.task, left);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_sender_that_is_waited_for_is_not_mixed_up() {
    let machine = Machine::<TWO>::new();
    let receiver = machine.task("receiver");
    let [one, other] = ["one", "other"].map(|name| machine.task(name));
    let others = [one, other]
        .map(|sender| machine.spawn_alive(sender, async move |sys| sys.send(receiver, b"a").await));
    machine.run_alive(receiver, async move |sys| {
        assert_eq!(sys.receive_from(other, &mut []).await?.task, other);
        assert_eq!(sys.receive(&mut []).await?.task, one);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn a_sender_that_is_waited_for_is_heard_behind_another() {
    let machine = Machine::<TWO>::new();
    let receiver = machine.task("receiver");
    let [one, other] = ["one", "other"].map(|name| machine.task(name));
    // One of three messages has to wait for room, be it the one that is waited for.
    let full = machine.spawn_alive(one, async move |sys| {
        sys.send(receiver, b"a").await?;
        sys.send(receiver, b"b").await
    });
    let last = machine.spawn_alive(other, async move |sys| sys.send(receiver, b"c").await);
    machine.run_alive(receiver, async move |sys| {
        let mut buffer = [0];
        sys.receive_from(one, &mut buffer).await?;
        assert_eq!(&buffer, b"a");
        sys.receive_from(other, &mut buffer).await?;
        assert_eq!(&buffer, b"c");
        sys.receive_from(one, &mut buffer).await?;
        assert_eq!(&buffer, b"b");
        Ok(())
    });
    full.join().unwrap();
    last.join().unwrap();
    machine.check();
}
