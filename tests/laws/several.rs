//! One task that does several things at once: its futures are polled together, and none of them
//! spoils what another one waits for.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use postroom::{Datagram, Error, Executor, Priority, ReadEnd, Rights, Stop, Sys, Ticks};

use crate::program::{Roomy, roomy};

/// Polls both whenever the task runs, until both have ended.
async fn join<A: Future, B: Future>(first: A, second: B) -> (A::Output, B::Output) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut two) = (None, None);
    poll_fn(|context| {
        if one.is_none()
            && let Poll::Ready(output) = first.as_mut().poll(context)
        {
            one = Some(output);
        }
        if two.is_none()
            && let Poll::Ready(output) = second.as_mut().poll(context)
        {
            two = Some(output);
        }
        match (one.take(), two.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (first, second) => {
                (one, two) = (first, second);
                Poll::Pending
            }
        }
    })
    .await
}

/// Polls something once and drops it: whether it was still on its way.
async fn is_dropped_on_its_way(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

/// Runs until every task has ended, and none of them badly.
fn run(mut executor: Executor<'_, Roomy, 8>) {
    match executor.run() {
        Stop::Done => {}
        Stop::Failed(failure) => panic!("{failure}"),
        Stop::Deadlock(graph) => panic!("{graph}"),
    }
}

#[test]
fn law_01_an_answer_is_not_lost_when_another_call_of_the_task_waits() {
    let kernel = roomy();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("urgent", Priority::HIGHEST, async |sys| sys.receive(&mut []).await.map(drop))
        .unwrap();
    executor
        .spawn("echo", Priority::NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            sys.send("task", b"").await
        })
        .unwrap();
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let send = async {
                // The urgent one runs before the answer is taken.
                sys.send("urgent", b"").await?;
                sys.send("echo", b"").await
            };
            let (sent, received) = join(send, async { sys.receive(&mut []).await }).await;
            sent.and(received.map(drop))
        })
        .unwrap();
    run(executor);
}

#[test]
fn law_06_a_send_follows_its_socket_to_another_peer_and_is_in_no_line_afterwards() {
    let shared = Cell::new(None);
    let kernel = roomy();
    let mut executor = Executor::new(&kernel);
    let checked = || kernel.with(|kernel| assert_eq!(kernel.check(), Ok(())));
    executor
        .spawn("sender", Priority::NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            let socket = Datagram::new(sys, shared.get().ok_or(Error::BadHandle)?);
            socket.send(b"waits").await?;
            checked();
            sys.sleep(Ticks(3)).await
        })
        .unwrap();
    executor
        .spawn("mover", Priority::NORMAL, async |sys| {
            let [here, there] = [sys.datagram(1, 8).await?, sys.datagram(1, 8).await?];
            here.bind("here").await?;
            there.bind("there").await?;
            let socket = sys.datagram(1, 8).await?;
            socket.send_to("here", b"full").await?;
            socket.send_to("there", b"full").await?;
            socket.connect("here").await?;
            shared.set(Some(socket.share("sender", Rights::READ | Rights::WRITE).await?));
            sys.send("sender", b"").await?;
            sys.sleep(Ticks(10)).await?;

            // Room at the old peer lets it look again: it waits for the new one now.
            socket.connect("there").await?;
            here.receive(&mut [0; 8]).await?;
            sys.sleep(Ticks(10)).await?;
            checked();
            there.receive(&mut [0; 8]).await?;
            let mut buffer = [0; 8];
            there.receive(&mut buffer).await?;
            assert_eq!(&buffer[..5], b"waits");
            checked();
            let nothing = here.receive(&mut buffer).try_now().await;
            assert_eq!(nothing, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    run(executor);
}

#[test]
fn law_06_a_call_that_waits_ends_when_the_task_closes_its_handle() {
    let kernel = roomy();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let (input, _output) = sys.pipe(4).await?;
            let close = async { ReadEnd::new(sys, input.handle()).close().await };
            let (read, closed) = join(async { input.read(&mut [0]).await }, close).await;
            assert_eq!((read, closed), (Err(Error::BadHandle), Ok(())));
            assert_eq!(kernel.with(|kernel| kernel.check()), Ok(()));
            sys.sleep(Ticks(3)).await
        })
        .unwrap();
    run(executor);
}

