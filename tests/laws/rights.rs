//! I. Rights: the order of checks for every kind, what is handed on, and who may open a name.

use postroom::param::{ALLOWED, HANDLES};
use postroom::{
    Access, Call, Create, Destination, Error, Executor, ExitStatus, Handle, Kernel, Kind, Lock,
    Outcome, Peer, PollEntry, Priority, QueueSender, ReadEnd, Result, Rights, Sizes, Source, Stop,
    Stream, Sys, TaskId, Value, Wait, WriteEnd,
};

use crate::hand::{Hand, counted, refused};
use crate::handles::refusal;

const DONE: Outcome = Outcome::Complete(Ok(Value::Unit));
const BOTH: Rights = Rights::READ.union(Rights::WRITE);
const BYTES: Sizes = Sizes::Bytes(8);
const MESSAGES: Sizes = Sizes::Messages { most: 2, longest: 8 };

fn handle(hand: &mut Hand, task: TaskId, call: Call<'_>) -> Handle {
    match hand.answer(task, call) {
        Ok(Value::Handle(handle)) => handle,
        other => panic!("{other:?}"),
    }
}

fn pair(hand: &mut Hand, task: TaskId, kind: Kind, sizes: Sizes) -> [Handle; 2] {
    match hand.answer(task, Call::Pair { kind, sizes }) {
        Ok(Value::Ends(ends)) => [ends.read(), ends.write()],
        other => panic!("{other:?}"),
    }
}

/// A new queue: the end to receive, and the end to send.
fn queue(hand: &mut Hand, task: TaskId, name: &str) -> [Handle; 2] {
    let create = Some(Create { sizes: MESSAGES, exclusive: true, access: Access::Everyone });
    let receiver = handle(hand, task, Call::Open { name, rights: Rights::READ, create });
    [receiver, hand.open(task, name, Rights::WRITE)]
}

/// The giving of a handle that its giver keeps.
fn share(handle: Handle, to: TaskId, rights: Rights) -> Call<'static> {
    Call::Give { handle, to: Peer::Task(to), rights, keep: true }
}

/// The giving of a handle that its giver loses.
fn give(handle: Handle, to: TaskId, rights: Rights) -> Call<'static> {
    Call::Give { handle, to: Peer::Task(to), rights, keep: false }
}

fn kill(handle: Handle) -> Call<'static> {
    Call::Kill { handle }
}

const fn to_queue(handle: Handle, urgency: u8) -> Call<'static> {
    let to = Destination::Queue { handle, urgency };
    Call::Send { to, message: b"hello", wait: Wait::Forever }
}

const fn to_socket(handle: Handle) -> Call<'static> {
    let to = Destination::Socket { handle, to: None };
    Call::Send { to, message: b"hello", wait: Wait::Forever }
}

fn read(hand: &mut Hand, task: TaskId, handle: Handle) -> Error {
    refusal(hand, task, Call::Read { handle, buffer: &mut [0; 8], wait: Wait::Forever })
}

fn write(hand: &mut Hand, task: TaskId, handle: Handle) -> Error {
    refusal(hand, task, Call::Write { handle, bytes: b"hello", wait: Wait::Forever })
}

fn receive(hand: &mut Hand, task: TaskId, handle: Handle) -> Error {
    let (from, envelope) = (Source::Object(handle), &mut None);
    let call = Call::Receive { from, buffer: &mut [0; 8], envelope, wait: Wait::Forever };
    refusal(hand, task, call)
}

/// What the calls say that are for sockets alone.
fn as_a_socket(hand: &mut Hand, task: TaskId, handle: Handle) -> [Error; 6] {
    let (name, to, access, wait) = ("name", "name", Access::Everyone, Wait::Forever);
    [
        refusal(hand, task, to_socket(handle)),
        refusal(hand, task, Call::Bind { handle, name, access }),
        refusal(hand, task, Call::Listen { handle, backlog: 1 }),
        refusal(hand, task, Call::Connect { handle, to, wait }),
        refusal(hand, task, Call::Accept { handle, wait }),
        refusal(hand, task, Call::Shutdown { handle, rights: Rights::READ }),
    ]
}

