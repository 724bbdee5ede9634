//! Connections made, accepted and closed.

use std::cell::Cell;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::{Duration, Instant};

use postroom::{Executor, Kernel, Lock, Priority, Result, Stop, Sys};
use rustix::net::sockopt::set_socket_linger;

use crate::clock::Start;
use crate::measure::{Contender, Role, Workload};

/// What a side can send ahead, in bytes.
const CAPACITY: usize = 256;

/// A connection from its beginning to its end, one after the other.
pub(super) fn workload() -> Workload {
    let row =
        |name, role, run: fn(u64) -> Duration| Contender { name, role, at: 1, run: Box::new(run) };
    Workload {
        id: "connect",
        title: "set-up and tear-down of a connection, both sides in one task or thread",
        axis: "at a time",
        unit: "connection",
        contenders: vec![
            row("postroom", Role::Ours, |n| ours(connections, n)),
            row("postroom, pair", Role::Ours, |n| ours(pairs, n)),
            row("AF_UNIX", Role::System, unix),
            row("AF_UNIX, pair", Role::System, unix_pair),
            row("TCP, loopback", Role::System, tcp),
        ],
        goals: Vec::new(),
    }
}

fn ours(work: impl AsyncFn(&Sys<'_>, u64) -> Result<Duration>, n: u64) -> Duration {
    let kernel = Lock::new(Kernel::<1, 8, CAPACITY>::new());
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::<_, 1>::new(&kernel);
    let body = async |sys: Sys<'_>| {
        time.set(work(&sys, n).await?);
        Ok(())
    };
    executor.spawn("task", Priority::NORMAL, body).expect("there is room for a task");
    assert!(matches!(executor.run(), Stop::Done), "nothing is waited for in vain");
    drop(executor);
    time.get()
}

async fn connections(sys: &Sys<'_>, n: u64) -> Result<Duration> {
    let listener = sys.stream(CAPACITY).await?;
    listener.bind("server").await?;
    let listener = listener.listen(1).await?;
    let start = Start::now();
    for _ in 0..n {
        let client = sys.stream(CAPACITY).await?;
        client.connect("server").await?;
        let server = listener.accept().await?;
        client.close().await?;
        server.close().await?;
    }
    Ok(start.elapsed())
}

async fn pairs(sys: &Sys<'_>, n: u64) -> Result<Duration> {
    let start = Start::now();
    for _ in 0..n {
        let (one, other) = sys.stream_pair(CAPACITY).await?;
        one.close().await?;
        other.close().await?;
    }
    Ok(start.elapsed())
}

fn unix(n: u64) -> Duration {
    // A name that is no file, and this process's alone.
    let name = format!("postroom-benches-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(name).expect("it is short");
    let listener = UnixListener::bind_addr(&address).expect("nobody else has this name");
    let start = Start::now();
    for _ in 0..n {
        let client = UnixStream::connect_addr(&address).expect("it is listened to");
        let (server, _) = listener.accept().expect("a connection waits");
        drop(client);
        drop(server);
    }
    start.elapsed()
}

fn unix_pair(n: u64) -> Duration {
    let start = Start::now();
    for _ in 0..n {
        drop(UnixStream::pair().expect("the system has two descriptors left"));
    }
    start.elapsed()
}

fn tcp(n: u64) -> Duration {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    // Part of the work is done in interrupts, which count for no program.
    let start = Instant::now();
    for _ in 0..n {
        let client = TcpStream::connect(address).expect("it is listened to");
        let (server, _) = listener.accept().expect("a connection waits");
        // Reset, not ended: an ended one keeps its port for a minute, and there are not so many.
        set_socket_linger(&client, Some(Duration::ZERO)).expect("a socket can be told");
        drop(client);
        drop(server);
    }
    start.elapsed()
}
