//! The objects behind plain names: which ones of the host they are, and when there is news of them.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Once};

use real::{
    Access, Answer, Create, DeviceId, Devices, Error, Host, HostSleeper, Kind, Name, Readiness,
    Result, Rights, Sizes, Sleeper, Taken, Ticks, Verb,
};
use tempfile::TempDir;

use crate::verdict;

/// How plain names begin on their way out.
pub(crate) const SCHEME: &str = "host:";

/// What the system counts the room in a pipe by.
const PAGE: usize = 4096;

/// The most pages that a pipe is made of; a pipe that is to hold more holds bytes.
const PAGES: usize = 16;

/// Sleeps on end in which nothing happened, until nothing will.
const SLEEPS: usize = 2;

pub(crate) struct Objects {
    host: Host,
    /// It goes after the host, with all that is in it.
    dir: TempDir,
    /// Whether plain names are the host's.
    pub(crate) in_use: bool,
    /// What has a plain name, or had one.
    names: BTreeMap<String, Object>,
    /// The names of sockets, each at its number.
    files: Vec<String>,
    numbers: usize,
    /// Open sockets.
    sockets: HashMap<DeviceId, Kind>,
    /// Of open pipes, how many bytes stand for one of the test's, if several do.
    units: HashMap<DeviceId, usize>,
    /// Those among them that others wait for: listeners, and datagram sockets.
    awaited: HashSet<DeviceId>,
    /// Sockets that one of these had no room for, and that no event tells when it has.
    refused: Vec<DeviceId>,
    told: VecDeque<DeviceId>,
    /// The host has been heard since the kernel began to look.
    heard: bool,
    ear: HostSleeper,
    sleeps: Arc<AtomicUsize>,
}

/// What is not a socket.
#[derive(Clone)]
struct Object {
    name: String,
    /// Of a pipe, how many bytes stand for one of the test's.
    unit: usize,
    /// With what sizes it is made by the first who opens it.
    promised: Option<Sizes>,
}

impl Objects {
    pub(crate) fn new() -> Self {
        // Names of senders have to fit a name: so they are in the working directory.
        static TEMPORARY: Once = Once::new();
        TEMPORARY.call_once(|| std::env::set_current_dir(std::env::temp_dir()).unwrap());
        let host = Host::new().unwrap();
        let ear = host.sleeper();
        Self {
            host,
            dir: tempfile::Builder::new().prefix("").rand_bytes(3).tempdir_in(".").unwrap(),
            in_use: verdict::is_on_host(),
            names: BTreeMap::new(),
            files: Vec::new(),
            numbers: 0,
            sockets: HashMap::new(),
            units: HashMap::new(),
            awaited: HashSet::new(),
            refused: Vec::new(),
            told: VecDeque::new(),
            heard: false,
            ear,
            sleeps: Arc::default(),
        }
    }

    /// Takes note of an object that the first who opens it will make.
    pub(crate) fn promise(&mut self, name: &str, sizes: Sizes) -> Result<()> {
        if self.is_there(name) {
            return Err(Error::NameTaken);
        }
        self.add(name, sizes);
        Ok(())
    }

    /// A number that comes once.
    pub(crate) fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    fn add(&mut self, plain: &str, sizes: Sizes) -> Object {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = match sizes {
            Sizes::Bytes(_) => format!("pipe:{plain}"),
            Sizes::Messages { .. } => {
                format!("mq:/law-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed))
            }
        };
        let unit = match sizes {
            Sizes::Bytes(1..=PAGES) => PAGE,
            _ => 1,
        };
        let object = Object { name, unit, promised: Some(sizes) };
        self.names.insert(plain.to_owned(), object.clone());
        object
    }

    /// The path of a socket.
    fn path(&mut self, plain: &str) -> String {
        let number = self.files.iter().position(|it| it == plain).unwrap_or_else(|| {
            self.files.push(plain.to_owned());
            self.files.len() - 1
        });
        let dir = self.dir.path().file_name().unwrap().to_str().unwrap();
        format!("{dir}/{number}")
    }

    /// The name of a socket.
    fn socket_name(&mut self, kind: Kind, plain: &str) -> String {
        format!("{}{}", scheme(kind), self.path(plain))
    }

    /// The plain name of a socket.
    fn plain_name(&self, name: Name) -> Option<Name> {
        let (_, number) = name.as_str().rsplit_once('/')?;
        Name::new(self.files.get(number.parse::<usize>().ok()?)?).ok()
    }

    fn is_socket(&mut self, plain: &str) -> bool {
        let path = self.path(plain);
        Path::new(&path).exists()
    }

    /// Whether a name stands for a pipe or a queue.
    fn is_object(&mut self, plain: &str) -> bool {
        let Some(Object { name, promised, .. }) = self.names.get(plain) else { return false };
        if promised.is_some() {
            return true;
        }
        // No device has this number.
        let probe = DeviceId(u16::MAX);
        let create = name.starts_with("pipe:").then_some(Create {
            sizes: Sizes::Bytes(PAGE),
            exclusive: true,
            access: Access::Everyone,
        });
        match self.host.open(probe, name, Rights::READ, create) {
            Err(error) => error == Error::NameTaken,
            Ok(_) => {
                self.host.close(probe);
                if create.is_some() {
                    self.host.unlink(name).unwrap();
                }
                create.is_none()
            }
        }
    }

    fn is_there(&mut self, plain: &str) -> bool {
        self.is_object(plain) || self.is_socket(plain)
    }

    /// Takes note that something has happened, unless it would have had to wait.
    fn note<R>(&mut self, said: Result<R>) -> Result<R> {
        if !matches!(said, Err(Error::WouldBlock)) {
            self.sleeps.store(0, Relaxed);
        }
        said
    }

    /// Those who were refused may try again.
    fn make_room(&mut self) {
        self.told.extend(self.refused.drain(..));
    }
}

const fn scheme(kind: Kind) -> &'static str {
    match kind {
        Kind::Sequenced => "unix-seqpacket:",
        Kind::Datagram => "unix-datagram:",
        _ => "unix:",
    }
}

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

impl Drop for Objects {
    fn drop(&mut self) {
        if self.in_use {
            verdict::ends();
        }
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
