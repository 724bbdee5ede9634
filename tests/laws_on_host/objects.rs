//! The objects behind plain names: which ones of the host they are, and who waits for them.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Once};

use real::{
    Access, Create, DeviceId, Devices, Error, Host, HostSleeper, Kind, Name, Result, Rights, Sizes,
};
use tempfile::TempDir;

use crate::verdict;

/// How plain names begin on their way out.
pub(crate) const SCHEME: &str = "host:";

/// What the system counts the room in a pipe by, and writes whole.
const PAGE: usize = 4096;

/// The most pages that a pipe is made of; one that is to hold more holds bytes.
const PAGES: usize = 16;

/// A device that no kernel has.
const PROBE: DeviceId = DeviceId(99);

/// The host, and what it knows nothing of: plain names, small pipes, and that nobody else is there.
///
/// **Names.** A plain name is a pipe of the host, a POSIX queue, or a socket file in a directory of
/// the kernel's own, whichever it is first used for.
///
/// **Pages.** The smallest pipe of the system is a page. So if a pipe is to hold a few bytes, each
/// of them is a page: that full is full, and that one byte more fits when one has been read.
///
/// **Who waits for room.** That there is room again in a backlog, or in a datagram socket one is
/// not connected to, the host finds by trying every 5 milliseconds. Here it is known when that can
/// be: after an accept, after a receive, or when such a socket is closed.
pub(crate) struct Objects {
    pub(crate) host: Host,
    /// It goes after the host, with all that is in it.
    dir: TempDir,
    /// Whether plain names are the host's.
    pub(crate) in_use: bool,
    /// What has a plain name, or had one.
    pub(crate) names: BTreeMap<String, Object>,
    /// The names of sockets, each at its number.
    files: Vec<String>,
    /// Names that were given to what has none.
    numbers: usize,
    /// Open sockets.
    pub(crate) sockets: HashMap<DeviceId, Kind>,
    /// Of open pipes, how many bytes stand for one of the test's, if several do.
    pub(crate) units: HashMap<DeviceId, usize>,
    /// Those among them that others wait for: listeners, and datagram sockets.
    pub(crate) awaited: HashSet<DeviceId>,
    /// Sockets that one of these had no room for, and that no event tells when it has.
    pub(crate) refused: Vec<DeviceId>,
    /// Whom the kernel is still to be told of.
    pub(crate) told: VecDeque<DeviceId>,
    /// How often the kernel has looked.
    pub(crate) looks: u32,
    /// The system was asked since the kernel began to look.
    pub(crate) heard: bool,
    pub(crate) ear: HostSleeper,
    /// Sleeps on end in which nothing has happened.
    pub(crate) sleeps: Arc<AtomicUsize>,
}

/// What is not a socket.
#[derive(Clone)]
pub(crate) struct Object {
    /// The host's name.
    pub(crate) name: String,
    /// Of a pipe, how many bytes stand for one of the test's.
    pub(crate) unit: usize,
    /// With what sizes it is made by the first who opens it.
    pub(crate) promised: Option<Sizes>,
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
            looks: 0,
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

    /// Gives a plain name to a pipe or a queue, which depends on its sizes.
    pub(crate) fn add(&mut self, plain: &str, sizes: Sizes) -> Object {
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
    pub(crate) fn socket_name(&mut self, kind: Kind, plain: &str) -> String {
        format!("{}{}", scheme(kind), self.path(plain))
    }

    /// The plain name of a socket.
    pub(crate) fn plain_name(&self, name: Name) -> Option<Name> {
        let (_, number) = name.as_str().rsplit_once('/')?;
        Name::new(self.files.get(number.parse::<usize>().ok()?)?).ok()
    }

    /// Whether a socket has this name.
    pub(crate) fn is_socket(&mut self, plain: &str) -> bool {
        let path = self.path(plain);
        Path::new(&path).exists()
    }

    /// Whether a name stands for a pipe or a queue. A pipe is there if it cannot be made, a queue if
    /// it can be opened.
    pub(crate) fn is_object(&mut self, plain: &str) -> bool {
        let Some(Object { name, promised, .. }) = self.names.get(plain) else { return false };
        if promised.is_some() {
            return true;
        }
        let create = name.starts_with("pipe:").then_some(Create {
            sizes: Sizes::Bytes(PAGE),
            exclusive: true,
            access: Access::Everyone,
        });
        match self.host.open(PROBE, name, Rights::READ, create) {
            Err(error) => error == Error::NameTaken,
            Ok(_) => {
                self.host.close(PROBE);
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
    pub(crate) fn note<R>(&mut self, said: Result<R>) -> Result<R> {
        if !matches!(said, Err(Error::WouldBlock)) {
            self.sleeps.store(0, Relaxed);
        }
        said
    }

    /// Those who were refused may try again.
    pub(crate) fn make_room(&mut self) {
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

impl Drop for Objects {
    fn drop(&mut self) {
        if self.in_use {
            verdict::ends();
        }
    }
}
