//! Pipes: bytes, one way (laws 30 to 38).

use super::{Allowed, ChannelId, Devices, Ends, Kernel, Result, Rights, Sizes, Trace, Value};

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Devices, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Makes a pipe that tasks find under its name, before any of them runs: as `mkfifo` does.
    ///
    /// Neither side counts as closed before a task has opened it for the first time, so it does
    /// not matter who comes first; later, a side without an open end is closed. The pipe stays,
    /// whoever comes and goes, until its name is unlinked.
    ///
    /// # Errors
    /// `BadName`, `NameTooLong`, `NameTaken`; `BadArgument` if the capacity is not 1 to `RING`
    /// bytes; `ChannelsFull`.
    pub fn create_pipe(&mut self, name: &str, capacity: usize) -> Result<ChannelId> {
        self.create_kept(name, Sizes::Bytes(capacity))
    }

    /// Makes a pipe without a name, and gives the task both ends (pipe(2)).
    pub(super) fn pipe(&mut self, me: u16, capacity: usize) -> Result<Value> {
        self.expect_room_for_handles(me, 2)?;
        let channel = self.make(None, Sizes::Bytes(capacity), Allowed::EVERYONE)?;
        let read = self.open_channel(me, channel, Rights::READ)?;
        let write = self.open_channel(me, channel, Rights::WRITE)?;
        Ok(Value::Ends(Ends::new(read, write.slot())))
    }
}
