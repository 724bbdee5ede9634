//! Who wants to connect and who listens meet (laws 46 to 49).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::kernel::{Call, Error, Handle, Kind, Outcome, Rights, Sizes, TaskId, Wait};
use super::super::machine::Machine;
use super::super::user::{Listener, Stream};
use crate::models;

models! {
    a_connect_and_an_accept_meet: 2 threads, every order, at least 20;
    what_is_written_before_the_accept_arrives: 2 threads, every order, at least 100;
    a_second_connection_waits_for_room_in_the_backlog: 2 threads, every order, at least 100;
    two_clients_connect_with_room_for_one: 3 threads, 3 preemptions, at least 810;
    two_clients_connect_with_room_for_two: 3 threads, 3 preemptions, at least 350;
    two_tasks_accept_one_connection_each: 3 threads, 3 preemptions, at least 120;
    who_comes_before_the_listen_is_refused: 2 threads, every order, at least 2;
    who_waits_for_a_listener_that_closes_is_refused: 2 threads, every order, at least 2;
    three_clients_connect_with_room_for_one: 4 threads, 2 preemptions, at least 8_100, deep;
}

/// Room for two connections that wait to be accepted.
type Small = Machine<128>;

const SIZES: Sizes = Sizes::Bytes(1);

/// A socket that can be connected.
fn socket(machine: &Small, task: TaskId) -> Handle {
    machine.handle(task, Call::Socket { kind: Kind::Stream, sizes: SIZES })
}

/// A listening socket, `server`.
fn listener(machine: &Small, task: TaskId, backlog: usize) -> Handle {
    let handle = machine.bound(task, "server", Kind::Stream, SIZES);
    machine.call(task, Call::Listen { handle, backlog });
    handle
}

