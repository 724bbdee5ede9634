//! I. Rights: what a handle allows, and all that is refused without an effect.

use postroom::{
    Access, Call, ChannelView, Create, Destination, Envelope, Error, ExitStatus, Handle, Kind,
    Outcome, Peer, Priority, Result, Rights, Sizes, Source, TaskId, TaskView, Value, Wait, param,
};

use crate::hand::{Hand, Small, counted};

/// All that can be seen of a kernel.
#[derive(Debug, PartialEq)]
struct View {
    tasks: Vec<TaskView>,
    channels: Vec<ChannelView>,
    bytes: Vec<Vec<u8>>,
    messages: Vec<Vec<(Envelope, Vec<u8>)>>,
}

impl View {
    fn of(kernel: &Small) -> Self {
        let messages = |channel: ChannelView| {
            kernel
                .messages_in(channel.id)
                .map(|(envelope, body)| (envelope, body.to_vec()))
                .collect()
        };
        Self {
            tasks: kernel.tasks().collect(),
            channels: kernel.channels().collect(),
            bytes: kernel.channels().map(|it| kernel.bytes_in(it.id).collect()).collect(),
            messages: kernel.channels().map(messages).collect(),
        }
    }
}

/// Makes a new pipe of 8 bytes under a name.
const fn new_pipe(name: &str) -> Call<'_> {
    let (sizes, access) = (Sizes::Bytes(8), Access::Everyone);
    Call::Open {
        name,
        rights: Rights::READ,
        create: Some(Create { sizes, exclusive: true, access }),
    }
}

/// Does what has to be refused, and must change nothing that can be seen.
pub(crate) fn without_effect<V>(
    hand: &mut Hand,
    act: impl FnOnce(&mut Hand) -> Result<V>,
) -> Result<V> {
    while hand.kernel.dispatch().is_some() {}
    let before = View::of(&hand.kernel);
    let answer = act(hand);
    assert_eq!(View::of(&hand.kernel), before);
    assert_eq!(hand.kernel.check(), Ok(()));
    answer
}

/// Makes a call that has to be refused, and must change nothing that can be seen.
pub(crate) fn refusal(hand: &mut Hand, task: TaskId, call: Call<'_>) -> Error {
    without_effect(hand, |hand| hand.answer(task, call)).unwrap_err()
}

/// The errors of every call that takes a handle.
fn refusals(hand: &mut Hand, task: TaskId, handle: Handle) -> [Error; 5] {
    let wait = Wait::Forever;
    [
        refusal(hand, task, Call::Read { handle, buffer: &mut [0; 4], wait }),
        refusal(hand, task, Call::Write { handle, bytes: b"abcd", wait }),
        refusal(hand, task, Call::Readiness { handle }),
        refusal(hand, task, Call::Duplicate { handle }),
        refusal(hand, task, Call::Close { handle }),
    ]
}

#[test]
fn law_63_a_handle_that_was_never_given_out_is_a_bad_handle() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, None, 8);
    assert_eq!(hand.write(alice, write, b"ab", Wait::Try), counted(2));

    let empty_slot = Handle::from_parts(2, 2);
    let no_slot = Handle::from_parts(param::HANDLES as u16, 0);
    let another_serial = Handle::from_parts(read.slot(), write.serial());
    assert_eq!(refusals(&mut hand, alice, empty_slot), [Error::BadHandle; 5]);
    assert_eq!(refusals(&mut hand, alice, no_slot), [Error::BadHandle; 5]);
    assert_eq!(refusals(&mut hand, alice, another_serial), [Error::BadHandle; 5]);
}

