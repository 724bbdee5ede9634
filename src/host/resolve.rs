//! From a name to addresses: at once where nobody has to be asked, or in a thread that asks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::string::String;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::vec::Vec;

use rustix::net::{AddressFamily, SocketAddrAny, SocketAddrUnix};

use super::address::Place;
use super::errno::meaning;
use crate::kernel::{Error, Result};

/// The most addresses of one host name that are tried.
const ADDRESSES: usize = 8;

/// The addresses of a place, in the order in which to try them; or whoever asks for them.
#[derive(Debug)]
pub(super) enum Addresses {
    Known(Vec<SocketAddrAny>),
    Asked(Receiver<Result<Vec<SocketAddrAny>>>),
}

impl Place<'_> {
    /// The addresses, if they are in the name itself.
    fn known(self) -> Option<Result<Vec<SocketAddrAny>>> {
        match self {
            Self::Path(path) => Some(match SocketAddrUnix::new(path) {
                Ok(address) => Ok(std::vec![address.into()]),
                Err(errno) => Err(meaning(errno)),
            }),
            Self::Internet(text) => {
                known(text).map(|found| Ok(found.into_iter().map(SocketAddrAny::from).collect()))
            }
            Self::Alias(_) => Some(Err(Error::NoSuchName)),
        }
    }

    /// The addresses, however long that takes.
    pub(super) fn resolve(self) -> Result<Vec<SocketAddrAny>> {
        self.known().unwrap_or_else(|| match self {
            Self::Internet(text) => ask(text),
            _ => Err(Error::NoSuchName),
        })
    }

    /// The addresses, or a thread that asks for them.
    pub(super) fn resolve_elsewhere(self) -> Result<Addresses> {
        match (self.known(), self) {
            (None, Self::Internet(text)) => {
                let (text, (tell, told)) = (String::from(text), channel());
                let thread = Builder::new().name(String::from("resolver"));
                // Whoever wanted to know may have given up.
                let asks = thread.spawn(move || drop(tell.send(ask(&text))));
                asks.map(|_| Addresses::Asked(told)).map_err(|_| Error::TasksFull)
            }
            (known, _) => known.unwrap_or(Err(Error::NoSuchName)).map(Addresses::Known),
        }
    }

    /// The family of the first address; of one that is not known, the likely one.
    pub(super) fn family(self) -> Result<AddressFamily> {
        let known = self.known().transpose()?.unwrap_or_default();
        Ok(known.first().map_or(AddressFamily::INET, SocketAddrAny::address_family))
    }
}

/// The addresses of a host for which nobody is asked: a number, and this machine's own name (RFC
/// 6761, 6.3).
fn known(text: &str) -> Option<Vec<SocketAddr>> {
    if let Ok(address) = text.parse() {
        return Some(std::vec![address]);
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let own = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let own = own.map(|address| SocketAddr::new(address, port));
    host.eq_ignore_ascii_case("localhost").then(|| own.to_vec())
}

/// Asks the system's resolver, which has no errors that a program could tell apart.
fn ask(text: &str) -> Result<Vec<SocketAddrAny>> {
    let found = text.to_socket_addrs().map_err(|_| Error::NoSuchName)?;
    let addresses: Vec<_> = found.take(ADDRESSES).map(SocketAddrAny::from).collect();
    if addresses.is_empty() { Err(Error::NoSuchName) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_asked_for_a_number_or_for_this_machine() {
        let known = |text| known(text).map(|found| std::format!("{found:?}"));
        assert_eq!(known("127.0.0.1:7000").as_deref(), Some("[127.0.0.1:7000]"));
        assert_eq!(known("[::1]:7000").as_deref(), Some("[[::1]:7000]"));
        assert_eq!(known("localhost:7").as_deref(), Some("[127.0.0.1:7, [::1]:7]"));
        assert_eq!(known("LocalHost:7").as_deref(), Some("[127.0.0.1:7, [::1]:7]"));
        assert_eq!(known("localhost.example:7"), None);
        let elsewhere = Place::Internet("host.invalid:7").resolve_elsewhere();
        let Ok(Addresses::Asked(told)) = elsewhere else { panic!("{elsewhere:?}") };
        assert_eq!(told.recv(), Ok(Err(Error::NoSuchName)));
    }
}
