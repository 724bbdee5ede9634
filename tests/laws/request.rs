//! C. Mailbox, laws 27 to 29: requests, replies, and circles of those who wait for each other.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;

use postroom::view::{Line, Strace};
use postroom::{
    Answer, Call, Error, Event, Executor, ExitStatus, Kernel, Lock, NoDevices, Outcome, Peer,
    Priority, Replied, RequestId, Result, Stop, Sys, TaskId, Ticks, Value, Wait, param,
};

use crate::hand::{Hand, refused, until};

const SENT: Outcome = Outcome::Complete(Ok(Value::Unit));

fn kernel() -> Lock<Kernel<8, 16, 1280>> {
    Lock::new(Kernel::new())
}

/// A reply of so many bytes that was copied whole.
const fn whole(length: usize) -> Replied {
    Replied { copied: length, length }
}

/// Runs a client and a server to their ends.
fn run(
    client: impl AsyncFnOnce(Sys<'_>) -> Result<()>,
    server: impl AsyncFnOnce(Sys<'_>) -> Result<()>,
) {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor.spawn("client", Priority::NORMAL, async |sys| client(sys).await).unwrap();
    executor.spawn("server", Priority::NORMAL, async |sys| server(sys).await).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

/// Receives a message whose sender waits for a reply.
async fn next(sys: Sys<'_>) -> Result<RequestId> {
    let message = sys.receive(&mut [0; 16]).await?;
    Ok(message.request.expect("this is a request"))
}

/// Sends a request by hand, which has to be accepted.
fn request(hand: &mut Hand, caller: TaskId, server: TaskId) -> RequestId {
    let to = Peer::Task(server);
    let call = Call::Request { to, message: b"request", room: 16, wait: Wait::Try };
    match hand.answer(caller, call) {
        Ok(Value::Request(serial)) => RequestId { caller, serial },
        other => panic!("{other:?}"),
    }
}

fn reply(hand: &mut Hand, server: TaskId, request: RequestId, message: &[u8]) -> Answer {
    hand.answer(server, Call::Reply { request, message })
}

/// Waits by hand for the reply to a request: the outcome, and the reply.
fn answer(hand: &mut Hand, caller: TaskId, wait: Wait) -> (Outcome, Vec<u8>) {
    let mut buffer = [0; 16];
    let outcome = hand.call(caller, Call::Answer { buffer: &mut buffer, wait });
    match outcome {
        Outcome::Complete(Ok(Value::Message { copied, .. })) => {
            (outcome, buffer[..copied as usize].to_vec())
        }
        _ => (outcome, Vec::new()),
    }
}

#[test]
fn law_27_a_call_returns_the_reply_to_this_very_request() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let mut caller = |name: &'static str| {
        executor
            .spawn(name, Priority::NORMAL, async move |sys| {
                let mut buffer = [0; 16];
                let replied = sys.call("server", name.as_bytes(), &mut buffer).await?;
                assert_eq!(&buffer[..replied.copied], name.as_bytes());
                Ok(())
            })
            .unwrap();
    };
    caller("ann");
    caller("bob");
    executor
        .spawn("server", Priority::NORMAL, async |sys| {
            let [ann, bob] = [next(sys).await?, next(sys).await?];
            // The last to ask is the first to be answered.
            assert_eq!(sys.reply(bob, b"bob").await, Ok(whole(3)));
            assert_eq!(sys.reply(ann, b"ann").await, Ok(whole(3)));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_27_every_request_has_an_identity_of_its_own() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let first = request(&mut hand, client, server);
    assert!(reply(&mut hand, server, first, b"").is_ok());
    assert_eq!(answer(&mut hand, client, Wait::Try).1, b"");
    let second = request(&mut hand, client, server);
    assert_eq!((first.caller, second.caller), (client, client));
    assert_ne!(first, second);

    // What the server receives says the same.
    let received = hand.receive(server, None, 16, Wait::Try).2.unwrap().request();
    assert_eq!(received, Some(first));
    let received = hand.receive(server, None, 16, Wait::Try).2.unwrap().request();
    assert_eq!(received, Some(second));

    // A later task of the same name begins to count anew, and yet has others.
    assert_eq!(hand.call(client, Call::Exit { status: ExitStatus::Done }), SENT);
    let heir = hand.task("client");
    let third = request(&mut hand, heir, server);
    assert!(third != first && third != second);
}

#[test]
fn law_27_a_message_that_nobody_waits_with_is_no_request() {
    run(
        async |sys| sys.send("server", b"hello").await,
        async |sys| {
            assert_eq!(sys.receive(&mut [0; 16]).await?.request, None);
            Ok(())
        },
    );
}

#[test]
fn law_27_a_repeated_reply_has_no_effect_and_does_not_disturb_the_server() {
    run(
        async |sys| {
            let mut buffer = [0; 16];
            assert_eq!(sys.call("server", b"one", &mut buffer).await, Ok(whole(5)));
            assert_eq!(&buffer[..5], b"first");
            assert_eq!(sys.call("server", b"two", &mut buffer).await, Ok(whole(6)));
            assert_eq!(&buffer[..6], b"second");
            Ok(())
        },
        async |sys| {
            let one = next(sys).await?;
            assert_eq!(sys.reply(one, b"first").await, Ok(whole(5)));
            assert_eq!(sys.reply(one, b"not taken").await, Err(Error::NoSuchRequest));
            // Now the client has its reply, and has called again.
            let two = next(sys).await?;
            assert_eq!(sys.reply(one, b"taken").await, Err(Error::NoSuchRequest));
            assert_eq!(sys.reply(two, b"second").await, Ok(whole(6)));
            Ok(())
        },
    );
}

#[test]
fn law_27_a_late_reply_is_not_taken_for_the_reply_to_the_next_request() {
    run(
        async |sys| {
            let mut buffer = [0; 16];
            let late = sys.call("server", b"one", &mut buffer).within(Ticks(10)).await;
            assert_eq!(late, Err(Error::TimedOut));
            assert_eq!(sys.call("server", b"two", &mut buffer).await, Ok(whole(6)));
            assert_eq!(&buffer[..6], b"second");
            Ok(())
        },
        async |sys| {
            let one = next(sys).await?;
            let two = next(sys).await?;
            assert_eq!(sys.reply(one, b"late").await, Err(Error::NoSuchRequest));
            assert_eq!(sys.reply(two, b"second").await, Ok(whole(6)));
            Ok(())
        },
    );
}

#[test]
fn law_27_a_reply_at_the_last_moment_is_in_time() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    let wait = Wait::Until(Ticks(10));
    assert_eq!(answer(&mut hand, client, wait).0, Outcome::Blocked);
    hand.kernel.advance(Ticks(10));
    assert!(hand.is_ready(client));
    assert!(reply(&mut hand, server, it, b"just").is_ok());
    assert_eq!(answer(&mut hand, client, wait).1, b"just");
}

#[test]
fn law_27_a_foreign_or_forged_reply_has_no_effect() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let mallory = hand.task("mallory");
    let it = request(&mut hand, client, server);
    assert_eq!(answer(&mut hand, client, Wait::Forever).0, Outcome::Blocked);

    // Mallory knows all about the request, but it is not hers.
    assert_eq!(reply(&mut hand, mallory, it, b"mine"), Err(Error::NoSuchRequest));
    let guessed = RequestId { serial: it.serial + 1, ..it };
    assert_eq!(reply(&mut hand, server, guessed, b"guess"), Err(Error::NoSuchRequest));
    let of_nobody = RequestId { caller: mallory, ..it };
    assert_eq!(reply(&mut hand, server, of_nobody, b"guess"), Err(Error::NoSuchRequest));
    assert!(hand.is_blocked(client));

    assert!(reply(&mut hand, server, it, b"true").is_ok());
    assert_eq!(answer(&mut hand, client, Wait::Forever).1, b"true");
}

#[test]
fn law_27_a_server_does_not_wait_to_reply_even_if_the_mailbox_of_its_caller_is_full() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    assert_eq!(hand.send(server, "client", b"1", Wait::Try), SENT);
    assert_eq!(hand.send(server, "client", b"2", Wait::Try), SENT);
    assert_eq!(hand.send(server, "client", b"3", Wait::Try), SENT);
    assert_eq!(hand.send(server, "client", b"4", Wait::Try), refused(Error::WouldBlock));

    let longest = [7; param::MAILBOX_LONGEST];
    let replied = Value::Message { copied: 16, length: param::MAILBOX_LONGEST as u32 };
    assert_eq!(reply(&mut hand, server, it, &longest), Ok(replied));
    assert_eq!(hand.send(server, "client", b"4", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(answer(&mut hand, client, Wait::Forever).1, [7; 16]);
    assert_eq!(hand.receive(client, None, 1, Wait::Try).1, b"1");
    assert_eq!(hand.receive(client, None, 1, Wait::Try).1, b"2");
    assert_eq!(hand.receive(client, None, 1, Wait::Try).1, b"3");
}

#[test]
fn law_27_a_message_is_no_reply_and_a_reply_is_no_message() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    assert_eq!(answer(&mut hand, client, Wait::Forever).0, Outcome::Blocked);
    assert_eq!(hand.send(server, "client", b"message", Wait::Try), SENT);
    assert!(hand.is_blocked(client));
    assert!(reply(&mut hand, server, it, b"reply").is_ok());
    assert_eq!(answer(&mut hand, client, Wait::Forever).1, b"reply");
    assert_eq!(hand.receive(client, None, 16, Wait::Try).1, b"message");

    let it = request(&mut hand, client, server);
    assert!(reply(&mut hand, server, it, b"reply").is_ok());
    assert_eq!(hand.receive(client, None, 16, Wait::Try).0, refused(Error::WouldBlock));
    let from_server = Some(Peer::Task(server));
    assert_eq!(hand.receive(client, from_server, 16, Wait::Try).0, refused(Error::WouldBlock));
    assert_eq!(answer(&mut hand, client, Wait::Try).1, b"reply");
}

#[test]
fn law_27_a_task_makes_one_request_at_a_time() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    let (to, wait) = (Peer::Task(server), Wait::Forever);
    let another = Call::Request { to, message: b"another", room: 0, wait };
    assert_eq!(hand.call(client, another), refused(Error::Busy));
    assert!(reply(&mut hand, server, it, b"").is_ok());
    assert_eq!(answer(&mut hand, client, wait).1, b"");
    assert_eq!(answer(&mut hand, client, wait).0, refused(Error::NoSuchRequest));
    assert_ne!(request(&mut hand, client, server), it);
}

