//! System calls in the model: attempted, answered or put off, and followed by a switch or not.

use postroom::{Answer, Error, Outcome, Readiness, Reason, State, Ticks, Value, Wait};

use crate::model::{Attempt, Line, Model, Refusal, Waiting, plain};
use crate::request::{BLANK, Life, Origin, Request, Result, Target};

impl Model {
    /// What a system call comes to.
    pub(crate) fn call(&mut self, me: Life, request: &Request, text: &str) -> Result {
        let (verb, subject) = (request.verb(), request.subject());
        let mut result = Result {
            outcome: Outcome::Blocked,
            buffer: vec![BLANK; request.room()],
            set: Vec::new(),
            envelope: None,
        };
        if let Request::Poll { set, .. } = request {
            result.set = vec![Ok(Readiness::NOTHING); set.len()];
        }
        if let Request::Exit { .. } = request {
            self.end(me);
            result.outcome = Outcome::Complete(Ok(Value::Unit));
            return result;
        }
        let answer = match self.attempt(me, request, &mut result) {
            Ok((value, copied)) => {
                result.buffer[..copied.bytes.len()].copy_from_slice(&copied.bytes);
                result.envelope = copied.stamp;
                Ok(value)
            }
            Err(Refusal::Error(error)) => Err(error),
            Err(Refusal::Wait(line, reason)) => match request.wait() {
                Wait::Try => Err(Error::WouldBlock),
                Wait::Until(Ticks(deadline)) if deadline <= self.now => {
                    if let Request::Answer { .. } = request {
                        self.give_up(me);
                    }
                    Err(Error::TimedOut)
                }
                wait => {
                    let mut waiting = Waiting {
                        task: me,
                        verb,
                        subject,
                        request: request.clone(),
                        text: text.to_owned(),
                        line,
                        reason,
                        verdict: None,
                        interests: Vec::new(),
                    };
                    if let Request::Poll { set, .. } = request {
                        waiting.interests = self.interests(me, set, &result.set);
                    }
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
        // Any answer to this call ends the waiting of it.
        if self.waiting_of(me).is_some_and(|it| (it.verb, it.subject) == (verb, subject)) {
            self.leave(me);
        }
        result.outcome = self.after(me, answer);
        result
    }

    fn attempt(&mut self, me: Life, request: &Request, result: &mut Result) -> Attempt {
        let verdict = self
            .waiting_of(me)
            .filter(|it| (it.verb, it.subject) == (request.verb(), request.subject()))
            .and_then(|waiting| waiting.verdict);
        match ((*request).clone(), verdict) {
            (Request::Receive { from: Origin::Task(from), length, .. }, verdict) => {
                self.receive(me, Some(from), length, verdict)
            }
            (Request::Answer { length, .. }, _) => self.answer(me, length),
            (_, Some(verdict)) => Err(verdict.into()),
            (request, None) => self.serve(me, request, result),
        }
    }

    fn serve(&mut self, me: Life, request: Request, result: &mut Result) -> Attempt {
        match request {
            Request::Receive { from: Origin::Object(handle), length, .. } => {
                self.take_out(me, handle, length)
            }
            Request::Receive { length, .. } => self.receive(me, None, length, None),
            Request::Send { to: Target::Task(to), message, .. } => self.send(me, to, message, None),
            Request::Send { to: Target::Queue { handle, urgency }, message, .. } => {
                self.enqueue(me, handle, urgency, message)
            }
            Request::Send { to: Target::Socket { handle, to }, message, .. } => {
                self.send_out(me, handle, to, message)
            }
            Request::Read { handle, length, .. } => self.read(me, handle, length),
            Request::Write { handle, bytes, .. } => self.write(me, handle, &bytes),
            Request::Ask { to, message, room, .. } => self.ask(me, to, message, room),
            Request::Poll { set, wait } => {
                let (answer, looks) = self.poll(me, &set, wait);
                result.set = looks;
                plain(answer?)
            }
            Request::Notify { handle, .. } => self.notify(me, handle),
            Request::Connect { handle, to, .. } => self.connect(me, handle, to),
            Request::Accept { handle, .. } => self.accept(me, handle),
            Request::Sleep { until } if until.0 > self.now => {
                Err(Refusal::Wait(Line::Nothing, Reason::Asleep))
            }
            request => plain(self.at_once(me, request)?),
        }
    }

    /// Calls that never wait.
    fn at_once(&mut self, me: Life, request: Request) -> Answer {
        match request {
            Request::Pipe { capacity } => self.pipe(me, capacity),
            Request::Open { name, rights, create } => self.open(me, name, rights, create.as_ref()),
            Request::Duplicate { handle } => self.duplicate(me, handle),
            Request::Give { handle, to, rights, keep } => self.give(me, handle, to, rights, keep),
            Request::Close { handle } => self.close(me, handle),
            Request::Unlink { name } => self.unlink(me, name),
            Request::Reply { caller, serial, message } => self.reply(me, caller, serial, message),
            Request::Readiness { handle } => Ok(Value::Readiness(self.readiness(me, handle)?)),
            Request::Attributes { handle } => self.attributes(me, handle),
            Request::Socket { kind, sizes } => self.socket(me, kind, sizes),
            Request::Pair { kind, sizes } => self.pair(me, kind, sizes),
            Request::Bind { handle, name, only } => self.bind(me, handle, name, only.as_deref()),
            Request::Listen { handle, backlog } => self.listen(me, handle, backlog),
            Request::Shutdown { handle, rights } => self.shutdown(me, handle, rights),
            Request::Kill { handle } => self.kill(me, handle),
            Request::Cancel => {
                self.leave(me);
                Ok(Value::Unit)
            }
            Request::GiveUp => {
                if self.waiting_of(me).is_some_and(|it| matches!(it.line, Line::Reply(_))) {
                    self.leave(me);
                }
                self.give_up(me);
                Ok(Value::Unit)
            }
            Request::Yield => {
                self.tasks[me].quantum = 0;
                Ok(Value::Unit)
            }
            Request::SetPriority { priority } => {
                self.rank(me, priority);
                Ok(Value::Unit)
            }
            Request::Now => Ok(Value::Now(Ticks(self.now))),
            _ => Ok(Value::Unit),
        }
    }

    /// Who runs on after a call: the caller, unless someone ready is more urgent, or its turn is
    /// over.
    fn after(&mut self, me: Life, answer: Answer) -> Outcome {
        match self.tasks[me].state {
            State::Running => {}
            State::Ready => return Outcome::Preempted(answer),
            State::Blocked => return Outcome::Complete(answer),
        }
        let quantum = self.tasks[me].quantum.saturating_sub(1);
        self.tasks[me].quantum = quantum;
        let best = self.ready.iter().map(|&at| self.tasks[at].priority).min();
        if quantum > 0 && best.is_none_or(|best| best >= self.tasks[me].priority) {
            return Outcome::Complete(answer);
        }
        self.tasks[me].state = State::Ready;
        self.ready.push(me);
        Outcome::Preempted(answer)
    }
}
