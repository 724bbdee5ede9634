//! Sequenced sockets: messages over a connection.

use postroom::{Error, Result, Rights, Sequenced, Sys};

use crate::on_both;

async fn connected<'k>(sys: Sys<'k>, name: &str) -> Result<(Sequenced<'k>, Sequenced<'k>)> {
    let listener = sys.sequenced(1, 8).await?;
    listener.bind(name).await?;
    let listener = listener.listen(1).await?;
    let client = sys.sequenced(1, 8).await?;
    client.connect(name).await?;
    Ok((client, listener.accept().await?))
}

#[test]
fn law_58_an_empty_message_is_told_from_the_end_of_file() {
    on_both(|tasks| {
        let name = tasks.name("unix-seqpacket", "s");
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            for (from, to) in [(&client, &server), (&server, &client)] {
                from.send(b"one").await?;
                from.send(b"").await?;
                from.send(b"three").await?;
                from.send(b"").await?;
                from.shutdown(Rights::WRITE).await?;
                let mut buffer = [0; 8];
                for length in [3, 0, 5, 0] {
                    let message = to.receive(&mut buffer).await?;
                    assert_eq!(message.map(|it| it.length), Some(length));
                }
                assert_eq!(to.receive(&mut buffer).await, Ok(None));
                assert_eq!(to.receive(&mut buffer).await, Ok(None));
            }
            Ok(())
        });
    });
}

#[test]
fn law_56_a_short_buffer_gets_the_prefix_and_the_length() {
    on_both(|tasks| {
        let name = tasks.name("unix-seqpacket", "s");
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            client.send(b"Hello World!").await?;
            client.send(b"next").await?;
            let mut buffer = [0; 5];
            let message = server.receive(&mut buffer).await?.unwrap();
            assert_eq!((message.copied, message.length, &buffer), (5, 12, b"Hello"));
            let message = server.receive(&mut []).await?.unwrap();
            assert_eq!((message.copied, message.length), (0, 4));
            assert_eq!(client.send(&vec![0; 1 << 20]).await, Err(Error::MessageTooLong));
            assert_eq!(client.connect(name).await, Err(Error::Busy));
            drop(server);
            assert_eq!(client.send(b"!").await, Err(Error::BrokenPipe));
            let unconnected = sys.sequenced(1, 8).await?;
            unconnected.bind("unix-seqpacket:").await.expect_err("no path");
            assert_eq!(unconnected.send(b"!").await, Err(Error::NotConnected));
            Ok(())
        });
    });
}

#[test]
fn law_55_a_full_peer_is_waited_for() {
    on_both(|tasks| {
        let name = tasks.name("unix-seqpacket", "s");
        tasks.spawn("sender", async move |sys| {
            let server = sys.sequenced(1, 8).await?;
            server.bind(name).await?;
            let listener = server.listen(1).await?;
            sys.send("receiver", b"").await?;
            let peer = listener.accept().await?;
            for i in 0..2000u32 {
                peer.send(&i.to_le_bytes()).await?;
            }
            Ok(())
        });
        tasks.spawn("receiver", async move |sys| {
            sys.receive(&mut []).await?;
            let client = sys.sequenced(1, 8).await?;
            client.connect(name).await?;
            let mut buffer = [0; 4];
            let mut next = 0u32;
            while client.receive(&mut buffer).await?.is_some() {
                assert_eq!(u32::from_le_bytes(buffer), next);
                next += 1;
            }
            assert_eq!(next, 2000);
            Ok(())
        });
    });
}

#[test]
fn law_51_differs_a_reset_comes_before_what_was_sent() {
    on_both(|tasks| {
        let name = tasks.name("unix-seqpacket", "s");
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            client.send(b"unread").await?;
            server.send(b"last words").await?;
            drop(server);
            let mut buffer = [0; 16];
            assert_eq!(client.receive(&mut buffer).await, Err(Error::ConnectionReset));
            let message = client.receive(&mut buffer).await?;
            assert_eq!(message.map(|it| it.length), Some(10));
            assert_eq!(client.receive(&mut buffer).await, Ok(None));
            Ok(())
        });
    });
}
