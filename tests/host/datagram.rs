//! Datagram sockets, of both families.

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;

use postroom::{Datagram, Error, Handle, Rights, Ticks};

use crate::{leak, on_both, udp};

#[test]
fn law_54_the_sender_is_known_by_its_name_and_can_be_answered() {
    on_both(|tasks| {
        let unix = (tasks.name("unix-datagram", "s"), tasks.name("unix-datagram", "c"));
        let long = (tasks.name("unix-datagram", "server"), tasks.name("unix-datagram", "client"));
        for (n, (server, client)) in
            [unix, long, (udp("127.0.0.1"), udp("127.0.0.1"))].into_iter().enumerate()
        {
            let (first, second) = (leak(format!("server{n}")), leak(format!("client{n}")));
            tasks.spawn(first, async move |sys| {
                let socket = sys.datagram(1, 8).await?;
                socket.bind(server).await?;
                sys.send(second, b"").await?;
                for length in [5, 0] {
                    let mut buffer = [0; 8];
                    let message = socket.receive(&mut buffer).await?.unwrap();
                    assert_eq!(message.length, length);
                    let name = message.name.unwrap();
                    match client.len() {
                        0..=23 => assert_eq!(name.as_str(), client),
                        _ => assert!(name.as_str().starts_with("unix-datagram:#")),
                    }
                    socket.send_to(name.as_str(), &buffer[..message.copied]).await?;
                }
                Ok(())
            });
            tasks.spawn(second, async move |sys| {
                sys.receive(&mut []).await?;
                let socket = sys.datagram(1, 8).await?;
                socket.bind(client).await?;
                for text in [&b"hello"[..], b""] {
                    let mut buffer = [0; 8];
                    socket.send_to(server, text).await?;
                    let answer = socket.receive(&mut buffer).await?.unwrap();
                    assert_eq!(&buffer[..answer.copied], text);
                }
                Ok(())
            });
        }
    });
}

#[test]
fn law_54_a_sender_without_a_name_has_none() {
    on_both(|tasks| {
        let (name, path) = (tasks.name("unix-datagram", "s"), tasks.path("s"));
        tasks.spawn("task", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            UnixDatagram::unbound().unwrap().send_to(b"who?", &path).unwrap();
            let mut buffer = [0; 2];
            let message = socket.receive(&mut buffer).await?.unwrap();
            assert_eq!((message.name, message.copied, message.length), (None, 2, 4));
            // The host forgets nobody but for someone new; that one it never knew.
            let unknown = socket.send_to("unix-datagram:#77", b"").await;
            assert_eq!(unknown, Err(Error::NoSuchName));
            assert_eq!(socket.bind("unix-datagram:#77").await, Err(Error::BadName));
            Ok(())
        });
    });
}

#[test]
fn law_54_differs_over_udp_everyone_has_a_name() {
    on_both(|tasks| {
        let name = udp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let (receiver, sender) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            receiver.bind(name).await?;
            sender.send_to(name, b"who?").await?;
            let from = receiver.receive(&mut [0; 8]).await?.unwrap().name.unwrap();
            receiver.send_to(from.as_str(), b"you").await?;
            assert_eq!(sender.receive(&mut [0; 8]).await?.map(|it| it.length), Some(3));
            // It has got one when it sent, and gets no other.
            assert_eq!(sender.bind(udp("127.0.0.1")).await, Err(Error::BadArgument));
            Ok(())
        });
    });
}

#[test]
fn plain_udp_code_is_answered_by_name() {
    on_both(|tasks| {
        let name = udp("127.0.0.1");
        let (ready, wait) = std::sync::mpsc::channel();
        tasks.spawn("echo", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            ready.send(()).unwrap();
            let mut buffer = [0; 64];
            let message = socket.receive(&mut buffer).await?.unwrap();
            socket.connect(message.name.unwrap().as_str()).await?;
            socket.send(&buffer[..message.copied]).await
        });
        tasks.outside(move || {
            wait.recv().unwrap();
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.send_to(b"hello", name.strip_prefix("udp:").unwrap()).unwrap();
            let mut buffer = [0; 64];
            assert_eq!(socket.recv(&mut buffer).unwrap(), 5);
        });
    });
}

#[test]
fn law_56_a_message_that_is_too_long_is_refused_whatever_the_queue() {
    on_both(|tasks| {
        let (unix, udp) = (tasks.name("unix-datagram", "s"), udp("127.0.0.1"));
        tasks.spawn("task", async move |sys| {
            for name in [unix, udp] {
                let (one, other) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
                one.bind(name).await?;
                let long = vec![0; 1 << 20];
                assert_eq!(other.send_to(name, &long).await, Err(Error::MessageTooLong));
                other.send_to(name, &long[..60_000]).await?;
                let message = one.receive(&mut [0; 10]).await?.unwrap();
                assert_eq!((message.copied, message.length), (10, 60_000));
            }
            Ok(())
        });
    });
}