fn a_connect_and_an_accept_meet() {
    let machine = Small::new();
    let (server, client) = (machine.task("owner"), machine.task("client"));
    let (listener, socket) = (listener(&machine, server, 1), socket(&machine, client));
    let other = machine
        .spawn_alive(client, async move |sys| Stream::new(sys, socket).connect("server").await);
    machine.run_alive(server, async move |sys| {
        <Listener<'_>>::new(sys, listener).accept().await?;
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn what_is_written_before_the_accept_arrives() {
    let machine = Small::new();
    let (server, client) = (machine.task("owner"), machine.task("client"));
    let (listener, socket) = (listener(&machine, server, 1), socket(&machine, client));
    let other = machine.spawn_alive(client, async move |sys| {
        let stream = Stream::new(sys, socket);
        stream.connect("server").await?;
        stream.write_all(b"a").await
    });
    machine.run_alive(server, async move |sys| {
        let listener = <Listener<'_>>::new(sys, listener);
        let stream = listener.accept().await?;
        let mut buffer = [0; 2];
        assert_eq!(stream.read_full(&mut buffer).await, Ok(1));
        assert_eq!(buffer[0], b'a');
        core::mem::forget((listener, stream));
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_second_connection_waits_for_room_in_the_backlog() {
    let machine = Small::new();
    let (server, client) = (machine.task("owner"), machine.task("client"));
    let listener = listener(&machine, server, 1);
    let sockets = [socket(&machine, client), socket(&machine, client)];
    let other = machine.spawn_alive(client, async move |sys| {
        for socket in sockets {
            let stream = Stream::new(sys, socket);
            stream.connect("server").await?;
            core::mem::forget(stream);
        }
        Ok(())
    });
    machine.run_alive(server, async move |sys| {
        let listener = <Listener<'_>>::new(sys, listener);
        core::mem::forget(listener.accept().await?);
        core::mem::forget(listener.accept().await?);
        core::mem::forget(listener);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn two_clients_connect_with_room_for_one() {
    some_clients(&["one", "other"], 1);
}

fn two_clients_connect_with_room_for_two() {
    some_clients(&["one", "other"], 2);
}

fn three_clients_connect_with_room_for_one() {
    some_clients(&["one", "another", "the third"], 1);
}

fn some_clients(names: &[&str], backlog: usize) {
    let machine = Small::new();
    let server = machine.task("owner");
    let listener = listener(&machine, server, backlog);
    let clients = names.iter().map(|name| machine.task(name));
    let clients = clients.map(|client| (client, socket(&machine, client))).collect::<Vec<_>>();
    let others = clients.into_iter().map(|(client, socket)| {
        machine.spawn_alive(client, async move |sys| {
            let stream = Stream::new(sys, socket);
            stream.connect("server").await?;
            core::mem::forget(stream);
            Ok(())
        })
    });
    let others: Vec<_> = others.collect();
    machine.run_alive(server, async |sys| {
        let listener = <Listener<'_>>::new(sys, listener);
        for _ in names {
            // Closed at once, so that the table of channels holds all of them.
            listener.accept().await?;
        }
        core::mem::forget(listener);
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn two_tasks_accept_one_connection_each() {
    let machine = Small::new();
    let client = machine.task("client");
    let [one, other] = ["one", "other"].map(|name| machine.task(name));
    let listener = listener(&machine, one, 2);
    let (handle, to, rights) = (listener, other.into(), Rights::READ);
    let shared = machine.handle(one, Call::Give { handle, to, rights, keep: true });
    let sockets = [socket(&machine, client), socket(&machine, client)];
    let others = [(one, listener), (other, shared)].map(|(server, listener)| {
        machine.spawn_alive(server, async move |sys| {
            let listener = <Listener<'_>>::new(sys, listener);
            core::mem::forget(listener.accept().await?);
            core::mem::forget(listener);
            Ok(())
        })
    });
    machine.run_alive(client, async move |sys| {
        for socket in sockets {
            let stream = Stream::new(sys, socket);
            stream.connect("server").await?;
            core::mem::forget(stream);
        }
        Ok(())
    });
    others.into_iter().for_each(|other| other.join().unwrap());
    machine.check();
}

fn who_comes_before_the_listen_is_refused() {
    let machine = Small::new();
    let (server, client) = (machine.task("owner"), machine.task("client"));
    let (bound, socket) =
        (machine.bound(server, "server", Kind::Stream, SIZES), socket(&machine, client));
    let connected = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&connected);
    let other = machine.spawn(client, async move |sys| {
        let stream = Stream::new(sys, socket);
        match stream.connect("server").await {
            Err(Error::ConnectionRefused) => {}
            result => {
                result?;
                told.store(true, Ordering::Relaxed);
            }
        }
        core::mem::forget(stream);
        Ok(())
    });
    machine.run(server, async move |sys| {
        let listener = Stream::new(sys, bound).listen(1).await?;
        other.join().unwrap();
        // Refused or not, the client was told the truth.
        let accepted = listener.accept().try_now().await.is_ok();
        assert_eq!(accepted, connected.load(Ordering::Relaxed));
        Ok(())
    });
    machine.check();
}

fn who_waits_for_a_listener_that_closes_is_refused() {
    let machine = Small::new();
    let (server, client) = (machine.task("owner"), machine.task("client"));
    let listener = listener(&machine, server, 1);
    let sockets = [socket(&machine, client), socket(&machine, client)];
    // The first one fills the backlog, so the second one is in line before the threads begin.
    let connect = |handle| Call::Connect { handle, to: "server", wait: Wait::Forever };
    machine.call(client, connect(sockets[0]));
    let outcome = machine.with(|kernel| kernel.syscall(client, connect(sockets[1])));
    assert_eq!(outcome, Outcome::Blocked);
    let other = machine.spawn_alive(client, async move |sys| {
        let stream = Stream::new(sys, sockets[1]);
        assert_eq!(stream.connect("server").await, Err(Error::ConnectionRefused));
        core::mem::forget(stream);
        Ok(())
    });
    machine.run_alive(server, async move |sys| <Listener<'_>>::new(sys, listener).close().await);
    other.join().unwrap();
    machine.check();
}
