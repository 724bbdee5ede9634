//! The kernel against a model of it that is too simple to be wrong.
//!
//! Random scripts of system calls are played twice: to a real kernel, and to a [`model`] in which
//! what holds bytes is a `VecDeque<u8>`, what holds messages a `VecDeque` of messages, and
//! everybody who waits stands in one `Vec` in the order of arrival. After every step both must have
//! given the same answer and the same bytes, and must look the same: rings, ends, names, who is
//! ready, running or blocked and why, and when the next timer is due. Devices are not in it.
//!
//! # When it fails
//!
//! The script is shrunk and printed, a call a line, with the answers. Its seed is written into
//! `tests/model/main.regressions`; from then on every run plays it first, so to replay a failure
//! it is enough to run the test again:
//!
//! ```text
//! cargo test --test model                          the saved failures, then those of seed 1
//! PROPTEST_CASES=20000 cargo test --test model     many more scripts
//! PROPTEST_RNG_SEED=7 cargo test --test model      other scripts
//! PROPTEST_MAX_SHRINK_ITERS=0 cargo test ...       the failure as it was found
//! ```

mod bench;
mod bytes;
mod call;
mod crossing;
mod deed;
mod drawing;
mod grip;
mod handles;
mod life;
mod links;
mod mailbox;
mod meaning;
mod messages;
mod model;
mod names;
mod object;
mod poll;
mod reach;
mod reply;
mod request;
mod script;
mod sizes;
mod socket;
mod step;
mod view;
mod waiting;
mod wishes;

use std::env;

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

use script::{play, scripts};

/// Scripts for each size of kernel, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 350;

/// Simpler ones tried after a failure, unless `PROPTEST_MAX_SHRINK_ITERS` says otherwise.
const SHRINKS: u32 = 10_000;

/// Where the scripts come from; `PROPTEST_RNG_SEED` asks for others.
const SEED: u64 = 1;

fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: env::var_os("PROPTEST_CASES").map_or(CASES, |_| config.cases),
        max_shrink_iters: env::var_os("PROPTEST_MAX_SHRINK_ITERS")
            .map_or(SHRINKS, |_| config.max_shrink_iters),
        // The same scripts each time, unless another seed is asked for.
        rng_seed: match config.rng_seed {
            RngSeed::Random => RngSeed::Fixed(SEED),
            asked => asked,
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    /// A mailbox holds one short message, so there is always someone in line; three tasks have
    /// four names between them, so a new task is often refused.
    #[test]
    fn small_rings_do_what_the_model_does(script in scripts::<3, 8, 64>()) {
        play::<3, 8, 64>(&script)?;
    }

    /// A mailbox has a place for a message and one for a reply, and queues fit.
    #[test]
    fn middling_rings_do_what_the_model_does(script in scripts::<4, 10, 180>()) {
        play::<4, 10, 180>(&script)?;
    }

    /// `PIPE_BUF` is less than the largest capacity, so there are writes that may be cut; and a
    /// mailbox has places for several messages, so one can be taken from among them.
    #[test]
    fn large_rings_do_what_the_model_does(script in scripts::<4, 12, 1600>()) {
        play::<4, 12, 1600>(&script)?;
    }

    /// The store is too small for a message's header: there are bytes, but no mail.
    #[test]
    fn rings_too_small_for_mail_do_what_the_model_does(
        one in scripts::<4, 7, 1>(),
        three in scripts::<4, 7, 3>(),
    ) {
        play::<4, 7, 1>(&one)?;
        play::<4, 7, 3>(&three)?;
    }
}
