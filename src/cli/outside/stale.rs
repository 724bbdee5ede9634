//! What runs have left that could remove nothing, because they were killed.
//!
//! A run holds its directory locked (flock(2)), and the system lets go of a lock with the process
//! that has it. So a directory that can be locked is nobody's; the next run removes it. Process
//! numbers would not tell: they are given again, and differ between containers.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::mqueue::mq_unlink;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::devices::queue_of;
use super::directory::system_name;

/// How the names of all directories of runs begin; the number of the run follows.
pub(super) const BEGINS: &str = "postroom-";

/// Locks the directory of a run: `None` if another process has it, or has just removed it.
pub(super) fn lock(path: &Path) -> io::Result<Option<File>> {
    let directory = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(None),
        locked => locked?,
    }
    let is_there = fs::symlink_metadata(path).is_ok_and(|there| {
        directory.metadata().is_ok_and(|it| (it.dev(), it.ino()) == (there.dev(), there.ino()))
    });
    Ok(is_there.then_some(directory))
}

/// Removes what runs of this user have left in a directory, and their message queues. What cannot be
/// removed is left to the next one.
pub(super) fn remove(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(BEGINS)?.split('-').next());
        let Some(run) = number.and_then(|number| number.parse().ok()) else { continue };
        let is_ours = |it: fs::Metadata| it.is_dir() && it.uid() == geteuid().as_raw();
        let path = entry.path();
        // A link is not followed.
        if !fs::symlink_metadata(&path).is_ok_and(is_ours) {
            continue;
        }
        if let Ok(Some(_lock)) = lock(&path) {
            let files = fs::read_dir(&path).into_iter().flatten().flatten();
            for file in files.map(|file| file.file_name()) {
                if let Some(queue) = file.to_str().and_then(queue_of) {
                    let _ = mq_unlink(system_name(run, queue).as_str());
                }
            }
            let _ = fs::remove_dir_all(&path);
        }
    }
}
