//! Who may open what has a name (law 65).

use heapless::Vec;

use super::{ALLOWED, Error, Peer, Result, TaskId};

/// Who may open an object by its name. Its creator says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access<'a> {
    /// Every task.
    #[default]
    Everyone,
    /// These tasks and its creator; at most [`ALLOWED`] of them. A later task of the same name is
    /// another task.
    Only(&'a [Peer<'a>]),
}

/// The same, as a channel keeps it.
#[derive(Clone)]
pub(crate) struct Allowed {
    only: Option<Vec<TaskId, { ALLOWED + 1 }>>,
}

impl Allowed {
    pub(crate) const EVERYONE: Self = Self { only: None };

    /// The tasks that `access` means, besides the creator.
    ///
    /// # Errors
    /// [`Error::BadArgument`] if there are too many, and those of `find`.
    pub(crate) fn new(
        access: Access<'_>,
        creator: TaskId,
        find: impl Fn(Peer<'_>) -> Result<TaskId>,
    ) -> Result<Self> {
        let Access::Only(peers) = access else { return Ok(Self::EVERYONE) };
        let mut only = Vec::new();
        for task in core::iter::once(Ok(creator)).chain(peers.iter().map(|&peer| find(peer))) {
            only.push(task?).map_err(|_| Error::BadArgument)?;
        }
        Ok(Self { only: Some(only) })
    }

    /// Whether this task may open it.
    pub(crate) fn permits(&self, task: TaskId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&task))
    }
}
