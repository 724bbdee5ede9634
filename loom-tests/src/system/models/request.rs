//! Requests and replies, while either side goes or gives up: a caller gets the reply to its own
//! request or learns that there will be none, and nobody is disturbed by what is left of a request
//! (laws 27 to 29).

use super::super::kernel::{Error, TaskId, Ticks};
use super::super::machine::{Machine, begin};
use super::super::user::Sys;
use crate::models;

models! {
    a_reply_comes_or_word_of_the_death: 3 threads, 3 preemptions, at least 560;
    a_server_that_just_ends_is_dead_for_its_caller: 2 threads, every order, at least 11;
    a_server_that_ends_is_dead_for_all_in_line: 3 threads, 3 preemptions, at least 250;
    two_callers_get_their_own_replies: 3 threads, 2 preemptions, at least 2_300;
    two_callers_in_more_orders: 3 threads, 3 preemptions, at least 27_000, deep;
    a_later_request_gets_its_own_reply: 2 threads, 4 preemptions, at least 620;
    a_later_request_in_every_order: 2 threads, every order, at least 26_000, deep;
    a_dead_caller_disturbs_nobody: 3 threads, 3 preemptions, at least 4_100;
    a_reply_is_taken_or_has_come_too_late: 3 threads, 3 preemptions, at least 860;
    a_full_mailbox_has_a_place_for_the_reply: 3 threads, 2 preemptions, at least 280;
    of_two_who_call_each_other_one_is_told: 2 threads, every order, at least 61;
}

/// Receives a request, and replies with the same byte: which it was, and what became of the reply.
async fn echo(sys: &Sys<'_>) -> Result<(u8, Result<(), Error>), Error> {
    let mut buffer = [0];
    let message = sys.receive(&mut buffer).await?;
    let request = message.request.expect("nobody sends anything else");
    let replied = sys.reply(request, &buffer).await;
    Ok((buffer[0], replied.map(drop)))
}

/// Sends a request of one byte, and returns the byte that came back.
async fn ask(sys: &Sys<'_>, server: TaskId, byte: u8) -> Result<u8, Error> {
    let mut buffer = [0];
    sys.call(server, &[byte], &mut buffer).await?;
    Ok(buffer[0])
}

fn a_reply_comes_or_word_of_the_death() {
    let machine = Machine::<192>::new();
    let [supervisor, server, client] =
        ["supervisor", "server", "client"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, server);
    let serving = machine.spawn(server, async move |sys| {
        let replied = echo(&sys).await?.1;
        assert_eq!(replied, Ok(()));
        // It lives on, so that the reply comes first, if it comes.
        sys.receive(&mut []).await.map(drop)
    });
    let calling = machine.spawn(client, async move |sys| {
        let answer = ask(&sys, server, b'a').await;
        assert!(matches!(answer, Ok(b'a') | Err(Error::PeerDead)), "{answer:?}");
        Ok(())
    });
    machine.run(supervisor, async |sys| sys.kill(grip).await);
    serving.join().unwrap();
    calling.join().unwrap();
    machine.check();
}

fn a_server_that_just_ends_is_dead_for_its_caller() {
    let machine = Machine::<192>::new();
    let (server, client) = (machine.task("server"), machine.task("client"));
    let serving = machine.spawn(server, async move |sys| {
        // It has the request, or has not; it replies in no case.
        let received = sys.receive(&mut [0]).try_now().await;
        assert!(matches!(received, Ok(_) | Err(Error::WouldBlock)), "{received:?}");
        Ok(())
    });
    machine.run(client, async |sys| {
        assert_eq!(ask(&sys, server, b'a').await, Err(Error::PeerDead));
        Ok(())
    });
    serving.join().unwrap();
    machine.check();
}

fn a_server_that_ends_is_dead_for_all_in_line() {
    // Its mailbox has room for one request; the other caller waits for room.
    let machine = Machine::<192>::new();
    let server = machine.task("server");
    let calling = ["one", "other"].map(|name| {
        machine.spawn(machine.task(name), async move |sys| {
            assert_eq!(ask(&sys, server, b'a').await, Err(Error::PeerDead));
            Ok(())
        })
    });
    machine.run(server, async |_| Ok(()));
    for client in calling {
        client.join().unwrap();
    }
    machine.check();
}

fn two_callers_in_more_orders() {
    two_callers_get_their_own_replies();
}

fn two_callers_get_their_own_replies() {
    let machine = Machine::<192>::new();
    let server = machine.task("server");
    let calling = [("one", b'a'), ("other", b'b')].map(|(name, byte)| {
        machine.spawn(machine.task(name), async move |sys| {
            assert_eq!(ask(&sys, server, byte).await, Ok(byte));
            Ok(())
        })
    });
    machine.run(server, async |sys| {
        assert_eq!(echo(&sys).await?.1, Ok(()));
        assert_eq!(echo(&sys).await?.1, Ok(()));
        Ok(())
    });
    for client in calling {
        client.join().unwrap();
    }
    machine.check();
}

