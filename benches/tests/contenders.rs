//! What the workloads promise of themselves.

use std::collections::BTreeSet;

use benches::measure::Workload;
use benches::workloads::ALL;

fn all() -> Vec<Workload> {
    ALL.iter().map(|entry| (entry.make)()).collect()
}

#[test]
fn every_contender_does_its_work() {
    for mut workload in all() {
        for contender in &mut workload.contenders {
            for times in [1, 2, 1_000] {
                (contender.run)(times);
            }
        }
    }
}

#[test]
fn every_goal_is_between_contenders_that_are_there() {
    for workload in all() {
        let there: BTreeSet<_> = workload.contenders.iter().map(|it| (it.name, it.at)).collect();
        assert_eq!(there.len(), workload.contenders.len(), "{}: no name twice", workload.id);
        for goal in workload.goals {
            assert!(there.contains(&goal.ours), "{}: {:?}", goal.text, goal.ours);
            assert!(there.contains(&goal.against), "{}: {:?}", goal.text, goal.against);
        }
    }
}
