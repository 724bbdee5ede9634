//! Handles in the model: which pipe, and which of its ends.

use postroom::param::HANDLES;
use postroom::{Error, Handle, Rights, Value};

use crate::model::{Held, Line, Model};
use crate::request::Life;

type Result<T> = std::result::Result<T, Error>;

impl Model {
    pub(crate) fn duplicate(&mut self, me: Life, handle: Handle) -> Result<Value> {
        let Held { pipe, rights, .. } = self.held(me, handle)?;
        self.expect_free_handles(me, 1)?;
        Ok(Value::Handle(self.give(me, pipe, rights)))
    }

    pub(crate) fn close(&mut self, me: Life, handle: Handle) -> Result<Value> {
        self.held(me, handle)?;
        self.give_back(me, usize::from(handle.slot()));
        Ok(Value::Unit)
    }

    /// Closes what stands in a slot, if anything does.
    pub(crate) fn give_back(&mut self, me: Life, slot: usize) {
        let Some(held) = self.tasks[me].handles[slot].take() else { return };
        self.tasks[me].closed[slot] = Some(held.handle);
        let pipe = &mut self.pipes[held.pipe];
        pipe.read_ends.open -= u32::from(held.rights.contains(Rights::READ));
        pipe.write_ends.open -= u32::from(held.rights.contains(Rights::WRITE));
        if pipe.read_ends.closed() && pipe.write_ends.closed() {
            pipe.alive = false;
            self.evict(Line::Bytes(held.pipe), Error::BadHandle);
            self.evict(Line::Room(held.pipe, 0), Error::BadHandle);
        }
        self.wake_the_served();
    }

    pub(crate) fn held(&self, me: Life, handle: Handle) -> Result<Held> {
        let held = self.tasks[me].handles.get(usize::from(handle.slot())).copied().flatten();
        held.filter(|held| held.handle == handle).ok_or(Error::BadHandle)
    }

    pub(crate) fn held_with(&self, me: Life, handle: Handle, right: Rights) -> Result<usize> {
        let held = self.held(me, handle)?;
        if held.rights.contains(right) { Ok(held.pipe) } else { Err(Error::NoRight) }
    }

    pub(crate) fn expect_free_handles(&self, me: Life, count: usize) -> Result<()> {
        let used = self.tasks[me].handles.iter().flatten().count();
        if used + count <= HANDLES { Ok(()) } else { Err(Error::HandlesFull) }
    }

    /// A new handle in the lowest free slot, with the next number.
    pub(crate) fn give(&mut self, me: Life, pipe: usize, rights: Rights) -> Handle {
        let slot = self.tasks[me].handles.iter().position(Option::is_none).unwrap_or(HANDLES);
        let handle = Handle::from_parts(slot as u16, self.handles);
        self.handles += 1;
        self.tasks[me].handles[slot] = Some(Held { handle, pipe, rights });
        if rights.contains(Rights::READ) {
            self.pipes[pipe].read_ends.one_more();
        }
        if rights.contains(Rights::WRITE) {
            self.pipes[pipe].write_ends.one_more();
        }
        handle
    }
}