/// What the calls say that are for queues alone.
fn as_a_queue(hand: &mut Hand, task: TaskId, handle: Handle) -> [Error; 3] {
    [
        refusal(hand, task, to_queue(handle, 0)),
        refusal(hand, task, Call::Attributes { handle }),
        refusal(hand, task, Call::Notify { handle, wait: Wait::Forever }),
    ]
}

#[test]
fn law_63_every_call_refuses_a_handle_that_is_none() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    let [stale, _] = hand.pipe(alice, None, 8);
    hand.close(alice, stale);
    let [in_its_place, _] = queue(&mut hand, alice, "queue");
    assert_eq!(in_its_place.slot(), stale.slot());

    assert_eq!(read(&mut hand, alice, stale), Error::BadHandle);
    assert_eq!(write(&mut hand, alice, stale), Error::BadHandle);
    assert_eq!(receive(&mut hand, alice, stale), Error::BadHandle);
    assert_eq!(as_a_socket(&mut hand, alice, stale), [Error::BadHandle; 6]);
    assert_eq!(as_a_queue(&mut hand, alice, stale), [Error::BadHandle; 3]);
    assert_eq!(refusal(&mut hand, alice, give(stale, bob, Rights::READ)), Error::BadHandle);
    assert_eq!(refusal(&mut hand, alice, kill(stale)), Error::BadHandle);
}

#[test]
fn law_63_the_kind_of_a_pipe_is_said_before_a_right() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [out, into] = hand.pipe(alice, None, 8);
    assert_eq!(receive(&mut hand, alice, out), Error::WrongKind);
    assert_eq!(receive(&mut hand, alice, into), Error::WrongKind);
    assert_eq!(as_a_socket(&mut hand, alice, out), [Error::WrongKind; 6]);
    assert_eq!(as_a_socket(&mut hand, alice, into), [Error::WrongKind; 6]);
    assert_eq!(as_a_queue(&mut hand, alice, out), [Error::WrongKind; 3]);
    assert_eq!(as_a_queue(&mut hand, alice, into), [Error::WrongKind; 3]);
    assert_eq!(refusal(&mut hand, alice, kill(out)), Error::WrongKind);
}

#[test]
fn law_63_the_kind_of_a_queue_is_said_before_a_right() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = queue(&mut hand, alice, "queue");
    assert_eq!(read(&mut hand, alice, receiver), Error::WrongKind);
    assert_eq!(read(&mut hand, alice, sender), Error::WrongKind);
    assert_eq!(write(&mut hand, alice, receiver), Error::WrongKind);
    assert_eq!(write(&mut hand, alice, sender), Error::WrongKind);
    assert_eq!(as_a_socket(&mut hand, alice, receiver), [Error::WrongKind; 6]);
    assert_eq!(as_a_socket(&mut hand, alice, sender), [Error::WrongKind; 6]);
    assert_eq!(refusal(&mut hand, alice, kill(sender)), Error::WrongKind);
}

#[test]
fn law_63_a_socket_does_what_its_kind_does() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [stream, _] = pair(&mut hand, alice, Kind::Stream, BYTES);
    assert_eq!(receive(&mut hand, alice, stream), Error::WrongKind);
    assert_eq!(refusal(&mut hand, alice, to_socket(stream)), Error::WrongKind);
    assert_eq!(as_a_queue(&mut hand, alice, stream), [Error::WrongKind; 3]);

    let [sequenced, _] = pair(&mut hand, alice, Kind::Sequenced, MESSAGES);
    assert_eq!(read(&mut hand, alice, sequenced), Error::WrongKind);
    assert_eq!(write(&mut hand, alice, sequenced), Error::WrongKind);
    assert_eq!(as_a_queue(&mut hand, alice, sequenced), [Error::WrongKind; 3]);

    let [datagram, _] = pair(&mut hand, alice, Kind::Datagram, MESSAGES);
    assert_eq!(read(&mut hand, alice, datagram), Error::WrongKind);
    assert_eq!(write(&mut hand, alice, datagram), Error::WrongKind);
    let listen = Call::Listen { handle: datagram, backlog: 1 };
    assert_eq!(refusal(&mut hand, alice, listen), Error::WrongKind);
    let accept = Call::Accept { handle: datagram, wait: Wait::Try };
    assert_eq!(refusal(&mut hand, alice, accept), Error::WrongKind);
    let shutdown = Call::Shutdown { handle: datagram, rights: Rights::READ };
    assert_eq!(refusal(&mut hand, alice, shutdown), Error::WrongKind);
}

