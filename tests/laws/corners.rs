//! Corners: where two rules meet in one task, or one call meets the end of another.

use postroom::*;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
const N: Priority = Priority::NORMAL;
type K = Lock<Kernel<8, 24, 1280>>;
fn kernel_of_eight() -> K {
    K::new(Kernel::new())
}
async fn once<F: Future>(f: F) -> bool {
    let mut f = pin!(f);
    poll_fn(|c| Poll::Ready(f.as_mut().poll(c).is_pending())).await
}
#[test]
fn law_19_several_tasks_without_threads_do_not_keep_the_run_from_its_end() {
    let kernel = kernel_of_eight();
    kernel.with(|kernel| {
        kernel.spawn("one", N).unwrap();
        kernel.spawn("other", N).unwrap();
    });
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads.spawn("lonely", N, async |sys| sys.receive(&mut []).await.map(drop)).unwrap();
    assert!(matches!(threads.run(), Stop::Deadlock(_)));
}

#[test]
fn law_19_a_task_without_a_thread_is_a_failure_that_is_told() {
    let kernel = kernel_of_eight();
    kernel.with(|k| k.spawn("ghost", N)).unwrap();
    let door = ThreadDoor::new(&kernel);
    let mut t = Threads::new(&door);
    t.spawn("a", N, async |_| Ok(())).unwrap();
    let s = t.run();
    assert!(matches!(s, Stop::Failed(_)), "{s:?}");
}
#[test]
fn law_18_who_polls_a_listener_waits_for_anyone_and_in_no_circle() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("server", N, async |sys| {
        let s = sys.stream(8).await?;
        s.bind("door").await?;
        let l = s.listen(1).await?;
        sys.poll(&mut [l.entry()]).await.map(drop)
    })
    .unwrap();
    let Stop::Deadlock(g) = ex.run() else { panic!() };
    let g = g.to_string();
    assert!(!g.contains("circle"), "{g}");
}
#[test]
fn law_18_who_polls_its_mailbox_waits_for_someone() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("server", N, async |sys| sys.poll(&mut [PollEntry::mailbox()]).await.map(drop))
        .unwrap();
    let Stop::Deadlock(g) = ex.run() else { panic!() };
    let g = g.to_string();
    assert!(g.contains("until someone"), "{g}");
}
#[test]
fn law_18_a_fellow_reader_is_nobody_to_wait_for() {
    let kernel = kernel_of_eight();
    kernel.with(|k| k.create_pipe("p", 4)).unwrap();
    let mut ex = Executor::new(&kernel);
    for n in ["one", "two"] {
        ex.spawn(n, N, async |sys| {
            let l = sys.open_read("p").await?;
            sys.poll(&mut [l.entry()]).await.map(drop)
        })
        .unwrap();
    }
    let Stop::Deadlock(g) = ex.run() else { panic!() };
    let g = g.to_string();
    assert!(!g.contains("circle"), "{g}");
}
fn moved(wait: bool) -> String {
    let shared = Cell::new(None);
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("sender", N, async |sys| {
        sys.receive(&mut []).await?;
        let s = Datagram::new(sys, shared.get().unwrap());
        s.send(b"waits").await
    })
    .unwrap();
    ex.spawn("mover", N, async |sys| {
        let [here, there] = [sys.datagram(1, 8).await?, sys.datagram(1, 8).await?];
        here.bind("here").await?;
        there.bind("there").await?;
        let s = sys.datagram(1, 8).await?;
        s.send_to("here", b"full").await?;
        s.connect("here").await?;
        shared.set(Some(s.share("sender", Rights::READ | Rights::WRITE).await?));
        sys.send("sender", b"").await?;
        sys.sleep(Ticks(10)).await?;
        if wait {
            s.connect("there").await?;
        }
        there.receive(&mut [0; 8]).await.map(drop)
    })
    .unwrap();
    match ex.run() {
        Stop::Done => "done".into(),
        Stop::Failed(f) => f.to_string(),
        Stop::Deadlock(g) => g.to_string(),
    }
}
#[test]
fn law_02_a_connect_to_a_peer_with_room_wakes_who_waits_to_send() {
    let s = moved(true);
    assert_eq!(s, "done", "{s}");
}
#[test]
fn law_11_the_first_deadline_survives_a_move() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("m", N, async |sys| {
        let [here, there] = [sys.datagram(1, 8).await?, sys.datagram(1, 8).await?];
        here.bind("here").await?;
        there.bind("there").await?;
        let s = sys.datagram(1, 8).await?;
        s.send_to("here", b"full").await?;
        s.send_to("there", b"full").await?;
        s.connect("here").await?;
        let mut a = pin!(s.send(b"1").within(Ticks(5)));
        let mut b = pin!(async {
            s.connect("there").await?;
            s.send(b"2").await
        });
        let mut bdone = false;
        let r = poll_fn(|c| {
            if let Poll::Ready(r) = a.as_mut().poll(c) {
                return Poll::Ready(r);
            }
            if !bdone && b.as_mut().poll(c).is_ready() {
                bdone = true;
            }
            Poll::Pending
        })
        .await;
        assert_eq!(r, Err(Error::TimedOut));
        Ok(())
    })
    .unwrap();
    match ex.run() {
        Stop::Done => {}
        Stop::Failed(f) => panic!("{f}"),
        Stop::Deadlock(g) => panic!("{g}"),
    }
}
struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose")
    }
}
#[test]
fn law_19_a_body_that_never_ran_and_panics_when_it_is_killed_harms_nobody() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    let b = Bomb;
    let v = ex
        .spawn("v", N, async move |sys| {
            let _b = b;
            sys.receive(&mut []).await.map(drop)
        })
        .unwrap();
    assert_eq!(ex.kill(v), Ok(()));
    ex.spawn("other", N, async |_| Ok(())).unwrap();
    assert!(matches!(ex.run(), Stop::Done));
}
#[test]
fn law_19_a_body_that_never_ran_goes_at_once_when_it_is_killed() {
    struct G<'a>(&'a Cell<bool>);
    impl Drop for G<'_> {
        fn drop(&mut self) {
            self.0.set(true)
        }
    }
    let gone = Cell::new(false);
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    let g = G(&gone);
    let v = ex
        .spawn("v", N, async move |sys| {
            let _b = g;
            sys.receive(&mut []).await.map(drop)
        })
        .unwrap();
    assert_eq!(ex.kill(v), Ok(()));
    assert!(gone.get());
}
#[test]
fn law_19_a_connection_accepted_for_nobody_closes_itself() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("s", N, async |sys| {
        let s = sys.stream(8).await?;
        s.bind("door").await?;
        let l = s.listen(1).await?;
        let c = sys.stream(8).await?;
        c.connect("door").await?;
        assert!(once(sys.yield_now()).await);
        assert!(once(l.accept()).await);
        drop((l, c));
        assert_eq!(
            kernel.with(|k| (k.channels().count(), k.tasks().map(|t| t.handles).sum::<usize>())),
            (1, 0)
        );
        Ok(())
    })
    .unwrap();
    assert!(matches!(ex.run(), Stop::Done));
}

