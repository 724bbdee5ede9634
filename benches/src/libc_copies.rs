//! How glibc copies.
//!
//! Long copies are made with `rep movsb`, which on some processors is several times slower than a
//! loop if source and destination lie badly to each other. Values on a stack often do. So as not to
//! take this for a quality of anybody's channel, the program runs itself anew with the threshold
//! raised.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

const VARIABLE: &str = "GLIBC_TUNABLES";
const THRESHOLD: &str = "glibc.cpu.x86_rep_movsb_threshold";
/// 1 GiB: no message is as long.
const RAISED: &str = "1073741824";

/// Starts the program anew with the threshold raised, unless the environment says something of it.
pub fn without_rep_movsb() {
    let old = env::var(VARIABLE).unwrap_or_default();
    let here = cfg!(all(target_arch = "x86_64", target_env = "gnu"));
    if !here || old.contains(THRESHOLD) {
        return;
    }
    let separator = if old.is_empty() { "" } else { ":" };
    let new = format!("{old}{separator}{THRESHOLD}={RAISED}");
    let failed = env::current_exe().map(|program| {
        Command::new(program).args(env::args_os().skip(1)).env(VARIABLE, new).exec()
    });
    let (Ok(error) | Err(error)) = failed;
    eprintln!("values of 4 KiB may be copied slowly, as {VARIABLE} could not be set: {error}");
}