#[test]
fn law_55_a_sender_waits_for_a_full_receiver_and_is_woken() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "s");
        tasks.spawn("receiver", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            sys.send("connected", b"").await?;
            sys.send("other", b"").await?;
            let mut buffer = [0; 4];
            let mut sum = 0;
            for _ in 0..400 {
                socket.receive(&mut buffer).await?;
                sum += u32::from_le_bytes(buffer);
            }
            assert_eq!(sum, 2 * (0..200).sum::<u32>());
            Ok(())
        });
        tasks.spawn("connected", async move |sys| {
            sys.receive(&mut []).await?;
            let socket = sys.datagram(1, 8).await?;
            socket.connect(name).await?;
            for i in 0..200u32 {
                socket.send(&i.to_le_bytes()).await?;
            }
            Ok(())
        });
        tasks.spawn("other", async move |sys| {
            sys.receive(&mut []).await?;
            let socket = sys.datagram(1, 8).await?;
            for i in 0..200u32 {
                socket.send_to(name, &i.to_le_bytes()).await?;
            }
            Ok(())
        });
    });
}

#[test]
fn law_60_differs_a_full_receiver_is_found_by_trying() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "s");
        tasks.spawn("task", async move |sys| {
            let (receiver, sender) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            receiver.bind(name).await?;
            let mut held = 0;
            while sender.send_to(name, b"!").try_now().await == Ok(()) {
                held += 1;
            }
            assert!(held >= 1, "{held}");
            assert!(sender.readiness().await?.writable);
            assert_eq!(sender.send_to(name, b"!").try_now().await, Err(Error::WouldBlock));
            let late = sender.send_to(name, b"!").within(Ticks(20)).await;
            assert_eq!(late, Err(Error::TimedOut));
            // One that is connected is told the truth.
            sender.connect(name).await?;
            assert!(!sender.readiness().await?.writable);
            receiver.receive(&mut []).await?;
            assert!(sender.readiness().await?.writable);
            Ok(())
        });
    });
}

#[test]
fn law_57_a_peer_that_has_gone_refuses() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "s");
        tasks.spawn("task", async move |sys| {
            let (receiver, sender) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            assert_eq!(sender.send(b"!").await, Err(Error::NotConnected));
            assert_eq!(sender.send_to(name, b"!").await, Err(Error::NoSuchName));
            receiver.bind(name).await?;
            sender.connect(name).await?;
            sender.send(b"!").await?;
            drop(receiver);
            assert_eq!(sender.send(b"!").await, Err(Error::ConnectionRefused));
            assert_eq!(sender.send(b"!").await, Err(Error::NotConnected));
            Ok(())
        });
    });
}

#[test]
fn law_57_a_connected_socket_takes_from_its_peer_alone() {
    on_both(|tasks| {
        let [a, b] = ["a", "b"].map(|file| tasks.name("unix-datagram", file));
        tasks.spawn("task", async move |sys| {
            let mut sockets = Vec::new();
            for name in [a, b] {
                let socket = sys.datagram(1, 8).await?;
                socket.bind(name).await?;
                sockets.push(socket);
            }
            sockets[0].connect(b).await?;
            let stranger = sys.datagram(1, 8).await?;
            assert_eq!(stranger.send_to(a, b"!").await, Err(Error::NoRight));
            sockets[1].send_to(a, b"!").await?;
            assert!(sockets[0].receive(&mut []).await?.is_some());
            Ok(())
        });
    });
}

#[test]
fn law_57_differs_udp_learns_late_that_nobody_is_there() {
    on_both(|tasks| {
        let name = udp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.connect(name).await?;
            assert_eq!(socket.send(b"!").await, Ok(()));
            assert_eq!(socket.receive(&mut []).await, Err(Error::ConnectionRefused));
            Ok(())
        });
    });
}

#[test]
fn law_55_differs_udp_loses_what_is_too_much() {
    on_both(|tasks| {
        let name = udp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let (receiver, sender) = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            receiver.bind(name).await?;
            let message = vec![0; 32_000];
            for _ in 0..500 {
                sender.send_to(name, &message).await?;
            }
            let mut came = 0;
            while let Ok(Some(_)) = receiver.receive(&mut []).try_now().await {
                came += 1;
            }
            assert!((1..500).contains(&came), "{came}");
            Ok(())
        });
    });
}

#[test]
fn law_02_who_waits_with_a_socket_hears_what_comes_to_its_name_on_the_host() {
    on_both(|tasks| {
        let (name, path) = (tasks.name("unix-datagram", "s"), tasks.path("s"));
        tasks.spawn("owner", async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            let shared = socket.share("other", Rights::READ).await?;
            sys.send("other", &shared.serial().to_le_bytes()).await?;
            // The other one has said that it is about to wait, and waits if nobody is in its way.
            sys.receive_from("other", &mut []).await?;
            sys.yield_now().await?;
            socket.bind(name).await?;
            UnixDatagram::unbound().unwrap().send_to(b"hello", &path).unwrap();
            // It keeps the socket until the message has been taken.
            sys.receive_from("other", &mut []).await.map(drop)
        });
        tasks.spawn("other", async move |sys| {
            let mut serial = [0; 8];
            sys.receive(&mut serial).await?;
            let handle = Handle::from_parts(0, u64::from_le_bytes(serial));
            let socket = Datagram::new(sys, handle);
            sys.send("owner", b"").await?;
            let mut buffer = [0; 8];
            let message = socket.receive(&mut buffer).await?.unwrap();
            assert_eq!(&buffer[..message.copied], b"hello");
            sys.send("owner", b"").await
        });
    });
}
