//! Waiting for the host: time-outs, polls, cancelling, death, signals, and no CPU for nothing.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use postroom::{
    Call, Error, Executor, Outcome, PollEntry, Priority, Rights, State, Stop, Sys, ThreadDoor,
    Threads, Ticks,
};

use crate::{kernel, on_both, tcp, udp};

/// A while, in which others go to sleep as a rule. No test fails if they do not.
fn a_while() {
    std::thread::sleep(Duration::from_millis(20));
}

#[test]
fn law_11_a_wait_ends_at_its_time_and_a_try_at_once() {
    on_both(|tasks| {
        let names = [tasks.name("unix", "s"), tcp("127.0.0.1")];
        tasks.spawn("task", async move |sys| {
            let pipe = sys.open_read("pipe:x").await?;
            let datagram = sys.datagram(1, 8).await?;
            datagram.bind(udp("127.0.0.1")).await?;
            let mut buffer = [0; 8];
            let start = sys.now();
            assert_eq!(pipe.read(&mut buffer).within(Ticks(7)).await, Err(Error::TimedOut));
            assert!(sys.now() >= start + Ticks(7));
            assert_eq!(pipe.read(&mut buffer).until(start).await, Err(Error::TimedOut));
            let received = datagram.receive(&mut buffer).within(Ticks(3)).await;
            assert_eq!(received, Err(Error::TimedOut));
            let received = datagram.receive(&mut buffer).try_now().await;
            assert_eq!(received, Err(Error::WouldBlock));
            for name in names {
                let listener = sys.stream(8).await?;
                listener.bind(name).await?;
                let listener = listener.listen(1).await?;
                let accepted = listener.accept().within(Ticks(3)).await;
                assert_eq!(accepted.err(), Some(Error::TimedOut));
                assert_eq!(listener.accept().try_now().await.err(), Some(Error::WouldBlock));
            }
            Ok(())
        });
    });
}

#[test]
fn law_59_a_poll_waits_for_two_devices_a_pipe_of_the_kernel_and_the_mailbox() {
    on_both(|tasks| {
        let name = tasks.name("unix-datagram", "s");
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let given = crate::leak(format!("fd:{}", std::os::fd::AsRawFd::as_raw_fd(&ours)));
        tasks.spawn("poller", async move |sys| {
            let (input, output) = sys.pipe(8).await?;
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            let stream = sys.open_read(given).await?;
            let reads = socket.entry().wanting(Rights::READ);
            let mut set = [reads, input.entry(), stream.entry(), PollEntry::mailbox()];
            assert_eq!(sys.poll(&mut set).within(Ticks(5)).await, Err(Error::TimedOut));
            sys.send("others", b"").await?;
            let mut buffer = [0; 8];
            let mut seen = [false; 4];
            while seen != [true; 4] {
                sys.poll(&mut set).await?;
                for (at, entry) in set.iter().enumerate().filter(|it| it.1.ready.unwrap().readable)
                {
                    seen[at] = true;
                    match at {
                        0 => drop(socket.receive(&mut buffer).await?),
                        1 => drop(input.read(&mut buffer).await?),
                        2 => drop(stream.read(&mut buffer).await?),
                        _ => {
                            assert!(entry.ready.is_ok());
                            sys.receive(&mut buffer).await?;
                            output.write_all(b"!").await?;
                        }
                    }
                }
            }
            drop(ours);
            Ok(())
        });
        let (ready, wait) = channel();
        tasks.spawn("others", async move |sys| {
            sys.receive(&mut []).await?;
            sys.send("poller", b"").await?;
            let socket = sys.datagram(1, 8).await?;
            socket.send_to(name, b"datagram").await?;
            ready.send(()).unwrap();
            Ok(())
        });
        tasks.outside(move || {
            wait.recv().unwrap();
            theirs.write_all(b"!").unwrap();
            a_while();
        });
    });
}

