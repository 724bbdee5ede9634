//! The smallest kernel (`--features small`): mailboxes, pipes and time, and a clear word for the rest.

#![cfg(feature = "small")]

use postroom::{Error, Executor, Kernel, Lock, PollEntry, Priority, Stop, Ticks, param};

#[test]
fn mailboxes_pipes_and_time_are_there() {
    let kernel = Lock::new(Kernel::<2, 4, 64>::new());
    let mut executor = Executor::new(&kernel);
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    let first = executor.spawn("first", Priority::NORMAL, async |sys| {
        sys.open_write("pipe").await?.write_all(b"more than four bytes").await?;
        sys.sleep(Ticks(10)).await?;
        sys.send("second", b"a message").await
    });
    let second = executor.spawn("second", Priority::NORMAL, async |sys| {
        let mut buffer = [0; 32];
        let count = sys.open_read("pipe").await?.read_full(&mut buffer).await?;
        assert_eq!(&buffer[..count], b"more than four bytes");
        let message = sys.receive_from("first", &mut buffer).await?;
        assert_eq!(&buffer[..message.copied], b"a message");
        Ok(())
    });
    assert!(first.is_ok() && second.is_ok());
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn what_is_left_out_says_so() {
    let kernel = Lock::new(Kernel::<2, 4, 128>::new());
    let mut executor = Executor::new(&kernel);
    let task = executor.spawn("task", Priority::NORMAL, async |sys| {
        let left_out = Some(Error::Unsupported);
        assert_eq!(sys.stream(16).await.err(), left_out);
        assert_eq!(sys.datagram(1, 16).await.err(), left_out);
        assert_eq!(sys.call("task", b"hello", &mut []).await.err(), left_out);
        assert_eq!(sys.poll(&mut [PollEntry::mailbox()]).await.err(), left_out);
        Ok(())
    });
    assert!(task.is_ok() && !param::WHOLE);
    assert!(matches!(executor.run(), Stop::Done));
}
