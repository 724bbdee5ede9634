//! Whatever tasks do, and whatever they make up: the kernel does not panic, and stays whole.
//!
//! Raw bytes are decoded into system calls with handles, ids, names, lengths and deadlines that
//! may be good, stale, foreign or nonsense, made by tasks that may be running, ready, blocked,
//! dead or none; mixed with all that a runner does. After every one of them `Kernel::check` must
//! hold, and all views must be able to look. At the end all tasks are killed, in any order.
//!
//! A failure prints the shrunken bytes, and saves their seed in
//! `tests/robustness/main.regressions`, which every later run plays first.

mod decode;
mod kill;
mod known;
mod moody;
mod raw;

use std::env;

use postroom::{Kernel, Log, Outcome, State, TaskId};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed, TestCaseError};

use decode::{Deed, Memory};
use known::{Held, Known, What};
use moody::Moody;
use raw::Bytes;

/// Runs for each size of kernel, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 700;

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

fn raw_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..3000)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_bytes_break_a_small_kernel(raw in raw_bytes()) {
        endure::<3, 8, 120>(&raw)?;
    }

    #[test]
    fn no_bytes_break_a_large_kernel(raw in raw_bytes()) {
        endure::<7, 20, 1024>(&raw)?;
    }

    /// One task, a ring of one byte, and a channel too few or none at all.
    #[test]
    fn no_bytes_break_a_kernel_of_hardly_anything(raw in raw_bytes()) {
        let raw = &raw[..raw.len() / 3];
        endure::<0, 0, 0>(raw)?;
        endure::<1, 1, 1>(raw)?;
        endure::<2, 1, 49>(raw)?;
        endure::<2, 4, 70>(raw)?;
    }
}

type Sut<const TASKS: usize, const CHANNELS: usize, const RING: usize> =
    Kernel<TASKS, CHANNELS, RING, Moody, Log<8>>;

fn endure<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    raw: &[u8],
) -> Result<(), TestCaseError> {
    let mut kernel = Sut::<TASKS, CHANNELS, RING>::with(Moody::new(), Log::new());
    let mut known = Known::default();
    let mut made = Vec::new();
    // The end of the bytes says in which order the tasks are killed.
    let (raw, lots) = raw.split_at(raw.len() - raw.len().min(TASKS));
    let mut bytes = Bytes::new(raw);
    while let Some(deed) = bytes.deed(&known) {
        match deed {
            Deed::Call(task) => call(&mut kernel, &mut known, &mut bytes, task),
            Deed::Spawn(name, priority) => known.tasks.extend(kernel.spawn(name, priority)),
            Deed::CreatePipe(name, capacity) => {
                made.extend(kernel.create_pipe(name, capacity).map(|_| name.to_owned()));
            }
            Deed::CreateQueue(name, most, longest) => {
                made.extend(kernel.create_queue(name, most, longest).map(|_| name.to_owned()));
            }
            Deed::Entrust(task, victim) => {
                let entrusted = kernel.entrust(task, victim);
                let held = |handle| Held { task, handle, what: What::Task, listens: false };
                known.handles.extend(entrusted.map(held));
            }
            Deed::SetPriority(task, priority) => drop(kernel.set_priority(task, priority)),
            Deed::SetPolicy(policy) => kernel.set_policy(policy),
            Deed::Advance(now) => kernel.advance(now),
            Deed::Dispatch => drop(kernel.dispatch()),
            Deed::LookAtDevices => kernel.look_at_devices(),
        }
        if let Err(broken) = kernel.check() {
            let events: String =
                kernel.trace().iter().map(|event| format!("\n   {event:?}")).collect();
            return Err(TestCaseError::fail(format!("{broken}; after {deed:?}; lastly{events}\n")));
        }
        look_at_everything(&kernel);
    }
    kill::all_can_be_killed(&mut kernel, &made, lots)
}

fn call<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &mut Sut<TASKS, CHANNELS, RING>,
    known: &mut Known,
    bytes: &mut Bytes<'_>,
    task: TaskId,
) {
    let mut memory = Memory::new();
    let call = bytes.call(known, task, &mut memory);
    let asked = known.ask(kernel, task, &call);
    let before = kernel.state(task);
    match kernel.syscall(task, call) {
        Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => known.note(&asked, value),
        // One that another of its calls has woken stays awake.
        Outcome::Blocked => {
            let awake = before.filter(|&it| it == State::Ready);
            assert_eq!(kernel.state(task), awake.or(Some(State::Blocked)));
        }
        _ => {}
    }
    assert!(before.is_some() || kernel.state(task).is_none(), "a call brings nobody to life");
}

/// Views may be asked at any time.
fn look_at_everything<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &Sut<TASKS, CHANNELS, RING>,
) {
    for edge in kernel.edges() {
        assert!(!edge.to_string().is_empty());
    }
    assert!(kernel.circle().len() <= kernel.living());
    assert_eq!(kernel.tasks().count(), kernel.living());
    for channel in kernel.channels() {
        let bytes = kernel.bytes_in(channel.id).count();
        let messages = kernel.messages_in(channel.id).count();
        assert_eq!(bytes + messages, channel.length);
        assert!(channel.length <= channel.capacity);
    }
}
