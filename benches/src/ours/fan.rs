//! Many senders and one receiver, or one sender and many receivers.

use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, NoDevices, Priority, Trace};

use super::{SLOTS, expect, expect_done};
use crate::clock::{Clock, scale, share};

/// All of them at one queue.
pub fn queue<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    (senders, receivers): (usize, usize),
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let (clock, each) = (&Clock::new(receivers), share(n, senders));
    expect(kernel.enter(|kernel| kernel.create_queue("queue", SLOTS, length)));
    let mut executor = Executor::<_, T>::new(kernel);
    for receiver in 0..receivers {
        let name = format!("receiver {receiver}");
        expect(executor.spawn(&name, Priority::NORMAL, async move |sys| {
            let receiver = sys.open_receiver("queue").await?;
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            while let Some(message) = receiver.receive(&mut buffer).await? {
                black_box(message.copied);
            }
            clock.end();
            Ok(())
        }));
    }
    for sender in 0..senders {
        expect(executor.spawn(&format!("sender {sender}"), Priority::NORMAL, async move |sys| {
            let sender = sys.open_sender("queue").await?;
            let message = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                sender.send(0, black_box(&message)).await?;
            }
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, senders)
}

/// The receivers' own mailboxes: every sender sends to all of them in turn.
pub fn mailbox<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    (senders, receivers): (usize, usize),
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    let both = senders * receivers;
    let (clock, each) = (&Clock::new(receivers), share(n, both));
    let mut executor = Executor::<_, T>::new(kernel);
    let mut mailboxes = Vec::new();
    for receiver in 0..receivers {
        let name = format!("receiver {receiver}");
        mailboxes.push(expect(executor.spawn(&name, Priority::NORMAL, async move |sys| {
            let mut buffer = vec![0; black_box(length)];
            sys.yield_now().await?;
            for _ in 0..each * senders as u64 {
                black_box(sys.receive(&mut buffer).await?);
            }
            clock.end();
            Ok(())
        })));
    }
    for sender in 0..senders {
        let mailboxes = mailboxes.clone();
        expect(executor.spawn(&format!("sender {sender}"), Priority::NORMAL, async move |sys| {
            let message = vec![7; black_box(length)];
            sys.yield_now().await?;
            clock.begin();
            for _ in 0..each {
                for &mailbox in &mailboxes {
                    sys.send(mailbox, black_box(&message)).await?;
                }
            }
            Ok(())
        }));
    }
    expect_done(executor.run());
    scale(clock.time(), n, both)
}
