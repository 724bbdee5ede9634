//! The scripts are worth playing: every call is answered in them, and waited for where it can be.

use std::collections::BTreeMap;

use postroom::{Outcome, Verb};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::deed::{Deed, Said};
use crate::model::Model;
use crate::script::{Script, scripts};

/// Scripts that are looked at.
const SCRIPTS: usize = 300;

/// How often a call was served, served after a wait, and made to wait.
#[derive(Default, Debug)]
struct Tally {
    served: usize,
    late: usize,
    waited: usize,
}

fn tally(script: &Script, tallies: &mut BTreeMap<&'static str, Tally>) {
    let mut model = Model::new(script.limits);
    for step in &script.steps {
        let deed = model.deed(step);
        let Deed::Call { life, ref request, .. } = deed else {
            model.perform(&deed);
            continue;
        };
        let verb = request.verb();
        let waits = life.and_then(|life| model.waiting_of(life)).is_some_and(|it| it.verb == verb);
        let Said::Called(result) = model.perform(&deed) else { continue };
        let tally = tallies.entry(verb.name()).or_default();
        match result.outcome {
            Outcome::Blocked => tally.waited += 1,
            Outcome::Complete(Ok(_)) | Outcome::Preempted(Ok(_)) if waits => tally.late += 1,
            Outcome::Complete(Ok(_)) | Outcome::Preempted(Ok(_)) => tally.served += 1,
            _ => {}
        }
    }
}

#[test]
fn scripts_reach_every_call() {
    let mut runner = TestRunner::deterministic();
    let mut tallies = BTreeMap::new();
    for _ in 0..SCRIPTS {
        let script = scripts::<4, 12, 1024>().new_tree(&mut runner).expect("a script");
        tally(&script.current(), &mut tallies);
    }
    let (mut late, mut waited) = (0, 0);
    for verb in Verb::ALL {
        let tally = tallies.remove(verb.name()).unwrap_or_default();
        assert!(tally.served + tally.late > 0, "{verb}: {tally:?}");
        late += tally.late;
        waited += tally.waited;
    }
    assert!(late > 100 && waited > 2 * late, "{late} of {waited}");
}
