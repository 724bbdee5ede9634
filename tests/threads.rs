//! The laws that do not depend on the order of events, on threads: every task on its own, over one
//! kernel, in real time. No test depends on how long anything takes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use postroom::{
    Error, Executor, ExitStatus, Failure, Kernel, Lock, Name, PollEntry, Priority, Result, Rights,
    Sizes, Stop, Sys, ThreadDoor, Threads, Ticks,
};

type Small = Lock<Kernel<8, 32, 1024>>;

/// Runs the tasks that `start` spawns, sees that nothing is left of them, and says how it ended.
fn run(start: impl for<'t> FnOnce(&mut Threads<'t, Small>) -> Result<()>) -> Stop<String> {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    start(&mut threads).unwrap();
    let stop = threads.run();
    kernel.with(|kernel| {
        assert_eq!(kernel.check(), Ok(()));
        assert_eq!((kernel.tasks().count(), kernel.channels().count()), (0, 0));
    });
    stop
}

const NORMAL: Priority = Priority::NORMAL;

#[test]
fn law_24_a_thousand_messages_come_in_order_through_a_mailbox_of_three() {
    let stop = run(|threads| {
        threads.spawn("sender", NORMAL, async |sys| {
            for i in 0..1000u32 {
                sys.send("receiver", &i.to_le_bytes()).await?;
            }
            Ok(())
        })?;
        threads.spawn("receiver", NORMAL, async |sys| {
            for i in 0..1000u32 {
                let mut buffer = [0; 4];
                sys.receive(&mut buffer).await?;
                assert_eq!(u32::from_le_bytes(buffer), i);
            }
            Ok(())
        })?;
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_30_bytes_go_through_a_pipe_of_one_byte_in_order_and_to_the_end_of_file() {
    let stop = run(|threads| {
        threads.spawn("writer", NORMAL, async |sys| {
            let out = sys.open_write("pipe").or_create(Sizes::Bytes(1)).await?;
            // The reader is there when it has said so.
            sys.receive(&mut []).await?;
            let bytes: Vec<u8> = (0..=255).collect();
            out.write_all(&bytes).await
        })?;
        threads.spawn("reader", NORMAL, async |sys| {
            let input = sys.open_read("pipe").or_create(Sizes::Bytes(1)).await?;
            sys.send("writer", b"").await?;
            let mut buffer = [0; 300];
            let count = input.read_full(&mut buffer).await?;
            assert!(buffer[..count].iter().copied().eq(0..=255));
            Ok(())
        })?;
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_44_workers_share_a_queue_and_end_by_the_end_of_file() {
    static TAKEN: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let kernel = Small::new(Kernel::new());
    kernel.with(|kernel| kernel.create_queue("work", 2, 4)).unwrap();
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads
        .spawn("source", NORMAL, async |sys| {
            let work = sys.open_sender("work").await?;
            for i in 0..3000u32 {
                work.send(0, &i.to_le_bytes()).await?;
            }
            Ok(())
        })
        .unwrap();
    for worker in ["one", "two", "three"] {
        threads
            .spawn(worker, NORMAL, async |sys| {
                let work = sys.open_receiver("work").await?;
                let mut buffer = [0; 4];
                while work.receive(&mut buffer).await?.is_some() {
                    TAKEN.lock().unwrap().push(u32::from_le_bytes(buffer));
                }
                Ok(())
            })
            .unwrap();
    }
    assert!(matches!(threads.run(), Stop::Done));
    let mut taken = std::mem::take(&mut *TAKEN.lock().unwrap());
    taken.sort_unstable();
    assert!(taken.into_iter().eq(0..3000));
}

#[test]
fn law_48_to_51_connections_carry_bytes_both_ways_and_end() {
    let stop = run(|threads| {
        threads.spawn("server", NORMAL, async |sys| {
            let socket = sys.stream(3).await?;
            socket.bind("server socket").await?;
            let listener = socket.listen(1).await?;
            sys.send("first", b"").await?;
            sys.send("second", b"").await?;
            for _ in 0..2 {
                let connection = listener.accept().await?;
                let mut buffer = [0; 64];
                let count = connection.read_full(&mut buffer).await?;
                connection.write_all(&buffer[..count]).await?;
            }
            Ok(())
        })?;
        for client in ["first", "second"] {
            threads.spawn(client, NORMAL, async move |sys| {
                sys.receive(&mut []).await?;
                let connection = sys.stream(5).await?;
                connection.connect("server socket").await?;
                connection.write_all(client.as_bytes()).await?;
                connection.shutdown(Rights::WRITE).await?;
                let mut echo = [0; 64];
                let count = connection.read_full(&mut echo).await?;
                assert_eq!(&echo[..count], client.as_bytes());
                Ok(())
            })?;
        }
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_27_each_of_three_callers_gets_its_own_replies() {
    let stop = run(|threads| {
        threads.spawn("server", NORMAL, async |sys| {
            let mut buffer = [0; 8];
            for _ in 0..300 {
                let message = sys.receive(&mut buffer).await?;
                let Some(request) = message.request else { return Err(Error::BadArgument) };
                sys.reply(request, &buffer[..message.copied]).await?;
            }
            Ok(())
        })?;
        for (n, client) in (0..).zip(["one", "two", "three"]) {
            threads.spawn(client, NORMAL, async move |sys| {
                for i in 0..100u32 {
                    let mut reply = [0; 8];
                    let request = [n, i as u8];
                    let replied = sys.call("server", &request, &mut reply).await?;
                    assert_eq!(reply[..replied.copied], request);
                }
                Ok(())
            })?;
        }
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_59_a_poll_wakes_for_whichever_is_ready_first() {
    let stop = run(|threads| {
        threads.spawn("poller", NORMAL, async |sys| {
            let input = sys.open_read("pipe").or_create(Sizes::Bytes(4)).await?;
            sys.send("writer", b"").await?;
            let (mut bytes, mut letters) = (0, 0);
            while bytes < 50 || letters < 50 {
                let mut set = [input.entry(), PollEntry::mailbox()];
                sys.poll(&mut set).await?;
                if set[0].ready?.readable && bytes < 50 {
                    bytes += input.read(&mut [0]).await?;
                }
                if set[1].ready?.readable {
                    sys.receive(&mut []).await?;
                    letters += 1;
                }
            }
            Ok(())
        })?;
        threads.spawn("writer", NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            sys.open_write("pipe").await?.write_all(&[1; 50]).await
        })?;
        threads.spawn("sender", NORMAL, async |sys| {
            for _ in 0..50 {
                sys.send("poller", b"").await?;
            }
            Ok(())
        })?;
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_11_a_time_out_wakes_a_thread_that_nobody_else_would() {
    let stop = run(|threads| {
        threads.spawn("lonely", NORMAL, async |sys| {
            let start = sys.now();
            assert_eq!(sys.receive(&mut []).within(Ticks(5)).await, Err(Error::TimedOut));
            assert!(sys.now() >= start + Ticks(5));
            sys.sleep(Ticks(2)).await
        })?;
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn law_18_a_deadlock_ends_the_run_with_the_wait_for_graph() {
    let stop = run(|threads| {
        for (me, other) in [("left", "right"), ("right", "left")] {
            threads.spawn(me, NORMAL, async move |sys| {
                sys.receive_from(other, &mut []).await?;
                sys.send(other, b"").await
            })?;
        }
        Ok(())
    });
    let Stop::Deadlock(graph) = stop else { panic!("{stop:?}") };
    assert!(graph.contains("circle: left -> right -> left"), "{graph}");
}

#[test]
fn law_19_a_task_that_panics_is_named_and_its_peers_are_released() {
    let stop = run(|threads| {
        threads.spawn("bad", NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            panic!("on purpose")
        })?;
        threads.spawn("peer", NORMAL, async |sys| {
            sys.send("bad", b"").await?;
            assert_eq!(sys.receive_from("bad", &mut []).await, Err(Error::PeerDead));
            Ok(())
        })?;
        Ok(())
    });
    let failed = Failure { task: Name::new("bad").unwrap(), status: ExitStatus::Panicked };
    assert!(matches!(stop, Stop::Failed(failure) if failure == failed), "{stop:?}");
}

#[test]
fn law_19_a_task_that_waits_for_nothing_faults_and_an_error_is_a_failure() {
    let stop = run(|threads| {
        threads.spawn("idler", NORMAL, async |_| std::future::pending().await)?;
        Ok(())
    });
    let Stop::Failed(failure) = stop else { panic!("{stop:?}") };
    assert_eq!(failure.status, ExitStatus::Faulted);

    let stop = run(|threads| {
        threads.spawn("failing", NORMAL, async |sys| sys.send("nobody", b"").await)?;
        Ok(())
    });
    let Stop::Failed(failure) = stop else { panic!("{stop:?}") };
    assert_eq!(failure.status, ExitStatus::Failed(Error::NoSuchName));
}

#[test]
fn a_task_with_the_right_kills_a_thread_that_waits() {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    let victim = threads
        .spawn("victim", NORMAL, async |sys| {
            sys.send("killer", b"I wait").await?;
            sys.receive(&mut []).await.map(drop)
        })
        .unwrap();
    static KEY: Mutex<Option<postroom::Handle>> = Mutex::new(None);
    let killer = threads
        .spawn("killer", NORMAL, async move |sys| {
            sys.receive(&mut []).await?;
            let Some(key) = KEY.lock().unwrap().take() else { return Err(Error::BadHandle) };
            sys.kill(key).await?;
            assert_eq!(sys.send(victim, b"").await, Err(Error::PeerDead));
            Ok(())
        })
        .unwrap();
    *KEY.lock().unwrap() = Some(kernel.with(|kernel| kernel.entrust(killer, victim)).unwrap());
    assert!(matches!(threads.run(), Stop::Done));
    kernel.with(|kernel| assert_eq!(kernel.tasks().count(), 0));
}

#[test]
fn a_task_is_killed_from_outside_while_it_runs() {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    let task =
        threads.spawn("sleeper", NORMAL, async |sys| sys.sleep(Ticks(u64::MAX / 2)).await).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| door.kill(task).unwrap());
        assert!(matches!(threads.run(), Stop::Done));
    });
}

#[test]
fn law_18_a_deadlock_on_threads_also_tells_an_earlier_failure() {
    let stop = run(|threads| {
        threads.spawn("server", NORMAL, async |_| Err(Error::BadArgument))?;
        threads.spawn("client", NORMAL, async |sys| {
            // Whether the server lives or not, nothing comes.
            let _ = sys.receive_from("server", &mut []).await;
            sys.receive(&mut []).await.map(drop)
        })?;
        Ok(())
    });
    let Stop::Deadlock(graph) = stop else { panic!("{stop:?}") };
    assert!(graph.contains("\n  before that, task server failed: "), "{graph}");
}

#[test]
fn law_19_a_task_without_a_thread_ends_as_no_one_will_run_it() {
    let kernel = Small::new(Kernel::new());
    let ghost = kernel.with(|kernel| kernel.spawn("ghost", NORMAL)).unwrap();
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads.spawn("other", NORMAL, async |sys| sys.yield_now().await).unwrap();
    let _ = threads.run();
    kernel.with(|kernel| assert_eq!((kernel.state(ghost), kernel.living()), (None, 0)));
}

#[test]
fn law_19_threads_that_are_dropped_before_they_run_end_their_tasks() {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    for _ in 0..2 {
        // The name is free again.
        let mut threads = Threads::new(&door);
        let task = threads.spawn("task", NORMAL, async |_| Ok(())).unwrap();
        drop(threads);
        assert_eq!(kernel.with(|kernel| kernel.state(task)), None);
    }
}

#[test]
fn law_11_no_sleep_ends_before_its_time_by_the_clock_of_the_system() {
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let stop = run(|threads| {
        threads.spawn("sleeper", NORMAL, async |sys| {
            let mut shortest = Duration::MAX;
            for i in 0..50 {
                // Begins at different moments between two ticks.
                let begin = Instant::now() + Duration::from_micros(137 * (i % 9));
                while Instant::now() < begin {}
                let begin = Instant::now();
                sys.sleep(Ticks(2)).await?;
                shortest = shortest.min(begin.elapsed());
            }
            IS_OVER.store(true, Relaxed);
            assert!(shortest >= Duration::from_millis(2), "{shortest:?}");
            Ok(())
        })?;
        // Each call of another task tells the kernel the time.
        threads.spawn("yielder", NORMAL, async |sys| {
            while !IS_OVER.load(Relaxed) {
                sys.yield_now().await?;
            }
            Ok(())
        })?;
        Ok(())
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

#[test]
fn a_kernel_can_stand_in_a_mutex_of_the_system() {
    let kernel = Mutex::new(Kernel::<4, 8, 1024>::new());
    let mut executor = Executor::new(&kernel);
    executor.spawn("sender", NORMAL, async |sys| sys.send("receiver", b"").await).unwrap();
    let receive = async |sys: Sys<'_>| sys.receive(&mut []).await.map(drop);
    executor.spawn("receiver", NORMAL, receive).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    drop(executor);

    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    threads.spawn("sender", NORMAL, async |sys| sys.send("receiver", b"").await).unwrap();
    threads.spawn("receiver", NORMAL, async |sys| sys.receive(&mut []).await.map(drop)).unwrap();
    assert!(matches!(threads.run(), Stop::Done));
    assert_eq!(kernel.lock().unwrap().check(), Ok(()));
}

#[test]
fn law_19_a_killed_thread_that_ignores_all_errors_ends_all_the_same() {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    let stubborn = threads
        .spawn("stubborn", NORMAL, async |sys| {
            loop {
                let _ = sys.yield_now().await;
                let _ = sys.open_read("nothing").await;
                let _ = sys.receive(&mut []).try_now().await;
            }
        })
        .unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| door.kill(stubborn).unwrap());
        assert!(matches!(threads.run(), Stop::Done));
    });
}

#[test]
fn law_19_the_body_of_a_task_that_was_killed_before_the_run_never_runs() {
    let kernel = Small::new(Kernel::new());
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    let victim =
        threads.spawn("victim", NORMAL, async |_| panic!("it was killed before it began")).unwrap();
    door.kill(victim).unwrap();
    assert!(matches!(threads.run(), Stop::Done));
}
