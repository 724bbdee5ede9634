//! Drawing scripts: which steps are likely in which state.

use std::fmt;
use std::sync::Arc;

use postroom::State;
use postroom::param::QUANTUM;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest_state_machine::ReferenceStateMachine;

use crate::model::Model;
use crate::request::Life;
use crate::script::Limits;
use crate::sizes::sizes;
use crate::step::{NAMES, Step, Who, Wish};
use crate::wishes::{THINGS, priority, wish};

/// The state machine whose runs are the scripts. Its state is the model.
pub(crate) struct Drawing<const TASKS: usize, const CHANNELS: usize, const RING: usize>;

#[derive(Clone)]
pub(crate) struct Drawn {
    pub(crate) model: Model,
    /// One task is dispatched at a time, and only it makes calls; otherwise whoever is awake may.
    one_core: bool,
}

pub(crate) type Choices<T> = Vec<(u32, BoxedStrategy<T>)>;

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> ReferenceStateMachine
    for Drawing<TASKS, CHANNELS, RING>
{
    type State = Drawn;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Drawn> {
        let limits = Limits { tasks: TASKS, channels: CHANNELS, ring: RING };
        any::<bool>()
            .prop_map(move |one_core| Drawn { model: Model::new(limits), one_core })
            .boxed()
    }

    fn transitions(state: &Drawn) -> BoxedStrategy<Step> {
        let mut choices = outside(state);
        choices.extend(inside(state));
        Union::new_weighted(choices).boxed()
    }

    fn apply(mut state: Drawn, step: &Step) -> Drawn {
        let deed = state.model.deed(step);
        state.model.perform(&deed);
        state
    }
}

/// What happens to the kernel from outside.
fn outside(state: &Drawn) -> Choices<Step> {
    let Drawn { model, one_core } = state;
    let living = alive(model).count();
    let runs = alive(model).any(|me| model.tasks[me].state == State::Running);
    let named = model.objects.iter().any(|object| object.alive && object.name.is_some());
    let queue = model.waiting.len() > 1;
    let spin = (who(), select(vec![1, 2, QUANTUM - 2, QUANTUM - 1, QUANTUM, QUANTUM + 1]));
    let priority = priority();
    let rank = (who(), priority.clone()).prop_map(|(who, priority)| Step::Rank { who, priority });
    let create = (select(&THINGS[..]), sizes(model.limits));
    let entrust = (who(), who()).prop_map(|(who, victim)| Step::Entrust { who, victim });
    vec![
        (
            if living < 2 { 40 } else { 3 },
            (who(), priority).prop_map(|(who, priority)| Step::Spawn { who, priority }).boxed(),
        ),
        (1, who().prop_map(|who| Step::End { who }).boxed()),
        (
            if named { 1 } else { 15 },
            create.prop_map(|(name, sizes)| Step::Create { name, sizes }).boxed(),
        ),
        (2, entrust.boxed()),
        (if queue { 10 } else { 3 }, rank.boxed()),
        (1, spin.prop_map(|(who, calls)| Step::Spin { who, calls }).boxed()),
        (1, Just(Step::TurnBack).boxed()),
        (
            if model.next_deadline().is_some() { 8 } else { 1 },
            (0..4u64).prop_map(|ticks| Step::Advance { ticks }).boxed(),
        ),
        (
            match (one_core, runs) {
                (true, false) => 80,
                (true, true) => 1,
                (false, _) => 10,
            },
            Just(Step::Dispatch).boxed(),
        ),
    ]
}

/// What tasks do. Whoever was woken mostly makes its call again.
fn inside(state: &Drawn) -> Choices<Step> {
    let Drawn { model, one_core } = state;
    let shared = Arc::new(model.clone());
    let mut choices = Choices::new();
    for me in alive(model) {
        let who = NAMES.iter().position(|name| *name == model.tasks[me].name).unwrap_or(0);
        let waits = model.waiting_of(me).is_some();
        let weight = match model.tasks[me].state {
            State::Running => 30,
            State::Ready if *one_core => 1,
            State::Ready => 30,
            // As a task does that waits for two things at once.
            State::Blocked => 10,
        };
        if waits && model.tasks[me].state != State::Blocked {
            choices.push((3 * weight, Just(Step::Again { who }).boxed()));
            let cancel = Step::Call { who, wish: Wish::Cancel };
            choices.push((weight.div_ceil(10), Just(cancel).boxed()));
        }
        // Only one of them is drawn, so only that one is worth being worked out.
        let shared = Arc::clone(&shared);
        let wish = Just(()).prop_flat_map(move |()| wish(&shared, me));
        let wish = wish.prop_map(move |wish| Step::Call { who, wish });
        choices.push((if waits { weight.div_ceil(2) } else { weight }, wish.boxed()));
    }
    choices
}

fn alive(model: &Model) -> impl Iterator<Item = Life> {
    (0..model.tasks.len()).filter(|&me| model.tasks[me].alive)
}

pub(crate) fn who() -> impl Strategy<Value = Who> + Clone {
    0..NAMES.len()
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the model")
    }
}
