//! What runs have left that could remove nothing, because they were killed.
//!
//! A run holds its directory locked (flock(2)), and the system lets go of a lock with the process
//! that has it. So a directory that can be locked is nobody's; the next run removes it. Process
//! numbers would not tell: they are given again, and differ between containers.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use nix::mqueue::mq_unlink;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::devices::queue_of;
use super::directory::system_name;

/// The name of a directory of this run: one, if it is there already, of another number.
pub(super) fn name_of(run: u32, number: u32) -> String {
    format!("postroom-{run}-{number}")
}

/// The run that makes directories of this name.
fn run_of(name: &OsStr) -> Option<u32> {
    let name = name.to_str()?;
    let (run, number) = name.strip_prefix("postroom-")?.split_once('-')?;
    let run = run.parse().ok()?;
    (name_of(run, number.parse().ok()?) == name).then_some(run)
}

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
        let Some(run) = run_of(&entry.file_name()) else { continue };
        let is_ours = |it: fs::Metadata| it.is_dir() && it.uid() == geteuid().as_raw();
        let path = entry.path();
        // A link is not followed.
        if fs::symlink_metadata(&path).is_ok_and(is_ours)
            && let Ok(Some(_lock)) = lock(&path)
        {
            let _ = remove_one(&path, run);
        }
    }
}

/// Removes the directory of this run, if this is it.
pub(super) fn remove_own(path: &Path, run: u32) {
    if path.file_name().and_then(run_of) == Some(run) {
        // Nobody is there to be told of what cannot be removed.
        let _ = remove_one(path, run);
    }
}

/// Removes a directory of a run. One that holds what no run makes is something else.
fn remove_one(path: &Path, run: u32) -> io::Result<()> {
    let files: Vec<_> = fs::read_dir(path)?.collect::<io::Result<_>>()?;
    for file in &files {
        let kind = file.file_type()?;
        if !kind.is_fifo() && !kind.is_socket() {
            return Ok(());
        }
    }
    for file in files {
        if let Some(queue) = file.file_name().to_str().and_then(queue_of) {
            let _ = mq_unlink(system_name(run, queue).as_str());
        }
        match fs::remove_file(file.path()) {
            // Another task of the run was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    fs::remove_dir(path)
}
