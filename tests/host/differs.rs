//! Differences that came out when the host was compared with the kernel's own objects.

use postroom::param::POLL;
use postroom::{Call, Error, Outcome, Peer, Priority, Rights, Sizes, TaskId, Ticks, Value, Wait};

use crate::agrees::{BOTH, Hand};
use crate::{on_both, queue_name, tcp, udp};

#[test]
fn law_05_differs_each_opening_is_a_line_of_its_own() {
    let mut hand = Hand::new();
    let mut open =
        |task, rights| hand.handle(task, Call::Open { name: "pipe:line", rights, create: None });
    let (first, second, out) = (open(0, Rights::READ), open(1, Rights::READ), open(1, BOTH));
    let wait = Wait::Forever;
    let read = Call::Read { handle: first, buffer: &mut [0], wait };
    assert_eq!(hand.call(0, read), Outcome::Blocked);
    assert_eq!(hand.answer(1, Call::Write { handle: out, bytes: b"a", wait }), Ok(Value::Count(1)));
    // Of the same priority and later, but at an end of its own.
    let read = Call::Read { handle: second, buffer: &mut [0], wait };
    assert_eq!(hand.answer(1, read), Ok(Value::Count(1)));
}

#[test]
fn law_15_differs_no_switch_follows_what_is_heard_later() {
    let mut hand = Hand::new();
    let [high, low] = hand.tasks;
    hand.kernel.set_priority(high, Priority::HIGHEST).unwrap();
    let mut open =
        |task, rights| hand.handle(task, Call::Open { name: "pipe:news", rights, create: None });
    let (input, out) = (open(0, Rights::READ), open(1, Rights::WRITE));
    let wait = Wait::Forever;
    let read = Call::Read { handle: input, buffer: &mut [0], wait };
    assert_eq!(hand.call(0, read), Outcome::Blocked);
    let write = Call::Write { handle: out, bytes: b"a", wait };
    assert_eq!(hand.call(1, write), Outcome::Complete(Ok(Value::Count(1))));
    // It runs on until it returns to its runner.
    assert_eq!(hand.kernel.syscall(low, Call::Yield), Outcome::Preempted(Ok(Value::Unit)));
    hand.look();
    assert_eq!(hand.kernel.dispatch(), Some(high));
}

#[test]
fn law_31_differs_longer_writes_are_whole() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let out = sys.open_write("pipe:page").create_new(Sizes::Bytes(1)).await?;
            let input = sys.open_read("pipe:page").await?;
            out.write_all(b"!").await?;
            assert_eq!(out.write(&[0; 4096]).try_now().await, Err(Error::WouldBlock));
            assert_eq!(input.read(&mut [0; 2]).await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_34_differs_an_end_that_could_write_is_a_writer() {
    let mut hand = Hand::new();
    let handle = hand.handle(0, Call::Open { name: "pipe:both", rights: BOTH, create: None });
    let (to, rights) = (Peer::Task(hand.tasks[1]), Rights::READ);
    let handle = hand.handle(0, Call::Give { handle, to, rights, keep: false });
    // Nobody has a right to write any more, and yet it is not the end of the file.
    let read = Call::Read { handle, buffer: &mut [0], wait: Wait::Try };
    assert_eq!(hand.answer(1, read), Err(Error::WouldBlock));
    let write = Call::Write { handle, bytes: b"a", wait: Wait::Try };
    assert_eq!(hand.answer(1, write), Err(Error::NoRight));
}

#[test]
fn law_37_differs_ones_own_shutdown_is_a_hang_up() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let (client, server) = (sys.stream(8).await?, sys.stream(8).await?);
            server.bind(name).await?;
            let listener = server.listen(1).await?;
            client.connect(name).await?;
            client.shutdown(Rights::READ).await?;
            let ready = client.readiness().await?;
            assert!(ready.readable && ready.hung_up);
            listener.accept().await.map(drop)
        });
    });
}

#[test]
fn law_39_differs_the_system_limits_a_queue() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let made = async |most, longest| {
                let name = queue_name();
                sys.open_receiver(name).create_new(Sizes::Messages { most, longest }).await.err()
            };
            // More than the system lets anybody have, and what the kernel has as well.
            assert_eq!(made(100_000, 1).await, Some(Error::BadArgument));
            assert_eq!(made(1, 0).await, Some(Error::BadArgument));
            // Longer than a ring of this kernel.
            assert_eq!(made(1, 8000).await, None);
            Ok(())
        });
    });
}

