//! Stream sockets, of both families.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};

use postroom::{Error, Result, Rights, Stream, Sys, Ticks};

use crate::{Tasks, leak, on_both, tcp};

/// Runs a test for each family: `name` is where a server can be.
fn for_each_family(test: impl for<'t> Fn(&mut Tasks<'_, 't>, &'static str)) {
    on_both(|tasks| test(tasks, tasks.name("unix", "s")));
    on_both(|tasks| test(tasks, tcp("127.0.0.1")));
    if TcpListener::bind("[::1]:0").is_ok() {
        on_both(|tasks| test(tasks, tcp("::1")));
    }
}

/// Two sockets that are connected, and nothing that listens.
async fn connected<'k>(sys: Sys<'k>, name: &str) -> Result<(Stream<'k>, Stream<'k>)> {
    let listener = sys.stream(8).await?;
    listener.bind(name).await?;
    let listener = listener.listen(1).await?;
    let client = sys.stream(8).await?;
    client.connect(name).await?;
    Ok((client, listener.accept().await?))
}

#[test]
fn law_50_bytes_go_both_ways_and_one_side_can_end_first() {
    for_each_family(|tasks, name| {
        tasks.spawn("server", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(4).await?;
            sys.send("client", b"").await?;
            let client = listener.accept().await?;
            let mut question = vec![0; 400_000];
            assert_eq!(client.read_full(&mut question).await, Ok(300_000));
            client.write_all(&question[..300_000]).await
        });
        tasks.spawn("client", async move |sys| {
            sys.receive(&mut []).await?;
            let server = sys.stream(8).await?;
            server.connect(name).await?;
            server.write_all(&vec![7; 300_000]).await?;
            server.shutdown(Rights::WRITE).await?;
            assert_eq!(server.write(b"!").await, Err(Error::BrokenPipe));
            let mut answer = vec![0; 400_000];
            assert_eq!(server.read_full(&mut answer).await, Ok(300_000));
            assert_eq!(server.read(&mut answer).await, Ok(0));
            Ok(())
        });
    });
}

#[test]
fn plain_clients_are_served_by_a_task() {
    for_each_family(|tasks, name| {
        let (ready, wait) = std::sync::mpsc::channel();
        tasks.spawn("server", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(2).await?;
            ready.send(()).unwrap();
            for _ in 0..3 {
                let client = listener.accept().await?;
                let mut buffer = [0; 64];
                let count = client.read_full(&mut buffer).await?;
                client.write_all(&buffer[..count]).await?;
            }
            Ok(())
        });
        tasks.outside(move || {
            wait.recv().unwrap();
            for text in ["one", "two", ""] {
                let mut answer = String::new();
                match name.split_once(':').unwrap() {
                    ("unix", path) => {
                        let mut server = UnixStream::connect(path).unwrap();
                        server.write_all(text.as_bytes()).unwrap();
                        server.shutdown(Shutdown::Write).unwrap();
                        server.read_to_string(&mut answer).unwrap();
                    }
                    (_, address) => {
                        let mut server = TcpStream::connect(address).unwrap();
                        server.write_all(text.as_bytes()).unwrap();
                        server.shutdown(Shutdown::Write).unwrap();
                        server.read_to_string(&mut answer).unwrap();
                    }
                }
                assert_eq!(answer, text);
            }
        });
    });
}

#[test]
fn a_task_is_a_client_of_a_plain_server() {
    on_both(|tasks| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let by_name = leak(format!("tcp:localhost:{port}"));
        tasks.spawn("client", async move |sys| {
            // The first address of this name may be another one than the server's.
            let server = sys.stream(8).await?;
            server.connect(by_name).await?;
            let mut buffer = [0; 8];
            assert_eq!(server.read_full(&mut buffer).await, Ok(5));
            assert_eq!(server.connect(by_name).await, Err(Error::Busy));
            Ok(())
        });
        tasks.outside(move || listener.accept().unwrap().0.write_all(b"hello").unwrap());
    });
}

