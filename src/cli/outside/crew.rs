//! A crew whose objects are the system's.

use postroom::scenario::{Boxed, Crew};
use postroom::{Error, Kind, Result, Sizes, Sys};

use super::namespace::Object;
use super::{Directory, Namespace};

/// Another crew, for whose tasks names have other meanings.
pub(crate) struct Away<'c, 't> {
    pub(crate) crew: &'c mut dyn Crew<'t>,
    pub(crate) directory: &'c Directory,
    pub(crate) namespace: &'t Namespace<'t>,
}

impl<'t> Crew<'t> for Away<'_, 't> {
    fn pipe(&mut self, name: &str, capacity: usize) -> Result<()> {
        let create = Some(Sizes::Bytes(capacity));
        let object = Object { create, ..Object::named(format!("pipe:{name}")) };
        self.namespace.bind(name, object);
        Ok(())
    }

    fn queue(&mut self, name: &str, most: usize, longest: usize) -> Result<()> {
        self.directory.queue(name, most, longest).map_err(Error::from)?;
        self.namespace.bind(name, Object::named(format!("queue:{name}")));
        Ok(())
    }

    fn socket(&mut self, name: &str, kind: Kind, sizes: Sizes) -> Result<()> {
        self.namespace.bind(name, Object::socket(name, kind, sizes));
        Ok(())
    }

    fn task(&mut self, name: &str, body: Boxed<'t>) -> Result<()> {
        let namespace = self.namespace;
        self.crew.task(name, Box::new(move |sys: Sys<'t>| body(Sys::new(namespace, sys.task()))))
    }
}
