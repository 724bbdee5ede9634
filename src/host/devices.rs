//! What the kernel calls, on the objects of the operating system.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::vec::Vec;

use rustix::event::PollFlags;
use rustix::net::SocketAddrAny;

use super::adapter::{Device, Host, Object};
use super::address::{Address, Place};
use super::alias::Aliases;
use super::descriptor::Descriptor;
use super::file;
use super::fresh::END;
use super::resolve::Addresses;
use super::sleep::HostSleeper;
use super::socket::{Socket, look};
use crate::kernel::{
    Answer, Create, DeviceId, Devices, Error, Kind, Readiness, Result, Rights, Taken, Ticks, Verb,
};

/// The addresses of a place, which may be a sender's.
fn resolve(aliases: &Aliases, place: Place<'_>) -> Result<Vec<SocketAddrAny>> {
    match place {
        Place::Alias(number) => Ok(std::vec![aliases.find(number)?]),
        place => place.resolve(),
    }
}

fn resolve_elsewhere(aliases: &Aliases, place: Place<'_>) -> Result<Addresses> {
    match place {
        Place::Alias(_) => resolve(aliases, place).map(Addresses::Known),
        place => place.resolve_elsewhere(),
    }
}

impl Devices for Host {
    type Sleeper = HostSleeper;

    fn sleeper(&self) -> HostSleeper {
        HostSleeper(Arc::clone(&self.watches.sleep))
    }

    fn now(&self) -> Option<Ticks> {
        Some(self.watches.sleep.now())
    }

    fn open(
        &mut self,
        device: DeviceId,
        name: &str,
        rights: Rights,
        create: Option<Create<'_>>,
    ) -> Result<Kind> {
        let address = Address::read(name)?;
        let object = match address {
            Address::Pipe(name) => {
                Object::Bytes(Descriptor::of_pipe(self.pipes.open(name, rights, create)?))
            }
            Address::Queue(name) => Object::Queue(self.queues.open(name, rights, create)?),
            Address::Socket(..) => return Err(Error::WrongKind),
            // What the program was given exists.
            _ if create.is_some_and(|create| create.exclusive) => return Err(Error::NameTaken),
            Address::Descriptor(number) => {
                Object::Bytes(Descriptor::numbered(number, rights, &mut self.lent)?)
            }
            Address::Input => {
                Object::Bytes(Descriptor::given(io::stdin().as_fd(), rights, &mut self.lent)?)
            }
            Address::Output => {
                Object::Bytes(Descriptor::given(io::stdout().as_fd(), rights, &mut self.lent)?)
            }
        };
        let kind = if let Object::Queue(_) = object { Kind::Queue } else { Kind::Pipe };
        self.insert(device, object);
        Ok(kind)
    }

    fn unlink(&mut self, name: &str) -> Result<()> {
        match Address::read(name)? {
            Address::Pipe(name) => self.pipes.unlink(name),
            Address::Queue(name) => self.queues.unlink(name),
            Address::Socket(_, Place::Path(path)) => file::unlink(path),
            _ => Err(Error::Unsupported),
        }
    }

    fn socket(&mut self, device: DeviceId, kind: Kind, name: &str) -> Result<()> {
        let Address::Socket(scheme, place) = Address::read(name)? else {
            return Err(Error::WrongKind);
        };
        if scheme.kind() != kind {
            return Err(Error::WrongKind);
        }
        let family = match place {
            Place::Alias(number) => self.aliases.find(number)?.address_family(),
            place => place.family()?,
        };
        let socket = Socket::new(scheme, family)?;
        self.insert(device, Object::Socket(socket));
        Ok(())
    }

    fn bind(&mut self, device: DeviceId, name: &str) -> Result<()> {
        let bound = match self.place(device, name)? {
            Place::Alias(_) => Err(Error::BadName),
            place => self.socket_of(device)?.bind(place),
        };
        self.rewatch(device);
        bound
    }

    fn listen(&mut self, device: DeviceId, backlog: usize) -> Result<()> {
        self.socket_of(device)?.listen(backlog)
    }

    fn connect(&mut self, device: DeviceId, to: &str) -> Result<()> {
        let place = self.place(device, to)?;
        let Some(Some(Device { object: Object::Socket(socket), .. })) =
            self.devices.get_mut(usize::from(device.0))
        else {
            return Err(Error::WrongKind);
        };
        let connected = socket.connect(to, || resolve_elsewhere(&self.aliases, place));
        self.rewatch(device);
        connected
    }

    fn accept(&mut self, device: DeviceId, connection: DeviceId) -> Result<()> {
        let accepted = self.socket_of(device)?.accept()?;
        self.insert(connection, Object::Socket(accepted));
        Ok(())
    }

