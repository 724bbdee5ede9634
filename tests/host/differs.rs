//! Differences that came out when the host was compared with the kernel's own objects.

use postroom::{Error, Rights, Sizes};

use crate::{on_both, tcp, udp};

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
