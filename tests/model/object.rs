//! Objects in the model: made, opened, unlinked, and freed.

use std::collections::VecDeque;

use postroom::param::PIPE_BUF;
use postroom::{Error, Kind, Rights, Sizes, Value};

use crate::handles::is_access;
use crate::model::{Line, Model, Object, Place, Side, Stage, What};
use crate::names::Named;
use crate::request::{Life, Making};

type Result<T> = std::result::Result<T, Error>;

impl Side {
    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::Open(0) | Self::Shut(_))
    }

    pub(crate) fn open(self) -> u32 {
        match self {
            Self::Awaited => 0,
            Self::Open(open) | Self::Lasting(open) | Self::Shut(open) => open,
        }
    }

    pub(crate) fn enter(&mut self) {
        *self = match *self {
            Self::Awaited => Self::Open(1),
            Self::Open(open) => Self::Open(open + 1),
            Self::Lasting(open) => Self::Lasting(open + 1),
            Self::Shut(open) => Self::Shut(open + 1),
        };
    }

    pub(crate) fn leave(&mut self) {
        *self = match *self {
            Self::Awaited => Self::Awaited,
            Self::Open(open) => Self::Open(open - 1),
            Self::Lasting(open) => Self::Lasting(open - 1),
            Self::Shut(open) => Self::Shut(open - 1),
        };
    }

    pub(crate) fn is_shut(self) -> bool {
        matches!(self, Self::Shut(_))
    }

    pub(crate) fn shut(&mut self) {
        *self = Self::Shut(self.open());
    }
}

impl Object {
    fn new(kind: Kind, sizes: Sizes, name: Option<&'static str>) -> Self {
        let lasting = Side::Lasting(0);
        Self {
            kind,
            sizes,
            name,
            alive: true,
            kept: false,
            only: None,
            bytes: VecDeque::new(),
            mail: VecDeque::new(),
            reads: if kind == Kind::Queue { lasting } else { Side::Awaited },
            writes: if kind == Kind::Datagram { lasting } else { Side::Awaited },
            stage: Stage::Idle,
            reset: false,
            notice: None,
        }
    }

    pub(crate) fn is_socket(&self) -> bool {
        !matches!(self.kind, Kind::Pipe | Kind::Queue)
    }

    /// What it can hold: bytes, messages, or connections.
    pub(crate) fn capacity(&self) -> usize {
        match (&self.stage, self.sizes) {
            (Stage::Listening(backlog, _), _) => *backlog,
            (_, Sizes::Bytes(capacity)) => capacity,
            (_, Sizes::Messages { most, .. }) => most,
        }
    }

    pub(crate) fn length(&self) -> usize {
        match &self.stage {
            Stage::Listening(_, pending) => pending.len(),
            _ => self.bytes.len() + self.mail.len(),
        }
    }

    pub(crate) fn free(&self) -> usize {
        self.capacity() - self.length()
    }

    /// The most bytes that are written all or nothing; 0 of what holds messages.
    pub(crate) fn atomic(&self) -> usize {
        match (&self.stage, self.sizes) {
            (Stage::Listening(..), _) | (_, Sizes::Messages { .. }) => 0,
            (_, Sizes::Bytes(capacity)) => capacity.min(PIPE_BUF),
        }
    }

    /// Whether there is so much room. A message needs a slot, however short it is.
    pub(crate) fn fits(&self, need: usize) -> bool {
        let least = if self.atomic() == 0 { 1 } else { 0 };
        self.free() >= need.max(least)
    }
}

impl Model {
    /// Makes an object, if it fits and there is a place for it.
    pub(crate) fn make(
        &mut self,
        kind: Kind,
        sizes: Sizes,
        name: Option<&'static str>,
    ) -> Result<usize> {
        if !self.limits.fit(kind, sizes) {
            return Err(Error::BadArgument);
        }
        if self.free_channels() == 0 {
            return Err(Error::ChannelsFull);
        }
        self.objects.push(Object::new(kind, sizes, name));
        Ok(self.objects.len() - 1)
    }

    /// Makes what the runner keeps until it is unlinked.
    pub(crate) fn create(&mut self, name: &'static str, sizes: Sizes) -> Result<()> {
        if !matches!(self.find(name)?, Named::Nothing) {
            return Err(Error::NameTaken);
        }
        let object = self.make(kind_of(sizes), sizes, Some(name))?;
        self.objects[object].kept = true;
        Ok(())
    }

    pub(crate) fn open(
        &mut self,
        me: Life,
        name: &'static str,
        rights: Rights,
        create: Option<&Making>,
    ) -> Result<Value> {
        if !is_access(rights) {
            return Err(Error::BadArgument);
        }
        self.expect_free_handles(me, 1)?;
        if name.contains(':') {
            return Err(Error::NoSuchName);
        }
        let object = match (self.find(name)?, create) {
            (Named::Nothing, None) => return Err(Error::NoSuchName),
            (Named::Nothing, Some(Making { sizes, only, .. })) => {
                let only = self.allowed(me, only.as_deref())?;
                let object = self.make(kind_of(*sizes), *sizes, Some(name))?;
                self.objects[object].only = only;
                object
            }
            (_, Some(Making { exclusive: true, .. })) => return Err(Error::NameTaken),
            (Named::Task(_), _) => return Err(Error::WrongKind),
            (Named::Object(object), create) => {
                let kind = self.objects[object].kind;
                if !matches!(kind, Kind::Pipe | Kind::Queue)
                    || create.is_some_and(|create| kind_of(create.sizes) != kind)
                {
                    return Err(Error::WrongKind);
                }
                self.expect_access(me, object)?;
                object
            }
        };
        Ok(Value::Handle(self.grant_object(me, object, rights)))
    }

    pub(crate) fn unlink(&mut self, me: Life, name: &str) -> Result<Value> {
        if name.contains(':') {
            return Err(Error::NoSuchName);
        }
        let object = match self.find(name)? {
            Named::Nothing => return Err(Error::NoSuchName),
            Named::Object(object) if !self.objects[object].is_socket() => object,
            Named::Object(_) | Named::Task(_) => return Err(Error::WrongKind),
        };
        self.expect_access(me, object)?;
        self.objects[object].name = None;
        self.objects[object].kept = false;
        if !self.is_held(object) {
            self.destroy(object, Error::BadHandle);
        }
        Ok(Value::Unit)
    }

    /// Whether anybody has a handle for it.
    pub(crate) fn is_held(&self, object: usize) -> bool {
        let living = self.tasks.iter().filter(|task| task.alive);
        let mut held = living.flat_map(|task| task.handles.iter().flatten());
        held.any(|held| held.what == What::Object(object))
    }

    /// Frees an object. Who waits there is told; `verdict` is for those who want to put in.
    pub(crate) fn destroy(&mut self, object: usize, verdict: Error) {
        self.evict(|line| line == Line::Output(object), Error::BadHandle);
        self.evict(|line| matches!(line, Line::Room(it, _) if it == object), verdict);
        self.dismiss_pollers(Place::Object(object));
        self.evict(|line| line == Line::Notice(object), Error::BadHandle);
        self.objects[object].alive = false;
        self.objects[object].name = None;
    }
}

pub(crate) fn kind_of(sizes: Sizes) -> Kind {
    match sizes {
        Sizes::Bytes(_) => Kind::Pipe,
        Sizes::Messages { .. } => Kind::Queue,
    }
}
