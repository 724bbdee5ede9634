//! System calls in the model: attempted, answered or put off, and followed by a switch or not.

use postroom::{Answer, Error, Outcome, Reason, State, Ticks, Value, Wait};

use crate::model::{Attempt, Line, Model, Refusal, Waiting};
use crate::request::{BLANK, Life, Request, Result};

impl Model {
    /// What a system call comes to.
    pub(crate) fn call(&mut self, me: Life, request: &Request, text: &str) -> Result {
        let verb = request.verb();
        let mut result =
            Result { outcome: Outcome::Blocked, buffer: vec![BLANK; request.room()], sender: None };
        if let Request::Exit { .. } = request {
            self.end(me);
            result.outcome = Outcome::Complete(Ok(Value::Unit));
            return result;
        }
        let answer = match self.attempt(me, request) {
            Ok((value, bytes, sender)) => {
                result.buffer[..bytes.len()].copy_from_slice(&bytes);
                result.sender = sender;
                Ok(value)
            }
            Err(Refusal::Error(error)) => Err(error),
            Err(Refusal::Wait(line, reason)) => match request.wait() {
                Wait::Try => Err(Error::WouldBlock),
                Wait::Until(Ticks(deadline)) if deadline <= self.now => Err(Error::TimedOut),
                wait => {
                    let request = request.clone();
                    let text = text.to_owned();
                    let waiting =
                        Waiting { task: me, verb, request, text, line, reason, verdict: None };
                    match self.block(waiting, wait) {
                        Ok(()) => return result,
                        Err(error) => {
                            result.outcome = self.after(me, Err(error));
                            return result;
                        }
                    }
                }
            },
        };
        // Any answer to a call of this kind ends the waiting of one.
        if self.waiting_of(me).is_some_and(|waiting| waiting.verb == verb) {
            self.leave(me);
        }
        result.outcome = self.after(me, answer);
        result
    }

    fn attempt(&mut self, me: Life, request: &Request) -> Attempt {
        let verdict = self
            .waiting_of(me)
            .filter(|waiting| waiting.verb == request.verb())
            .and_then(|waiting| waiting.verdict);
        let plain = |value: std::result::Result<Value, Error>| Ok((value?, Vec::new(), None));
        match (*request).clone() {
            Request::Receive { from, length, .. } => self.receive(me, from, length, verdict),
            _ if verdict.is_some() => Err(verdict.unwrap_or(Error::Busy).into()),
            Request::Send { to, message, .. } => self.send(me, to, message),
            Request::Read { handle, length, .. } => self.read(me, handle, length),
            Request::Write { handle, bytes, .. } => self.write(me, handle, &bytes),
            Request::Pipe { name, capacity } => plain(self.pipe(me, name, capacity)),
            Request::Open { name, rights } => plain(self.open(me, name, rights)),
            Request::Duplicate { handle } => plain(self.duplicate(me, handle)),
            Request::Close { handle } => plain(self.close(me, handle)),
            Request::Readiness { handle } => plain(self.readiness(me, handle)),
            Request::Sleep { until } if until.0 > self.now => {
                Err(Refusal::Wait(Line::Nothing, Reason::Asleep))
            }
            Request::Sleep { .. } => plain(Ok(Value::Unit)),
            Request::Cancel => {
                self.leave(me);
                plain(Ok(Value::Unit))
            }
            Request::Yield => {
                self.tasks[me].quantum = 0;
                plain(Ok(Value::Unit))
            }
            Request::SetPriority { priority } => {
                self.rank(me, priority);
                plain(Ok(Value::Unit))
            }
            Request::Now | Request::Exit { .. } => plain(Ok(Value::Now(Ticks(self.now)))),
        }
    }

    /// Who runs on after a call: the caller, unless someone ready is more urgent, or it is
    /// someone else's turn.
    fn after(&mut self, me: Life, answer: Answer) -> Outcome {
        match self.tasks[me].state {
            State::Running => {}
            State::Ready => return Outcome::Preempted(answer),
            State::Blocked => return Outcome::Complete(answer),
        }
        let quantum = self.tasks[me].quantum.saturating_sub(1);
        self.tasks[me].quantum = quantum;
        let mine = self.tasks[me].priority;
        let best = self.ready.iter().map(|&at| self.tasks[at].priority).min();
        match best {
            Some(best) if best < mine || best == mine && quantum == 0 => {
                self.tasks[me].state = State::Ready;
                self.ready.push(me);
                Outcome::Preempted(answer)
            }
            _ => Outcome::Complete(answer),
        }
    }
}
