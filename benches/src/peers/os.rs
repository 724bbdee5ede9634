//! The operating system: pipe(7), unix(7), mq_overview(7), poll(2), epoll(7).
//!
//! Two sides are two threads. Where all runs on one core they take turns there.

use std::hint::black_box;
use std::io;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use nix::mqueue::{MQ_OFlag, MqAttr, MqdT, mq_close, mq_open, mq_receive, mq_send, mq_unlink};
use nix::sys::stat::Mode;
use rustix::event::{PollFd, PollFlags, epoll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::pipe;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::clock::Start;

/// Carries messages one way.
pub trait Line: Sync + Sized {
    /// One for messages of this length.
    ///
    /// # Errors
    /// Those of the system.
    fn new(length: usize) -> io::Result<Self>;
    /// Sends one.
    ///
    /// # Errors
    /// Those of the system.
    fn send(&self, message: &[u8]) -> io::Result<()>;
    /// Receives one that is as long as the buffer.
    ///
    /// # Errors
    /// Those of the system.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<()>;
}

/// A pipe.
pub struct Pipe(OwnedFd, OwnedFd);

impl Line for Pipe {
    fn new(_: usize) -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        Ok(Self(reader, writer))
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        let mut done = 0;
        while done < message.len() {
            done += rustix::io::write(&self.1, &message[done..])?;
        }
        Ok(())
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < buffer.len() {
            done += rustix::io::read(&self.0, &mut buffer[done..])?;
        }
        Ok(())
    }
}

/// Two sockets that keep the boundaries of messages.
pub struct Sequenced(OwnedFd, OwnedFd);

impl Line for Sequenced {
    fn new(_: usize) -> io::Result<Self> {
        let (unix, flags) = (AddressFamily::UNIX, SocketFlags::CLOEXEC);
        let (receiver, sender) = socketpair(unix, SocketType::SEQPACKET, flags, None)?;
        Ok(Self(receiver, sender))
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        rustix::io::write(&self.1, message)?;
        Ok(())
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<()> {
        rustix::io::read(&self.0, buffer)?;
        Ok(())
    }
}

/// A POSIX message queue of ten messages, as many as anyone may have.
pub struct Queue(Option<MqdT>);

impl Queue {
    fn descriptor(&self) -> &MqdT {
        self.0.as_ref().expect("it is closed when it is dropped")
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // Nothing is left to do if that fails.
        let _ = self.0.take().map(mq_close);
    }
}

impl Line for Queue {
    fn new(length: usize) -> io::Result<Self> {
        let name = format!("/postroom-bench-{}", std::process::id());
        let how = MQ_OFlag::O_RDWR | MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL;
        let attributes = MqAttr::new(0, 10, length as i64, 0);
        let queue = mq_open(&*name, how, Mode::S_IRUSR | Mode::S_IWUSR, Some(&attributes))?;
        mq_unlink(&*name)?;
        Ok(Self(Some(queue)))
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        Ok(mq_send(self.descriptor(), message, 0)?)
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<()> {
        mq_receive(self.descriptor(), buffer, &mut 0)?;
        Ok(())
    }
}

/// One thread sends to itself.
///
/// # Errors
/// Those of the system.
pub fn send_receive<L: Line>(n: u64, length: usize) -> io::Result<Duration> {
    let line = L::new(length)?;
    let (message, mut buffer) = (vec![7; length], vec![0; length]);
    let start = Start::now();
    for _ in 0..n {
        line.send(black_box(&message))?;
        line.receive(&mut buffer)?;
        black_box(&buffer);
    }
    Ok(start.elapsed())
}

/// A client and a server that answers with what it got.
///
/// # Errors
/// Those of the system.
pub fn round_trip<L: Line>(n: u64, length: usize) -> io::Result<Duration> {
    let (there, back) = (L::new(length)?, L::new(length)?);
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let mut buffer = vec![0; length];
            for _ in 0..n {
                there.receive(&mut buffer)?;
                back.send(&buffer)?;
            }
            io::Result::Ok(())
        });
        let mut buffer = vec![7; length];
        let start = Start::now();
        for _ in 0..n {
            there.send(black_box(&buffer))?;
            back.receive(&mut buffer)?;
        }
        let time = start.elapsed();
        server.join().expect("the server does not panic")?;
        Ok(time)
    })
}

/// A sender and a receiver.
///
/// # Errors
/// Those of the system.
pub fn streaming<L: Line>(n: u64, length: usize) -> io::Result<Duration> {
    let line = L::new(length)?;
    thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let message = vec![7; length];
            for _ in 0..n {
                line.send(black_box(&message))?;
            }
            io::Result::Ok(())
        });
        let mut buffer = vec![0; length];
        let start = Start::now();
        for _ in 0..n {
            line.receive(&mut buffer)?;
            black_box(&buffer);
        }
        let time = start.elapsed();
        sender.join().expect("the sender does not panic")?;
        Ok(time)
    })
}

/// Allows as many open descriptors as this process may allow itself, and returns how many.
///
/// # Errors
/// Those of the system.
pub fn descriptors() -> io::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}

/// poll(2) on so many pipes; the last one has a byte, which stays there.
///
/// # Errors
/// Those of the system.
pub fn poll(pipes: usize, n: u64) -> io::Result<Duration> {
    let pipes = (0..pipes).map(|_| Pipe::new(1)).collect::<io::Result<Vec<_>>>()?;
    pipes[pipes.len() - 1].send(b"!")?;
    let mut set: Vec<_> = pipes.iter().map(|pipe| PollFd::new(&pipe.0, PollFlags::IN)).collect();
    let start = Start::now();
    for _ in 0..n {
        assert_eq!(rustix::event::poll(black_box(&mut set), None)?, 1);
    }
    Ok(start.elapsed())
}

/// epoll(7) on the same.
///
/// # Errors
/// Those of the system.
pub fn epoll(pipes: usize, n: u64) -> io::Result<Duration> {
    let pipes = (0..pipes).map(|_| Pipe::new(1)).collect::<io::Result<Vec<_>>>()?;
    pipes[pipes.len() - 1].send(b"!")?;
    let watched = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (number, pipe) in (0..).zip(&pipes) {
        let data = epoll::EventData::new_u64(number);
        epoll::add(&watched, &pipe.0, data, epoll::EventFlags::IN)?;
    }
    let mut events = Vec::with_capacity(pipes.len());
    let start = Start::now();
    for _ in 0..n {
        events.clear();
        epoll::wait(&watched, rustix::buffer::spare_capacity(&mut events), None)?;
        assert_eq!(black_box(&events).len(), 1);
    }
    Ok(start.elapsed())
}
