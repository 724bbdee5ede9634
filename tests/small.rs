//! The smallest kernel: mailboxes, pipes and time, and a clear word for the rest.
//!
//! ```text
//! cargo test --no-default-features --features small --test small
//! ```

#![cfg(all(feature = "small", not(feature = "std")))]

use std::pin::pin;

use postroom::{
    Error, Executor, Kernel, Lock, PollEntry, Priority, Result, Stop, Sys, Ticks, param,
};

/// Runs two tasks that stand on the stack, as on a board.
fn run<'k, const RING: usize>(
    kernel: &'k Lock<Kernel<2, 4, RING>>,
    first: impl AsyncFnOnce(Sys<'k>) -> Result<()>,
    second: impl AsyncFnOnce(Sys<'k>) -> Result<()>,
) {
    let spawn = |name| kernel.with(|kernel| kernel.spawn(name, Priority::NORMAL)).unwrap();
    let [one, other] = ["first", "second"].map(spawn);
    let mut bodies = (pin!(first(Sys::new(kernel, one))), pin!(second(Sys::new(kernel, other))));
    let mut executor = Executor::new(kernel);
    executor.attach(one, bodies.0.as_mut()).unwrap();
    executor.attach(other, bodies.1.as_mut()).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn mailboxes_pipes_and_time_are_there() {
    let kernel = Lock::new(Kernel::<2, 4, 64>::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    run(
        &kernel,
        async |sys| {
            sys.open_write("pipe").await?.write_all(b"more than four bytes").await?;
            sys.sleep(Ticks(10)).await?;
            sys.send("second", b"a message").await
        },
        async |sys| {
            let mut buffer = [0; 32];
            let count = sys.open_read("pipe").await?.read_full(&mut buffer).await?;
            assert_eq!(&buffer[..count], b"more than four bytes");
            let message = sys.receive_from("first", &mut buffer).await?;
            assert_eq!(&buffer[..message.copied], b"a message");
            Ok(())
        },
    );
}

#[test]
fn what_is_left_out_says_so() {
    let kernel = Lock::new(Kernel::<2, 4, 128>::new());
    run(
        &kernel,
        async |sys| {
            let left_out = Some(Error::Unsupported);
            assert_eq!(sys.stream(16).await.err(), left_out);
            assert_eq!(sys.datagram(1, 16).await.err(), left_out);
            assert_eq!(sys.call("second", b"hello", &mut []).await.err(), left_out);
            assert_eq!(sys.poll(&mut [PollEntry::mailbox()]).await.err(), left_out);
            Ok(())
        },
        async |_| Ok(()),
    );
    assert!(!param::WHOLE);
}
