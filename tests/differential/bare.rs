//! Pipes once more, against plain system calls without our devices between.

use std::os::fd::OwnedFd;

use postroom::{Error, Kind, NoDevices, Readiness, Rights, Sizes};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, read, write};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use crate::config::config;
use crate::op::{Bytes, Op};
use crate::seen::{Seen, What};
use crate::side::Side;

const PAGE: usize = 4096;
const MOST: usize = 3 * PAGE;
const RING: usize = MOST + 512;

/// The ends that are open, and which way they go.
struct Bare(Vec<Option<(Rights, OwnedFd)>>);

impl Bare {
    fn new() -> Self {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).unwrap();
        fcntl_setpipe_size(&writer, 16 * PAGE).unwrap();
        Self(vec![Some((Rights::READ, reader)), Some((Rights::WRITE, writer))])
    }

    fn perform(&mut self, op: Op) -> Seen {
        let (mut bytes, end) = (Vec::new(), op.end().unwrap());
        let Some((rights, fd)) = &self.0[end] else {
            return Seen { answer: Err(Error::BadHandle), bytes };
        };
        let answer = match op {
            Op::Read { length, .. } => {
                bytes = vec![0; length];
                let read = read(fd, &mut bytes[..]);
                bytes.truncate(read.unwrap_or(0));
                read.map(What::Count)
            }
            Op::Write { bytes, .. } => write(fd, Bytes::get(bytes)).map(What::Count),
            Op::Duplicate { .. } => {
                let (rights, fd) = (*rights, fcntl_dupfd_cloexec(fd, 0).unwrap());
                self.0.push(Some((rights, fd)));
                Ok(What::Opened)
            }
            Op::Close { .. } => {
                self.0[end] = None;
                Ok(What::Done)
            }
            _ => {
                let mut set = [PollFd::new(fd, PollFlags::IN | PollFlags::OUT)];
                poll(&mut set, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
                let now = set[0].revents();
                Ok(What::Ready(Readiness {
                    readable: now.intersects(PollFlags::IN | PollFlags::HUP),
                    writable: now.contains(PollFlags::OUT),
                    hung_up: now.contains(PollFlags::HUP),
                    error: now.contains(PollFlags::ERR),
                }))
            }
        };
        let answer = answer.map_err(|errno| match errno {
            Errno::AGAIN => Error::WouldBlock,
            Errno::PIPE => Error::BrokenPipe,
            // Of an end that goes the other way.
            Errno::BADF => Error::NoRight,
            other => panic!("{op}: {other}"),
        });
        Seen { answer, bytes }
    }
}

fn steps(draws: &[(u8, u8, u8)]) -> Vec<Op> {
    let (mut ends, mut counter) = (2, 0);
    let step = |&(what, which, how): &(u8, u8, u8)| {
        let end = usize::from(which) % ends;
        let length = [0, 1, 2, 511, 512, 513, 4095, 4096, 4097][usize::from(how) % 9];
        match what % 16 {
            0 | 1 => Op::Close { end },
            2 if ends < 14 => {
                ends += 1;
                Op::Duplicate { end }
            }
            2..=5 => Op::Readiness { end },
            6..=10 if counter + length <= MOST => {
                counter += length;
                Op::Write { end, bytes: Bytes { from: counter - length, length } }
            }
            _ => Op::Read { end, length },
        }
    };
    draws.iter().map(step).collect()
}

#[test]
fn pipes_and_plain_system_calls() {
    let config = config(1, 0);
    let cases = config.cases;
    let step = (0..=u8::MAX, 0..=u8::MAX, 0..=u8::MAX);
    let scripts = proptest::collection::vec(step, 1..=40).prop_map(|draws| steps(&draws));
    let played = TestRunner::new(config).run(&scripts, |steps| {
        let what = (Kind::Pipe, Sizes::Bytes(RING));
        let mut ours = Side::<NoDevices, 8, RING>::new(NoDevices, vec!["p".into()], what, 1);
        for rights in [Rights::READ, Rights::WRITE] {
            ours.perform(0, Op::Open { label: 0, rights, exclusive: false });
            let (_, _, handle) = ours.actors[0].said.take().unwrap();
            ours.handles.extend(handle);
        }
        let (mut bare, mut text) = (Bare::new(), String::new());
        for op in steps {
            if op.end().is_some_and(|end| end >= ours.handles.len()) {
                continue;
            }
            ours.perform(0, op);
            let (_, our, handle) = ours.actors[0].said.take().unwrap();
            ours.handles.extend(handle);
            let their = bare.perform(op);
            text += &format!("\n{op}\n   kernel {our:?}\n   system {their:?}");
            if our != their {
                return Err(TestCaseError::fail(text));
            }
        }
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("pipe and plain system calls: {failure}"));
    println!("pipe and plain system calls: {cases} scripts agree");
}
