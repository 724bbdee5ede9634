//! Waiting for the mailbox of a process among other things.

use postroom::{Call, Door, Outcome, PollEntry, Readiness, Rights, Value, Wait};

use super::office::{Office, Taken};

impl Office {
    /// Takes letters in until one is mail, or there are no more.
    fn look(&mut self, door: &dyn Door) {
        while self.mail.is_empty()
            && let Taken::Letter | Taken::LetterAndReturn = self.take(door, Wait::Try)
        {}
    }

    /// Looks at the mailbox among others.
    pub(super) fn poll(&mut self, door: &dyn Door, set: &mut [PollEntry], wait: Wait) -> Outcome {
        let mut preempted = false;
        loop {
            self.look(door);
            let has_mail = !self.mail.is_empty();
            let mut inner: Vec<PollEntry> =
                set.iter().filter(|entry| entry.handle.is_some()).copied().collect();
            inner.push(PollEntry::new(Some(self.handle), Rights::READ));
            let how = if has_mail { Wait::Try } else { wait };
            let outcome = door.syscall(self.task, Call::Poll { set: &mut inner, wait: how });
            let polled = match outcome {
                Outcome::Blocked => return Outcome::Blocked,
                Outcome::Preempted(answer) => {
                    preempted = true;
                    answer
                }
                Outcome::Complete(answer) => answer,
            };
            // What woke it may be a letter that is no mail.
            self.look(door);
            let mailbox = Readiness { readable: !self.mail.is_empty(), ..Readiness::NOTHING };
            let mut others = inner.iter();
            let mut ready = 0;
            for entry in set.iter_mut() {
                entry.ready = match entry.handle {
                    None => Ok(mailbox),
                    Some(_) => others.next().map_or(Ok(Readiness::NOTHING), |it| it.ready),
                };
                ready += usize::from(entry.ready != Ok(Readiness::NOTHING));
            }
            let answer = match polled {
                _ if ready > 0 => Ok(Value::Count(ready)),
                Err(error) => Err(error),
                // The task has to return to its runner, and asks again.
                Ok(_) if preempted => return Outcome::Blocked,
                Ok(_) => continue,
            };
            return if preempted { Outcome::Preempted(answer) } else { Outcome::Complete(answer) };
        }
    }
}