#[test]
fn law_27_another_call_that_is_dropped_does_not_give_the_request_up() {
    let kernel = roomy();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("server", Priority::HIGHEST, async |sys| {
            let request = sys.receive(&mut []).await?.request.ok_or(Error::NoSuchRequest)?;
            sys.sleep(Ticks(5)).await?;
            sys.reply(request, b"yes").await.map(drop)
        })
        .unwrap();
    executor
        .spawn("client", Priority::NORMAL, async |sys| {
            let mut reply = [0; 3];
            let mut call = pin!(sys.call("server", b"", &mut reply));
            assert!(is_dropped_on_its_way(call.as_mut()).await, "the server runs first");
            assert!(is_dropped_on_its_way(sys.receive(&mut [])).await, "there is no message");
            assert_eq!(call.await?.copied, 3);
            Ok(())
        })
        .unwrap();
    run(executor);
}

#[test]
fn law_59_of_two_polls_at_the_same_time_each_is_told() {
    let kernel = roomy();
    kernel.with(|kernel| kernel.create_pipe("one", 4)).unwrap();
    kernel.with(|kernel| kernel.create_pipe("two", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let [one, two] = [sys.open_read("one").await?, sys.open_read("two").await?];
            let first = async {
                assert_eq!(sys.poll(&mut [one.entry()]).await, Ok(1));
                sys.send("writer", b"go on").await
            };
            let second = async { sys.poll(&mut [two.entry()]).await };
            assert_eq!(join(first, second).await, (Ok(()), Ok(1)));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let [one, two] = [sys.open_write("one").await?, sys.open_write("two").await?];
            one.write_all(b"1").await?;
            sys.receive(&mut [0; 8]).await?;
            two.write_all(b"2").await
        })
        .unwrap();
    run(executor);
}

/// Lets a task open something while another is to run first, and drop the call; nothing may be
/// left of it.
fn leaves_nothing(open: impl AsyncFn(Sys<'_>, &ReadEnd<'_>) -> bool) {
    let kernel = roomy();
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let held = || {
                kernel.with(|kernel| {
                    assert_eq!(kernel.check(), Ok(()));
                    let handles: usize = kernel.tasks().map(|task| task.handles).sum();
                    (handles, kernel.channels().count())
                })
            };
            let (input, _output) = sys.pipe(4).await?;
            let before = held();
            // From here to the next dispatch no call is answered at once.
            assert!(is_dropped_on_its_way(sys.yield_now()).await);
            assert!(open(sys, &input).await, "the call was preempted");
            assert_eq!(held(), before);
            Ok(())
        })
        .unwrap();
    run(executor);
    kernel.with(|kernel| assert_eq!((kernel.tasks().count(), kernel.channels().count()), (0, 1)));
}

#[test]
fn law_19_what_was_opened_for_nobody_closes_itself() {
    leaves_nothing(async |sys, _| is_dropped_on_its_way(sys.open_read("pipe")).await);
    leaves_nothing(async |sys, _| is_dropped_on_its_way(sys.pipe(4)).await);
    leaves_nothing(async |sys, _| is_dropped_on_its_way(sys.stream(4)).await);
    leaves_nothing(async |sys, _| is_dropped_on_its_way(sys.stream_pair(4)).await);
    leaves_nothing(async |sys, _| is_dropped_on_its_way(sys.datagram_pair(1, 4)).await);
    leaves_nothing(async |_, input| is_dropped_on_its_way(input.duplicate()).await);
}
