//! A namespace, as in Plan 9: what a task finds under a name is not for the task to say.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use postroom::{Access, Call, Create, Destination, Door, Error, Kind, Outcome, Sizes, TaskId};

/// A door that stands in front of another one, and puts names with a scheme in the place of plain
/// ones. Names that it does not know go through as they are.
pub(crate) struct Namespace<'k> {
    door: &'k (dyn Door + Sync),
    names: RwLock<BTreeMap<String, Object>>,
}

/// What a plain name stands for.
pub(crate) struct Object {
    /// Its name with a scheme.
    pub(crate) name: String,
    /// With what sizes it is made by whoever opens it first.
    pub(crate) create: Option<Sizes>,
    /// Of a datagram socket, the longest message. The system allows far longer ones.
    pub(crate) longest: Option<usize>,
}

impl Object {
    /// One that exists, or that tasks make.
    pub(crate) const fn named(name: String) -> Self {
        Self { name, create: None, longest: None }
    }

    /// A socket that a task will bind, in the working directory.
    pub(crate) fn socket(name: &str, kind: Kind, sizes: Sizes) -> Self {
        let (scheme, longest) = match (kind, sizes) {
            (Kind::Sequenced, _) => ("unix-seqpacket", None),
            (Kind::Datagram, Sizes::Messages { longest, .. }) => ("unix-datagram", Some(longest)),
            (Kind::Datagram, Sizes::Bytes(_)) => ("unix-datagram", None),
            _ => ("unix", None),
        };
        Self { longest, ..Self::named(format!("{scheme}:{name}")) }
    }
}

impl<'k> Namespace<'k> {
    /// A namespace in which every name still means what it says.
    pub(crate) fn new(door: &'k (dyn Door + Sync)) -> Self {
        Self { door, names: RwLock::default() }
    }

    /// Gives a plain name a meaning.
    pub(crate) fn bind(&self, name: &str, object: Object) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_owned(), object);
    }
}

impl Door for Namespace<'_> {
    fn syscall(&self, task: TaskId, call: Call<'_>) -> Outcome {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let meaning = |name: &str| names.get(name);
        let call = match call {
            Call::Open { name, rights, create } => {
                let object = meaning(name);
                let made = object.and_then(|it| it.create).map(|sizes| Create {
                    sizes,
                    exclusive: false,
                    access: Access::Everyone,
                });
                let name = object.map_or(name, |it| &it.name);
                Call::Open { name, rights, create: create.or(made) }
            }
            Call::Unlink { name } => {
                Call::Unlink { name: meaning(name).map_or(name, |it| &it.name) }
            }
            Call::Bind { handle, name, access } => {
                let name = meaning(name).map_or(name, |it| &it.name);
                Call::Bind { handle, name, access }
            }
            Call::Connect { handle, to, wait } => {
                Call::Connect { handle, to: meaning(to).map_or(to, |it| &it.name), wait }
            }
            Call::Send { to: Destination::Socket { handle, to: Some(to) }, message, wait } => {
                let object = meaning(to);
                let longest = object.and_then(|it| it.longest);
                if longest.is_some_and(|longest| message.len() > longest) {
                    return Outcome::Complete(Err(Error::MessageTooLong));
                }
                let to = Some(object.map_or(to, |it| &it.name));
                Call::Send { to: Destination::Socket { handle, to }, message, wait }
            }
            other => other,
        };
        self.door.syscall(task, call)
    }
}