#[test]
fn law_60_a_hang_up_is_told_to_one_who_wants_nothing_else() {
    on_both(|tasks| {
        tasks.spawn("poller", async |sys| {
            let input = sys.open_read("pipe:x").await?;
            let mut set = [input.entry().wanting(Rights::NONE)];
            sys.send("writer", b"").await?;
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            assert!(set[0].ready?.hung_up);
            Ok(())
        });
        tasks.spawn("writer", async |sys| {
            let output = sys.open_write("pipe:x").await?;
            sys.receive(&mut []).await?;
            sys.sleep(Ticks(20)).await?;
            output.close().await
        });
    });
}

#[test]
fn law_60_differs_who_waits_to_write_is_not_woken_by_the_end_of_what_it_could_read() {
    on_both(|tasks| {
        let name = tasks.name("unix", "s");
        tasks.spawn("task", async move |sys| {
            let listener = sys.stream(8).await?;
            listener.bind(name).await?;
            let listener = listener.listen(1).await?;
            let client = sys.stream(8).await?;
            client.connect(name).await?;
            let server = listener.accept().await?;
            while client.write(&[0; 4096]).try_now().await.is_ok() {}
            let handle = server.share("peer", Rights::WRITE).await?;
            let parts = [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()];
            sys.send("peer", &parts.concat()).await?;
            let mut set = [client.entry().wanting(Rights::WRITE)];
            let polled = sys.poll(&mut set).within(Ticks(100)).await;
            // A slow peer is seen at the first look.
            assert!(matches!(polled, Err(Error::TimedOut) | Ok(1)), "{polled:?}");
            sys.receive(&mut []).await?;
            // Whoever looks sees it.
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            assert!(set[0].ready?.hung_up && !set[0].ready?.writable);
            Ok(())
        });
        tasks.spawn("peer", async |sys| {
            let mut buffer = [0; 10];
            sys.receive(&mut buffer).await?;
            let slot = u16::from_le_bytes(buffer[..2].try_into().unwrap());
            let serial = u64::from_le_bytes(buffer[2..].try_into().unwrap());
            let stream = postroom::Stream::new(sys, postroom::Handle::from_parts(slot, serial));
            sys.sleep(Ticks(10)).await?;
            stream.shutdown(Rights::WRITE).await?;
            sys.send("task", b"").await
        });
    });
}

#[test]
fn law_06_a_call_that_is_cancelled_waits_for_nothing() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let (input, output) = (sys.open_read("pipe:x").await?, sys.open_write("pipe:x").await?);
            let mut buffer = [0; 8];
            let mut read = Box::pin(input.read(&mut buffer));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(Future::poll(read.as_mut(), &mut context).is_pending());
            drop(read);
            output.write_all(b"!").await?;
            assert_eq!(input.read(&mut buffer).await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_06_a_handle_that_its_own_task_closes_ends_the_wait() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let input = sys.open_read("pipe:x").await?;
            let mut buffer = [0; 8];
            let mut read = Box::pin(input.read(&mut buffer));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(Future::poll(read.as_mut(), &mut context).is_pending());
            let close = Call::Close { handle: input.handle() };
            assert!(!matches!(sys.syscall(close), Outcome::Blocked));
            assert_eq!(read.await, Err(Error::BadHandle));
            Ok(())
        });
    });
}

#[test]
fn law_05_those_who_wait_for_one_device_are_served_in_order() {
    on_both(|tasks| {
        tasks.spawn("writer", async |sys| {
            let (input, output) = (sys.open_read("pipe:x").await?, sys.open_write("pipe:x").await?);
            for task in ["first", "second"] {
                let handle = input.share(task, Rights::READ).await?;
                let parts = [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()];
                sys.send(task, &parts.concat()).await?;
                sys.receive_from(task, &mut []).await?;
                sys.sleep(Ticks(30)).await?;
            }
            // Both sleep, as a rule; each takes one byte.
            output.write_all(b"12").await
        });
        for name in ["first", "second"] {
            tasks.spawn(name, async |sys| {
                let mut buffer = [0; 10];
                sys.receive(&mut buffer).await?;
                let slot = u16::from_le_bytes(buffer[..2].try_into().unwrap());
                let serial = u64::from_le_bytes(buffer[2..].try_into().unwrap());
                let handle = postroom::Handle::from_parts(slot, serial);
                let input = postroom::ReadEnd::new(sys, handle);
                sys.send("writer", b"").await?;
                assert_eq!(input.read(&mut buffer[..1]).await, Ok(1));
                Ok(())
            });
        }
    });
}

