//! POSIX message queues.

use std::time::Duration;

use postroom::{Attributes, Error, Executor, Host, Kernel, Lock, Priority, Sizes, Stop, Ticks};

use crate::{on_both, queue_name};

const SIZES: Sizes = Sizes::Messages { most: 4, longest: 8 };

#[test]
fn law_40_the_most_urgent_comes_first_and_equals_in_order() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("sender", async move |sys| {
            let queue = sys.open_sender(name).create_new(SIZES).await?;
            for (urgency, text) in [(0, "a"), (31, "b"), (0, "c"), (7, "")] {
                queue.send(urgency, text.as_bytes()).await?;
            }
            assert_eq!(queue.send(32, b"!").await, Err(Error::BadArgument));
            assert_eq!(queue.send(0, b"!").try_now().await, Err(Error::WouldBlock));
            assert!(!queue.readiness().await?.writable);
            let expected = Attributes { most: 4, longest: 8, length: 4 };
            assert_eq!(queue.attributes().await, Ok(expected));
            sys.send("receiver", b"").await?;
            // It waits for room.
            queue.send(0, b"last").await
        });
        tasks.spawn("receiver", async move |sys| {
            sys.receive(&mut []).await?;
            let queue = sys.open_receiver(name).await?;
            let mut buffer = [0; 8];
            let expected = [("b", 31), ("", 7), ("a", 0), ("c", 0), ("last", 0)];
            for (text, urgency) in expected {
                let message = queue.receive(&mut buffer).await?.unwrap();
                assert_eq!(&buffer[..message.copied], text.as_bytes());
                assert_eq!((message.urgency, message.name), (urgency, None));
            }
            Ok(())
        });
    });
}

#[test]
fn law_41_and_42_what_is_too_long_and_what_is_too_short() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            let sender = sys.open_sender(name).create_new(SIZES).await?;
            let receiver = sys.open_receiver(name).await?;
            assert_eq!(sender.send(0, b"nine byte").await, Err(Error::MessageTooLong));
            sender.send(0, b"one").await?;
            assert_eq!(receiver.receive(&mut [0; 7]).await, Err(Error::MessageTooLong));
            assert_eq!(receiver.receive(&mut [0; 8]).await?.map(|it| it.copied), Some(3));
            assert_eq!(receiver.receive(&mut [0; 8]).within(Ticks(3)).await, Err(Error::TimedOut));
            Ok(())
        });
    });
}

#[test]
fn law_39_a_queue_is_found_by_its_name_or_made() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            assert_eq!(sys.open_sender(name).await.err(), Some(Error::NoSuchName));
            let _queue = sys.open_sender(name).or_create(SIZES).await?;
            assert!(sys.open_receiver(name).or_create(SIZES).await.is_ok());
            let again = sys.open_receiver(name).create_new(SIZES).await;
            assert_eq!(again.err(), Some(Error::NameTaken));
            let bytes = sys.open_receiver(name).or_create(Sizes::Bytes(8)).await;
            assert_eq!(bytes.err(), Some(Error::WrongKind));
            sys.unlink(name).await?;
            assert_eq!(sys.unlink(name).await, Err(Error::NoSuchName));
            let nothing = Sizes::Messages { most: 0, longest: 8 };
            let made = sys.open_sender(name).or_create(nothing).await;
            assert_eq!(made.err(), Some(Error::BadArgument));
            Ok(())
        });
    });
}

#[test]
fn law_43_an_unlinked_queue_stays_for_those_who_have_it() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            let sender = sys.open_sender(name).create_new(SIZES).await?;
            let receiver = sys.open_receiver(name).await?;
            sys.unlink(name).await?;
            let _another = sys.open_sender(name).create_new(SIZES).await?;
            sender.send(0, b"one").await?;
            assert!(receiver.receive(&mut [0; 8]).await?.is_some());
            Ok(())
        });
    });
}

#[test]
fn law_43_differs_a_queue_stays_without_handles() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            sys.open_sender(name).create_new(SIZES).await?.send(0, b"kept").await?;
            let queue = sys.open_receiver(name).await?;
            assert_eq!(queue.receive(&mut [0; 8]).await?.map(|it| it.copied), Some(4));
            Ok(())
        });
    });
}

#[test]
fn law_44_differs_there_is_no_end_of_file() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            let sender = sys.open_sender(name).create_new(SIZES).await?;
            let queue = sys.open_receiver(name).await?;
            drop(sender);
            let received = queue.receive(&mut [0; 8]).within(Ticks(5)).await;
            assert_eq!(received, Err(Error::TimedOut));
            Ok(())
        });
    });
}

