//! An open object, as a task holds it: a handle that knows its kind and closes itself.

use core::fmt;
use core::marker::PhantomData;

use super::kernel::{Call, Handle, Peer, PollEntry, Readiness, Result, Rights, Value};
use super::sys::Sys;

mod sealed {
    /// Only this crate makes kinds.
    pub trait Sealed {}
}
pub(super) use sealed::Sealed;

/// What an open object can do: a type without values for each kind.
pub trait Kinded: Sealed {
    /// The rights that the handle has.
    const RIGHTS: Rights;
}

/// An open object of kind `K`.
///
/// It acts in the name of the task that opened it; [`give`](Self::give) hands it to another one.
/// Dropping it closes it. A drop cannot wait, so if the close wakes a more urgent task, that one
/// runs at this task's next call; [`close`](Self::close) lets it run at once.
pub struct End<'k, K> {
    pub(super) sys: Sys<'k>,
    pub(super) handle: Handle,
    kind: PhantomData<K>,
}

impl<'k, K> End<'k, K> {
    /// An open object from a handle of the task, one it was given for instance. Closing it closes
    /// the handle. If the handle is not of this kind, the calls say so.
    pub const fn new(sys: Sys<'k>, handle: Handle) -> Self {
        Self { sys, handle, kind: PhantomData }
    }

    /// The handle.
    pub const fn handle(&self) -> Handle {
        self.handle
    }

    /// One more end of the same side. The side is closed when all of them are (law 36).
    ///
    /// # Errors
    /// [`HandlesFull`](crate::Error::HandlesFull), and what a device says.
    pub async fn duplicate(&self) -> Result<Self> {
        self.sys.one(Call::Duplicate { handle: self.handle }).await
    }

    /// What a call would meet now (law 37).
    ///
    /// # Errors
    /// None of an open end.
    pub async fn readiness(&self) -> Result<Readiness> {
        let read = |value| match value {
            Value::Readiness(readiness) => Some(readiness),
            _ => None,
        };
        self.sys.once(Call::Readiness { handle: self.handle }, read).await
    }

    /// Closes the end.
    ///
    /// # Errors
    /// None of an open end.
    pub async fn close(self) -> Result<()> {
        let (sys, handle) = self.into_parts();
        sys.perform(Call::Close { handle }).await
    }

    pub(super) fn into_parts(self) -> (Sys<'k>, Handle) {
        let parts = (self.sys, self.handle);
        core::mem::forget(self);
        parts
    }
}

impl<K: Kinded> End<'_, K> {
    /// Hands this to another task, in one step (law 64): the handle that it has from now on. The
    /// receiver learns it from a message, and makes an [`End`] of it again.
    ///
    /// # Errors
    /// [`NoSuchName`](crate::Error::NoSuchName) or [`PeerDead`](crate::Error::PeerDead),
    /// [`HandlesFull`](crate::Error::HandlesFull) if the other task can hold no more. The end is
    /// then closed.
    pub async fn give<'p>(self, to: impl Into<Peer<'p>>) -> Result<Handle> {
        let given = self.hand_over(to.into(), K::RIGHTS, false).await;
        if given.is_ok() {
            // Nothing is left to close.
            core::mem::forget(self);
        }
        given
    }

    /// Gives another task a handle for the same object, with all of the rights or fewer (law 64),
    /// and keeps this.
    ///
    /// # Errors
    /// As [`End::give`], [`NoRight`](crate::Error::NoRight) if the end does not have them, and
    /// [`BadArgument`](crate::Error::BadArgument) if they are none.
    pub async fn share<'p>(&self, to: impl Into<Peer<'p>>, rights: Rights) -> Result<Handle> {
        self.hand_over(to.into(), rights, true).await
    }

    async fn hand_over(&self, to: Peer<'_>, rights: Rights, keep: bool) -> Result<Handle> {
        let read = |value| match value {
            Value::Handle(handle) => Some(handle),
            _ => None,
        };
        self.sys.once(Call::Give { handle: self.handle, to, rights, keep }, read).await
    }

    /// This, to be looked at by [`Sys::poll`] for all that its rights allow;
    /// [`wanting`](PollEntry::wanting) says for what.
    pub const fn entry(&self) -> PollEntry {
        PollEntry::new(Some(self.handle), K::RIGHTS)
    }
}

impl<K> Drop for End<'_, K> {
    fn drop(&mut self) {
        // There is nobody to tell of an error, and the kernel closes what a task leaves.
        let _ = self.sys.syscall(Call::Close { handle: self.handle });
    }
}

impl<K> fmt::Debug for End<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "End({:?} of {})", self.handle, self.sys.task())
    }
}