#[test]
fn law_19_a_task_that_is_killed_while_it_waits_for_a_device_lets_it_go() {
    let kernel = kernel();
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    let victim = threads
        .spawn("victim", Priority::NORMAL, async |sys| {
            let input = sys.open_read("pipe:x").await?;
            sys.send("writer", b"").await?;
            input.read(&mut [0]).await.map(drop)
        })
        .unwrap();
    threads
        .spawn("writer", Priority::NORMAL, async |sys| {
            sys.receive_from("victim", &mut []).await?;
            let output = sys.open_write("pipe:x").await?;
            assert_eq!(sys.receive_from("victim", &mut []).await, Err(Error::PeerDead));
            assert_eq!(output.write(b"!").await, Err(Error::BrokenPipe));
            Ok(())
        })
        .unwrap();
    let stop = std::thread::scope(|scope| {
        let (door, kernel) = (&door, &kernel);
        scope.spawn(move || {
            while kernel.with(|kernel| kernel.state(victim)) != Some(State::Blocked) {
                std::thread::yield_now();
            }
            a_while();
            door.kill(victim).unwrap();
        });
        threads.run()
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
    kernel.with(|kernel| assert_eq!((kernel.check(), kernel.channels().count()), (Ok(()), 0)));
}

#[test]
fn law_06_a_handle_that_is_closed_while_another_waits_with_its_own_changes_nothing() {
    on_both(|tasks| {
        tasks.spawn("closer", async |sys| {
            let input = sys.open_read("pipe:x").await?;
            let handle = input.share("reader", Rights::READ).await?;
            let parts = [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()];
            sys.send("reader", &parts.concat()).await?;
            sys.receive(&mut []).await?;
            input.close().await?;
            sys.open_write("pipe:x").await?.write_all(b"!").await
        });
        tasks.spawn("reader", async |sys| {
            let mut buffer = [0; 10];
            sys.receive(&mut buffer).await?;
            let slot = u16::from_le_bytes(buffer[..2].try_into().unwrap());
            let serial = u64::from_le_bytes(buffer[2..].try_into().unwrap());
            let handle = postroom::Handle::from_parts(slot, serial);
            let input = postroom::ReadEnd::new(sys, handle);
            sys.send("closer", b"").await?;
            assert_eq!(input.read(&mut buffer).await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_18_a_deadlock_is_found_if_no_device_is_waited_for() {
    for open in [false, true] {
        let kernel = kernel();
        let mut executor = Executor::new(&kernel);
        executor
            .spawn("task", Priority::NORMAL, async move |sys| {
                // One that is open, but that nobody waits for.
                let _device = if open { Some(sys.open_read("pipe:x").await?) } else { None };
                let device = sys.open_read("pipe:y").await?;
                device.read(&mut [0]).within(Ticks(2)).await.expect_err("nobody writes");
                sys.receive(&mut []).await.map(drop)
            })
            .unwrap();
        assert!(matches!(executor.run(), Stop::Deadlock(_)));
    }
}

#[test]
fn law_18_differs_who_waits_for_a_device_is_in_no_deadlock() {
    let kernel = kernel();
    let door = ThreadDoor::new(&kernel);
    let mut threads = Threads::new(&door);
    // Each waits for the other, and the kernel cannot know that nobody else has their pipes.
    let circle = [("ann", "pipe:x", "pipe:y"), ("bob", "pipe:y", "pipe:x")];
    let waiting = circle.map(|(name, own, other)| {
        let body = async move |sys: Sys<'_>| {
            let (input, _out) = (sys.open_read(own).await?, sys.open_write(other).await?);
            input.read(&mut [0]).await.map(drop)
        };
        threads.spawn(name, Priority::NORMAL, body).unwrap()
    });
    let stop = std::thread::scope(|scope| {
        let (door, kernel) = (&door, &kernel);
        scope.spawn(move || {
            let state = |task| kernel.with(|kernel| kernel.state(task));
            while waiting.map(state) != [Some(State::Blocked); 2] {
                std::thread::yield_now();
            }
            a_while();
            // The other one comes to the end of its pipe then.
            door.kill(waiting[0]).unwrap();
        });
        threads.run()
    });
    assert!(matches!(stop, Stop::Done), "{stop:?}");
}

/// Nanoseconds that this thread has spent on a core, and how often it has gone to sleep.
fn spent() -> (u64, u64) {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("voluntary_ctxt_switches:")).unwrap();
    let number = |text: &str| text.trim().parse::<u64>().unwrap();
    (number(schedstat.split(' ').next().unwrap()), number(line.split_once(':').unwrap().1))
}

#[test]
fn who_waits_for_devices_uses_no_cpu() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let (name, dir) = (udp("127.0.0.1"), crate::dir());
    let unix = crate::leak(format!("unix:{}/s", dir.path().display()));
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let input = sys.open_read("pipe:x").await?;
            assert_eq!(input.read(&mut [0]).within(Ticks(300)).await, Err(Error::TimedOut));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let out = sys.open_write("pipe:full").await?;
            let count = out.write(&[0; 1 << 20]).within(Ticks(300)).await?;
            assert!(count < 1 << 20);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("poller", Priority::NORMAL, async move |sys| {
            let socket = sys.datagram(1, 8).await?;
            socket.bind(name).await?;
            let listener = sys.stream(8).await?;
            listener.bind(unix).await?;
            let listener = listener.listen(1).await?;
            let wants = Rights::READ;
            let mut set = [socket.entry().wanting(wants), listener.entry().wanting(wants)];
            let polled = sys.poll(&mut set).within(Ticks(300)).await;
            assert_eq!(polled, Err(Error::TimedOut));
            Ok(())
        })
        .unwrap();
    let before = spent();
    assert!(matches!(executor.run(), Stop::Done));
    let after = spent();
    assert!(after.1 - before.1 < 60, "it slept {} times", after.1 - before.1);
    assert!(after.0 - before.0 < 150_000_000, "{} ns of 300 ms", after.0 - before.0);
}

#[test]
fn law_67_a_signal_that_interrupts_a_sleep_changes_nothing() {
    on_both(|tasks| {
        // A process that is stopped and continued finds its epoll interrupted.
        let script = "for i in 1 2 3 4 5 6 7 8 9 10; do \
                      kill -STOP $0; kill -CONT $0; sleep 0.005; done; echo done";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, &std::process::id().to_string()]).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let output = std::os::fd::OwnedFd::from(child.stdout.take().unwrap());
        let name = crate::leak(format!("fd:{}", std::os::fd::AsRawFd::as_raw_fd(&output)));
        tasks.spawn("reader", async move |sys| {
            let input = sys.open_read(name).await?;
            let mut buffer = [0; 16];
            assert_eq!(input.read_full(&mut buffer).await, Ok(5));
            drop(output);
            Ok(())
        });
        tasks.spawn("sleeper", async |sys| {
            let start = sys.now();
            sys.sleep(Ticks(50)).await?;
            assert!(sys.now() >= start + Ticks(50));
            Ok(())
        });
        tasks.outside(move || assert!(child.wait().unwrap().success()));
    });
}

#[test]
fn busy_tasks_do_not_keep_a_device_waiting() {
    let done = std::sync::atomic::AtomicBool::new(false);
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let done = &done;
    executor
        .spawn("busy", Priority::NORMAL, async move |sys| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                sys.yield_now().await?;
            }
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async move |sys| {
            let input = sys.open_read("pipe:x").await?;
            sys.send("writer", b"").await?;
            assert_eq!(input.read(&mut [0]).await, Ok(1));
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        })
        .unwrap();
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            sys.receive(&mut []).await?;
            sys.sleep(Ticks(5)).await?;
            sys.open_write("pipe:x").await?.write_all(b"!").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}
