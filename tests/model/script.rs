//! A script: steps to play to the kernel and to the model, and what to say when they differ.

use std::fmt;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use proptest_state_machine::ReferenceStateMachine;

use crate::bench::Bench;
use crate::deed::{Deed, Said};
use crate::drawing::Drawing;
use crate::model::Model;
use crate::step::{NAMES, Step};

/// The longest script that is drawn.
const STEPS: usize = 160;

/// The sizes of a kernel.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) tasks: usize,
    pub(crate) channels: usize,
    pub(crate) ring: usize,
}

pub(crate) struct Script {
    pub(crate) limits: Limits,
    pub(crate) steps: Vec<Step>,
    /// Tells the strategy how far a failing script was played: it drops the rest first.
    seen: Option<Arc<AtomicUsize>>,
}

/// Scripts for a kernel of these sizes.
pub(crate) fn scripts<const TASKS: usize, const CHANNELS: usize, const RING: usize>()
-> impl Strategy<Value = Script> {
    Drawing::<TASKS, CHANNELS, RING>::sequential_strategy(1..=STEPS)
        .prop_map(|(state, steps, seen)| Script { limits: state.model.limits, steps, seen })
}

/// Plays a script to a kernel and to the model.
///
/// It returns a failure instead of panicking, so that of all the scripts tried in shrinking only
/// the last one is printed. (`StateMachineTest` can only panic, so it is not used.)
pub(crate) fn play<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    script: &Script,
) -> Result<(), TestCaseError> {
    let failure = |steps: &[Step]| {
        let mut seen = 0;
        let failure = play_steps::<TASKS, CHANNELS, RING>(script.limits, steps, &mut seen).err();
        if let Some(counter) = &script.seen {
            counter.fetch_max(seen, Ordering::SeqCst);
        }
        failure
    };
    let Some(mut text) = failure(&script.steps) else { return Ok(()) };
    // The strategy tries to delete each step once. When the others have become simpler, more can
    // go; so for the printed script they are all tried again.
    let mut steps = script.steps.clone();
    if steps.len() <= STEPS / 4 {
        while let Some((shorter, its)) = (0..steps.len()).rev().find_map(|at| {
            let mut shorter = steps.clone();
            shorter.remove(at);
            Some(shorter.clone()).zip(failure(&shorter))
        }) {
            (steps, text) = (shorter, its);
        }
    }
    Err(TestCaseError::fail(text))
}

fn play_steps<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    limits: Limits,
    steps: &[Step],
    seen: &mut usize,
) -> Result<(), String> {
    let mut model = Model::new(limits);
    let mut bench = Bench::<TASKS, CHANNELS, RING>::new();
    let mut text = String::new();
    for step in steps {
        *seen += 1;
        let deed = model.deed(step);
        let said = model.perform(&deed);
        let _ = write!(text, "\n{seen:3}. {}", line(step, &deed));
        let checked = catch_unwind(AssertUnwindSafe(|| compare(&mut bench, &model, &deed, &said)));
        let complaint = match checked {
            Ok(Ok(())) => None,
            Ok(Err(complaint)) => Some(complaint),
            Err(panic) => Some(format!("the kernel panicked: {}", message(&*panic))),
        };
        if let Some(complaint) = complaint {
            return Err(format!("{text}\n   => {complaint}\n"));
        }
        let _ = write!(text, "   -> {said}");
    }
    Ok(())
}

fn compare<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    bench: &mut Bench<TASKS, CHANNELS, RING>,
    model: &Model,
    deed: &Deed,
    said: &Said,
) -> Result<(), String> {
    let answer = bench.perform(deed);
    if answer != *said {
        return Err(format!("the kernel says {answer},\n   but the model {said}"));
    }
    bench.check().map_err(|broken| format!("broken: {broken}"))?;
    bench.view().compare(&model.view())?;
    match model.who_sleeps_too_long() {
        None => Ok(()),
        Some(life) => Err(format!("in the model, task {life} sleeps over its answer")),
    }
}

/// A line of the printed script; a call made again is written out.
fn line(step: &Step, deed: &Deed) -> String {
    match (step, deed) {
        (Step::Again { who }, Deed::Call { text, .. }) => format!("{}: again {text}", NAMES[*who]),
        _ => step.to_string(),
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("with something that is no text")
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits { tasks, channels, ring } = self.limits;
        write!(f, "a kernel of {tasks} tasks and {channels} channels of {ring} bytes:")?;
        for (number, step) in (1..).zip(&self.steps) {
            write!(f, "\n{number:3}. {step}")?;
        }
        Ok(())
    }
}