#[test]
fn law_27_a_request_that_cannot_be_sent_leaves_nothing_behind() {
    let kernel = kernel();
    kernel.with(|kernel| kernel.create_pipe("pipe", 1)).unwrap();
    let mut executor = Executor::new(&kernel);
    let gone = executor.spawn("gone", Priority::NORMAL, async |_| Ok(())).unwrap();
    executor.kill(gone).unwrap();
    executor
        .spawn("client", Priority::NORMAL, async move |sys| {
            let mut buffer = [0; 16];
            let too_long = [0; param::MAILBOX_LONGEST + 1];
            assert_eq!(sys.call("nobody", b"", &mut buffer).await, Err(Error::NoSuchName));
            assert_eq!(sys.call("pipe", b"", &mut buffer).await, Err(Error::WrongKind));
            assert_eq!(sys.call(gone, b"", &mut buffer).await, Err(Error::PeerDead));
            let answer = sys.call("server", &too_long, &mut buffer).await;
            assert_eq!(answer, Err(Error::MessageTooLong));
            assert_eq!(sys.call("server", b"good", &mut buffer).await, Ok(whole(5)));
            assert_eq!(&buffer[..5], b"reply");
            Ok(())
        })
        .unwrap();
    executor
        .spawn("server", Priority::NORMAL, async |sys| {
            let request = next(sys).await?;
            sys.reply(request, b"reply").await.map(drop)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_27_a_mailbox_that_holds_one_message_has_no_room_for_replies() {
    let kernel = Lock::new(Kernel::<2, 2, 64>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("client", Priority::NORMAL, async |sys| {
            assert_eq!(sys.call("server", b"", &mut []).await, Err(Error::Unsupported));
            sys.send("server", b"").await
        })
        .unwrap();
    executor
        .spawn("server", Priority::NORMAL, async |sys| sys.receive(&mut []).await.map(drop))
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_11_the_time_of_a_call_counts_over_its_request_and_its_reply() {
    run(
        async |sys| {
            sys.send("server", b"1").await?;
            sys.send("server", b"2").await?;
            sys.send("server", b"3").await?;
            let entry = sys.now();
            let answer = sys.call("server", b"request", &mut []).within(Ticks(20)).await;
            assert_eq!((answer, sys.now()), (Err(Error::TimedOut), entry + Ticks(20)));
            sys.receive(&mut []).await.map(drop)
        },
        async |sys| {
            // There is room for the request halfway, and no reply in time.
            sys.sleep(Ticks(10)).await?;
            sys.receive(&mut []).await?;
            sys.sleep(Ticks(50)).await?;
            sys.receive(&mut []).await?;
            sys.receive(&mut []).await?;
            let request = next(sys).await?;
            assert_eq!(sys.reply(request, b"").await, Err(Error::NoSuchRequest));
            sys.send("client", b"").await
        },
    );
}

#[test]
fn law_13_a_call_has_four_forms() {
    run(
        async |sys| {
            let mut buffer = [0; 4];
            let request = b"request";
            let answer = sys.call("server", request, &mut buffer).try_now().await;
            assert_eq!(answer, Err(Error::WouldBlock));
            let entry = sys.now();
            let answer = sys.call("server", request, &mut buffer).within(Ticks(10)).await;
            assert_eq!((answer, sys.now()), (Err(Error::TimedOut), entry + Ticks(10)));
            let answer = sys.call("server", request, &mut buffer).until(Ticks(50)).await;
            assert_eq!((answer, sys.now()), (Err(Error::TimedOut), Ticks(50)));
            assert_eq!(sys.call("server", request, &mut buffer).await, Ok(whole(4)));
            assert!(sys.now() >= Ticks(100));
            Ok(())
        },
        async |sys| {
            sys.sleep_until(Ticks(100)).await?;
            // Three were given up.
            let [first, second, third] = [next(sys).await?, next(sys).await?, next(sys).await?];
            assert_eq!(sys.reply(first, b"late").await, Err(Error::NoSuchRequest));
            assert_eq!(sys.reply(second, b"late").await, Err(Error::NoSuchRequest));
            assert_eq!(sys.reply(third, b"late").await, Err(Error::NoSuchRequest));
            let fourth = next(sys).await?;
            sys.reply(fourth, b"good").await.map(drop)
        },
    );
}

#[test]
fn law_28_both_sides_learn_of_a_reply_that_is_longer_than_the_buffer() {
    let cut = Replied { copied: 5, length: 12 };
    run(
        async |sys| {
            let mut buffer = *b"........";
            assert_eq!(sys.call("server", b"", &mut buffer[..5]).await, Ok(cut));
            assert_eq!(&buffer, b"Hello...");
            assert_eq!(sys.call("server", b"", &mut buffer).await, Ok(whole(5)));
            assert_eq!(&buffer, b"short...");
            Ok(())
        },
        async |sys| {
            let request = next(sys).await?;
            assert_eq!(sys.reply(request, b"Hello World!").await, Ok(cut));
            let request = next(sys).await?;
            assert_eq!(sys.reply(request, b"short").await, Ok(whole(5)));
            Ok(())
        },
    );
}

#[test]
fn law_28_a_reply_that_is_too_long_for_a_mailbox_is_refused_and_a_shorter_one_can_follow() {
    run(
        async |sys| {
            let mut buffer = [0; 1000];
            assert_eq!(sys.call("server", b"", &mut buffer).await, Ok(whole(5)));
            Ok(())
        },
        async |sys| {
            let request = next(sys).await?;
            let too_long = [0; param::MAILBOX_LONGEST + 1];
            assert_eq!(sys.reply(request, &too_long).await, Err(Error::MessageTooLong));
            assert_eq!(sys.reply(request, b"short").await, Ok(whole(5)));
            Ok(())
        },
    );
}

#[test]
fn law_28_if_the_server_dies_all_its_callers_get_peer_dead() {
    let mut hand = Hand::new();
    let server = hand.task("server");
    let [taken, waiting, late] = [hand.task("taken"), hand.task("waiting"), hand.task("late")];
    request(&mut hand, taken, server);
    assert_eq!(hand.receive(server, None, 16, Wait::Try).1, b"request");
    request(&mut hand, waiting, server);
    assert_eq!(hand.send(late, "server", b"1", Wait::Try), SENT);
    assert_eq!(hand.send(late, "server", b"2", Wait::Try), SENT);
    let wait = Wait::Forever;
    let full = || Call::Request { to: "server".into(), message: b"late", room: 0, wait };
    assert_eq!(hand.call(late, full()), Outcome::Blocked);
    assert_eq!(answer(&mut hand, taken, wait).0, Outcome::Blocked);
    assert_eq!(answer(&mut hand, waiting, wait).0, Outcome::Blocked);

    assert_eq!(hand.call(server, Call::Exit { status: ExitStatus::Killed }), SENT);
    assert!(hand.is_ready(taken) && hand.is_ready(waiting) && hand.is_ready(late));
    assert_eq!(answer(&mut hand, taken, wait).0, refused(Error::PeerDead));
    assert_eq!(answer(&mut hand, waiting, wait).0, refused(Error::PeerDead));
    assert_eq!(hand.call(late, full()), refused(Error::PeerDead));

    // The next server of that name is another one, and can be called.
    let server = hand.task("server");
    request(&mut hand, taken, server);
}

#[test]
fn law_28_a_server_that_dies_between_the_request_and_the_wait_is_dead_too() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    request(&mut hand, client, server);
    assert_eq!(hand.call(server, Call::Exit { status: ExitStatus::Killed }), SENT);
    let heir = hand.task("server");
    assert_eq!(heir.index(), server.index());
    assert_eq!(answer(&mut hand, client, Wait::Forever).0, refused(Error::PeerDead));
}

#[test]
fn law_28_a_reply_of_the_dead_still_comes() {
    run(
        async |sys| {
            let mut buffer = [0; 16];
            assert_eq!(sys.call("server", b"", &mut buffer).await, Ok(whole(9)));
            assert_eq!(&buffer[..9], b"last word");
            Ok(())
        },
        async |sys| {
            let request = next(sys).await?;
            assert_eq!(sys.reply(request, b"last word").await, Ok(whole(9)));
            Ok(())
        },
    );
}

#[test]
fn law_28_if_the_caller_dies_the_server_learns_it_when_it_replies() {
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    let caller = executor
        .spawn("client", Priority::NORMAL, async |sys| {
            sys.call("server", b"", &mut []).await.map(drop)
        })
        .unwrap();
    executor
        .spawn("server", Priority::NORMAL, async |sys| {
            let request = next(sys).await?;
            sys.receive_from("client", &mut []).await.expect_err("it dies");
            assert_eq!(sys.reply(request, b"hello").await, Err(Error::PeerDead));
            let heirs = sys.receive_from("heir", &mut []).await?.request.unwrap();
            assert_eq!(sys.reply(request, b"hello").await, Err(Error::PeerDead));
            sys.reply(heirs, b"welcome").await.map(drop)
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Deadlock(_)));
    executor.kill(caller).unwrap();
    // Another one takes its place, and its number of requests.
    let heir = executor
        .spawn("heir", Priority::HIGHEST, async |sys| {
            let mut buffer = [0; 16];
            assert_eq!(sys.call("server", b"", &mut buffer).await, Ok(whole(7)));
            assert_eq!(&buffer[..7], b"welcome");
            Ok(())
        })
        .unwrap();
    assert_eq!(heir.index(), caller.index());
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_28_if_the_caller_gives_up_the_server_learns_it_when_it_replies() {
    run(
        async |sys| {
            {
                let mut buffer = [0; 4];
                let mut dropped = pin!(sys.call("server", b"dropped", &mut buffer));
                poll_fn(|context| {
                    assert!(dropped.as_mut().poll(context).is_pending());
                    Poll::Ready(())
                })
                .await;
            }
            let late = sys.call("server", b"late", &mut []).within(Ticks(10)).await;
            assert_eq!(late, Err(Error::TimedOut));
            sys.receive(&mut []).await.map(drop)
        },
        async |sys| {
            sys.sleep(Ticks(50)).await?;
            let [dropped, late] = [next(sys).await?, next(sys).await?];
            assert_eq!(sys.reply(dropped, b"hello").await, Err(Error::NoSuchRequest));
            assert_eq!(sys.reply(late, b"hello").await, Err(Error::NoSuchRequest));
            sys.send("client", b"done").await
        },
    );
}

#[test]
fn law_28_a_caller_whose_time_is_up_has_given_up_with_that() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    assert_eq!(answer(&mut hand, client, until(5)).0, Outcome::Blocked);
    hand.kernel.advance(Ticks(5));
    assert_eq!(answer(&mut hand, client, until(5)).0, refused(Error::TimedOut));
    // Nothing was done in between: the server is told the same as the client.
    assert_eq!(reply(&mut hand, server, it, b"too late"), Err(Error::NoSuchRequest));

    // Who only looks whether the reply has come has not given up.
    let it = request(&mut hand, client, server);
    assert_eq!(answer(&mut hand, client, Wait::Try).0, refused(Error::WouldBlock));
    assert!(reply(&mut hand, server, it, b"in time").is_ok());
}

#[test]
fn law_28_a_call_that_is_tried_leaves_no_request_behind() {
    run(
        async |sys| {
            let tried = sys.call("server", b"tried", &mut []).try_now().await;
            assert_eq!(tried, Err(Error::WouldBlock));
            let mut buffer = [0; 5];
            assert_eq!(sys.call("server", b"asked", &mut buffer).await?.copied, 5);
            Ok(())
        },
        async |sys| {
            let [tried, asked] = [next(sys).await?, next(sys).await?];
            assert_eq!(sys.reply(tried, b"hello").await, Err(Error::NoSuchRequest));
            sys.reply(asked, b"hello").await.map(drop)
        },
    );
}

#[test]
fn law_28_a_caller_that_gives_up_throws_its_reply_away() {
    let mut hand = Hand::new();
    let [client, server] = [hand.task("client"), hand.task("server")];
    let it = request(&mut hand, client, server);
    assert!(reply(&mut hand, server, it, b"too late").is_ok());
    assert_eq!(hand.answer(client, Call::GiveUp), Ok(Value::Unit));
    assert_eq!(answer(&mut hand, client, Wait::Try).0, refused(Error::NoSuchRequest));

    let it = request(&mut hand, client, server);
    assert_eq!(answer(&mut hand, client, Wait::Try).0, refused(Error::WouldBlock));
    assert!(reply(&mut hand, server, it, b"in time").is_ok());
    assert_eq!(answer(&mut hand, client, Wait::Try).1, b"in time");
}

#[test]
fn law_29_a_call_to_oneself_fails_at_once() {
    run(
        async |sys| {
            let answer = sys.call("client", b"", &mut []).await;
            assert_eq!(answer, Err(Error::Deadlock));
            assert_eq!(sys.call(sys.task(), b"", &mut []).await, Err(Error::Deadlock));
            assert_eq!(sys.receive(&mut []).try_now().await, Err(Error::WouldBlock));
            Ok(())
        },
        async |_| Ok(()),
    );
}

#[test]
fn law_29_a_call_back_to_the_caller_fails_at_once_and_the_others_go_on() {
    run(
        async |sys| {
            let mut buffer = [0; 16];
            assert_eq!(sys.call("server", b"", &mut buffer).await, Ok(whole(5)));
            assert_eq!(&buffer[..5], b"reply");
            assert_eq!(sys.receive(&mut []).try_now().await, Err(Error::WouldBlock));
            Ok(())
        },
        async |sys| {
            let request = next(sys).await?;
            assert_eq!(sys.call("client", b"", &mut []).await, Err(Error::Deadlock));
            assert_eq!(sys.reply(request, b"reply").await, Ok(whole(5)));
            Ok(())
        },
    );
}

#[test]
fn law_29_a_circle_is_found_before_its_requests_are_received() {
    let mut hand = Hand::new();
    let [ann, bob] = [hand.task("ann"), hand.task("bob")];
    request(&mut hand, ann, bob);
    let (to, wait) = (Peer::Task(ann), Wait::Forever);
    let back = Call::Request { to, message: b"back", room: 0, wait };
    assert_eq!(hand.call(bob, back), refused(Error::Deadlock));
}

#[test]
fn law_29_a_circle_of_three_is_named_link_by_link() {
    let mut hand = Hand::new();
    let [ann, bob, cy] = [hand.task("ann"), hand.task("bob"), hand.task("cy")];
    request(&mut hand, ann, bob);
    request(&mut hand, bob, cy);
    let before = hand.kernel.trace().len();
    let (to, wait) = (Peer::Task(ann), Wait::Forever);
    let last = Call::Request { to, message: b"the last link", room: 0, wait };
    assert_eq!(hand.call(cy, last), refused(Error::Deadlock));

    let links = hand.kernel.trace().iter().skip(before).filter_map(|&(_, event)| match event {
        Event::Circle { task, waits_for } => Some((task, waits_for)),
        _ => None,
    });
    assert_eq!(Vec::from_iter(links), [(cy, ann), (ann, bob), (bob, cy)]);
}

#[test]
fn law_29_strace_shows_who_waits_for_whom() {
    let text = Mutex::new(String::new());
    let strace = Strace::new(|line| {
        if let Line::Whole(line) = line {
            let mut text = text.lock().unwrap();
            text.push_str(line);
            text.push('\n');
        }
    });
    let kernel = Lock::new(Kernel::<4, 4, 1280, _, _>::with(NoDevices, strace));
    let mut executor = Executor::new(&kernel);
    let mut calls = |name, to: &'static str, answer| {
        executor
            .spawn(name, Priority::NORMAL, async move |sys| {
                assert_eq!(sys.call(to, b"", &mut []).await.err(), Some(answer));
                Ok(())
            })
            .unwrap();
    };
    calls("ann", "bob", Error::PeerDead);
    calls("bob", "cy", Error::PeerDead);
    calls("cy", "ann", Error::Deadlock);
    assert!(matches!(executor.run(), Stop::Done));
    let text = text.lock().unwrap();
    let refused = text.lines().find(|line| line.contains("Deadlock")).unwrap();
    assert!(refused.contains("request(ann, "), "{refused}");
    assert!(refused.ends_with("(cy -> ann -> bob -> cy)"), "{refused}");
}

#[test]
fn law_29_a_chain_is_no_circle() {
    let mut hand = Hand::new();
    let [ann, bob] = [hand.task("ann"), hand.task("bob")];
    let [cy, dan] = [hand.task("cy"), hand.task("dan")];
    request(&mut hand, ann, cy);
    request(&mut hand, bob, cy);
    request(&mut hand, cy, dan);
}

#[test]
fn law_29_whoever_was_answered_or_gave_up_or_lost_its_server_is_in_no_circle() {
    let mut hand = Hand::new();
    let [ann, bob, cy] = [hand.task("ann"), hand.task("bob"), hand.task("cy")];
    let it = request(&mut hand, ann, bob);
    assert!(reply(&mut hand, bob, it, b"").is_ok());
    // The reply is there, even if Ann has not taken it.
    request(&mut hand, bob, ann);
    assert_eq!(hand.answer(bob, Call::GiveUp), Ok(Value::Unit));
    assert_eq!(answer(&mut hand, ann, Wait::Try).1, b"");

    request(&mut hand, ann, bob);
    assert_eq!(hand.answer(ann, Call::GiveUp), Ok(Value::Unit));
    request(&mut hand, bob, ann);

    request(&mut hand, ann, cy);
    assert_eq!(hand.call(cy, Call::Exit { status: ExitStatus::Killed }), SENT);
    let cy = hand.task("cy");
    request(&mut hand, cy, ann);
}

#[test]
fn law_29_who_waits_for_room_to_call_is_a_link_of_the_circle() {
    let refusals = Cell::new(0);
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("ann", Priority::NORMAL, async |sys| {
            sys.send("bob", b"1").await?;
            sys.send("bob", b"2").await?;
            sys.send("bob", b"3").await?;
            // Bob has no room for the request as long as he calls.
            let answer = sys.call("bob", b"request", &mut []).await;
            assert_eq!(answer, Err(Error::PeerDead));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("bob", Priority::NORMAL, async |sys| {
            let answer = sys.call("ann", b"request", &mut []).await;
            assert_eq!(answer, Err(Error::Deadlock));
            refusals.set(refusals.get() + 1);
            Ok(())
        })
        .unwrap();
    match executor.run() {
        Stop::Done => assert_eq!(refusals.get(), 1),
        Stop::Failed(failure) => panic!("{failure}"),
        Stop::Deadlock(graph) => panic!("{graph}"),
    }
}
