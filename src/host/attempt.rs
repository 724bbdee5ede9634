//! A connection in the making: which addresses are left to be tried.

use std::collections::VecDeque;
use std::string::String;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::vec::Vec;

use rustix::net::SocketAddrAny;

use super::resolve::Addresses;
use crate::kernel::{Error, Result};

/// A connection in the making.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) to: String,
    /// Whoever asks for the addresses, until they are known.
    asked: Option<Receiver<Result<Vec<SocketAddrAny>>>>,
    /// The address that is tried, and those that are left.
    pub(super) addresses: VecDeque<SocketAddrAny>,
    /// The system works on it.
    pub(super) begun: bool,
}

impl Attempt {
    pub(super) fn new(to: &str, addresses: Addresses) -> Self {
        let (asked, addresses) = match addresses {
            Addresses::Known(addresses) => (None, addresses.into()),
            Addresses::Asked(asked) => (Some(asked), VecDeque::new()),
        };
        Self { to: String::from(to), asked, addresses, begun: false }
    }

    /// Whether the addresses are known by now.
    pub(super) fn is_answered(&mut self) -> Result<bool> {
        let Some(asked) = &self.asked else { return Ok(true) };
        match asked.try_recv() {
            Ok(answer) => self.addresses = answer?.into(),
            Err(TryRecvError::Empty) => return Ok(false),
            Err(TryRecvError::Disconnected) => return Err(Error::NoSuchName),
        }
        self.asked = None;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::mpsc::channel;

    use rustix::net::AddressFamily;

    use super::super::address::Scheme;
    use super::super::socket::Socket;
    use super::*;

    #[test]
    fn a_resolver_that_takes_its_time_makes_only_the_one_wait_who_connects() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = SocketAddrAny::from(listener.local_addr().unwrap());
        let mut socket = Socket::new(Scheme::Tcp, AddressFamily::INET).unwrap();
        let (tell, told) = channel();
        let asked = || Ok(Addresses::Asked(told));
        assert_eq!(socket.connect("name", asked), Err(Error::WouldBlock));
        assert!(socket.retries);
        let not_again = || -> Result<Addresses> { panic!("it has been asked for") };
        assert_eq!(socket.connect("name", not_again), Err(Error::WouldBlock));
        tell.send(Ok(std::vec![address])).unwrap();
        let connected = core::iter::repeat_with(|| socket.connect("name", not_again))
            .find(|said| *said != Err(Error::WouldBlock));
        assert_eq!(connected, Some(Ok(())));
        assert!(listener.accept().is_ok() && !socket.retries);

        let mut socket = Socket::new(Scheme::Tcp, AddressFamily::INET).unwrap();
        let (tell, told) = channel();
        let asked = || Ok(Addresses::Asked(told));
        assert_eq!(socket.connect("name", asked), Err(Error::WouldBlock));
        drop(tell);
        assert_eq!(socket.connect("name", not_again), Err(Error::NoSuchName));
    }
}
