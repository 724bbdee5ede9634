//! Whatever tasks do, and whatever they make up: the kernel does not panic, and stays whole.
//!
//! Raw bytes are decoded into system calls with handles, ids, names, lengths and deadlines that
//! may be good, stale, foreign or nonsense, made by tasks that may be running, ready, blocked,
//! dead or none; mixed with all that a runner does. After every one of them `Kernel::check` must
//! hold, and all views must be able to look.
//!
//! A failure prints the shrunken bytes, and saves their seed in
//! `tests/robustness/main.regressions`, which every later run plays first.

mod decode;
mod moody;

use std::env;

use postroom::{Call, End, Kernel, Log, Outcome, State, TaskId, Value};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestCaseError};

use decode::{Bytes, Deed, Known, LONGEST};
use moody::Moody;

/// Runs for each size of kernel, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 1000;

/// Simpler ones tried after a failure, unless `PROPTEST_MAX_SHRINK_ITERS` says otherwise.
const SHRINKS: u32 = 10_000;

fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: env::var_os("PROPTEST_CASES").map_or(CASES, |_| config.cases),
        max_shrink_iters: env::var_os("PROPTEST_MAX_SHRINK_ITERS")
            .map_or(SHRINKS, |_| config.max_shrink_iters),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..config
    }
}

fn raw_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..2000)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_bytes_break_a_small_kernel(raw in raw_bytes()) {
        endure::<3, 6, 64>(&raw)?;
    }

    #[test]
    fn no_bytes_break_a_large_kernel(raw in raw_bytes()) {
        endure::<7, 16, 1024>(&raw)?;
    }

    /// One task, a ring of one byte, and a channel too few or none at all.
    #[test]
    fn no_bytes_break_a_kernel_of_hardly_anything(raw in raw_bytes()) {
        endure::<0, 0, 0>(&raw)?;
        endure::<1, 1, 1>(&raw)?;
        endure::<2, 1, 41>(&raw)?;
    }
}

type Sut<const TASKS: usize, const CHANNELS: usize, const RING: usize> =
    Kernel<TASKS, CHANNELS, RING, Moody, Log<8>>;

fn endure<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    raw: &[u8],
) -> Result<(), TestCaseError> {
    let mut kernel = Sut::<TASKS, CHANNELS, RING>::with(Moody::new(), Log::new());
    let mut known = Known::default();
    let mut bytes = Bytes::new(raw);
    while let Some(deed) = bytes.deed(&known) {
        match deed {
            Deed::Call(task) => call(&mut kernel, &mut known, &mut bytes, task),
            Deed::Spawn(name, priority) => known.tasks.extend(kernel.spawn(name, priority)),
            Deed::CreatePipe(name, capacity) => drop(kernel.create_pipe(name, capacity)),
            Deed::SetPriority(task, priority) => drop(kernel.set_priority(task, priority)),
            Deed::SetPolicy(policy) => kernel.set_policy(policy),
            Deed::Advance(now) => kernel.advance(now),
            Deed::Dispatch => drop(kernel.dispatch()),
            Deed::WaitForDevices => drop(kernel.wait_for_devices()),
        }
        if let Err(broken) = kernel.check() {
            let events: String =
                kernel.trace().iter().map(|event| format!("\n   {event:?}")).collect();
            return Err(TestCaseError::fail(format!("{broken}; after {deed:?}; lastly{events}\n")));
        }
        look_at_everything(&kernel);
    }
    nothing_is_left_when_all_have_ended(kernel)
}

fn call<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &mut Sut<TASKS, CHANNELS, RING>,
    known: &mut Known,
    bytes: &mut Bytes<'_>,
    task: TaskId,
) {
    let (mut buffer, mut sender) = ([7; LONGEST], None);
    let call = bytes.call(known, &mut buffer, &mut sender);
    let was_alive = kernel.state(task).is_some();
    match kernel.syscall(task, call) {
        Outcome::Complete(Ok(value)) | Outcome::Preempted(Ok(value)) => match value {
            Value::Handle(handle) => known.handles.push(handle),
            Value::Ends { read, write } => known.handles.extend([read, write]),
            _ => {}
        },
        Outcome::Blocked => assert_eq!(kernel.state(task), Some(State::Blocked)),
        _ => {}
    }
    assert!(was_alive || kernel.state(task).is_none(), "a call brings nobody to life");
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

/// Handles are closed with their tasks, on this side of the devices and on theirs. Only pipes
/// made from outside can still wait for their first user.
fn nothing_is_left_when_all_have_ended<
    const TASKS: usize,
    const CHANNELS: usize,
    const RING: usize,
>(
    mut kernel: Sut<TASKS, CHANNELS, RING>,
) -> Result<(), TestCaseError> {
    let living: Vec<TaskId> = kernel.tasks().map(|task| task.id).collect();
    for task in living {
        let _ = kernel.syscall(task, Call::Exit { end: End::Killed });
        prop_assert_eq!(kernel.check(), Ok(()));
    }
    prop_assert_eq!(kernel.living(), 0);
    prop_assert_eq!(kernel.dispatch(), None);
    prop_assert_eq!(kernel.next_timer(), None);
    prop_assert!(kernel.channels().all(|it| it.read_ends == 0 && it.write_ends == 0));
    prop_assert_eq!(kernel.devices_mut().open, 0);
    Ok(())
}