#[test]
fn law_46_who_cannot_be_reached_and_why() {
    on_both(|tasks| {
        let (unix, other) = (tasks.name("unix", "s"), tasks.name("unix", "none"));
        let (sequenced, dir) = (tasks.name("unix-seqpacket", "s"), tasks.name("unix", "."));
        tasks.spawn("task", async move |sys| {
            let client = sys.stream(8).await?;
            assert_eq!(client.connect(other).await, Err(Error::NoSuchName));
            assert_eq!(client.read(&mut [0]).await, Err(Error::NotConnected));
            assert_eq!(client.write(b"!").await, Err(Error::NotConnected));
            assert_eq!(client.shutdown(Rights::READ).await, Err(Error::NotConnected));
            let server = sys.stream(8).await?;
            server.bind(unix).await?;
            assert_eq!(server.bind(other).await, Err(Error::BadArgument));
            assert_eq!(client.connect(unix).await, Err(Error::ConnectionRefused));
            let another = sys.sequenced(1, 8).await?;
            assert_eq!(another.connect(sequenced).await, Err(Error::WrongKind));
            assert_eq!(client.connect(sequenced).await, Err(Error::WrongKind));
            assert_eq!(client.connect("tcp:127.0.0.1:1").await, Err(Error::WrongKind));
            assert_eq!(client.connect(dir).await, Err(Error::ConnectionRefused));
            let listener = server.listen(1).await?;
            client.connect(unix).await?;
            assert_eq!(client.connect(unix).await, Err(Error::Busy));
            assert_eq!(listener.accept().try_now().await.map(drop), Ok(()));
            assert_eq!(listener.accept().try_now().await.err(), Some(Error::WouldBlock));
            Ok(())
        });
    });
}

#[test]
fn law_46_differs_a_port_without_listener_is_refused() {
    on_both(|tasks| {
        let name = tcp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let client = sys.stream(8).await?;
            assert_eq!(client.connect(name).await, Err(Error::ConnectionRefused));
            Ok(())
        });
    });
}

#[test]
fn law_46_a_name_in_use_is_refused() {
    for_each_family(|tasks, name| {
        tasks.spawn("task", async move |sys| {
            let first = sys.stream(8).await?;
            first.bind(name).await?;
            let first = first.listen(1).await?;
            let second = sys.stream(8).await?;
            assert_eq!(second.bind(name).await, Err(Error::AddressInUse));
            first.close().await?;
            let third = sys.stream(8).await?;
            third.bind(name).await?;
            assert_eq!(third.listen(0).await.err(), Some(Error::BadArgument));
            let unnamed = sys.stream(8).await?;
            assert_eq!(unnamed.connect(name).await, Err(gone(name)));
            assert_eq!(unnamed.listen(1).await.err(), Some(Error::BadArgument));
            Ok(())
        });
    });
}

/// What a client is told when a server has gone: a path goes with it.
fn gone(name: &str) -> Error {
    if name.starts_with("unix") { Error::NoSuchName } else { Error::ConnectionRefused }
}

#[test]
fn law_47_a_backlog_holds_what_it_is_made_for_and_who_comes_later_waits() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("server", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(2).await?;
            let mut clients = Vec::new();
            for _ in 0..2 {
                let client = sys.stream(8).await?;
                client.connect(name).try_now().await?;
                clients.push(client);
            }
            let late = sys.stream(8).await?;
            assert_eq!(late.connect(name).try_now().await, Err(Error::WouldBlock));
            assert_eq!(late.connect(name).within(Ticks(20)).await, Err(Error::TimedOut));
            sys.send("client", b"").await?;
            sys.receive(&mut []).within(Ticks(20)).await.expect_err("it waits");
            for _ in 0..3 {
                clients.push(listener.accept().await?);
            }
            late.connect(name).await?;
            Ok(())
        });
        tasks.spawn("client", async move |sys| {
            sys.receive(&mut []).await?;
            let client = sys.stream(8).await?;
            client.connect(name).await?;
            Ok(())
        });
    });
}

#[test]
fn law_11_differs_a_connection_over_tcp_that_was_given_up_goes_on() {
    on_both(|tasks| {
        let (name, other) = (tcp("127.0.0.1"), tcp("127.0.0.1"));
        tasks.spawn("task", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            let first = sys.stream(8).await?;
            first.connect(name).await?;
            let late = sys.stream(8).await?;
            assert_eq!(late.connect(name).try_now().await, Err(Error::WouldBlock));
            assert_eq!(late.connect(name).within(Ticks(5)).await, Err(Error::TimedOut));
            assert_eq!(late.connect(other).await, Err(Error::Busy));
            listener.accept().await?;
            late.connect(name).await
        });
    });
}

#[test]
fn law_48_a_client_that_has_left_is_accepted_with_what_it_said() {
    for_each_family(|tasks, name| {
        tasks.spawn("task", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            let client = sys.stream(8).await?;
            client.connect(name).await?;
            client.write_all(b"bye").await?;
            drop(client);
            let client = listener.accept().await?;
            let mut buffer = [0; 8];
            assert_eq!(client.read_full(&mut buffer).await, Ok(3));
            assert_eq!(client.read(&mut buffer).await, Ok(0));
            assert!(client.readiness().await?.hung_up);
            Ok(())
        });
    });
}

#[test]
fn law_49_closing_a_listener_resets_those_who_wait_for_it() {
    for_each_family(|tasks, name| {
        tasks.spawn("task", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(2).await?;
            let client = sys.stream(8).await?;
            client.connect(name).await?;
            listener.close().await?;
            assert_eq!(client.read(&mut [0]).await, Err(Error::ConnectionReset));
            assert_eq!(client.read(&mut [0]).await, Ok(0));
            Ok(())
        });
    });
}

