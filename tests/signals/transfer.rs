//! Many bytes through each kind of object, compared one by one.

use postroom::{Result, Sizes, Sys, Ticks};

use crate::on_both;

/// What a message has at most; a queue of the system holds ten of these.
const MESSAGE: usize = 4096;

/// After this the other task is taken to have failed.
const PATIENCE: Ticks = Ticks(60_000);

/// Bytes that are nowhere the same for long.
fn pattern(length: usize) -> Vec<u8> {
    (0..length as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// Sends so many bytes through each.
pub(crate) fn all(length: usize) {
    let dir = tempfile::tempdir().unwrap();
    let path = |scheme: &str| format!("{scheme}:{}/{scheme}", dir.path().display());
    let names = [
        "pipe:bytes".to_owned(),
        path("unix"),
        path("unix-seqpacket"),
        path("unix-datagram"),
        format!("tcp:{}", free_port()),
        format!("mq:/pr-signals-{}", std::process::id()),
    ];
    for name in names {
        // The test's own thread prints it if something fails.
        println!("{name}");
        let name = &*Box::leak(name.into_boxed_str());
        on_both(|tasks| {
            tasks.spawn("receiver", async move |sys| {
                let received = receive(sys, name, length).await?;
                assert!(received == pattern(length), "{} of {length} bytes", received.len());
                Ok(())
            });
            tasks.spawn("sender", async move |sys| send(sys, name, &pattern(length)).await);
        });
    }
}

fn free_port() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn scheme(name: &str) -> &str {
    name.split(':').next().unwrap()
}

async fn send(sys: Sys<'_>, name: &str, bytes: &[u8]) -> Result<()> {
    // There is somebody to send to.
    sys.receive_from("receiver", &mut []).within(PATIENCE).await?;
    // Of a length that no page and no buffer has.
    let parts = bytes.chunks(10_007);
    let messages = bytes.chunks(MESSAGE);
    match scheme(name) {
        "pipe" => {
            let output = sys.open_write(name).await?;
            for part in parts {
                output.write_all(part).await?;
            }
        }
        "unix" | "tcp" => {
            let stream = sys.stream(64).await?;
            stream.connect(name).await?;
            for part in parts {
                stream.write_all(part).await?;
            }
        }
        "unix-seqpacket" => {
            let socket = sys.sequenced(1, 64).await?;
            socket.connect(name).await?;
            for message in messages {
                socket.send(message).await?;
            }
        }
        "unix-datagram" => {
            let socket = sys.datagram(1, 64).await?;
            socket.connect(name).await?;
            for message in messages {
                socket.send(message).await?;
            }
        }
        _ => {
            let queue = sys.open_sender(name).await?;
            for message in messages {
                queue.send(0, message).await?;
            }
        }
    }
    Ok(())
}

async fn receive(sys: Sys<'_>, name: &str, length: usize) -> Result<Vec<u8>> {
    let mut all = vec![0; length];
    let ready = async || sys.send("sender", b"").await;
    match scheme(name) {
        "pipe" => {
            let input = sys.open_read(name).await?;
            ready().await?;
            let count = input.read_full(&mut all).await?;
            assert_eq!((count, input.read(&mut [0]).await?), (length, 0));
        }
        "unix" | "tcp" => {
            let listener = sys.stream(64).await?;
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            ready().await?;
            let stream = listener.accept().within(PATIENCE).await?;
            let count = stream.read_full(&mut all).await?;
            assert_eq!((count, stream.read(&mut [0]).await?), (length, 0));
        }
        "unix-seqpacket" => {
            let listener = sys.sequenced(1, 64).await?;
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            ready().await?;
            let socket = listener.accept().within(PATIENCE).await?;
            for place in all.chunks_mut(MESSAGE) {
                let message = socket.receive(place).within(PATIENCE).await?;
                assert_eq!(message.map(|it| it.length), Some(place.len()));
            }
            assert_eq!(socket.receive(&mut []).await?, None);
        }
        "unix-datagram" => {
            let socket = sys.datagram(1, 64).await?;
            socket.bind(name).await?;
            ready().await?;
            for place in all.chunks_mut(MESSAGE) {
                let message = socket.receive(place).within(PATIENCE).await?;
                assert_eq!(message.map(|it| it.length), Some(place.len()));
            }
        }
        _ => {
            let sizes = Sizes::Messages { most: 8, longest: MESSAGE };
            let queue = sys.open_receiver(name).create_new(sizes).await?;
            ready().await?;
            for place in all.chunks_mut(MESSAGE) {
                let message = queue.receive(place).within(PATIENCE).await?;
                assert_eq!(message.map(|it| it.length), Some(place.len()));
            }
        }
    }
    Ok(all)
}
