//! Handles in the model: which object or task, and with which rights.

use postroom::param::HANDLES;
use postroom::{Error, Handle, Kind, Rights, Value};

use crate::model::{Held, Line, Model, Place, What};
use crate::request::{Address, Life, Subject};

type Result<T> = std::result::Result<T, Error>;

/// Whether these are what a handle for an object can carry: to take out, to put in, or both.
pub(crate) fn is_access(rights: Rights) -> bool {
    rights != Rights::NONE && (Rights::READ | Rights::WRITE).contains(rights)
}

impl Model {
    pub(crate) fn duplicate(&mut self, me: Life, handle: Handle) -> Result<Value> {
        let Held { what, rights, .. } = self.held(me, handle)?;
        self.expect_free_handles(me, 1)?;
        Ok(Value::Handle(self.grant(me, what, rights)))
    }

    pub(crate) fn give(
        &mut self,
        me: Life,
        handle: Handle,
        to: Address,
        rights: Rights,
        keep: bool,
    ) -> Result<Value> {
        let held = self.held(me, handle)?;
        if !held.rights.contains(rights) {
            return Err(Error::NoRight);
        }
        if !is_access(rights) && matches!(held.what, What::Object(_)) {
            return Err(Error::BadArgument);
        }
        let to = self.living(to)?;
        self.expect_free_handles(to, 1)?;
        let given = self.grant(to, held.what, rights);
        if !keep {
            self.close(me, handle)?;
        }
        Ok(Value::Handle(given))
    }

    /// Closes a handle. Who waits with it waits no more, nor who polls.
    pub(crate) fn close(&mut self, me: Life, handle: Handle) -> Result<Value> {
        self.held(me, handle)?;
        let slot = usize::from(handle.slot());
        let held = self.tasks[me].handles[slot].take();
        self.tasks[me].closed[slot] = Some(handle);
        let with_it = |subject| match subject {
            Subject::Handle(its) | Subject::Out(its, _) => its == handle,
            Subject::Nothing | Subject::Peer(_) => false,
        };
        if self.waiting_of(me).is_some_and(|it| with_it(it.subject) || it.line == Line::Poll) {
            self.leave(me);
        }
        held.into_iter().for_each(|held| self.release(held));
        Ok(Value::Unit)
    }

    /// Ends what a handle stood for.
    pub(crate) fn release(&mut self, held: Held) {
        let What::Object(object) = held.what else { return };
        let it = &mut self.objects[object];
        let socket = it.is_socket();
        if socket || held.rights.contains(Rights::READ) {
            it.reads.leave();
        }
        if !socket && held.rights.contains(Rights::WRITE) {
            it.writes.leave();
        }
        if it.kept || self.is_held(object) {
            self.changed(Place::Object(object));
        } else if socket {
            self.end_socket(object);
        } else {
            self.destroy(object, Error::BadHandle);
        }
    }

    /// A handle with which one task may end another.
    pub(crate) fn entrust(&mut self, me: Option<Life>, victim: Option<Life>) -> Result<()> {
        let alive = |life: Option<Life>| life.filter(|&life| self.tasks[life].alive);
        let (Some(me), Some(victim)) = (alive(me), alive(victim)) else {
            return Err(Error::PeerDead);
        };
        self.expect_free_handles(me, 1)?;
        self.grant(me, What::Task(victim), Rights::KILL);
        Ok(())
    }

    pub(crate) fn kill(&mut self, me: Life, handle: Handle) -> Result<Value> {
        let held = self.held(me, handle)?;
        let What::Task(victim) = held.what else { return Err(Error::WrongKind) };
        if !held.rights.contains(Rights::KILL) {
            return Err(Error::NoRight);
        }
        if victim == me {
            return Err(Error::BadArgument);
        }
        if !self.tasks[victim].alive {
            return Err(Error::PeerDead);
        }
        self.end(victim);
        Ok(Value::Unit)
    }

    pub(crate) fn held(&self, me: Life, handle: Handle) -> Result<Held> {
        let held = self.tasks[me].handles.get(usize::from(handle.slot())).copied().flatten();
        held.filter(|held| held.handle == handle).ok_or(Error::BadHandle)
    }

    /// The object of a handle, if it is of one of these kinds and carries the right.
    pub(crate) fn held_with(
        &self,
        me: Life,
        handle: Handle,
        kinds: &[Kind],
        right: Rights,
    ) -> Result<usize> {
        let held = self.held(me, handle)?;
        match held.what {
            What::Object(object) if kinds.contains(&self.objects[object].kind) => {
                if held.rights.contains(right) { Ok(object) } else { Err(Error::NoRight) }
            }
            _ => Err(Error::WrongKind),
        }
    }

    pub(crate) fn expect_free_handles(&self, me: Life, count: usize) -> Result<()> {
        let used = self.tasks[me].handles.iter().flatten().count();
        if used + count <= HANDLES { Ok(()) } else { Err(Error::HandlesFull) }
    }

    pub(crate) fn grant_object(&mut self, me: Life, object: usize, rights: Rights) -> Handle {
        self.grant(me, What::Object(object), rights)
    }

    /// A new handle in the lowest free slot, with the next number.
    fn grant(&mut self, me: Life, what: What, rights: Rights) -> Handle {
        let slot = self.tasks[me].handles.iter().position(Option::is_none).unwrap_or(HANDLES);
        let handle = Handle::from_parts(slot as u16, self.handles);
        self.handles += 1;
        self.tasks[me].handles[slot] = Some(Held { handle, what, rights });
        if let What::Object(object) = what {
            let it = &mut self.objects[object];
            let socket = it.is_socket();
            if socket || rights.contains(Rights::READ) {
                it.reads.enter();
            }
            if !socket && rights.contains(Rights::WRITE) {
                it.writes.enter();
            }
        }
        handle
    }
}