#[test]
fn law_46_differs_an_accepted_socket_has_a_name() {
    on_both(|tasks| {
        let [server, other] = ["s", "o"].map(|file| tasks.name("unix", file));
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.stream(8).await?, sys.stream(8).await?);
            listener.bind(server).await?;
            let listener = listener.listen(1).await?;
            client.connect(server).await?;
            let accepted = listener.accept().await?;
            assert_eq!(accepted.bind(other).await, Err(Error::BadArgument));
            Ok(())
        });
    });
}

#[test]
fn law_46_differs_two_sockets_of_tcp_are_bound_before_anyone_listens() {
    on_both(|tasks| {
        let name = tcp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let (one, two) = (sys.stream(8).await?, sys.stream(8).await?);
            one.bind(name).await?;
            two.bind(name).await?;
            // One that is connected to its own name talks to itself.
            one.connect(name).await?;
            one.write_all(b"echo").await?;
            let mut buffer = [0; 4];
            assert_eq!(one.read_full(&mut buffer).await, Ok(4));
            assert_eq!(&buffer, b"echo");
            Ok(())
        });
    });
}

#[test]
fn law_51_differs_tcp_has_no_reset_after_the_end() {
    on_both(|tasks| {
        let name = tcp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.stream(8).await?, sys.stream(8).await?);
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            client.connect(name).await?;
            let server = listener.accept().await?;
            server.write_all(b"unread").await?;
            sys.poll(&mut [client.entry().wanting(Rights::READ)]).await?;
            client.shutdown(Rights::WRITE).await?;
            assert_eq!(server.read(&mut [0]).await, Ok(0));
            drop(client);
            assert_eq!(server.read(&mut [0]).await, Ok(0));
            // Nor is there a connection any more that could be shut down.
            assert_eq!(server.shutdown(Rights::READ).await, Err(Error::NotConnected));
            Ok(())
        });
    });
}

#[test]
fn law_51_differs_a_sequenced_sender_is_told_of_the_reset() {
    on_both(|tasks| {
        let name = tasks.name("unix-seqpacket", "s");
        tasks.spawn("task", async move |sys| {
            for left in [&b"unread"[..], b""] {
                let (client, listener) = (sys.sequenced(1, 8).await?, sys.sequenced(1, 8).await?);
                listener.bind(name).await?;
                let listener = listener.listen(1).await?;
                client.connect(name).await?;
                let server = listener.accept().await?;
                server.send(left).await?;
                drop(client);
                // What was sent last was empty: it is not missed.
                let reset =
                    if left.is_empty() { Error::BrokenPipe } else { Error::ConnectionReset };
                assert_eq!(server.send(b"!").await, Err(reset));
                assert_eq!(server.receive(&mut [0; 8]).await, Ok(None));
            }
            Ok(())
        });
    });
}

#[test]
fn law_54_differs_no_task_is_named() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "s");
        tasks.spawn("task", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            socket.send_to(name, b"to me").await?;
            let sender = socket.receive(&mut [0; 8]).await?.map(|message| message.task);
            assert_eq!(sender, Some(TaskId::NOBODY));
            let sizes = Sizes::Messages { most: 1, longest: 8 };
            let name = queue_name();
            let receiver = sys.open_receiver(name).create_new(sizes).await?;
            sys.open_sender(name).await?.send(0, b"to me").await?;
            let sender = receiver.receive(&mut [0; 8]).await?.map(|message| message.task);
            assert_eq!(sender, Some(TaskId::NOBODY));
            Ok(())
        });
    });
}

#[test]
fn law_54_differs_the_name_is_the_one_at_the_end() {
    on_both(|tasks| {
        let [server, late] = ["s", "l"].map(|file| tasks.name("unix-datagram", file));
        tasks.spawn("task", async move |sys| {
            let (receiver, sender) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            receiver.bind(server).await?;
            sender.send_to(server, b"who?").await?;
            sender.bind(late).await?;
            let name = receiver.receive(&mut [0; 8]).await?.and_then(|message| message.name);
            assert_eq!(name.map(|name| name.as_str() == late), Some(true));
            Ok(())
        });
    });
}

