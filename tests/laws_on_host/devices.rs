//! What the kernel calls, on the objects behind plain names.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use real::{
    Access, Answer, Create, DeviceId, Devices, Error, Kind, Name, Readiness, Result, Rights, Sizes,
    Sleeper, Taken, Ticks, Verb,
};

use crate::objects::{Objects, SCHEME};
use crate::verdict;

/// Sleeps on end in which nothing happened, until it is certain that nothing will.
const SLEEPS: usize = 2;

/// Far more looks than any test needs: it will never end, as one that tries again and again what
/// nobody wakes it for.
const LOOKS: u32 = 200_000;

/// Of a name that did not go out: a task's, or none at all.
fn stays<R>(name: &str, error: Error) -> Result<R> {
    Name::new(name).and(Err(error))
}

impl Devices for Objects {
    type Sleeper = Still;

    fn sleeper(&self) -> Still {
        Still(Arc::clone(&self.sleeps))
    }

    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Kind> {
        let plain = name.strip_prefix(SCHEME).ok_or(Error::NoSuchName)?;
        verdict::uses_an_object();
        if self.is_socket(plain) {
            let exclusive = create.is_some_and(|create| create.exclusive);
            return Err(if exclusive { Error::NameTaken } else { Error::WrongKind });
        }
        let object = match (self.is_object(plain), create) {
            (true, _) => self.names[plain].clone(),
            (false, Some(create)) => self.add(plain, create.sizes),
            (false, None) => return Err(Error::NoSuchName),
        };
        let promised = object.promised.map(|sizes| Create {
            sizes,
            exclusive: false,
            access: Access::Everyone,
        });
        let create = create.or(promised).map(|create| match create.sizes {
            Sizes::Bytes(capacity) => {
                Create { sizes: Sizes::Bytes(capacity * object.unit), ..create }
            }
            _ => create,
        });
        let opened = self.host.open(device, &object.name, rights, create);
        if opened.is_ok() {
            self.names.get_mut(plain).unwrap().promised = None;
            if object.unit > 1 {
                self.units.insert(device, object.unit);
            }
        } else if !self.is_object(plain) || object.promised.is_some() && create.is_some() {
            self.names.remove(plain);
        }
        self.note(opened)
    }

    fn unlink(&mut self, name: &str) -> Result<()> {
        let plain = name.strip_prefix(SCHEME).ok_or(Error::NoSuchName)?;
        if self.is_socket(plain) {
            return Err(Error::WrongKind);
        }
        let object = self.names.remove(plain).ok_or(Error::NoSuchName)?;
        if object.promised.is_some() { Ok(()) } else { self.host.unlink(&object.name) }
    }

    fn socket(&mut self, device: DeviceId, kind: Kind, name: &str) -> Result<()> {
        let plain = name.strip_prefix(SCHEME).ok_or(Error::NoSuchName)?;
        verdict::uses_an_object();
        let name = self.socket_name(kind, plain);
        self.host.socket(device, kind, &name)?;
        self.sockets.insert(device, kind);
        Ok(())
    }

    fn bind(&mut self, device: DeviceId, name: &str) -> Result<()> {
        let Some(plain) = name.strip_prefix(SCHEME) else {
            return stays(name, Error::AddressInUse);
        };
        if self.is_object(plain) {
            return Err(Error::AddressInUse);
        }
        let name = self.socket_name(self.sockets[&device], plain);
        let bound = self.host.bind(device, &name);
        if bound.is_ok() {
            self.awaited.insert(device);
        }
        self.note(bound)
    }

    fn listen(&mut self, device: DeviceId, backlog: usize) -> Result<()> {
        let listens = self.host.listen(device, backlog);
        self.note(listens)
    }

