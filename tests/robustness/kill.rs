//! Death leaves nothing behind, and nobody waiting for the dead.

use std::collections::BTreeSet;

use postroom::{Call, Devices, ExitStatus, Kind, Name, Priority, TaskId, Verb};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::Sut;

/// Kills all tasks, one by one, in the order that the lots say. After each death the kernel is
/// whole, no edge of the wait-for graph names the dead, and whoever had someone to wait for still
/// has, or is awake. After the last one, everything is back but what the runner made itself.
pub(crate) fn all_can_be_killed<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &mut Sut<TASKS, CHANNELS, RING>,
    made: &[String],
    lots: &[u8],
) -> Result<(), TestCaseError> {
    for round in 0.. {
        let living: Vec<TaskId> = kernel.tasks().map(|task| task.id).collect();
        let Some(lot) = living.len().checked_sub(1) else { break };
        let lot = usize::from(lots.get(round).copied().unwrap_or(0)) % (lot + 1);
        kill(kernel, living[lot])?;
    }
    nothing_is_left(kernel, made)
}

/// Kills one task.
pub(crate) fn kill<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &mut Sut<TASKS, CHANNELS, RING>,
    victim: TaskId,
) -> Result<(), TestCaseError> {
    let name = kernel.name(victim);
    let lonely = who_waits_for_nobody(kernel);
    let _ = kernel.syscall(victim, Call::Exit { status: ExitStatus::Killed });
    prop_assert_eq!(kernel.check(), Ok(()));
    prop_assert_eq!(kernel.state(victim), None);
    for edge in kernel.edges() {
        prop_assert!(Some(edge.task) != name, "the dead waits: {edge}");
        prop_assert!(!edge.peers.iter().any(|&it| Some(it) == name), "for the dead: {edge}");
    }
    for edge in kernel.edges().filter(|edge| edge.peers.is_empty()) {
        // To a datagram socket, or out of it, someone may still connect; and who asked to be told
        // of the first message is told nothing of an end, for a sender may still open the queue.
        let open =
            edge.verb == Verb::Notify || edge.object.is_none_or(|(kind, _)| kind == Kind::Datagram);
        prop_assert!(open || lonely.contains(&edge.task), "{name:?} was the last: {edge}");
    }
    Ok(())
}

/// Those whom no handle of anybody could serve: someone may still come who opens one, or sends.
fn who_waits_for_nobody<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &Sut<TASKS, CHANNELS, RING>,
) -> BTreeSet<Name> {
    let lonely = kernel.edges().filter(|edge| edge.peers.is_empty());
    lonely.map(|edge| edge.task).collect()
}

/// Handles are closed with their tasks, on this side of the devices and on theirs. What the
/// runner made stays until its name is unlinked.
fn nothing_is_left<const TASKS: usize, const CHANNELS: usize, const RING: usize>(
    kernel: &mut Sut<TASKS, CHANNELS, RING>,
    made: &[String],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(kernel.living(), 0);
    prop_assert_eq!(kernel.dispatch(), None);
    prop_assert!(kernel.is_idle());
    prop_assert_eq!(kernel.next_timer(), None);
    prop_assert!(!kernel.devices().is_watching());
    prop_assert!(kernel.devices().open.is_empty());
    for left in kernel.channels() {
        prop_assert_eq!((left.read_ends, left.write_ends), (0, 0));
        let name = left.name.map(|name| name.as_str().to_owned());
        prop_assert!(name.is_some_and(|name| made.contains(&name)), "{left:?}");
    }
    // The last to come cleans up, if there is room for it, and then has the kernel for itself.
    let Ok(last) = kernel.spawn("last", Priority::NORMAL) else { return Ok(()) };
    for name in made {
        let _ = kernel.syscall(last, Call::Unlink { name });
    }
    prop_assert_eq!(kernel.channels().count(), 1);
    let _ = kernel.syscall(last, Call::Exit { status: ExitStatus::Done });
    let mut room = 0;
    while kernel.spawn(&format!("t{room}"), Priority::NORMAL).is_ok() {
        room += 1;
    }
    prop_assert_eq!(room, TASKS.min(CHANNELS));
    prop_assert_eq!(kernel.check(), Ok(()));
    Ok(())
}