async fn both<A: Future, B: Future>(a: A, b: B) -> A::Output {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let mut done = false;
    poll_fn(|c| {
        if let Poll::Ready(r) = a.as_mut().poll(c) {
            return Poll::Ready(r);
        }
        if !done {
            done = b.as_mut().poll(c).is_ready();
        }
        Poll::Pending
    })
    .await
}
#[test]
fn law_06_a_send_to_a_name_ends_when_the_task_closes_its_socket() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("m", N, async |sys| {
        let full = sys.datagram(1, 8).await?;
        full.bind("full").await?;
        let s = sys.datagram(1, 8).await?;
        s.send_to("full", b"1").await?;
        let r = both(s.send_to("full", b"2"), async {
            let c: Datagram<'_> = End::new(sys, s.handle());
            c.close().await
        })
        .await;
        assert_eq!(r, Err(Error::BadHandle));
        Ok(())
    })
    .unwrap();
    match ex.run() {
        Stop::Done => {}
        Stop::Failed(f) => panic!("{f}"),
        Stop::Deadlock(g) => panic!("{g}"),
    }
}
#[test]
fn law_06_a_poll_ends_when_the_task_closes_what_it_polls() {
    let kernel = kernel_of_eight();
    let mut ex = Executor::new(&kernel);
    ex.spawn("m", N, async |sys| {
        let (r, _w) = sys.pipe(8).await?;
        let _r2 = r.duplicate().await?;
        let mut set = [r.entry()];
        let a = both(sys.poll(&mut set), async {
            let c = ReadEnd::new(sys, r.handle());
            c.close().await
        })
        .await;
        assert_eq!(a, Ok(1));
        Ok(())
    })
    .unwrap();
    match ex.run() {
        Stop::Done => {}
        Stop::Failed(f) => panic!("{f}"),
        Stop::Deadlock(g) => panic!("{g}"),
    }
}