#[test]
fn law_63_a_handle_for_a_task_is_for_nothing_but_its_end() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    let of_bob = hand.kernel.entrust(alice, bob).unwrap();
    assert_eq!(read(&mut hand, alice, of_bob), Error::WrongKind);
    assert_eq!(write(&mut hand, alice, of_bob), Error::WrongKind);
    assert_eq!(receive(&mut hand, alice, of_bob), Error::WrongKind);
    assert_eq!(as_a_socket(&mut hand, alice, of_bob), [Error::WrongKind; 6]);
    assert_eq!(as_a_queue(&mut hand, alice, of_bob), [Error::WrongKind; 3]);
    let readiness = Call::Readiness { handle: of_bob };
    assert_eq!(refusal(&mut hand, alice, readiness), Error::WrongKind);
}

#[test]
fn law_63_a_poll_says_the_kind_before_the_right() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    let of_bob = hand.kernel.entrust(alice, bob).unwrap();
    let mut set = [PollEntry::new(Some(of_bob), Rights::READ)];
    let poll = Call::Poll { set: &mut set, wait: Wait::Forever };
    assert_eq!(hand.call(alice, poll), counted(1));
    assert_eq!(set[0].ready, Err(Error::WrongKind));
}

#[test]
fn law_63_a_right_is_said_before_the_state_of_a_socket_and_before_an_argument() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    let socket = handle(&mut hand, alice, Call::Socket { kind: Kind::Stream, sizes: BYTES });
    let reads = handle(&mut hand, alice, share(socket, bob, Rights::READ));
    let writes = handle(&mut hand, alice, share(socket, bob, Rights::WRITE));
    let (name, to, access, wait) = ("", "", Access::Everyone, Wait::Forever);

    // It has no name, and is not connected; neither is said.
    assert_eq!(write(&mut hand, bob, reads), Error::NoRight);
    assert_eq!(read(&mut hand, bob, writes), Error::NoRight);
    let connect = Call::Connect { handle: reads, to, wait };
    assert_eq!(refusal(&mut hand, bob, connect), Error::NoRight);
    let bind = Call::Bind { handle: writes, name, access };
    assert_eq!(refusal(&mut hand, bob, bind), Error::NoRight);
    let listen = Call::Listen { handle: writes, backlog: 0 };
    assert_eq!(refusal(&mut hand, bob, listen), Error::NoRight);
    let accept = Call::Accept { handle: writes, wait };
    assert_eq!(refusal(&mut hand, bob, accept), Error::NoRight);
    let shutdown = Call::Shutdown { handle: writes, rights: BOTH };
    assert_eq!(refusal(&mut hand, bob, shutdown), Error::NoRight);

    // With the right, the rest is.
    assert_eq!(write(&mut hand, bob, writes), Error::NotConnected);
    assert_eq!(read(&mut hand, bob, reads), Error::NotConnected);
    let connect = Call::Connect { handle: writes, to, wait };
    assert_eq!(refusal(&mut hand, bob, connect), Error::BadName);
    let bind = Call::Bind { handle: reads, name, access };
    assert_eq!(refusal(&mut hand, bob, bind), Error::BadName);
    let listen = Call::Listen { handle: reads, backlog: 0 };
    assert_eq!(refusal(&mut hand, bob, listen), Error::BadArgument);
    let accept = Call::Accept { handle: reads, wait };
    assert_eq!(refusal(&mut hand, bob, accept), Error::BadArgument);
    let shutdown = Call::Shutdown { handle: writes, rights: Rights::WRITE };
    assert_eq!(refusal(&mut hand, bob, shutdown), Error::NotConnected);
}

#[test]
fn law_63_priority_32_is_a_bad_argument_after_all_else_is_good() {
    assert!(Priority::new(31).is_ok());
    assert_eq!(Priority::new(32), Err(Error::BadArgument));

    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [receiver, sender] = queue(&mut hand, alice, "queue");
    let [_, pipe] = hand.pipe(alice, None, 8);
    assert_eq!(refusal(&mut hand, alice, to_queue(pipe, 32)), Error::WrongKind);
    assert_eq!(refusal(&mut hand, alice, to_queue(receiver, 32)), Error::NoRight);
    assert_eq!(refusal(&mut hand, alice, to_queue(sender, 32)), Error::BadArgument);
    assert_eq!(hand.call(alice, to_queue(sender, 31)), DONE);
}

