use std::cell::RefCell;

use super::*;

/// A door behind which letters lie.
struct Letters(RefCell<VecDeque<Vec<u8>>>);

impl Letters {
    fn put(&self, kind: Kind, from: &str, serial: u64, text: &[u8]) {
        let letter = Letter { kind, serial, room: 7, from, text };
        self.0.borrow_mut().push_back(letter.to_bytes());
    }

    fn left(&self) -> usize {
        self.0.borrow().len()
    }
}

impl Door for Letters {
    fn syscall(&self, _: TaskId, call: Call<'_>) -> Outcome {
        match call {
            Call::Receive { buffer, .. } => match self.0.borrow_mut().pop_front() {
                Some(letter) => Outcome::Complete(Ok(copy(&letter, buffer))),
                None => Outcome::Complete(Err(Error::WouldBlock)),
            },
            Call::Poll { .. } => Outcome::Complete(Ok(Value::Count(0))),
            _ => Outcome::Complete(Ok(Value::Unit)),
        }
    }
}

fn office() -> (Office, Letters) {
    let names = ["me", "friend", "stranger"];
    let ids = names.iter().map(|&name| (name.to_owned(), TaskId::NOBODY)).collect();
    let handle = Handle::from_parts(0, 0);
    (Office::new("me", TaskId::NOBODY, handle, ids), Letters(RefCell::default()))
}

fn receive(office: &mut Office, door: &Letters, from: Option<&str>) -> Answer {
    match office.receive(door, from, &mut [0; 8], &mut None, Wait::Try) {
        Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
        Outcome::Blocked => Err(Error::WouldBlock),
    }
}

const STRANGERS: usize = 10_000;

#[test]
fn what_is_put_aside_for_later_is_bounded_and_nothing_of_it_is_lost() {
    let (mut office, door) = office();
    let text = |n: usize| (n as u64).to_le_bytes();
    (0..STRANGERS).for_each(|n| door.put(Kind::Message, "stranger", 0, &text(n)));
    door.put(Kind::Message, "friend", 0, b"hello");

    assert_eq!(receive(&mut office, &door, Some("friend")), Err(Error::Deadlock));
    let size = |it: &Mail| it.text.len() + MOST;
    assert!(office.mail.iter().map(size).sum::<usize>() < ASIDE + LONGEST + MOST);
    assert!(door.left() > STRANGERS / 2, "{} are left", door.left());

    // The task that takes some of it can wait again, and all comes in order.
    for n in 0..STRANGERS {
        let mut buffer = [0; 8];
        let outcome = office.receive(&door, None, &mut buffer, &mut None, Wait::Try);
        assert_eq!(outcome, Outcome::Complete(Ok(Value::Message { copied: 8, length: 8 })));
        assert_eq!(buffer, text(n));
    }
    let hello = Ok(Value::Message { copied: 5, length: 5 });
    assert_eq!(receive(&mut office, &door, Some("friend")), hello);
    assert_eq!(office.aside, 0);
}

#[test]
fn a_flood_does_not_make_a_poll_or_a_reply_put_everything_aside() {
    let (mut office, door) = office();
    (0..STRANGERS).for_each(|_| door.put(Kind::Message, "stranger", 0, b""));
    let mut set = [postroom::PollEntry::mailbox()];
    assert_eq!(office.poll(&door, &mut set, Wait::Try), Outcome::Complete(Ok(Value::Count(1))));
    assert_eq!(office.mail.len(), 1);
    let request = RequestId { caller: TaskId::NOBODY, serial: 1 };
    let _ = office.reply(&door, request, b"");
    assert!(door.left() > STRANGERS / 2, "{} are left", door.left());
}

#[test]
fn of_each_caller_one_request_is_open_at_the_most() {
    let (mut office, door) = office();
    for serial in 1..=1000 {
        door.put(Kind::Request, "friend", serial, b"?");
        assert!(receive(&mut office, &door, None).is_ok());
    }
    door.put(Kind::GivenUp, "friend", 999, b"");
    door.put(Kind::Message, "friend", 0, b"");
    assert!(receive(&mut office, &door, None).is_ok());
    assert_eq!(office.open.values().collect::<Vec<_>>(), [&(1000, 7)]);
    door.put(Kind::GivenUp, "friend", 1000, b"");
    assert_eq!(receive(&mut office, &door, None), Err(Error::WouldBlock));
    assert!(office.open.is_empty());
}
