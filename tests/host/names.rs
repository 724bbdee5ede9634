//! Names that are none, and who may use them.

use postroom::{Error, Peer, Sizes};

use crate::on_both;

#[test]
fn malformed_names_are_refused_for_what_is_wrong_with_them() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let long = "x".repeat(200);
            let long_path = format!("unix:{long}");
            let longer = format!("pipe:{long}{long}");
            let open = [
                ("pipe:", Error::BadName),
                ("pipe:a\nb", Error::BadName),
                (longer.as_str(), Error::NameTooLong),
                ("mq:noslash", Error::BadName),
                ("fd:seven", Error::BadName),
                ("stdin:x", Error::BadName),
                ("gopher:x", Error::NoSuchName),
                ("unix:/tmp/x", Error::WrongKind),
                ("tcp:localhost:7000", Error::WrongKind),
            ];
            for (name, error) in open {
                assert_eq!(sys.open_read(name).await.err(), Some(error), "{name}");
            }
            let connect = [
                ("tcp:nowhere", Error::BadName),
                ("tcp:localhost:66000", Error::BadName),
                ("tcp:no.such.host.invalid:80", Error::NoSuchName),
                ("unix:", Error::BadName),
                (long_path.as_str(), Error::NameTooLong),
                ("unix:/no/such/place", Error::NoSuchName),
                ("unix-datagram:/tmp/x", Error::WrongKind),
                ("pipe:x", Error::WrongKind),
                ("gopher:x", Error::NoSuchName),
            ];
            for (name, error) in connect {
                let socket = sys.stream(8).await?;
                assert_eq!(socket.connect(name).await, Err(error), "{name}");
                assert_eq!(socket.bind(name).await.err(), Some(error), "{name}");
            }
            for name in ["tcp:localhost:1", "fd:0", "stdout:"] {
                assert_eq!(sys.unlink(name).await, Err(Error::Unsupported), "{name}");
            }
            Ok(())
        });
    });
}

#[test]
fn a_socket_of_the_host_reaches_no_name_in_the_kernel() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let socket = sys.stream(8).await?;
            socket.bind(name).await?;
            assert_eq!(socket.connect("chat").await, Err(Error::NoSuchName));
            let named = sys.stream(8).await?;
            named.bind("chat").await?;
            assert_eq!(named.connect(name).await, Err(Error::BadArgument));
            Ok(())
        });
    });
}

#[test]
fn law_65_differs_nobody_can_be_named() {
    on_both(|tasks| {
        let (path, queue) = (tasks.name("unix", "s"), crate::queue_name());
        tasks.spawn("task", async move |sys| {
            let friends = [Peer::Name("task")];
            let bytes = Sizes::Bytes(8);
            let pipe = sys.open_read("pipe:x").create_new(bytes).only(&friends).await;
            assert_eq!(pipe.err(), Some(Error::Unsupported));
            let messages = Sizes::Messages { most: 1, longest: 8 };
            let made = sys.open_sender(queue).create_new(messages).only(&friends).await;
            assert_eq!(made.err(), Some(Error::Unsupported));
            let socket = sys.stream(8).await?;
            assert_eq!(socket.bind_only(path, &friends).await, Err(Error::Unsupported));
            socket.bind(path).await
        });
    });
}

#[test]
fn a_hundred_strangers_are_answered_and_few_are_remembered() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "server");
        tasks.spawn("task", async move |sys| {
            let server = sys.datagram(1, 8).await?;
            server.bind(name).await?;
            let mut first = None;
            for i in 0..100 {
                let client = sys.datagram(1, 8).await?;
                let own = format!("{name}-{i}");
                client.bind(&own).await?;
                client.send_to(name, b"hello").await?;
                let from = server.receive(&mut [0; 8]).await?.unwrap().name.unwrap();
                server.send_to(from.as_str(), b"welcome").await?;
                assert_eq!(client.receive(&mut [0; 8]).await?.map(|it| it.length), Some(7));
                first.get_or_insert(from);
            }
            let forgotten = server.send_to(first.unwrap().as_str(), b"").await;
            assert_eq!(forgotten, Err(Error::NoSuchName));
            Ok(())
        });
    });
}
