//! From a step of the script to a deed: what it means in the present state, for both to do.

use std::fmt;

use postroom::{Error, ExitStatus, Handle, Outcome, Priority, Sizes, Ticks};

use crate::model::Model;
use crate::request::{BLANK, Life, Request, Result};
use crate::step::{NAMES, Step};

const DEAD: Outcome = Outcome::Complete(Err(Error::PeerDead));

/// Something to do, with all names looked up.
pub(crate) enum Deed {
    Nothing,
    Spawn { name: &'static str, priority: Priority },
    Create { name: &'static str, sizes: Sizes },
    Entrust { life: Option<Life>, victim: Option<Life> },
    Rank { life: Option<Life>, priority: Priority },
    Advance { now: Ticks },
    Dispatch,
    Spin { life: Option<Life>, calls: u32 },
    Call { life: Option<Life>, request: Request, text: String },
}

/// What came of it.
#[derive(PartialEq, Eq)]
pub(crate) enum Said {
    Done(std::result::Result<(), Error>),
    Dispatched(Option<Life>),
    /// How many calls were made.
    Spun(u32),
    Called(Result),
}

impl Model {
    /// What a step means now. Bytes to be written are drawn from one counter, so none of them is
    /// like another one nearby: loss, doubling and disorder show.
    pub(crate) fn deed(&mut self, step: &Step) -> Deed {
        match *step {
            Step::Spawn { who, priority } => Deed::Spawn { name: NAMES[who], priority },
            Step::Create { name, sizes } => Deed::Create { name, sizes },
            Step::Entrust { who, victim } => {
                Deed::Entrust { life: self.last(NAMES[who]), victim: self.last(NAMES[victim]) }
            }
            Step::Rank { who, priority } => Deed::Rank { life: self.last(NAMES[who]), priority },
            Step::Advance { ticks } => Deed::Advance { now: Ticks(self.now + ticks) },
            Step::TurnBack => Deed::Advance { now: Ticks(0) },
            Step::Dispatch => Deed::Dispatch,
            Step::Spin { who, calls } => Deed::Spin { life: self.last(NAMES[who]), calls },
            Step::End { who } => {
                let request = Request::Exit { status: ExitStatus::Killed };
                Deed::Call { life: self.last(NAMES[who]), request, text: step.to_string() }
            }
            Step::Call { who, ref wish } => {
                let life = self.last(NAMES[who]);
                let request = self.request(life, wish);
                Deed::Call { life, request, text: format!("{wish:?}") }
            }
            Step::Again { who } => {
                match self.last(NAMES[who]).and_then(|life| self.waiting_of(life)) {
                    None => Deed::Nothing,
                    Some(waiting) => Deed::Call {
                        life: Some(waiting.task),
                        request: waiting.request.clone(),
                        text: waiting.text.clone(),
                    },
                }
            }
        }
    }

    /// Does it to the model.
    pub(crate) fn perform(&mut self, deed: &Deed) -> Said {
        let alive = |life: Option<Life>| life.filter(|&life| self.tasks[life].alive);
        match *deed {
            Deed::Nothing => Said::Done(Ok(())),
            Deed::Spawn { name, priority } => Said::Done(self.spawn(name, priority)),
            Deed::Create { name, sizes } => Said::Done(self.create(name, sizes)),
            Deed::Entrust { life, victim } => Said::Done(self.entrust(life, victim)),
            Deed::Rank { life, priority } => Said::Done(match alive(life) {
                None => Err(Error::PeerDead),
                Some(life) => {
                    self.rank(life, priority);
                    Ok(())
                }
            }),
            Deed::Advance { now } => {
                self.advance(now.0);
                Said::Done(Ok(()))
            }
            Deed::Dispatch => Said::Dispatched(self.dispatch()),
            Deed::Spin { life: None, calls } => Said::Spun(calls),
            Deed::Spin { life: Some(life), calls } => Said::Spun(until_preempted(calls, || {
                if self.tasks[life].alive {
                    self.call(life, &Request::Now, "").outcome
                } else {
                    DEAD
                }
            })),
            Deed::Call { life, ref request, ref text } => Said::Called(match alive(life) {
                Some(life) => self.call(life, request, text),
                None => Result {
                    outcome: DEAD,
                    buffer: vec![BLANK; request.room()],
                    set: match request {
                        Request::Poll { set, .. } => {
                            vec![Ok(postroom::Readiness::NOTHING); set.len()]
                        }
                        _ => Vec::new(),
                    },
                    envelope: None,
                },
            }),
        }
    }
}

/// One that was never given out.
pub(crate) fn forged(slot: u16) -> Handle {
    Handle::from_parts(slot, u64::MAX)
}

/// Makes calls until one is followed by a switch: how many that were.
pub(crate) fn until_preempted(calls: u32, mut call: impl FnMut() -> Outcome) -> u32 {
    (1..=calls).find(|_| matches!(call(), Outcome::Preempted(_))).unwrap_or(calls)
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(Ok(())) => write!(f, "done"),
            Self::Done(Err(error)) => write!(f, "{error:?}"),
            Self::Spun(calls) => write!(f, "{calls} calls"),
            Self::Dispatched(None) => write!(f, "nobody"),
            Self::Dispatched(Some(life)) => write!(f, "task {life}"),
            Self::Called(Result { outcome, buffer, set, envelope }) => {
                write!(f, "{outcome:?}")?;
                if buffer.iter().any(|&byte| byte != BLANK) {
                    write!(f, ", buffer {buffer:?}")?;
                }
                if !set.is_empty() {
                    write!(f, ", set {set:?}")?;
                }
                envelope.as_ref().map_or(Ok(()), |envelope| write!(f, ", envelope {envelope:?}"))
            }
        }
    }
}