#[test]
fn law_63_a_handle_that_was_closed_stays_bad_when_its_slot_is_used_again() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, Some("pipe"), 8);
    hand.close(alice, read);
    assert_eq!(refusals(&mut hand, alice, read), [Error::BadHandle; 5]);

    let again = hand.open(alice, "pipe", Rights::READ);
    assert_eq!(again.slot(), read.slot());
    assert_eq!(refusals(&mut hand, alice, read), [Error::BadHandle; 5]);
    assert_eq!(hand.write(alice, write, b"a", Wait::Try), counted(1));
    assert_eq!(hand.read(alice, again, 4, Wait::Try).1, b"a");
}

#[test]
fn law_63_a_task_can_use_no_handle_but_its_own() {
    let mut hand = Hand::new();
    let [alice, mallory] = [hand.task("alice"), hand.task("mallory")];
    let [read, write] = hand.pipe(alice, Some("pipe"), 8);
    // A handle of the same slot, for the same object.
    let own = hand.open(mallory, "pipe", Rights::READ);
    assert_eq!(own.slot(), read.slot());

    assert_eq!(refusals(&mut hand, mallory, read), [Error::BadHandle; 5]);
    assert_eq!(refusals(&mut hand, mallory, write), [Error::BadHandle; 5]);
    assert_eq!(hand.write(alice, write, b"a", Wait::Try), counted(1));
    assert_eq!(hand.read(alice, read, 4, Wait::Try).1, b"a");
}

#[test]
fn law_63_a_right_that_the_handle_does_not_carry_is_no_right() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, None, 8);
    let copy = hand.answer(alice, Call::Duplicate { handle: read });
    let Ok(Value::Handle(copy)) = copy else { panic!("{copy:?}") };
    let (bytes, buffer, wait) = (b"abcd", &mut [0; 4], Wait::Forever);

    let written = refusal(&mut hand, alice, Call::Write { handle: read, bytes, wait });
    assert_eq!(written, Error::NoRight);
    let written = refusal(&mut hand, alice, Call::Write { handle: copy, bytes, wait });
    assert_eq!(written, Error::NoRight);
    let read = refusal(&mut hand, alice, Call::Read { handle: write, buffer, wait });
    assert_eq!(read, Error::NoRight);
}

#[test]
fn law_63_a_bad_handle_is_said_before_a_right_and_a_right_before_an_argument() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, None, 8);
    let wait = Wait::Forever;

    // Neither the right to read, nor a buffer: the buffer alone would be an answer.
    let no_right = Call::Read { handle: write, buffer: &mut [], wait };
    assert_eq!(refusal(&mut hand, alice, no_right), Error::NoRight);
    let no_right = Call::Write { handle: read, bytes: &[], wait };
    assert_eq!(refusal(&mut hand, alice, no_right), Error::NoRight);

    // Now there is no such handle either.
    hand.close(alice, write);
    let bad_handle = Call::Read { handle: write, buffer: &mut [], wait };
    assert_eq!(refusal(&mut hand, alice, bad_handle), Error::BadHandle);
}

#[test]
fn law_63_an_object_of_another_kind_is_the_wrong_kind() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.kernel.create_pipe("pipe", 8).unwrap();

    let open = Call::Open { name: "alice", rights: Rights::READ, create: None };
    assert_eq!(refusal(&mut hand, alice, open), Error::WrongKind);
    // A message that is too long for any mailbox: the kind comes first.
    let send = Call::Send {
        to: Destination::Task(Peer::Name("pipe")),
        message: &[0; 2000],
        wait: Wait::Forever,
    };
    assert_eq!(refusal(&mut hand, alice, send), Error::WrongKind);
}

#[test]
fn a_full_task_table_refuses_the_next_task() {
    let mut hand = Hand::new();
    let tasks = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| hand.task(name));

    let spawned = without_effect(&mut hand, |hand| hand.kernel.spawn("i", Priority::NORMAL));
    assert_eq!(spawned, Err(Error::TasksFull));
    let status = ExitStatus::Done;
    assert_eq!(hand.call(tasks[0], Call::Exit { status }), Outcome::Complete(Ok(Value::Unit)));
    assert!(hand.kernel.spawn("i", Priority::NORMAL).is_ok());
}

