//! tokio: bounded channels, and its runtime on one thread.

use std::hint::black_box;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::channel;

use super::{ITEM, STRINGS};
use crate::clock::Start;

pub(super) fn exchange(n: u64) -> Duration {
    let runtime = Builder::new_current_thread().build().expect("it needs nothing of the system");
    runtime.block_on(async {
        let (there, mut at_server) = channel::<[u8; ITEM.len()]>(1);
        let (back, mut at_client) = channel(1);
        let server = tokio::spawn(async move {
            while let Some(item) = at_server.recv().await {
                back.send(item).await.expect("the client waits for it");
            }
        });
        let start = Start::now();
        let client = tokio::spawn(async move {
            for _ in 0..n {
                there.send(black_box(*ITEM)).await.expect("the server is there");
                black_box(at_client.recv().await);
            }
        });
        client.await.expect("it does not panic");
        let time = start.elapsed();
        server.await.expect("it does not panic");
        time
    })
}

pub(super) fn strings(n: u64) -> Duration {
    let runtime = Builder::new_current_thread().build().expect("it needs nothing of the system");
    let strings = super::strings();
    runtime.block_on(async {
        let (sender, mut receiver) = channel::<Vec<u8>>(STRINGS);
        let start = Start::now();
        let reader = tokio::spawn(async move {
            while let Some(string) = receiver.recv().await {
                black_box(string);
            }
        });
        let writer = tokio::spawn(async move {
            for i in 0..n {
                let string = strings[i as usize % STRINGS].clone();
                sender.send(string).await.expect("the receiver is there");
            }
        });
        writer.await.expect("it does not panic");
        reader.await.expect("it does not panic");
        start.elapsed()
    })
}