    fn shutdown(&mut self, device: DeviceId, rights: Rights) -> Result<()> {
        self.socket_of(device)?.shutdown(rights)
    }

    fn read(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<usize> {
        match &self.device(device)?.object {
            Object::Bytes(bytes) => bytes.read(buffer),
            Object::Socket(socket) => socket.read(buffer),
            Object::Queue(_) => Err(Error::WrongKind),
        }
    }

    fn write(&mut self, device: DeviceId, bytes: &[u8]) -> Result<usize> {
        match &self.device(device)?.object {
            Object::Bytes(own) => own.write(bytes),
            Object::Socket(socket) => socket.write(bytes),
            Object::Queue(_) => Err(Error::WrongKind),
        }
    }

    fn receive(&mut self, device: DeviceId, buffer: &mut [u8]) -> Result<Option<Taken>> {
        let (scheme, taken) = match &self.device(device)?.object {
            Object::Bytes(_) => return Err(Error::WrongKind),
            Object::Queue(queue) => return queue.receive(buffer).map(Some),
            Object::Socket(socket) => (socket.scheme, socket.receive(buffer)?),
        };
        Ok(taken.map(|taken| {
            let from = taken.from.and_then(|from| self.aliases.name(scheme, from));
            Taken { copied: taken.copied, length: taken.length, from, urgency: 0 }
        }))
    }

    fn send(
        &mut self,
        device: DeviceId,
        to: Option<&str>,
        urgency: u8,
        message: &[u8],
    ) -> Result<()> {
        if let Object::Queue(queue) = &self.device(device)?.object {
            return queue.send(urgency, message);
        }
        let to = match to {
            Some(to) => {
                let place = self.place(device, to)?;
                resolve(&self.aliases, place)?
            }
            None => Vec::new(),
        };
        let sent = self.socket_of(device)?.send(to.first(), message);
        self.rewatch(device);
        sent
    }

    fn attributes(&mut self, device: DeviceId) -> Answer {
        match &self.device(device)?.object {
            Object::Queue(queue) => queue.attributes(),
            _ => Err(Error::WrongKind),
        }
    }

    fn admit(&mut self, device: DeviceId, verb: Verb, length: usize) -> Result<()> {
        match &self.device(device)?.object {
            Object::Bytes(_) => Ok(()),
            Object::Socket(socket) => socket.admit(verb),
            Object::Queue(queue) => queue.admit(verb, length),
        }
    }

    fn finds_names_at_once(&self, device: DeviceId) -> bool {
        let place = self.devices.get(usize::from(device.0));
        let object = place.and_then(Option::as_ref).map(|device| &device.object);
        matches!(object, Some(Object::Socket(socket)) if socket.scheme.is_unix())
    }

    fn readiness(&mut self, device: DeviceId) -> Readiness {
        let Ok(device) = self.device(device) else { return Readiness::NOTHING };
        let object = &device.object;
        let Some(fd) = object.fd() else { return Readiness::NOTHING };
        let can_be_read = !matches!(object, Object::Socket(socket) if !socket.can_be_read());
        let now = look(fd, PollFlags::IN | PollFlags::OUT | END);
        Readiness {
            readable: can_be_read && now.intersects(PollFlags::IN | PollFlags::HUP),
            writable: now.contains(PollFlags::OUT),
            hung_up: now.intersects(PollFlags::HUP | END),
            error: now.intersects(PollFlags::ERR | PollFlags::NVAL),
        }
    }

    fn watch(&mut self, device: DeviceId, wants: Option<Rights>) {
        if let Some(Some(Device { object, watch })) = self.devices.get_mut(usize::from(device.0))
            && let Some(fd) = object.fd()
        {
            self.watches.watch(device, fd, watch, wants);
        }
    }

    fn is_watching(&self) -> bool {
        self.watches.is_watching()
    }

    fn ready(&mut self) -> Option<DeviceId> {
        let devices = &self.devices;
        self.watches.ready(|| {
            let waits = |it: &Option<Device>| it.as_ref().is_some_and(|it| it.watch.is_for_timer());
            let all = devices.iter().enumerate();
            all.filter(|(_, it)| waits(it)).map(|(at, _)| DeviceId(at as u16)).collect()
        })
    }

    fn close(&mut self, device: DeviceId) {
        self.watch(device, None);
        let place = self.devices.get_mut(usize::from(device.0));
        if let Some(Device { object: Object::Bytes(bytes), .. }) = place.and_then(Option::take)
            && let Some(pipe) = bytes.pipe
        {
            drop(bytes);
            self.pipes.close(pipe);
        }
    }
}
