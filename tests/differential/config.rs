//! How many scripts, and which.

use std::env;
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestError, TestRunner};

use crate::mask::Mask;
use crate::names::Names;
use crate::play::{Draw, Mechanism, play};

/// Scripts for each mechanism, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 10_000;

/// Where the scripts come from; `PROPTEST_RNG_SEED` asks for others.
const SEED: u64 = 1;

/// The longest script that is drawn.
const STEPS: usize = 30;

pub(crate) fn config(share: u32, round: u64) -> ProptestConfig {
    let config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => SEED,
    };
    ProptestConfig {
        cases: env::var_os("PROPTEST_CASES").map_or(CASES, |_| config.cases).div_ceil(share),
        rng_seed: RngSeed::Fixed(seed + round),
        failure_persistence: None,
        max_shrink_iters: 3000,
        ..config
    }
}

/// Plays scripts for a mechanism: a fixed number, or for as long as `DIFFERENTIAL_SECONDS` says.
/// `share` is the part of the usual number that is played, where scripts are slow.
pub(crate) fn compare<const CHANNELS: usize, const RING: usize>(
    what: &str,
    mechanism: &Mechanism,
    share: u32,
) {
    let seconds = env::var("DIFFERENTIAL_SECONDS").ok().and_then(|it| it.parse().ok());
    let (start, lasts) = (Instant::now(), Duration::from_secs(seconds.unwrap_or(0)));
    let names = Names::new();
    let mut scripts = 0;
    for round in 0.. {
        let config = config(share, round);
        let (cases, seed) = (config.cases, config.rng_seed);
        let step = (0..=u8::MAX, 0..=u8::MAX, 0..=u8::MAX);
        let script = (any::<u8>(), proptest::collection::vec(step, 1..=STEPS));
        let played = TestRunner::new(config).run(&script.prop_map(Script), |Script(script)| {
            play::<CHANNELS, RING>(mechanism, &names, &script)
        });
        match played {
            Ok(()) => {}
            Err(TestError::Fail(reason, _)) => panic!("{what}, {seed:?}: {reason}"),
            Err(other) => panic!("{what}, {seed:?}: {other}"),
        }
        assert!(names.is_clean(), "{what}: a socket file was left");
        scripts += u64::from(cases);
        let (steps, time) = (names.steps.load(Relaxed), start.elapsed().as_secs_f64());
        println!("{what}: {scripts} scripts of {steps} steps agree, {time:.1} s");
        if start.elapsed() >= lasts {
            break;
        }
    }
}

/// Every mask of these was needed; of other scripts than the usual ones it is only told how often.
pub(crate) fn were_used(masks: &[Mask]) {
    let other = ["PROPTEST_CASES", "PROPTEST_RNG_SEED"].map(env::var_os);
    for mask in masks {
        println!("masked {} times: {mask:?}: {}", mask.used(), mask.reason());
        assert!(mask.used() > 0 || other != [None, None], "{mask:?} covers nothing");
    }
}

/// Whether this one is needed depends on how quick the system is.
pub(crate) fn may_be_used(mask: Mask) {
    println!("masked {} times: {mask:?}: {}", mask.used(), mask.reason());
}

/// It is printed as it was played.
#[derive(Clone)]
struct Script((u8, Vec<Draw>));

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.0.1.len())
    }
}