    fn connect(&mut self, device: DeviceId, to: &str) -> Result<()> {
        let Some(plain) = to.strip_prefix(SCHEME) else { return stays(to, Error::WrongKind) };
        if self.is_object(plain) {
            return Err(Error::WrongKind);
        }
        let to = self.socket_name(self.sockets[&device], plain);
        let connected = self.host.connect(device, &to);
        self.refused.retain(|&it| it != device);
        if connected == Err(Error::WouldBlock) {
            self.refused.push(device);
        }
        self.note(connected)
    }

    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        let accepted = self.host.accept(device, connection);
        if accepted.is_ok() {
            self.sockets.insert(connection, self.sockets[&device]);
            self.make_room();
        }
        self.note(accepted)
    }

    fn shutdown(&mut self, device: DeviceId, rights: Rights) -> Result<()> {
        let shut = self.host.shutdown(device, rights);
        self.note(shut)
    }

    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        let Some(&unit) = self.units.get(&device) else {
            let read = self.host.read(device, buffer);
            return self.note(read);
        };
        let mut units = vec![0; buffer.len() * unit];
        let read = self.host.read(device, &mut units);
        let count = self.note(read)?;
        assert_eq!(count % unit, 0, "it came in pieces");
        for (byte, unit) in buffer.iter_mut().zip(units[..count].chunks(unit)) {
            assert_eq!(unit[1..], unit[..unit.len() - 1], "it came mixed");
            *byte = unit[0];
        }
        Ok(count / unit)
    }

    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        let Some(&unit) = self.units.get(&device) else {
            let written = self.host.write(device, bytes);
            return self.note(written);
        };
        let mut units = Vec::with_capacity(bytes.len() * unit);
        bytes.iter().for_each(|&byte| units.resize(units.len() + unit, byte));
        let written = self.host.write(device, &units);
        let count = self.note(written)?;
        assert_eq!(count % unit, 0, "it went in pieces");
        Ok(count / unit)
    }

    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        let taken = self.host.receive(device, buffer);
        let taken = self.note(taken)?;
        self.make_room();
        Ok(taken.map(|taken| {
            let from = taken.from.and_then(|from| self.plain_name(from));
            Taken { from: from.filter(|from| !from.as_str().starts_with('#')), ..taken }
        }))
    }

    fn send(
        &mut self,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Result<()> {
        let to = match to.map(|to| to.strip_prefix(SCHEME).ok_or(to)) {
            None => None,
            Some(Err(name)) => return stays(name, Error::WrongKind),
            Some(Ok(plain)) if self.is_object(plain) => return Err(Error::WrongKind),
            Some(Ok(plain)) => Some(self.socket_name(self.sockets[&device], plain)),
        };
        self.refused.retain(|&it| it != device);
        let sent = self.host.send(device, to.as_deref(), urgency, message);
        if sent == Err(Error::WouldBlock) && to.is_some() {
            self.refused.push(device);
        }
        self.note(sent)
    }

    fn attributes(&mut self, device: DeviceId) -> Answer {
        self.host.attributes(device)
    }

    fn admit(&mut self, device: DeviceId, verb: Verb, length: usize) -> Result<()> {
        self.host.admit(device, verb, length)
    }

    fn finds_names_at_once(&self, device: DeviceId) -> bool {
        self.host.finds_names_at_once(device)
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        let ready = self.host.readiness(device);
        if self.refused.contains(&device) {
            return Readiness { writable: false, hung_up: false, ..ready };
        }
        ready
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        self.host.watch(device, wants);
    }

    fn is_watching(&self) -> bool {
        self.host.is_watching() && self.sleeps.load(Relaxed) < SLEEPS
    }

    fn ready(&mut self) -> Option<DeviceId> {
        if !core::mem::replace(&mut self.heard, true) {
            self.looks += 1;
            assert_ne!(self.looks, LOOKS, "it goes on for ever");
            // A sleep that is over at once hears of all that is ready.
            self.ear.sleep(Some(Ticks(0)));
        }
        let ready = self.told.pop_front().or_else(|| self.host.ready());
        self.heard = ready.is_some();
        ready
    }

    fn close(&mut self, device: DeviceId) {
        self.sockets.remove(&device);
        self.units.remove(&device);
        self.refused.retain(|&it| it != device);
        self.host.close(device);
        if self.awaited.remove(&device) {
            self.make_room();
        }
        self.sleeps.store(0, Relaxed);
    }
}

/// A sleep of those who are alone with their objects: whatever happens to these is done by tasks.
pub(crate) struct Still(Arc<AtomicUsize>);

impl Sleeper for Still {
    fn sleep(&self, _: Option<Ticks>) {
        self.0.fetch_add(1, Relaxed);
    }

    fn interrupt(&self) {}
}
