//! Single messages through sockets, with and without a connection (laws 53 to 55, 57 and 58).

use super::super::kernel::{Error, Handle, Kind, Result, Sizes};
use super::super::machine::Machine;
use super::super::user::{Datagram, Sequenced, Sys};
use crate::models;

models! {
    datagrams_arrive_with_room_for_one: 2 threads, every order, at least 100;
    datagrams_arrive_with_room_for_two: 2 threads, every order, at least 610;
    two_senders_go_on_when_one_receives: 3 threads, 3 preemptions, at least 630;
    datagrams_cross_between_two_that_are_connected: 2 threads, every order, at least 20;
    who_waits_for_room_in_a_socket_that_closes_is_refused: 2 threads, every order, at least 10;
    sequenced_messages_arrive_with_room_for_one: 2 threads, every order, at least 560;
    sequenced_messages_arrive_with_room_for_two: 2 threads, every order, at least 3_100;
    a_sequenced_socket_tells_the_end_from_an_empty_message: 2 threads, every order, at least 20;
    three_datagrams_pass_through_room_for_one: 2 threads, every order, at least 2_800;
    three_senders_go_on_when_one_receives: 4 threads, 2 preemptions, at least 6_700, deep;
}

/// Room for two messages of a few bytes.
type Small = Machine<128>;

fn sizes(most: usize) -> Sizes {
    Sizes::Messages { most, longest: 8 }
}

fn datagrams_arrive_with_room_for_one() {
    datagrams_arrive(1, &[b"ab", b""]);
}

fn datagrams_arrive_with_room_for_two() {
    datagrams_arrive(2, &[b"ab", b"", b"c"]);
}

fn three_datagrams_pass_through_room_for_one() {
    datagrams_arrive(1, &[b"ab", b"", b"c"]);
}

fn datagrams_arrive(most: usize, messages: &'static [&'static [u8]]) {
    let machine = Small::new();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let source = machine.bound(receiver, "box", Kind::Datagram, sizes(most));
    let sink = machine.bound(sender, "me", Kind::Datagram, sizes(1));
    let other = machine.spawn_alive(sender, async move |sys| {
        let socket = Datagram::new(sys, sink);
        for message in messages {
            socket.send_to("box", message).await?;
        }
        core::mem::forget(socket);
        Ok(())
    });
    machine.run_alive(receiver, async move |sys| {
        let socket = Datagram::new(sys, source);
        for message in messages {
            let mut buffer = [0; 8];
            let Some(received) = socket.receive(&mut buffer).await? else { panic!("an end") };
            assert_eq!(&buffer[..received.copied], *message);
            assert_eq!(received.name.unwrap().as_str(), "me");
        }
        core::mem::forget(socket);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_senders_go_on_when_one_receives() {
    some_senders(&["one", "other"]);
}

fn three_senders_go_on_when_one_receives() {
    some_senders(&["one", "another", "the third"]);
}

fn some_senders(names: &[&str]) {
    let machine = Small::new();
    let receiver = machine.task("receiver");
    let source = machine.bound(receiver, "box", Kind::Datagram, sizes(1));
    let senders = names.iter().map(|name| {
        let sender = machine.task(name);
        (sender, machine.bound(sender, &format!("of {name}"), Kind::Datagram, sizes(1)))
    });
    let senders: Vec<_> = senders.collect();
    let others = senders.into_iter().map(|(sender, sink)| {
        machine.spawn_alive(sender, async move |sys| {
            let socket = Datagram::new(sys, sink);
            socket.send_to("box", b"a").await?;
            core::mem::forget(socket);
            Ok(())
        })
    });
    let others: Vec<_> = others.collect();
    machine.run_alive(receiver, async |sys| {
        let socket = Datagram::new(sys, source);
        for _ in names {
            assert!(socket.receive(&mut [0]).await?.is_some());
        }
        core::mem::forget(socket);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn datagrams_cross_between_two_that_are_connected() {
    let machine = Small::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let [mine, yours] = machine.pair(left, right, Kind::Datagram, sizes(1));
    let other = machine.spawn_alive(left, async move |sys| both_ways(sys, mine).await);
    machine.run_alive(right, async move |sys| both_ways(sys, yours).await);
    other.join().unwrap();
    machine.check();
}

async fn both_ways(sys: Sys<'_>, handle: Handle) -> Result<()> {
    let socket = Datagram::new(sys, handle);
    socket.send(b"a").await?;
    assert_eq!(socket.receive(&mut [0]).await?.map(|message| message.length), Some(1));
    core::mem::forget(socket);
    Ok(())
}

fn who_waits_for_room_in_a_socket_that_closes_is_refused() {
    let machine = Small::new();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let [sink, source] = machine.pair(sender, receiver, Kind::Datagram, sizes(1));
    let other = machine.spawn(sender, async move |sys| {
        let socket = Datagram::new(sys, sink);
        // The first may find room. The second waits, or comes too late.
        let first = socket.send(b"a").await;
        assert!(matches!(first, Ok(()) | Err(Error::ConnectionRefused)));
        assert_eq!(socket.send(b"b").await, Err(Error::ConnectionRefused));
        core::mem::forget(socket);
        Ok(())
    });
    machine.run(receiver, async move |sys| Datagram::new(sys, source).close().await);
    other.join().unwrap();
    machine.check();
}

fn sequenced_messages_arrive_with_room_for_one() {
    sequenced_messages_arrive(1, &[b"ab", b"c"]);
}

fn sequenced_messages_arrive_with_room_for_two() {
    sequenced_messages_arrive(2, &[b"ab", b"c", b"def"]);
}

fn a_sequenced_socket_tells_the_end_from_an_empty_message() {
    sequenced_messages_arrive(1, &[b""]);
}

/// These, and then the end.
fn sequenced_messages_arrive(most: usize, messages: &'static [&'static [u8]]) {
    let machine = Small::new();
    let (sender, receiver) = (machine.task("sender"), machine.task("receiver"));
    let [sink, source] = machine.pair(sender, receiver, Kind::Sequenced, sizes(most));
    let other = machine.spawn(sender, async move |sys| {
        let socket = Sequenced::new(sys, sink);
        for message in messages {
            socket.send(message).await?;
        }
        core::mem::forget(socket);
        Ok(())
    });
    machine.run(receiver, async move |sys| {
        let socket = Sequenced::new(sys, source);
        let mut buffer = [0; 8];
        for message in messages {
            let Some(received) = socket.receive(&mut buffer).await? else { panic!("an end") };
            assert_eq!(&buffer[..received.copied], *message);
        }
        assert_eq!(socket.receive(&mut buffer).await, Ok(None));
        core::mem::forget(socket);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}
