//! The least kernel: channels, and who is ready.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use postroom::Lock;

/// The number of a task.
pub type Task = usize;

/// What stands around the kernel: a spin lock, or for one core nothing but a flag.
pub trait Around<T> {
    /// Puts it around.
    fn new(inside: T) -> Self;
    /// Lets `f` in, alone.
    fn enter<R>(&self, f: impl FnOnce(&mut T) -> R) -> R;
}

impl<T> Around<T> for Lock<T> {
    fn new(inside: T) -> Self {
        Self::new(inside)
    }

    #[inline]
    fn enter<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.with(f)
    }
}

impl<T> Around<T> for RefCell<T> {
    fn new(inside: T) -> Self {
        Self::new(inside)
    }

    #[inline]
    fn enter<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.borrow_mut())
    }
}

/// The kernel.
pub struct Kernel {
    channels: Vec<Channel>,
    ready: VecDeque<Task>,
}

/// Slots of a channel, a power of two.
pub(super) const SLOTS: usize = 64;

/// A ring of slots for messages of up to `longest` bytes. The positions are counted on.
struct Channel {
    bytes: Box<[u8]>,
    lengths: [u32; SLOTS],
    longest: usize,
    sent: usize,
    received: usize,
    waiting: VecDeque<Task>,
}

impl Kernel {
    /// A kernel with so many channels for messages of up to so many bytes.
    pub fn new(channels: usize, longest: usize) -> Self {
        let longest = black_box(longest);
        let channel = || Channel {
            bytes: vec![0; SLOTS * longest].into(),
            lengths: [0; SLOTS],
            longest,
            sent: 0,
            received: 0,
            waiting: VecDeque::new(),
        };
        Self { channels: (0..channels).map(|_| channel()).collect(), ready: VecDeque::new() }
    }

    /// Sends, or notes that the task waits. It stands where it is called: a call would be most of it.
    #[inline(always)]
    fn send(&mut self, task: Task, channel: usize, message: &[u8]) -> Poll<()> {
        let channel = &mut self.channels[channel];
        if channel.sent.wrapping_sub(channel.received) == SLOTS {
            channel.waiting.push_back(task);
            return Poll::Pending;
        }
        let slot = channel.sent % SLOTS;
        let at = slot * channel.longest;
        channel.bytes[at..at + channel.longest][..message.len()].copy_from_slice(message);
        channel.lengths[slot] = message.len() as u32;
        channel.sent += 1;
        if let Some(task) = channel.waiting.pop_front() {
            self.ready.push_back(task);
        }
        Poll::Ready(())
    }

    /// Receives, or notes that the task waits.
    #[inline(always)]
    fn receive(&mut self, task: Task, channel: usize, buffer: &mut [u8]) -> Poll<usize> {
        let channel = &mut self.channels[channel];
        if channel.sent == channel.received {
            channel.waiting.push_back(task);
            return Poll::Pending;
        }
        let slot = channel.received % SLOTS;
        let (at, length) = (slot * channel.longest, channel.lengths[slot] as usize);
        buffer[..length].copy_from_slice(&channel.bytes[at..at + length]);
        channel.received += 1;
        if let Some(task) = channel.waiting.pop_front() {
            self.ready.push_back(task);
        }
        Poll::Ready(length)
    }
}

/// Sends a message.
#[inline]
pub(super) fn send(
    kernel: &impl Around<Kernel>,
    task: Task,
    channel: usize,
    message: &[u8],
) -> impl Future<Output = ()> {
    poll_fn(move |_| kernel.enter(|kernel| kernel.send(task, channel, message)))
}

/// Receives a message, and returns its length.
#[inline]
pub(super) fn receive(
    kernel: &impl Around<Kernel>,
    task: Task,
    channel: usize,
    buffer: &mut [u8],
) -> impl Future<Output = usize> {
    poll_fn(move |_| kernel.enter(|kernel| kernel.receive(task, channel, buffer)))
}

/// Lets all other tasks run first.
pub(super) async fn step_aside(kernel: &impl Around<Kernel>, task: Task) {
    kernel.enter(|kernel| kernel.ready.push_back(task));
    let mut stepped = false;
    poll_fn(
        |_| {
            if std::mem::replace(&mut stepped, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

/// The least executor: runs those who are ready until nobody is. A task is its place in `tasks`.
pub(super) fn run<'t>(
    kernel: &impl Around<Kernel>,
    tasks: Vec<Pin<Box<dyn Future<Output = ()> + 't>>>,
) {
    kernel.enter(|kernel| kernel.ready.extend(0..tasks.len()));
    let mut tasks: Vec<_> = tasks.into_iter().map(Some).collect();
    let mut context = Context::from_waker(Waker::noop());
    while let Some(task) = kernel.enter(|kernel| kernel.ready.pop_front()) {
        let place = &mut tasks[task];
        if let Some(body) = place
            && body.as_mut().poll(&mut context).is_ready()
        {
            *place = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sender that is often too fast, and a receiver that is often too slow, in a ring that goes round.
    fn every_message_arrives<A: Around<Kernel>>() {
        let kernel = &A::new(Kernel::new(1, 8));
        let messages = |count: u8| (0..count).map(|at| vec![at; usize::from(at % 9)]);
        let received = &RefCell::new(Vec::new());
        let receiver = async move {
            let mut buffer = [0; 8];
            for _ in messages(200) {
                let length = receive(kernel, 0, 0, &mut buffer).await;
                received.borrow_mut().push(buffer[..length].to_vec());
            }
        };
        let sender = async move {
            for message in messages(200) {
                send(kernel, 1, 0, &message).await;
            }
        };
        run(kernel, vec![Box::pin(receiver), Box::pin(sender)]);
        assert!(received.borrow().iter().cloned().eq(messages(200)));
    }

    #[test]
    fn every_message_arrives_whole_and_in_order() {
        every_message_arrives::<Lock<_>>();
        every_message_arrives::<RefCell<_>>();
    }
}
