//! Corners: where two rules meet in one task, or one call meets the end of another.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use postroom::{
    Datagram, End, Error, Executor, Kernel, Lock, PollEntry, Priority, ReadEnd, Result, Rights,
    Stop, Sys, ThreadDoor, Threads, Ticks,
};

type Small = Lock<Kernel<8, 24, 1280>>;

const NORMAL: Priority = Priority::NORMAL;

/// Runs one task to its end.
fn alone(body: impl for<'k> AsyncFn(Sys<'k>) -> Result<()>) {
    let kernel = Small::new(Kernel::new());
    let mut executor = Executor::new(&kernel);
    executor.spawn("alone", NORMAL, |sys| body(sys)).unwrap();
    match executor.run() {
        Stop::Done => {}
        Stop::Failed(failure) => panic!("{failure}"),
        Stop::Deadlock(graph) => panic!("{graph}"),
    }
}

/// The wait-for graph that tasks with this body end in.
fn graph(names: &[&str], body: impl for<'k> AsyncFn(Sys<'k>) -> Result<()>) -> String {
    let kernel = Small::new(Kernel::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 4)).unwrap();
    let mut executor = Executor::new(&kernel);
    for name in names {
        executor.spawn(name, NORMAL, |sys| body(sys)).unwrap();
    }
    let Stop::Deadlock(graph) = executor.run() else { panic!("no deadlock") };
    graph.to_string()
}

/// The first one's result, while the second one runs beside it.
async fn beside<A: Future>(first: A, second: impl Future) -> A::Output {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let mut done = false;
    poll_fn(|context| {
        if let Poll::Ready(result) = first.as_mut().poll(context) {
            return Poll::Ready(result);
        }
        done = done || second.as_mut().poll(context).is_ready();
        Poll::Pending
    })
    .await
}

/// Polls once, and drops: whether it had to return unfinished.
async fn once(call: impl Future) -> bool {
    let mut call = pin!(call);
    poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await
}