#[test]
fn law_50_a_peer_that_reads_no_more_breaks_the_pipe() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            server.shutdown(Rights::READ).await?;
            assert_eq!(client.write(b"!").await, Err(Error::BrokenPipe));
            server.write_all(b"still").await?;
            assert_eq!(client.read(&mut [0; 8]).await, Ok(5));
            Ok(())
        });
    });
}

#[test]
fn law_50_differs_tcp_does_not_tell_who_writes() {
    on_both(|tasks| {
        let name = tcp("127.0.0.1");
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            server.shutdown(Rights::READ).await?;
            assert_eq!(client.write(b"!").await, Ok(1));
            assert_eq!(client.write(b"!").await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_51_who_closes_with_input_unread_resets_the_peer() {
    for_each_family(|tasks, name| {
        tasks.spawn("task", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            client.write_all(b"unread").await?;
            let mut set = [server.entry().wanting(Rights::READ)];
            sys.poll(&mut set).await?;
            drop(server);
            assert_eq!(client.read(&mut [0]).await, Err(Error::ConnectionReset));
            assert_eq!(client.read(&mut [0]).await, Ok(0));
            assert_eq!(client.write(b"!").await, Err(Error::BrokenPipe));
            Ok(())
        });
    });
}

#[test]
fn law_37_differs_a_stream_that_was_shut_down_stays_writable() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let (client, _server) = connected(sys, name).await?;
            client.shutdown(Rights::WRITE).await?;
            let ready = client.readiness().await?;
            assert!(ready.writable && !ready.error);
            assert_eq!(client.write(b"!").await, Err(Error::BrokenPipe));
            Ok(())
        });
    });
}

#[test]
fn law_35_a_writer_that_waits_learns_that_its_peer_has_gone() {
    for_each_family(|tasks, name| {
        tasks.spawn("writer", async move |sys| {
            let (client, server) = connected(sys, name).await?;
            let handle = server.give("peer").await?;
            let parts = [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()];
            sys.send("peer", &parts.concat()).await?;
            let bytes = vec![0; 16 << 20];
            let count = client.write(&bytes).await?;
            assert!(count < bytes.len());
            let error = client.write(&bytes).await;
            assert!(matches!(error, Err(Error::BrokenPipe | Error::ConnectionReset)), "{error:?}");
            Ok(())
        });
        tasks.spawn("peer", async |sys| {
            let mut buffer = [0; 10];
            sys.receive(&mut buffer).await?;
            let slot = u16::from_le_bytes(buffer[..2].try_into().unwrap());
            let serial = u64::from_le_bytes(buffer[2..].try_into().unwrap());
            let stream = Stream::new(sys, postroom::Handle::from_parts(slot, serial));
            stream.read(&mut [0; 100]).await?;
            sys.sleep(Ticks(10)).await
        });
    });
}

#[test]
fn law_68_a_stale_socket_file_is_replaced_and_a_live_one_is_in_use() {
    on_both(|tasks| {
        let (name, path) = (tasks.name("unix", "s"), tasks.path("s"));
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        tasks.spawn("task", async move |sys| {
            let server = sys.stream(8).await?;
            server.bind(name).await?;
            let server = server.listen(1).await?;
            UnixStream::connect(&path).unwrap();
            server.accept().await?;
            drop(server);
            assert!(!path.exists());

            let live = UnixListener::bind(&path).unwrap();
            live.set_nonblocking(true).unwrap();
            let server = sys.stream(8).await?;
            assert_eq!(server.bind(name).await, Err(Error::AddressInUse));
            // The live one was not disturbed.
            assert!(live.accept().is_err());
            assert!(path.exists());
            drop(live);
            std::fs::remove_file(&path).unwrap();

            std::fs::write(&path, "a file").unwrap();
            assert_eq!(server.bind(name).await, Err(Error::AddressInUse));
            assert_eq!(sys.unlink(name).await, Err(Error::WrongKind));
            std::fs::remove_file(&path).unwrap();
            Ok(())
        });
    });
}

#[test]
fn law_68_the_file_of_someone_else_is_not_removed() {
    on_both(|tasks| {
        let (name, path) = (tasks.name("unix", "s"), tasks.path("s"));
        tasks.spawn("task", async move |sys| {
            let server = sys.stream(8).await?;
            server.bind(name).await?;
            sys.unlink(name).await?;
            assert_eq!(sys.unlink(name).await, Err(Error::NoSuchName));
            let _other = UnixListener::bind(&path).unwrap();
            drop(server);
            assert!(path.exists());
            std::fs::remove_file(&path).unwrap();
            Ok(())
        });
    });
}