#[test]
fn law_63_no_handle_outlives_what_it_stands_for() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.kernel.create_pipe("pipe", 8).unwrap();
    // A handle that keeps nothing open would one day stand for something else.
    let open = |rights| Call::Open { name: "pipe", rights, create: None };
    assert_eq!(refusal(&mut hand, alice, open(Rights::NONE)), Error::BadArgument);
    assert_eq!(refusal(&mut hand, alice, open(Rights::KILL)), Error::BadArgument);
    let [out, _] = hand.pipe(alice, None, 8);
    let none = share(out, alice, Rights::NONE);
    assert_eq!(refusal(&mut hand, alice, none), Error::BadArgument);
}

/// The bytes of a handle, to be sent in a message.
fn written(handle: Handle) -> Vec<u8> {
    [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()].concat()
}

/// Receives a handle in a message.
async fn next_handle(sys: Sys<'_>) -> Result<Handle> {
    let (mut slot, mut serial) = ([0; 2], [0; 8]);
    let mut buffer = [0; 10];
    sys.receive(&mut buffer).await?;
    slot.copy_from_slice(&buffer[..2]);
    serial.copy_from_slice(&buffer[2..]);
    Ok(Handle::from_parts(u16::from_le_bytes(slot), u64::from_le_bytes(serial)))
}