#[test]
fn a_full_channel_table_refuses_pipes_and_tasks() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, None, 8);
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"] {
        hand.kernel.create_pipe(name, 8).unwrap();
    }

    let spawned = without_effect(&mut hand, |hand| hand.kernel.spawn("bob", Priority::NORMAL));
    assert_eq!(spawned, Err(Error::ChannelsFull));
    let created = without_effect(&mut hand, |hand| hand.kernel.create_pipe("pipe", 8));
    assert_eq!(created, Err(Error::ChannelsFull));
    let unnamed = Call::Pipe { capacity: 8 };
    assert_eq!(refusal(&mut hand, alice, unnamed), Error::ChannelsFull);
    assert_eq!(refusal(&mut hand, alice, new_pipe("pipe")), Error::ChannelsFull);

    hand.close(alice, read);
    hand.close(alice, write);
    assert!(hand.kernel.create_pipe("pipe", 8).is_ok());
}

#[test]
fn a_full_handle_table_refuses_the_next_handle() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, Some("pipe"), 8);
    assert_eq!(hand.write(alice, write, b"abc", Wait::Try), counted(3));
    for _ in 2..param::HANDLES {
        hand.open(alice, "pipe", Rights::READ);
    }

    let open = Call::Open { name: "pipe", rights: Rights::WRITE, create: None };
    assert_eq!(refusal(&mut hand, alice, open), Error::HandlesFull);
    let duplicate = Call::Duplicate { handle: read };
    assert_eq!(refusal(&mut hand, alice, duplicate), Error::HandlesFull);
    let pipe = Call::Pipe { capacity: 8 };
    assert_eq!(refusal(&mut hand, alice, pipe), Error::HandlesFull);

    // A pipe takes two: one that is free is not enough.
    hand.close(alice, read);
    let pipe = Call::Pipe { capacity: 8 };
    assert_eq!(refusal(&mut hand, alice, pipe), Error::HandlesFull);
    hand.open(alice, "pipe", Rights::READ);
}

/// The errors of everything that takes a name.
fn with_the_name(hand: &mut Hand, task: TaskId, name: &str) -> [Error; 6] {
    let wait = Wait::Forever;
    let (to, from) = (Destination::Task(Peer::Name(name)), Source::Task(Peer::Name(name)));
    let (buffer, envelope) = (&mut [0; 4], &mut None);
    [
        without_effect(hand, |hand| hand.kernel.spawn(name, Priority::NORMAL)).unwrap_err(),
        without_effect(hand, |hand| hand.kernel.create_pipe(name, 8)).unwrap_err(),
        refusal(hand, task, new_pipe(name)),
        refusal(hand, task, Call::Open { name, rights: Rights::READ, create: None }),
        refusal(hand, task, Call::Send { to, message: b"hello", wait }),
        refusal(hand, task, Call::Receive { from, buffer, envelope, wait }),
    ]
}

#[test]
fn an_empty_name_is_not_a_name() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    assert_eq!(with_the_name(&mut hand, alice, ""), [Error::BadName; 6]);
}

#[test]
fn a_name_too_long_is_refused_and_never_cut() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.task("twenty-three-bytes-long");
    assert_eq!("twenty-three-bytes-long".len(), param::NAME);
    let one_more = "twenty-three-bytes-long!";
    assert_eq!(with_the_name(&mut hand, alice, one_more), [Error::NameTooLong; 6]);
}

#[test]
fn a_control_character_is_no_part_of_a_name() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    assert_eq!(with_the_name(&mut hand, alice, "two\nlines"), [Error::BadName; 6]);
    assert_eq!(with_the_name(&mut hand, alice, "\0"), [Error::BadName; 6]);
    assert_eq!(with_the_name(&mut hand, alice, "delete\x7f"), [Error::BadName; 6]);
}

