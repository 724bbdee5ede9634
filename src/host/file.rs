//! Socket files: a stale one is told from a live one, and none is left behind (law 68).

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, connect};

use super::errno::{meaning, system};
use super::fresh;
use crate::kernel::{Error, Result};

/// The file of a bound socket. It goes with the socket, unless someone else's is there by now.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
}

impl SocketFile {
    /// Binds a socket to a path. A file that a dead program has left is replaced. Two programs
    /// that find the same one at the same time can take the name from each other, as with any
    /// way of removing it.
    pub(super) fn bind(socket: impl AsFd, path: &str) -> Result<Option<Self>> {
        let address = SocketAddrUnix::new(path).map_err(meaning)?;
        let mut bound = bind(&socket, &address);
        if bound == Err(Errno::ADDRINUSE) && is_stale(path, &address) {
            remove(path)?;
            bound = bind(&socket, &address);
        }
        bound.map_err(meaning)?;
        // The program may change its directory before the file is removed.
        let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        Ok(inode(&path).map(|inode| Self { path, inode }))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if inode(&self.path) == Some(self.inode) {
            // Nobody is there to be told.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok()?;
    found.file_type().is_socket().then(|| (found.dev(), found.ino()))
}

/// Whether no socket is bound to this file any more. A datagram socket asks: to connect it is no
/// event for whoever is there, and a socket of another kind is told of too.
fn is_stale(path: &str, address: &SocketAddrUnix) -> bool {
    let probe = fresh::socket(AddressFamily::UNIX, SocketType::DGRAM);
    inode(Path::new(path)).is_some()
        && probe.is_ok_and(|probe| {
            retry_on_intr(|| connect(&probe, address)) == Err(Errno::CONNREFUSED)
        })
}

/// Removes a socket file.
pub(super) fn unlink(path: &str) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => remove(path),
        Ok(_) => Err(Error::WrongKind),
        Err(error) => Err(Error::from(error)),
    }
}

fn remove(path: &str) -> Result<()> {
    system(|| rustix::fs::unlink(path))
}

/// The path by which any end of an open object can be opened anew.
#[cfg(target_os = "linux")]
pub(super) fn reopening(number: i32) -> PathBuf {
    PathBuf::from(std::format!("/proc/self/fd/{number}"))
}