/// Runs two tasks to their ends.
fn run(
    alice: impl AsyncFnOnce(Sys<'_>) -> Result<()>,
    bob: impl AsyncFnOnce(Sys<'_>) -> Result<()>,
) {
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor.spawn("alice", Priority::NORMAL, async |sys| alice(sys).await).unwrap();
    executor.spawn("bob", Priority::NORMAL, async |sys| bob(sys).await).unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_64_what_is_given_is_the_receiver_s_and_no_longer_the_giver_s() {
    run(
        async |sys| {
            let (out, into) = sys.pipe(8).await?;
            let handle = into.handle();
            let given = into.give("bob").await?;
            sys.send("bob", &written(given)).await?;
            let mut buffer = [0; 8];
            assert_eq!(out.read_full(&mut buffer).await, Ok(5));
            assert_eq!(&buffer[..5], b"hello");

            let mine = WriteEnd::new(sys, handle);
            assert_eq!(mine.write(b"a").await, Err(Error::BadHandle));
            core::mem::forget(mine);
            Ok(())
        },
        async |sys| {
            let into = WriteEnd::new(sys, next_handle(sys).await?);
            into.write_all(b"hello").await
        },
    );
}

#[test]
fn law_64_what_is_shared_is_both_s() {
    run(
        async |sys| {
            let (out, into) = sys.pipe(8).await?;
            let shared = into.share("bob", Rights::WRITE).await?;
            sys.send("bob", &written(shared)).await?;
            into.write_all(b"alice").await?;
            into.close().await?;
            let mut buffer = [0; 8];
            assert_eq!(out.read_full(&mut buffer).await, Ok(8));
            assert_eq!(&buffer, b"alicebob");
            assert_eq!(out.read(&mut buffer).await, Ok(0));
            Ok(())
        },
        async |sys| {
            let into = WriteEnd::new(sys, next_handle(sys).await?);
            into.write_all(b"bob").await
        },
    );
}

#[test]
fn law_64_a_right_can_be_kept_back() {
    run(
        async |sys| {
            let (here, there) = sys.stream_pair(8).await?;
            there.write_all(b"hello").await?;
            let shared = here.share("bob", Rights::READ).await?;
            sys.send("bob", &written(shared)).await?;
            sys.receive(&mut []).await.map(drop)
        },
        async |sys| {
            let stream = Stream::new(sys, next_handle(sys).await?);
            let mut buffer = [0; 8];
            assert_eq!(stream.write(b"a").await, Err(Error::NoRight));
            assert_eq!(stream.shutdown(Rights::WRITE).await, Err(Error::NoRight));
            assert_eq!(stream.read(&mut buffer).await, Ok(5));
            sys.send("alice", b"done").await
        },
    );
}

#[test]
fn law_64_a_right_that_one_does_not_have_cannot_be_given() {
    let mut hand = Hand::new();
    let [alice, bob, cy] = [hand.task("alice"), hand.task("bob"), hand.task("cy")];
    let [out, into] = hand.pipe(alice, None, 8);
    assert_eq!(refusal(&mut hand, alice, share(out, bob, Rights::WRITE)), Error::NoRight);
    assert_eq!(refusal(&mut hand, alice, share(out, bob, BOTH)), Error::NoRight);
    assert_eq!(refusal(&mut hand, alice, give(into, bob, Rights::READ)), Error::NoRight);
    assert_eq!(refusal(&mut hand, alice, give(into, bob, Rights::KILL)), Error::NoRight);

    // What was kept back does not come back further on, not even with a duplicate.
    let [stream, _] = pair(&mut hand, alice, Kind::Stream, BYTES);
    let reads = handle(&mut hand, alice, share(stream, bob, Rights::READ));
    let twice = handle(&mut hand, bob, Call::Duplicate { handle: reads });
    assert_eq!(refusal(&mut hand, bob, share(reads, cy, BOTH)), Error::NoRight);
    assert_eq!(refusal(&mut hand, bob, share(twice, cy, Rights::WRITE)), Error::NoRight);
    let third = handle(&mut hand, bob, give(reads, cy, Rights::READ));
    assert_eq!(refusal(&mut hand, cy, share(third, alice, Rights::WRITE)), Error::NoRight);
}

#[test]
fn law_64_the_other_side_sees_no_end_between_two_owners() {
    let mut hand = Hand::new();
    let [alice, bob, reader] = [hand.task("alice"), hand.task("bob"), hand.task("reader")];
    hand.kernel.create_pipe("pipe", 8).unwrap();
    let out = hand.open(reader, "pipe", Rights::READ);
    let into = hand.open(alice, "pipe", Rights::WRITE);
    assert_eq!(hand.read(reader, out, 8, Wait::Forever).0, Outcome::Blocked);

    let given = handle(&mut hand, alice, give(into, bob, Rights::WRITE));
    assert!(hand.is_blocked(reader));
    let pipe = hand.kernel.channels().find(|it| it.kind == Kind::Pipe).unwrap();
    assert_eq!((pipe.read_ends, pipe.write_ends), (1, 1));
    assert_eq!(hand.write(bob, given, b"a", Wait::Try), counted(1));
    assert_eq!(hand.read(reader, out, 8, Wait::Forever).1, b"a");
    assert_eq!(hand.write(alice, into, b"b", Wait::Try), refused(Error::BadHandle));
    assert_eq!(hand.write(bob, into, b"b", Wait::Try), refused(Error::BadHandle));
}

#[test]
fn law_64_a_connection_goes_on_with_its_new_owner() {
    let mut hand = Hand::new();
    let [alice, bob, peer] = [hand.task("alice"), hand.task("bob"), hand.task("peer")];
    let [here, there] = pair(&mut hand, alice, Kind::Stream, BYTES);
    let there = handle(&mut hand, alice, give(there, peer, BOTH));
    assert_eq!(hand.write(peer, there, b"abc", Wait::Try), counted(3));
    let given = handle(&mut hand, alice, give(here, bob, BOTH));
    assert_eq!(hand.read(bob, given, 8, Wait::Try).1, b"abc");
    assert_eq!(hand.write(bob, given, b"def", Wait::Try), counted(3));
    assert_eq!(hand.read(peer, there, 8, Wait::Try).1, b"def");
    hand.close(bob, given);
    assert_eq!(hand.read(peer, there, 8, Wait::Forever).0, counted(0));
}

#[test]
fn law_64_a_listener_keeps_its_name_and_its_connections() {
    let mut hand = Hand::new();
    let [alice, bob, client] = [hand.task("alice"), hand.task("bob"), hand.task("client")];
    let shop = handle(&mut hand, alice, Call::Socket { kind: Kind::Stream, sizes: BYTES });
    let (name, access) = ("shop", Access::Everyone);
    assert_eq!(hand.call(alice, Call::Bind { handle: shop, name, access }), DONE);
    assert_eq!(hand.call(alice, Call::Listen { handle: shop, backlog: 2 }), DONE);
    let mine = handle(&mut hand, client, Call::Socket { kind: Kind::Stream, sizes: BYTES });
    let connect = Call::Connect { handle: mine, to: "shop", wait: Wait::Try };
    assert_eq!(hand.call(client, connect), DONE);

    let given = handle(&mut hand, alice, give(shop, bob, BOTH));
    let accepted = handle(&mut hand, bob, Call::Accept { handle: given, wait: Wait::Try });
    assert_eq!(hand.write(client, mine, b"abc", Wait::Try), counted(3));
    assert_eq!(hand.read(bob, accepted, 8, Wait::Try).1, b"abc");
    let another = handle(&mut hand, client, Call::Socket { kind: Kind::Stream, sizes: BYTES });
    let connect = Call::Connect { handle: another, to: "shop", wait: Wait::Try };
    assert_eq!(hand.call(client, connect), DONE);
}

#[test]
fn law_64_an_end_of_a_queue_is_given_like_any_other() {
    run(
        async |sys| {
            let receiver = sys.open_receiver("queue").create_new(MESSAGES).await?;
            let sender = sys.open_sender("queue").await?;
            let given = sender.give("bob").await?;
            sys.send("bob", &written(given)).await?;
            let mut buffer = [0; 8];
            assert_eq!(receiver.receive(&mut buffer).await?.unwrap().length, 5);
            assert_eq!(receiver.receive(&mut buffer).await, Ok(None));
            Ok(())
        },
        async |sys| {
            let sender = QueueSender::new(sys, next_handle(sys).await?);
            sender.send(0, b"hello").await
        },
    );
}

#[test]
fn law_64_the_right_to_kill_can_be_given_too() {
    let mut hand = Hand::new();
    let [alice, bob, victim] = [hand.task("alice"), hand.task("bob"), hand.task("victim")];
    let right = hand.kernel.entrust(alice, victim).unwrap();
    assert_eq!(refusal(&mut hand, alice, share(right, bob, Rights::READ)), Error::NoRight);
    let given = handle(&mut hand, alice, give(right, bob, Rights::KILL));
    assert_eq!(refusal(&mut hand, alice, kill(right)), Error::BadHandle);
    assert_eq!(hand.call(bob, kill(given)), DONE);
    assert_eq!(hand.kernel.state(victim), None);
}

#[test]
fn law_64_what_cannot_be_given_stays_where_it_is() {
    let mut hand = Hand::new();
    let [alice, bob, gone] = [hand.task("alice"), hand.task("bob"), hand.task("gone")];
    let [out, into] = hand.pipe(alice, Some("pipe"), 8);
    assert_eq!(hand.call(gone, Call::Exit { status: ExitStatus::Done }), DONE);
    for _ in 0..HANDLES {
        hand.open(bob, "pipe", Rights::READ);
    }

    let to = |to| Call::Give { handle: into, to, rights: Rights::WRITE, keep: false };
    assert_eq!(refusal(&mut hand, alice, to(Peer::Task(bob))), Error::HandlesFull);
    assert_eq!(refusal(&mut hand, alice, to(Peer::Task(gone))), Error::PeerDead);
    assert_eq!(refusal(&mut hand, alice, to(Peer::Name("gone"))), Error::NoSuchName);
    assert_eq!(refusal(&mut hand, alice, to(Peer::Name("pipe"))), Error::WrongKind);
    assert_eq!(hand.write(alice, into, b"a", Wait::Try), counted(1));
    assert_eq!(hand.read(alice, out, 8, Wait::Try).1, b"a");
}

#[test]
fn law_64_an_end_that_could_not_be_given_is_closed() {
    run(
        async |sys| {
            let (out, into) = sys.pipe(8).await?;
            assert_eq!(into.give("nobody").await, Err(Error::NoSuchName));
            assert_eq!(out.read(&mut [0]).await, Ok(0));
            Ok(())
        },
        async |_| Ok(()),
    );
}

#[test]
fn law_64_a_task_can_give_up_a_right_of_its_own() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.kernel.create_pipe("pipe", 8).unwrap();
    let both = hand.open(alice, "pipe", BOTH);
    let reads = handle(&mut hand, alice, give(both, alice, Rights::READ));
    assert_eq!(write(&mut hand, alice, reads), Error::NoRight);
    assert_eq!(write(&mut hand, alice, both), Error::BadHandle);
    assert_eq!(hand.read(alice, reads, 8, Wait::Try).0, counted(0), "no write end is left");
}

#[test]
fn law_65_only_those_whom_the_creator_names_can_open_it() {
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("creator", Priority::HIGHEST, async |sys| {
            let friends = ["friend".into()];
            let pipe = sys.open_read("pipe").create_new(BYTES).only(&friends).await?;
            let queue = sys.open_receiver("queue").create_new(MESSAGES).only(&friends).await?;
            let _mine = sys.open_write("pipe").await?;
            let mut buffer = [0; 8];
            assert_eq!(pipe.read(&mut buffer).await, Ok(5));
            assert_eq!(queue.receive(&mut buffer).await?.unwrap().length, 5);
            sys.receive_from("stranger", &mut []).await.map(drop)
        })
        .unwrap();
    executor
        .spawn("friend", Priority::NORMAL, async |sys| {
            sys.open_write("pipe").await?.write_all(b"hello").await?;
            sys.open_sender("queue").await?.send(0, b"hello").await
        })
        .unwrap();
    executor
        .spawn("stranger", Priority::LOWEST, async |sys| {
            assert_eq!(sys.open_read("pipe").await.err(), Some(Error::NoRight));
            assert_eq!(sys.open_write("pipe").await.err(), Some(Error::NoRight));
            let or_create = sys.open_write("pipe").or_create(BYTES).await;
            assert_eq!(or_create.err(), Some(Error::NoRight));
            assert_eq!(sys.open_receiver("queue").await.err(), Some(Error::NoRight));
            assert_eq!(sys.open_sender("queue").await.err(), Some(Error::NoRight));
            assert_eq!(sys.unlink("pipe").await, Err(Error::NoRight));
            assert_eq!(sys.unlink("queue").await, Err(Error::NoRight));
            sys.send("creator", b"done").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_65_only_those_whom_its_binder_names_can_reach_a_socket() {
    let kernel = Lock::new(Kernel::<8, 16, 1280>::new());
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("binder", Priority::HIGHEST, async |sys| {
            let friends = ["friend".into()];
            let (shop, letters) = (sys.stream(8).await?, sys.datagram(2, 8).await?);
            shop.bind_only("shop", &friends).await?;
            letters.bind_only("letters", &friends).await?;
            let shop = shop.listen(2).await?;
            sys.receive_from("stranger", &mut []).await?;
            let mut buffer = [0; 8];
            assert!(shop.accept().try_now().await.is_ok());
            assert_eq!(shop.accept().try_now().await.err(), Some(Error::WouldBlock));
            assert_eq!(letters.receive(&mut buffer).try_now().await?.unwrap().length, 5);
            let more = letters.receive(&mut buffer).try_now().await;
            assert_eq!(more, Err(Error::WouldBlock));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("friend", Priority::NORMAL, async |sys| {
            sys.stream(8).await?.connect("shop").await?;
            sys.datagram(2, 8).await?.send_to("letters", b"hello").await
        })
        .unwrap();
    executor
        .spawn("stranger", Priority::LOWEST, async |sys| {
            let (stream, datagram) = (sys.stream(8).await?, sys.datagram(2, 8).await?);
            assert_eq!(stream.connect("shop").await, Err(Error::NoRight));
            assert_eq!(datagram.connect("letters").await, Err(Error::NoRight));
            assert_eq!(datagram.send_to("letters", b"hello").await, Err(Error::NoRight));
            sys.send("binder", b"done").await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

/// The making of a pipe for these tasks alone.
const fn make_for<'a>(name: &'a str, tasks: &'a [Peer<'a>]) -> Call<'a> {
    let create = Create { sizes: BYTES, exclusive: true, access: Access::Only(tasks) };
    Call::Open { name, rights: Rights::READ, create: Some(create) }
}

const fn open(name: &str, rights: Rights) -> Call<'_> {
    Call::Open { name, rights, create: None }
}

#[test]
fn law_65_a_refusal_leaves_no_trace() {
    let mut hand = Hand::new();
    let [alice, mallory] = [hand.task("alice"), hand.task("mallory")];
    let out = handle(&mut hand, alice, make_for("pipe", &[]));
    assert_eq!(refusal(&mut hand, mallory, open("pipe", Rights::WRITE)), Error::NoRight);
    assert_eq!(refusal(&mut hand, mallory, open("pipe", BOTH)), Error::NoRight);
    assert_eq!(refusal(&mut hand, mallory, Call::Unlink { name: "pipe" }), Error::NoRight);
    // As if nobody had tried to write, there has been no writer yet.
    assert_eq!(hand.read(alice, out, 8, Wait::Try).0, refused(Error::WouldBlock));
}

#[test]
fn law_65_a_later_task_of_the_same_name_is_another_one() {
    let mut hand = Hand::new();
    let [alice, friend] = [hand.task("alice"), hand.task("friend")];
    handle(&mut hand, alice, make_for("by name", &["friend".into()]));
    handle(&mut hand, alice, make_for("by id", &[friend.into()]));
    hand.open(friend, "by name", Rights::WRITE);
    hand.open(friend, "by id", Rights::WRITE);
    assert_eq!(hand.call(friend, Call::Exit { status: ExitStatus::Done }), DONE);

    let heir = hand.task("friend");
    assert_eq!(heir.index(), friend.index());
    assert_eq!(refusal(&mut hand, heir, open("by name", Rights::WRITE)), Error::NoRight);
    assert_eq!(refusal(&mut hand, heir, open("by id", Rights::WRITE)), Error::NoRight);
}

#[test]
fn law_65_a_list_that_cannot_be_kept_makes_nothing() {
    let mut hand = Hand::new();
    let [alice, bob, gone] = [hand.task("alice"), hand.task("bob"), hand.task("gone")];
    assert_eq!(hand.call(gone, Call::Exit { status: ExitStatus::Done }), DONE);
    let at = Peer::Task(bob);
    let too_many = [at; ALLOWED + 1];
    assert_eq!(refusal(&mut hand, alice, make_for("pipe", &too_many)), Error::BadArgument);
    let nobody = [at, "nobody".into()];
    assert_eq!(refusal(&mut hand, alice, make_for("pipe", &nobody)), Error::NoSuchName);
    let dead = [at, gone.into()];
    assert_eq!(refusal(&mut hand, alice, make_for("pipe", &dead)), Error::PeerDead);
    let socket = handle(&mut hand, alice, Call::Socket { kind: Kind::Stream, sizes: BYTES });
    let access = Access::Only(&too_many);
    let bind = Call::Bind { handle: socket, name: "pipe", access };
    assert_eq!(refusal(&mut hand, alice, bind), Error::BadArgument);
    handle(&mut hand, alice, make_for("pipe", &[at; ALLOWED]));
}

#[test]
fn law_65_whoever_was_given_a_handle_need_not_open() {
    run(
        async |sys| {
            let pipe = sys.open_write("pipe").create_new(BYTES).only(&[]).await?;
            let out = sys.open_read("pipe").await?.give("bob").await?;
            sys.send("bob", &written(out)).await?;
            pipe.write_all(b"hello").await
        },
        async |sys| {
            let mut buffer = [0; 8];
            let out = ReadEnd::new(sys, next_handle(sys).await?);
            assert_eq!(out.read_full(&mut buffer).await, Ok(5));
            Ok(())
        },
    );
}

#[test]
fn law_65_it_does_not_matter_in_which_order_the_creator_says_it() {
    run(
        async |sys| {
            let friends = [];
            let _first = sys.open_read("first").create_new(BYTES).only(&friends).await?;
            let _second = sys.open_read("second").only(&friends).create_new(BYTES).await?;
            let _third = sys.open_read("third").only(&friends).or_create(BYTES).await?;
            sys.receive(&mut []).await.map(drop)
        },
        async |sys| {
            assert_eq!(sys.open_write("first").await.err(), Some(Error::NoRight));
            assert_eq!(sys.open_write("second").await.err(), Some(Error::NoRight));
            assert_eq!(sys.open_write("third").await.err(), Some(Error::NoRight));
            sys.send("alice", b"done").await
        },
    );
}