#[test]
fn a_control_character_beyond_ascii_is_no_part_of_a_name() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    // Next line, and the control sequence introducer of a terminal.
    assert_eq!(with_the_name(&mut hand, alice, "two\u{85}lines"), [Error::BadName; 6]);
    assert_eq!(with_the_name(&mut hand, alice, "\u{9b}31m"), [Error::BadName; 6]);
}

#[test]
fn a_name_with_a_colon_belongs_to_the_devices() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [spawned, created, made, opened, sent, received] =
        with_the_name(&mut hand, alice, "unix:chat");
    assert_eq!([spawned, created, sent, received], [Error::BadName; 4]);
    // There are no devices here.
    assert_eq!([made, opened], [Error::NoSuchName; 2]);
}

#[test]
fn a_name_is_taken_once_by_tasks_and_pipes_alike() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    hand.pipe(alice, Some("pipe"), 8);

    let task = |hand: &mut Hand, name| {
        without_effect(hand, |hand| hand.kernel.spawn(name, Priority::NORMAL)).unwrap_err()
    };
    assert_eq!([task(&mut hand, "alice"), task(&mut hand, "pipe")], [Error::NameTaken; 2]);
    let pipe = |hand: &mut Hand, name| {
        without_effect(hand, |hand| hand.kernel.create_pipe(name, 8)).unwrap_err()
    };
    assert_eq!([pipe(&mut hand, "alice"), pipe(&mut hand, "pipe")], [Error::NameTaken; 2]);
    assert_eq!(refusal(&mut hand, alice, new_pipe("alice")), Error::NameTaken);
    assert_eq!(refusal(&mut hand, alice, new_pipe("pipe")), Error::NameTaken);
}

#[test]
fn a_name_that_nothing_has_any_more_is_no_such_name() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, Some("pipe"), 8);
    hand.close(alice, read);
    hand.close(alice, write);

    let (name, wait) = ("pipe", Wait::Forever);
    let open = Call::Open { name, rights: Rights::READ, create: None };
    assert_eq!(refusal(&mut hand, alice, open), Error::NoSuchName);
    let send = Call::Send { to: Destination::Task(Peer::Name(name)), message: b"hello", wait };
    assert_eq!(refusal(&mut hand, alice, send), Error::NoSuchName);
    let from = Source::Task(Peer::Name(name));
    let receive = Call::Receive { from, buffer: &mut [], envelope: &mut None, wait };
    assert_eq!(refusal(&mut hand, alice, receive), Error::NoSuchName);
}

#[test]
fn a_message_longer_than_the_mailbox_allows_is_not_sent() {
    let mut hand = Hand::new();
    let [alice, bob] = [hand.task("alice"), hand.task("bob")];
    assert_eq!(hand.send(alice, "bob", b"before", Wait::Try), Outcome::Complete(Ok(Value::Unit)));

    let message = &[0; param::MAILBOX_LONGEST + 1];
    let too_long =
        Call::Send { to: Destination::Task(Peer::Task(bob)), message, wait: Wait::Forever };
    assert_eq!(refusal(&mut hand, alice, too_long), Error::MessageTooLong);
    assert_eq!(hand.receive(bob, None, 512, Wait::Try).1, b"before");
}

#[test]
fn a_write_that_nobody_can_read_leaves_the_pipe_as_it_was() {
    let mut hand = Hand::new();
    let alice = hand.task("alice");
    let [read, write] = hand.pipe(alice, None, 8);
    assert_eq!(hand.write(alice, write, b"abc", Wait::Try), counted(3));
    hand.close(alice, read);

    let call = Call::Write { handle: write, bytes: b"d", wait: Wait::Forever };
    assert_eq!(refusal(&mut hand, alice, call), Error::BrokenPipe);
    let pipe = hand.kernel.channels().find(|channel| channel.kind == Kind::Pipe).unwrap();
    assert_eq!(Vec::from_iter(hand.kernel.bytes_in(pipe.id)), b"abc");
}
