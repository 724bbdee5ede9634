//! postroom: two tasks, and queues.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::time::Duration;

use postroom::{Enter, Executor, Kernel, Lock, Priority, Result, Stop, Sys};

use super::{ITEM, LONGEST, STRINGS};
use crate::clock::Start;

/// Two mailboxes and two queues.
type Small = Kernel<2, 4, 512>;
/// A ring holds a hundred strings, and what a queue notes beside each.
type Wide = Kernel<2, 4, { 64 << 10 }>;

pub(super) fn exchange_locked(n: u64) -> Duration {
    exchange(&Lock::new(Small::new()), n)
}

pub(super) fn exchange_celled(n: u64) -> Duration {
    exchange(&RefCell::new(Small::new()), n)
}

pub(super) fn strings_locked(n: u64) -> Duration {
    strings(&Lock::new(Wide::new()), n)
}

pub(super) fn strings_celled(n: u64) -> Duration {
    strings(&RefCell::new(Wide::new()), n)
}

fn exchange(kernel: &impl Enter<Kernel = Small>, n: u64) -> Duration {
    for name in ["there", "back"] {
        kernel.enter(|it| it.create_queue(name, 1, ITEM.len())).expect("a ring holds that much");
    }
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::<_, 2>::new(kernel);
    let server = async |sys: Sys<'_>| -> Result<()> {
        let receiver = sys.open_receiver("there").await?;
        let sender = sys.open_sender("back").await?;
        let mut buffer = [0; ITEM.len()];
        while let Some(item) = receiver.receive(&mut buffer).await? {
            sender.send(0, &buffer[..item.copied]).await?;
        }
        Ok(())
    };
    let client = async |sys: Sys<'_>| -> Result<()> {
        let receiver = sys.open_receiver("back").await?;
        let sender = sys.open_sender("there").await?;
        let mut buffer = [0; ITEM.len()];
        let start = Start::now();
        for _ in 0..n {
            sender.send(0, black_box(ITEM)).await?;
            black_box(receiver.receive(&mut buffer).await?);
        }
        time.set(start.elapsed());
        Ok(())
    };
    executor.spawn("server", Priority::NORMAL, server).expect("there is room for two");
    executor.spawn("client", Priority::NORMAL, client).expect("there is room for two");
    assert!(matches!(executor.run(), Stop::Done), "both come to an end");
    time.get()
}

fn strings(kernel: &impl Enter<Kernel = Wide>, n: u64) -> Duration {
    kernel.enter(|it| it.create_queue("pika", STRINGS, LONGEST)).expect("a ring holds that much");
    let strings = super::strings();
    let time = Cell::new(Duration::ZERO);
    let mut executor = Executor::<_, 2>::new(kernel);
    let reader = async |sys: Sys<'_>| -> Result<()> {
        let receiver = sys.open_receiver("pika").await?;
        let mut buffer = [0; LONGEST];
        let start = Start::now();
        while let Some(string) = receiver.receive(&mut buffer).await? {
            black_box(&buffer[..string.copied]);
        }
        time.set(start.elapsed());
        Ok(())
    };
    let writer = async |sys: Sys<'_>| -> Result<()> {
        let sender = sys.open_sender("pika").await?;
        for i in 0..n {
            sender.send(0, &strings[i as usize % STRINGS]).await?;
        }
        Ok(())
    };
    executor.spawn("reader", Priority::NORMAL, reader).expect("there is room for two");
    executor.spawn("writer", Priority::NORMAL, writer).expect("there is room for two");
    assert!(matches!(executor.run(), Stop::Done), "both come to an end");
    time.get()
}
