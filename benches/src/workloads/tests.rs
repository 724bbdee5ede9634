use std::collections::HashSet;

use super::*;

#[test]
fn every_workload_bears_the_name_that_it_is_asked_for_by() {
    for entry in ALL {
        assert_eq!((entry.make)().id, entry.id);
    }
}

#[test]
fn no_two_contenders_share_a_cell() {
    for entry in ALL {
        let mut cells = HashSet::new();
        for contender in (entry.make)().contenders {
            let cell = (contender.name, contender.at);
            assert!(cells.insert(cell), "{}: {cell:?}", entry.id);
        }
    }
}

#[test]
fn every_goal_is_about_two_contenders() {
    for entry in ALL {
        let workload = (entry.make)();
        let cells = || workload.contenders.iter().map(|contender| (contender.name, contender.at));
        for goal in &workload.goals {
            for side in [goal.ours, goal.against] {
                assert!(cells().any(|cell| cell == side), "{}: {side:?}", entry.id);
            }
        }
    }
}