#[test]
fn law_54_differs_a_sequenced_message_has_no_sender() {
    on_both(|tasks| {
        let [server, own] = ["s", "c"].map(|file| tasks.name("unix-seqpacket", file));
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.sequenced(1, 8).await?, sys.sequenced(1, 8).await?);
            listener.bind(server).await?;
            let listener = listener.listen(1).await?;
            client.bind(own).await?;
            client.connect(server).await?;
            client.send(b"who?").await?;
            let message = listener.accept().await?.receive(&mut [0; 8]).await?;
            assert_eq!(message.map(|it| (it.length, it.name)), Some((4, None)));
            Ok(())
        });
    });
}

#[test]
fn law_55_differs_sockets_have_the_sizes_of_the_system() {
    on_both(|tasks| {
        let [server, inbox] =
            [("unix", "s"), ("unix-datagram", "i")].map(|(scheme, file)| tasks.name(scheme, file));
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.stream(1).await?, sys.stream(1).await?);
            listener.bind(server).await?;
            let listener = listener.listen(1).await?;
            client.connect(server).await?;
            let _peer = listener.accept().await?;
            assert_eq!(client.write(b"longer").try_now().await, Ok(6));
            let (receiver, sender) = (sys.datagram(1, 1).await?, sys.datagram(1, 1).await?);
            receiver.bind(inbox).await?;
            for _ in 0..2 {
                assert_eq!(sender.send_to(inbox, b"longer").try_now().await, Ok(()));
            }
            Ok(())
        });
    });
}

#[test]
fn law_57_differs_a_socket_with_another_peer_refuses_the_connection() {
    on_both(|tasks| {
        let [a, b, c] = ["a", "b", "c"].map(|file| tasks.name("unix-datagram", file));
        tasks.spawn("task", async move |sys| {
            let (one, other) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            one.bind(a).await?;
            other.bind(b).await?;
            one.connect(b).await?;
            assert_eq!(sys.datagram(1, 8).await?.connect(a).await, Err(Error::NoRight));
            // Whoever leaves its peer, or finds it gone, drops what it has not read.
            other.send_to(a, b"unread").await?;
            let third = sys.datagram(1, 8).await?;
            third.bind(c).await?;
            one.connect(c).await?;
            assert_eq!(one.receive(&mut [0; 8]).try_now().await, Err(Error::WouldBlock));
            Ok(())
        });
    });
}

#[test]
fn law_57_differs_over_udp_a_peer_is_who_has_its_name() {
    on_both(|tasks| {
        let (server, client) = (udp("127.0.0.1"), udp("127.0.0.1"));
        tasks.spawn("task", async move |sys| {
            let (receiver, first) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            receiver.bind(server).await?;
            first.bind(client).await?;
            receiver.connect(client).await?;
            drop(first);
            let second = sys.datagram(1, 8).await?;
            second.bind(client).await?;
            second.send_to(server, b"heir").await?;
            assert_eq!(receiver.receive(&mut [0; 8]).await?.map(|it| it.length), Some(4));
            Ok(())
        });
    });
}

#[test]
fn law_57_differs_whose_words_are_dropped_is_told() {
    on_both(|tasks| {
        let [a, b, c] = ["a", "b", "c"].map(|file| tasks.name("unix-datagram", file));
        tasks.spawn("task", async move |sys| {
            let mut sockets = Vec::new();
            for name in [a, b, c] {
                let socket = sys.datagram(1, 8).await?;
                socket.bind(name).await?;
                sockets.push(socket);
            }
            sockets[0].connect(b).await?;
            sockets[1].connect(a).await?;
            sockets[1].send(b"lost").await?;
            sockets[0].connect(c).await?;
            assert_eq!(sockets[1].send(b"!").await, Err(Error::ConnectionReset));
            assert_eq!(sockets[1].send(b"!").await, Err(Error::NoRight));
            Ok(())
        });
    });
}

#[test]
fn law_61_differs_a_connection_takes_one_place() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.stream(8).await?, sys.stream(8).await?);
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            client.connect(name).await?;
            let _peer = listener.accept().await?;
            let mut set = [client.entry().wanting(Rights::READ); POLL];
            assert_eq!(sys.poll(&mut set).within(Ticks(1)).await, Err(Error::TimedOut));
            let mut set = [client.entry().wanting(Rights::READ); POLL + 1];
            assert_eq!(sys.poll(&mut set).await, Err(Error::BadArgument));
            Ok(())
        });
    });
}
