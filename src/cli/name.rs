//! Names of the host on the command line: which sort they are of, and what was wrong with one.

use std::fmt;
use std::path::Path;

use postroom::Error;

use super::Failure;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Connections that carry bytes.
    Stream,
    /// Connections that carry messages.
    Sequenced,
    /// Single messages.
    Datagram,
    /// A message queue.
    Queue,
}

/// The schemes, their sorts, and how their names are written.
const SCHEMES: [(&str, Sort, &str); 6] = [
    ("unix", Sort::Stream, "unix:PATH"),
    ("tcp", Sort::Stream, "tcp:HOST:PORT"),
    ("unix-seqpacket", Sort::Sequenced, "unix-seqpacket:PATH"),
    ("unix-datagram", Sort::Datagram, "unix-datagram:PATH"),
    ("udp", Sort::Datagram, "udp:HOST:PORT"),
    ("mq", Sort::Queue, "mq:/NAME, with one slash"),
];

impl Sort {
    /// The sort of a name, or why one cannot `verb` what has this name.
    pub(super) fn of(verb: &str, name: &str) -> Result<Self, Failure> {
        let scheme = name.split_once(':').map(|it| it.0).filter(|scheme| !scheme.is_empty());
        let found = SCHEMES.iter().find(|known| Some(known.0) == scheme);
        found.map(|known| known.1).ok_or_else(|| {
            let known: Vec<_> = SCHEMES.iter().map(|known| known.0).collect();
            let known = known.join(", ");
            let name = Shown(name);
            Failure::Said(match scheme {
                Some(scheme) => {
                    let scheme = Shown(scheme);
                    format!("cannot {verb} {name}: no server's is `{scheme}:`; there are {known}")
                }
                None => format!(
                    "cannot {verb} {name}: a name begins with what it is, as unix:PATH; \
                     there are {known}"
                ),
            })
        })
    }
}

/// A name as part of a line, whatever is in it.
struct Shown<'n>(&'n str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("``");
        }
        self.0.chars().try_for_each(|letter| match letter {
            letter if letter.is_control() => write!(f, "{}", letter.escape_default()),
            letter => write!(f, "{letter}"),
        })
    }
}

/// What went wrong with a name: `cannot serve tcp:nowhere: ...`.
pub(super) fn failure(verb: fmt::Arguments<'_>, name: &str, error: Error) -> Failure {
    Failure::Said(format!("cannot {verb} {}: {}", Shown(name), reason(name, error)))
}

/// What an error means for a file that the program was given.
pub(super) fn of_file(error: Error) -> String {
    let text = match error {
        Error::ChannelsFull => "No space left on device",
        Error::WrongKind => "Is a directory",
        Error::NoRight => "Permission denied",
        error => return error.to_string(),
    };
    text.to_owned()
}

/// What an error means for a name of this scheme.
fn reason(name: &str, error: Error) -> String {
    let (scheme, rest) = name.split_once(':').unwrap_or(("", name));
    let is_path = scheme.starts_with("unix");
    let text = match error {
        Error::BadName => {
            let form = SCHEMES.iter().find(|known| known.0 == scheme).map_or("", |known| known.2);
            return format!("this is no such name; it is written {form}");
        }
        Error::NameTooLong if is_path => {
            return format!(
                "the path has {} bytes; that of a socket has 107 at the most",
                rest.len()
            );
        }
        Error::AddressInUse | Error::ConnectionRefused if is_path && Path::new(rest).is_dir() => {
            "this is a directory"
        }
        Error::AddressInUse | Error::ConnectionRefused if is_path && Path::new(rest).is_file() => {
            "this is a file, and no socket"
        }
        Error::AddressInUse => "the address is in use: somebody serves it already",
        Error::ConnectionRefused => "connection refused: nobody serves it",
        Error::NoSuchName if is_path => "no such file or directory",
        Error::NoSuchName if scheme == "mq" => "there is no such queue",
        Error::NoSuchName => "no such host is known here, or it cannot be reached",
        Error::WrongKind => "the socket there is of another kind",
        Error::NoRight => "permission denied",
        Error::MessageTooLong => "the message is longer than it takes",
        Error::HandlesFull => "this process has no descriptors left (ulimit -n)",
        Error::ChannelsFull => "the system has no room left for it",
        error => return error.to_string(),
    };
    text.to_owned()
}
