//! A task that has several calls under way at once, or changes its mind about one.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use postroom::{
    Call, Error, Executor, Kernel, Kind, Lock, Outcome, PollEntry, Priority, Result, Rights, Sizes,
    State, Stop, Sys, TaskId, Value, Wait,
};

/// Polls a future once.
async fn once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

fn run(tasks: &[(&str, Priority)], body: impl AsyncFn(Sys<'_>, &str) -> Result<()>) {
    let kernel = Lock::new(Kernel::<2, 4, 1024>::new());
    let mut executor = Executor::<_, 2>::new(&kernel);
    for &(name, priority) in tasks {
        let body = &body;
        executor.spawn(name, priority, async move |sys| body(sys, name).await).unwrap();
    }
    let stop = executor.run();
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn who_no_longer_wants_to_wait_leaves_the_line() {
    run(&[("task", Priority::NORMAL)], async |sys, _| {
        let (reader, _writer) = sys.pipe(8).await?;
        let (other, _its_writer) = sys.pipe(8).await?;
        let (mut one, mut two) = ([0; 8], [0; 8]);
        let mut read = reader.read(&mut one);
        assert!(once(&mut read).await.is_pending());
        drop(read.try_now());
        // To wait for something else is no longer refused.
        let mut read = other.read(&mut two);
        assert!(once(&mut read).await.is_pending());
        drop(read);
        Ok(())
    });
}

#[test]
fn a_call_that_has_its_answer_is_not_made_again() {
    let [high, low] = [1, 20].map(|level| Priority::new(level).unwrap());
    run(&[("server", high), ("client", low)], async |sys, name| {
        let mut buffer = [0; 8];
        if name == "server" {
            assert_eq!(sys.receive(&mut buffer).await?.copied, 1);
            let again = sys.receive(&mut buffer).within(postroom::Ticks(100)).await;
            assert_eq!(again.err(), Some(Error::TimedOut), "one message is one message");
            return Ok(());
        }
        // The server is more urgent: the call has its answer, and comes back for it later.
        let mut send = sys.send("server", b"1");
        assert!(once(&mut send).await.is_pending());
        send.try_now().await
    });
}

#[test]
fn a_poll_for_which_there_is_no_place_changes_nothing() {
    let mut kernel = Kernel::<2, 24, 64>::new();
    let task = kernel.spawn("task", Priority::NORMAL).unwrap();
    kernel.spawn("other", Priority::NORMAL).unwrap();
    kernel.dispatch();
    let sockets: Vec<_> = (0..5).flat_map(|_| pair(&mut kernel, task)).collect();
    // Each socket takes two places, its own and its peer's.
    let set = |at: std::ops::Range<usize>| -> Vec<_> {
        sockets[at].iter().map(|&it| PollEntry::new(Some(it), Rights::READ)).collect()
    };
    let poll = |kernel: &mut Kernel<2, 24, 64>, mut set: Vec<PollEntry>| {
        kernel.syscall(task, Call::Poll { set: &mut set, wait: Wait::Forever })
    };
    assert_eq!(poll(&mut kernel, set(0..5)), Outcome::Blocked);
    let refused = poll(&mut kernel, set(5..10));
    assert_eq!(refused, Outcome::Complete(Err(Error::Busy)));
    assert_eq!(kernel.check(), Ok(()));
    // What only the refused one wanted wakes nobody; what the first one wants does.
    write(&mut kernel, task, sockets[6]);
    assert_eq!(kernel.state(task), Some(State::Blocked));
    write(&mut kernel, task, sockets[1]);
    assert_eq!(kernel.state(task), Some(State::Ready));
}

fn pair(kernel: &mut Kernel<2, 24, 64>, task: TaskId) -> [postroom::Handle; 2] {
    let call = Call::Pair { kind: Kind::Stream, sizes: Sizes::Bytes(8) };
    match kernel.syscall(task, call) {
        Outcome::Complete(Ok(Value::Ends(ends))) => [ends.read(), ends.write()],
        other => panic!("{other:?}"),
    }
}

fn write(kernel: &mut Kernel<2, 24, 64>, task: TaskId, handle: postroom::Handle) {
    let call = Call::Write { handle, bytes: b"a", wait: Wait::Try };
    let (Outcome::Complete(written) | Outcome::Preempted(written)) = kernel.syscall(task, call)
    else {
        panic!("there is room");
    };
    assert_eq!(written, Ok(Value::Count(1)));
}
