//! Names of those who sent datagrams.

use std::collections::VecDeque;
use std::format;
use std::net::SocketAddr;
use std::string::String;

use rustix::net::{SocketAddrAny, SocketAddrUnix};

use super::address::Scheme;
use crate::kernel::{Error, Name, Result};

/// Senders whose names are too long that are remembered; the one that wrote longest ago is
/// forgotten for a new one.
const ALIASES: usize = 64;

/// Senders whose names do not fit a [`Name`], by a number.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    known: VecDeque<(u32, SocketAddrAny)>,
    next: u32,
}

impl Aliases {
    /// The name to which an answer can be sent; `None` if the sender has no name (law 54).
    pub(super) fn name(&mut self, scheme: Scheme, address: SocketAddrAny) -> Option<Name> {
        let text = match written(&address) {
            Written::Nothing => return None,
            Written::Text(text) => Name::of_device(&format!("{}:{text}", scheme.text())),
            Written::Unwritable => None,
        };
        text.or_else(|| {
            let number = self.number(address);
            Name::of_device(&format!("{}:#{number}", scheme.text()))
        })
    }

    /// Who is meant by a number.
    pub(super) fn find(&self, number: u32) -> Result<SocketAddrAny> {
        let found = self.known.iter().find(|known| known.0 == number);
        found.map(|known| known.1.clone()).ok_or(Error::NoSuchName)
    }

    fn number(&mut self, address: SocketAddrAny) -> u32 {
        if let Some(at) = self.known.iter().position(|known| known.1 == address)
            && let Some(known) = self.known.remove(at)
        {
            let number = known.0;
            self.known.push_back(known);
            return number;
        }
        if self.known.len() == ALIASES {
            self.known.pop_front();
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.known.push_back((number, address));
        number
    }
}

enum Written {
    /// It has no name.
    Nothing,
    Text(String),
    /// It has one that is not a text, or would be read as something else.
    Unwritable,
}

fn written(address: &SocketAddrAny) -> Written {
    if let Ok(internet) = SocketAddr::try_from(address.clone()) {
        return Written::Text(format!("{internet}"));
    }
    let Ok(unix) = SocketAddrUnix::try_from(address.clone()) else { return Written::Nothing };
    if let Some(path) = unix.path_bytes() {
        return match core::str::from_utf8(path.strip_suffix(b"\0").unwrap_or(path)) {
            Ok(path) if !path.starts_with('#') && !path.chars().any(char::is_control) => {
                Written::Text(String::from(path))
            }
            _ => Written::Unwritable,
        };
    }
    if has_abstract_name(&unix) { Written::Unwritable } else { Written::Nothing }
}

/// Linux has names outside the file system too.
#[cfg(target_os = "linux")]
fn has_abstract_name(unix: &SocketAddrUnix) -> bool {
    unix.abstract_name().is_some_and(|name| !name.is_empty())
}

#[cfg(target_os = "macos")]
const fn has_abstract_name(_: &SocketAddrUnix) -> bool {
    false
}