fn a_later_request_in_every_order() {
    a_later_request_gets_its_own_reply();
}

fn a_later_request_gets_its_own_reply() {
    let machine = Machine::<192>::new();
    let (server, client) = (machine.task("server"), machine.task("client"));
    let serving = machine.spawn(server, async move |sys| {
        let (byte, replied) = echo(&sys).await?;
        assert_eq!(byte, b'a');
        assert!(matches!(replied, Ok(()) | Err(Error::NoSuchRequest)), "{replied:?}");
        assert_eq!(echo(&sys).await?, (b'b', Ok(())));
        Ok(())
    });
    let door = machine.awake();
    let sys = Sys::new(&door, client);
    let mut buffer = [0];
    let mut call = sys.call(server, b"a", &mut buffer);
    // Whether it has the reply or not: it asks no more.
    let _ = begin(&mut call);
    drop(call);
    machine.run(client, async |sys| {
        assert_eq!(ask(&sys, server, b'b').await, Ok(b'b'));
        Ok(())
    });
    serving.join().unwrap();
    machine.check();
}

fn a_dead_caller_disturbs_nobody() {
    let machine = Machine::<192>::new();
    let [supervisor, server, victim] =
        ["supervisor", "server", "victim"].map(|name| machine.task(name));
    let grip = machine.entrust(supervisor, victim);
    let serving = machine.spawn(server, async move |sys| {
        let (byte, replied) = echo(&sys).await?;
        if byte == b'a' {
            assert!(matches!(replied, Ok(()) | Err(Error::PeerDead)), "{replied:?}");
            assert_eq!(echo(&sys).await?, (b'b', Ok(())));
        } else {
            assert_eq!(replied, Ok(()));
        }
        Ok(())
    });
    let dying = machine.spawn(victim, async move |sys| {
        ask(&sys, server, b'a').await?;
        sys.receive(&mut []).await.map(drop)
    });
    machine.run(supervisor, async |sys| {
        sys.kill(grip).await?;
        assert_eq!(ask(&sys, server, b'b').await, Ok(b'b'));
        Ok(())
    });
    serving.join().unwrap();
    dying.join().unwrap();
    machine.check();
}

fn a_reply_is_taken_or_has_come_too_late() {
    let machine = Machine::<192>::new();
    let (server, client) = (machine.task("server"), machine.task("client"));
    let clock = machine.clock(Ticks(5));
    let serving = machine.spawn(server, async move |sys| Ok(Some(echo(&sys).await?.1)));
    let answer = machine.run(client, async |sys| {
        let mut buffer = [0];
        Ok(Some(sys.call(server, b"a", &mut buffer).until(Ticks(5)).await))
    });
    // Both are told the same.
    match (serving.join().unwrap(), answer) {
        (Some(Ok(())), Some(Ok(_))) => {}
        (Some(Err(Error::NoSuchRequest | Error::PeerDead)), Some(Err(Error::TimedOut))) => {}
        told => panic!("the server and the client were told {told:?}"),
    }
    clock.join().unwrap();
    machine.check();
}

fn a_full_mailbox_has_a_place_for_the_reply() {
    let machine = Machine::<192>::new();
    let [server, client, sender] = ["server", "client", "sender"].map(|name| machine.task(name));
    let serving = machine.spawn(server, async move |sys| {
        assert_eq!(echo(&sys).await?.1, Ok(()));
        Ok(())
    });
    // There is room for one message besides the reply, and the second one has to wait for it.
    let sending = machine.spawn(sender, async move |sys| {
        sys.send(client, b"x").await?;
        sys.send(client, b"y").await
    });
    machine.run(client, async |sys| {
        assert_eq!(ask(&sys, server, b'a').await, Ok(b'a'));
        sys.receive(&mut [0]).await?;
        sys.receive(&mut [0]).await.map(drop)
    });
    serving.join().unwrap();
    sending.join().unwrap();
    machine.check();
}

fn of_two_who_call_each_other_one_is_told() {
    let machine = Machine::<192>::new();
    let (one, other) = (machine.task("one"), machine.task("other"));
    let body = async |sys: Sys<'_>, peer, byte| match ask(&sys, peer, byte).await {
        // The rest of the circle goes on: the one that was refused still serves it.
        Err(Error::Deadlock) => {
            assert_eq!(echo(&sys).await?.1, Ok(()));
            Ok(true)
        }
        answer => {
            assert_eq!(answer, Ok(byte));
            Ok(false)
        }
    };
    let thread = machine.spawn(other, async move |sys| body(sys, one, b'b').await);
    let refused = machine.run(one, async |sys| body(sys, other, b'a').await);
    assert!(refused != thread.join().unwrap(), "one of them is refused");
    machine.check();
}