#[test]
fn law_02_a_connect_to_a_peer_with_room_wakes_who_waits_to_send() {
    let shared = Cell::new(None);
    let kernel = Small::new(Kernel::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("sender", NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            let Some(handle) = shared.get() else { return Err(Error::BadHandle) };
            let socket: Datagram<'_> = End::new(sys, handle);
            socket.send(b"waits").await
        })
        .unwrap();
    executor
        .spawn("mover", NORMAL, async |sys| {
            let [here, there] = [sys.datagram(1, 8).await?, sys.datagram(1, 8).await?];
            here.bind("here").await?;
            there.bind("there").await?;
            let socket = sys.datagram(1, 8).await?;
            socket.send_to("here", b"full").await?;
            socket.connect("here").await?;
            shared.set(Some(socket.share("sender", Rights::READ | Rights::WRITE).await?));
            sys.send("sender", b"").await?;
            sys.sleep(Ticks(10)).await?;
            socket.connect("there").await?;
            there.receive(&mut [0; 8]).await.map(drop)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_06_a_send_to_a_name_ends_when_the_task_closes_its_socket() {
    alone(async |sys| {
        let full = sys.datagram(1, 8).await?;
        full.bind("full").await?;
        let socket = sys.datagram(1, 8).await?;
        socket.send_to("full", b"1").await?;
        let close = async {
            let same: Datagram<'_> = End::new(sys, socket.handle());
            same.close().await
        };
        assert_eq!(beside(socket.send_to("full", b"2"), close).await, Err(Error::BadHandle));
        Ok(())
    });
}

#[test]
fn law_06_a_poll_ends_when_the_task_closes_what_it_polls() {
    alone(async |sys| {
        let (input, _output) = sys.pipe(8).await?;
        let _again = input.duplicate().await?;
        let close = async { ReadEnd::new(sys, input.handle()).close().await };
        let mut set = [input.entry()];
        assert_eq!(beside(sys.poll(&mut set), close).await, Ok(1));
        assert_eq!(set[0].ready, Err(Error::BadHandle));
        Ok(())
    });
}

#[test]
fn law_11_the_first_deadline_survives_a_move() {
    alone(async |sys| {
        let [here, there] = [sys.datagram(1, 8).await?, sys.datagram(1, 8).await?];
        here.bind("here").await?;
        there.bind("there").await?;
        let socket = sys.datagram(1, 8).await?;
        socket.send_to("here", b"full").await?;
        socket.send_to("there", b"full").await?;
        socket.connect("here").await?;
        let move_on = async {
            socket.connect("there").await?;
            socket.send(b"2").await
        };
        let first = socket.send(b"1").within(Ticks(5));
        assert_eq!(beside(first, move_on).await, Err(Error::TimedOut));
        Ok(())
    });
}

#[test]
fn law_18_who_polls_a_listener_waits_for_anyone_and_in_no_circle() {
    let graph = graph(&["server"], async |sys| {
        let socket = sys.stream(8).await?;
        socket.bind("door").await?;
        let listener = socket.listen(1).await?;
        sys.poll(&mut [listener.entry()]).await.map(drop)
    });
    assert!(!graph.contains("circle"), "{graph}");
}

#[test]
fn law_18_who_polls_its_mailbox_waits_for_someone() {
    let graph =
        graph(&["server"], async |sys| sys.poll(&mut [PollEntry::mailbox()]).await.map(drop));
    assert!(graph.contains("until someone"), "{graph}");
}

#[test]
fn law_18_a_fellow_reader_is_nobody_to_wait_for() {
    let graph = graph(&["one", "two"], async |sys| {
        let input = sys.open_read("pipe").await?;
        sys.poll(&mut [input.entry()]).await.map(drop)
    });
    assert!(!graph.contains("circle"), "{graph}");
}

#[test]
fn law_19_several_tasks_without_threads_do_not_keep_the_run_from_its_end() {
    let kernel = Small::new(Kernel::new());
    for name in ["one", "other"] {
        kernel.with(|kernel| kernel.spawn(name, NORMAL)).unwrap();
    }
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads.spawn("lonely", NORMAL, async |sys| sys.receive(&mut []).await.map(drop)).unwrap();
    assert!(matches!(threads.run(), Stop::Deadlock(_)));
}

#[test]
fn law_19_a_task_without_a_thread_is_a_failure_that_is_told() {
    let kernel = Small::new(Kernel::new());
    kernel.with(|kernel| kernel.spawn("ghost", NORMAL)).unwrap();
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads.spawn("other", NORMAL, async |_| Ok(())).unwrap();
    let Stop::Failed(failure) = threads.run() else { panic!("no failure") };
    assert_eq!(failure.task.as_str(), "ghost");
}

/// Tells when it is dropped, and then panics if it is to.
struct Guard<'c> {
    dropped: &'c Cell<bool>,
    panics: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.dropped.set(true);
        assert!(!self.panics, "on purpose");
    }
}

#[test]
fn law_19_a_body_that_never_ran_goes_at_once_when_it_is_killed_and_harms_nobody() {
    for panics in [false, true] {
        let dropped = Cell::new(false);
        let kernel = Small::new(Kernel::new());
        let mut executor = Executor::new(&kernel);
        let guard = Guard { dropped: &dropped, panics };
        let victim = executor
            .spawn("victim", NORMAL, async move |sys| {
                let _guard = guard;
                sys.receive(&mut []).await.map(drop)
            })
            .unwrap();
        assert_eq!(executor.kill(victim), Ok(()));
        assert!(dropped.get());
        executor.spawn("other", NORMAL, async |_| Ok(())).unwrap();
        assert!(matches!(executor.run(), Stop::Done));
    }
}

#[test]
fn law_19_bodies_that_panic_when_their_executor_goes_harm_nobody() {
    let dropped = [Cell::new(false), Cell::new(false)];
    let kernel = Small::new(Kernel::new());
    let mut executor = Executor::new(&kernel);
    for (name, dropped) in ["one", "two"].into_iter().zip(&dropped) {
        let guard = Guard { dropped, panics: true };
        let body = async move |sys: Sys<'_>| {
            let _guard = guard;
            sys.receive(&mut []).await.map(drop)
        };
        executor.spawn(name, NORMAL, body).unwrap();
    }
    assert!(matches!(executor.run(), Stop::Deadlock(_)));
    drop(executor);
    assert!(dropped.iter().all(Cell::get));
    assert_eq!(kernel.with(|kernel| kernel.living()), 0);
}

#[test]
fn law_19_a_spawn_that_fails_leaves_no_task_behind() {
    let kernel = Small::new(Kernel::new());
    let executor = Executor::new(&kernel);
    let spawner = executor.spawner();
    let panics = || {
        let made = |_: Sys<'_>| -> std::future::Ready<Result<()>> { panic!("on purpose") };
        let _ = spawner.spawn("task", NORMAL, made);
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    assert_eq!(kernel.with(|kernel| kernel.living()), 0);

    drop(executor);
    assert_eq!(spawner.spawn("task", NORMAL, async |_| Ok(())), Err(Error::PeerDead));
    assert_eq!(kernel.with(|kernel| kernel.living()), 0);
}

#[test]
fn law_19_a_connection_accepted_for_nobody_closes_itself() {
    alone(async |sys| {
        let socket = sys.stream(8).await?;
        socket.bind("door").await?;
        let listener = socket.listen(1).await?;
        let client = sys.stream(8).await?;
        client.connect("door").await?;
        // The task is in the ready queue now, so the next call is answered, but not at once.
        assert!(once(sys.yield_now()).await);
        assert!(once(listener.accept()).await);
        assert_eq!(client.read(&mut [0]).await, Ok(0));
        Ok(())
    });
}