#[test]
fn law_45_differs_nobody_is_notified() {
    on_both(|tasks| {
        let name = queue_name();
        tasks.spawn("task", async move |sys| {
            let queue = sys.open_receiver(name).create_new(SIZES).await?;
            assert_eq!(queue.notify().await, Err(Error::Unsupported));
            Ok(())
        });
    });
}

#[test]
fn law_68_what_a_host_made_goes_with_it_unless_it_is_kept() {
    let name = queue_name();
    let run = |host: Host, create: bool| {
        let kernel = Lock::new(Kernel::<2, 4, 1280, Host>::with(host, ()));
        let mut executor = Executor::new(&kernel);
        let body = async move |sys: postroom::Sys<'_>| {
            let open = sys.open_sender(name);
            let open = if create { open.create_new(SIZES) } else { open };
            open.await.map(drop)
        };
        executor.spawn("task", Priority::NORMAL, body).unwrap();
        let exists = matches!(executor.run(), Stop::Done);
        exists
    };
    assert!(run(Host::new().unwrap(), true));
    assert!(!run(Host::new().unwrap(), false), "it was removed");
    assert!(run(Host::new().unwrap().keep_queues(true), true));
    assert!(run(Host::new().unwrap(), false), "another host found it, and did not remove it");
    assert!(run(Host::new().unwrap(), false));
    unlink(name);
}

#[test]
fn law_68_what_others_have_made_under_that_name_stays() {
    let name = queue_name();
    let kernel = |host: Host| Lock::new(Kernel::<2, 4, 1280, Host>::with(host, ()));
    let make = |kernel: &Lock<Kernel<2, 4, 1280, Host>>| {
        let mut executor = Executor::new(kernel);
        let body = async move |sys: postroom::Sys<'_>| {
            sys.open_sender(name).create_new(SIZES).await?.send(0, b"kept").await
        };
        executor.spawn("task", Priority::NORMAL, body).unwrap();
        assert!(matches!(executor.run(), Stop::Done));
    };
    let first = kernel(Host::new().unwrap());
    make(&first);
    unlink(name);
    let second = kernel(Host::new().unwrap());
    make(&second);
    drop(first);
    let length = |kernel: &Lock<Kernel<2, 4, 1280, Host>>| {
        let mut executor = Executor::new(kernel);
        let body = async move |sys: postroom::Sys<'_>| {
            assert_eq!(sys.open_sender(name).await?.attributes().await?.length, 1);
            Ok(())
        };
        executor.spawn("task", Priority::NORMAL, body).unwrap();
        matches!(executor.run(), Stop::Done)
    };
    assert!(length(&second));
    drop(second);
    assert!(!length(&kernel(Host::new().unwrap())), "who made it removes it");
}

/// Removes a queue through a host, as anyone can.
fn unlink(name: &'static str) {
    let kernel = Lock::new(Kernel::<2, 4, 1280, Host>::with(Host::new().unwrap(), ()));
    let mut executor = Executor::new(&kernel);
    let body = async move |sys: postroom::Sys<'_>| sys.unlink(name).await;
    executor.spawn("task", Priority::NORMAL, body).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn a_receiver_is_woken_by_a_program_that_is_not_of_this_kernel() {
    on_both(|tasks| {
        let name = queue_name();
        let (ready, wait) = std::sync::mpsc::channel();
        tasks.spawn("receiver", async move |sys| {
            let queue = sys.open_receiver(name).create_new(SIZES).await?;
            ready.send(()).unwrap();
            let message = queue.receive(&mut [0; 8]).await?.unwrap();
            assert_eq!((message.length, message.urgency), (5, 9));
            Ok(())
        });
        tasks.outside(move || {
            wait.recv().unwrap();
            // The task sleeps by then, as a rule.
            std::thread::sleep(Duration::from_millis(20));
            let kernel = Lock::new(Kernel::<2, 4, 1280, Host>::with(Host::new().unwrap(), ()));
            let mut executor = Executor::new(&kernel);
            let body = async move |sys: postroom::Sys<'_>| {
                sys.open_sender(name).await?.send(9, b"hello").await
            };
            executor.spawn("sender", Priority::NORMAL, body).unwrap();
            assert!(matches!(executor.run(), Stop::Done));
        });
    });
}
