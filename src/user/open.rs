//! Opening what has a name, and making it if nobody has.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::end::{End, Kinded};
use super::kernel::{Access, Call, Create, Outcome, Peer, Result, Sizes, Value};
use super::request::ASTRAY;
use super::sys::Sys;

/// The opening of a pipe or a queue by its name. Nothing happens before it is awaited.
///
/// # Errors
/// [`NoSuchName`](crate::Error::NoSuchName), [`WrongKind`](crate::Error::WrongKind) if the name is
/// that of something else, [`NoRight`](crate::Error::NoRight) if its creator named others
/// (law 65), [`HandlesFull`](crate::Error::HandlesFull), and what a device says. If it is to be
/// made: [`BadName`](crate::Error::BadName), [`NameTooLong`](crate::Error::NameTooLong),
/// [`ChannelsFull`](crate::Error::ChannelsFull), [`BadArgument`](crate::Error::BadArgument) if a
/// ring of the kernel cannot hold that much or too many tasks are named, and what is wrong with a
/// task that [`only`](Self::only) names.
#[derive(Debug)]
#[must_use = "nothing is opened unless it is awaited"]
pub struct Open<'s, 'k, K> {
    sys: &'s Sys<'k>,
    name: &'s str,
    sizes: Option<Sizes>,
    exclusive: bool,
    access: Access<'s>,
    opened: Option<Result<End<'k, K>>>,
}

impl<'s, 'k, K> Open<'s, 'k, K> {
    pub(super) fn new(sys: &'s Sys<'k>, name: &'s str) -> Self {
        let access = Access::Everyone;
        Self { sys, name, sizes: None, exclusive: false, access, opened: None }
    }

    /// Makes it, if nothing has the name: of bytes a pipe, of messages a queue. It lives until the
    /// last handle for it is closed.
    pub fn or_create(mut self, sizes: Sizes) -> Self {
        (self.sizes, self.exclusive) = (Some(sizes), false);
        self
    }

    /// Makes it; [`NameTaken`](crate::Error::NameTaken) if something has the name (law 39).
    pub fn create_new(mut self, sizes: Sizes) -> Self {
        (self.sizes, self.exclusive) = (Some(sizes), true);
        self
    }

    /// If it is made, lets only these tasks open it besides its creator (law 65).
    pub fn only(mut self, tasks: &'s [Peer<'s>]) -> Self {
        self.access = Access::Only(tasks);
        self
    }
}

impl<K> Unpin for Open<'_, '_, K> {}

impl<'k, K: Kinded> Future for Open<'_, 'k, K> {
    type Output = Result<End<'k, K>>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(opened) = this.opened.take() {
            return Poll::Ready(opened);
        }
        let (exclusive, access) = (this.exclusive, this.access);
        let create = this.sizes.map(|sizes| Create { sizes, exclusive, access });
        let (name, rights) = (this.name, K::RIGHTS);
        let (answer, preempted) = match this.sys.syscall(Call::Open { name, rights, create }) {
            Outcome::Complete(answer) => (answer, false),
            Outcome::Preempted(answer) => (answer, true),
            // Only a task that was killed is stopped here; it is not asked again.
            Outcome::Blocked => (Err(ASTRAY), true),
        };
        // An end closes itself, also if nobody comes for it.
        let opened = match answer {
            Ok(Value::Handle(handle)) => Ok(End::new(*this.sys, handle)),
            Ok(_) => Err(ASTRAY),
            Err(error) => Err(error),
        };
        if preempted {
            this.opened = Some(opened);
            return Poll::Pending;
        }
        Poll::Ready(opened)
    }
}
