//! What the tasks of a command do with each other.

use postroom::{Call, Devices, Handle, Kernel, Lock, Peer, Result, Sys, Trace};

/// Ends every other task.
pub(super) async fn end_others<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>(
    sys: &Sys<'_>,
    kernel: &Lock<Kernel<TASKS, CHANNELS, RING, D, T>>,
) where
    D: Devices,
    T: Trace,
{
    let me = sys.task();
    let all: Vec<_> = kernel.with(|kernel| kernel.tasks().map(|it| it.id).collect());
    for task in all.into_iter().filter(|&task| task != me) {
        // Whoever has ended by now needs nothing more.
        if let Ok(handle) = kernel.with(|kernel| kernel.entrust(me, task)) {
            let _ = sys.kill(handle).await;
            let _ = sys.syscall(Call::Close { handle });
        }
    }
}

/// Bytes in which a handle is told.
const TOLD: usize = 10;

/// Tells a task of handles that it was given.
pub(super) async fn tell_handles<'p>(
    sys: &Sys<'_>,
    to: impl Into<Peer<'p>>,
    handles: &[Handle],
) -> Result<()> {
    let to: Peer<'_> = to.into();
    let told = |it: &Handle| [&it.slot().to_le_bytes()[..], &it.serial().to_le_bytes()].concat();
    let told: Vec<_> = handles.iter().flat_map(told).collect();
    sys.send(to, &told).await
}

/// Learns of handles that this task was given: at most two.
pub(super) async fn learn_handles(sys: &Sys<'_>) -> Result<Vec<Handle>> {
    let mut buffer = [0; 2 * TOLD];
    let message = sys.receive(&mut buffer).await?;
    let (told, _) = buffer[..message.copied].as_chunks::<TOLD>();
    Ok(told
        .iter()
        .map(|&[a, b, ref serial @ ..]| {
            Handle::from_parts(u16::from_le_bytes([a, b]), u64::from_le_bytes(*serial))
        })
        .collect())
}
