//! Fairness (law 5): whoever waits for an object is served by priority, then by arrival, and nobody
//! takes what someone of the same or a higher priority was waiting for first.
//!
//! Tasks of random priorities come to one object in random order, all in vain, while chances come
//! up one by one or several at a time. Those who are awake try again in a random order too, and
//! strangers try to slip in between. The order in which they are served must be that of the list.

mod crowd;
mod object;

use postroom::param::PRIORITIES;
use proptest::prelude::*;

use crowd::{Crowd, Turn};
use object::Object;

/// The most tasks that wait.
const MOST: usize = 8;

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let level = 0..PRIORITIES as u8;
    // Few priorities, so that many are equal.
    let level = prop_oneof![4 => 15..18u8, 1 => level];
    let turn = prop_oneof![
        6 => level.clone().prop_map(Turn::Arrive),
        4 => (1..4usize).prop_map(Turn::Chances),
        6 => any::<u8>().prop_map(Turn::Retry),
        1 => (any::<u8>(), level).prop_map(|(who, level)| Turn::Rank(who, level)),
        1 => any::<u8>().prop_map(Turn::GiveUp),
        1 => any::<u8>().prop_map(Turn::Die),
    ];
    proptest::collection::vec(turn, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn readers_of_a_pipe_are_served_in_order(turns in turns()) {
        Crowd::new(Object::PipeToRead).play(&turns)?;
    }

    #[test]
    fn writers_of_a_pipe_are_served_in_order(turns in turns()) {
        Crowd::new(Object::PipeToWrite).play(&turns)?;
    }

    #[test]
    fn receivers_of_a_queue_are_served_in_order(turns in turns()) {
        Crowd::new(Object::QueueToReceive).play(&turns)?;
    }

    #[test]
    fn senders_to_a_queue_are_served_in_order(turns in turns()) {
        Crowd::new(Object::QueueToSend).play(&turns)?;
    }

    #[test]
    fn senders_to_a_mailbox_are_served_in_order(turns in turns()) {
        Crowd::new(Object::Mailbox).play(&turns)?;
    }

    #[test]
    fn those_who_accept_are_served_in_order(turns in turns()) {
        Crowd::new(Object::ListenerToAccept).play(&turns)?;
    }

    #[test]
    fn those_who_connect_are_served_in_order(turns in turns()) {
        Crowd::new(Object::ListenerToConnect).play(&turns)?;
    }
}
