//! A queue that always holds many messages, at all levels of urgency.

use std::hint::black_box;
use std::time::Duration;

use postroom::param::PRIORITIES;
use postroom::{Enter, Kernel, NoDevices, Trace};

use super::expect;
use super::send_receive::alone;

/// Receives the most urgent message, and sends one of the same urgency, so that there are always
/// as many.
pub fn queue<E, const T: usize, const C: usize, const R: usize, S: Trace>(
    kernel: &E,
    queued: usize,
    n: u64,
    length: usize,
) -> Duration
where
    E: Enter<Kernel = Kernel<T, C, R, NoDevices, S>>,
{
    expect(kernel.enter(|kernel| kernel.create_queue("queue", queued, length)));
    alone(kernel, async |sys, clock| {
        let (receiver, sender) =
            (sys.open_receiver("queue").await?, sys.open_sender("queue").await?);
        let (message, mut buffer) = (vec![7; black_box(length)], vec![0; black_box(length)]);
        for at in 0..queued {
            sender.send((at % PRIORITIES) as u8, &message).await?;
        }
        clock.begin();
        for _ in 0..n {
            let got = receiver.receive(&mut buffer).await?;
            let urgency = got.map_or(0, |message| message.urgency);
            sender.send(urgency, black_box(&message)).await?;
        }
        clock.end();
        Ok(())
    })
}
