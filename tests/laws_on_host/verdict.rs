//! Where a test runs, and whether it is where the lists say.
//!
//! | the test | runs |
//! |---|---|
//! | is on no list | on the host, uses an object of it, and holds |
//! | has no object there | over the host, and uses nothing of it |
//! | is listed | on the host, in a process of its own, and fails; then on the kernel's own objects |
//!
//! A test is known by the name of its thread, which the test runner gives it.

use std::cell::{Cell, OnceCell};
use std::env;
use std::process::Command;

use crate::listed::{LISTED, Why};
use crate::no_object::has_no_object;

/// Is set in a process that runs a listed test to see it fail.
const TO_FAIL: &str = "POSTROOM_LAW_TO_FAIL";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    OnHost,
    WithoutObject,
    Listed,
    /// On the host, whatever comes of it.
    ToFail,
}

thread_local! {
    static PLACE: OnceCell<Place> = const { OnceCell::new() };
    static USED: Cell<bool> = const { Cell::new(false) };
}

fn name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

fn place() -> Place {
    PLACE.with(|place| {
        *place.get_or_init(|| {
            let name = name();
            let why = LISTED.iter().find(|(_, tests)| tests.contains(&&*name));
            match why {
                _ if env::var_os(TO_FAIL).is_some() => Place::ToFail,
                Some((Why::NotRun(_), _)) => Place::Listed,
                Some((why, _)) => {
                    see_it_fail(&name, *why);
                    Place::Listed
                }
                None if has_no_object(&name) => Place::WithoutObject,
                None => Place::OnHost,
            }
        })
    })
}

/// Runs a listed test on the host.
fn see_it_fail(test: &str, why: Why) {
    let mut command = Command::new(env::current_exe().unwrap());
    let ran = command.args(["--exact", test]).env(TO_FAIL, "1").env("RUST_BACKTRACE", "0").output();
    let ran = ran.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(!ran.status.success(), "it holds on the host: take it off the list of {why:?}");
    assert!(said.contains("0 passed; 1 failed"), "it did not fail, but something else: {said}");
}

/// Whether plain names are the host's.
pub(crate) fn is_on_host() -> bool {
    place() != Place::Listed
}

/// Takes note that a test uses an object of the host.
pub(crate) fn uses_an_object() {
    USED.set(true);
    assert!(
        place() != Place::WithoutObject,
        "it uses an object: take it off the list of those without"
    );
}

/// Takes note that a test has devices of its own.
pub(crate) fn has_devices_of_its_own() {
    assert!(place() == Place::WithoutObject, "it is to be on the list of those without an object");
}

/// Takes note that a kernel goes. No test makes one first that it does not use, and then one that
/// it does.
pub(crate) fn ends() {
    if place() == Place::OnHost && !USED.get() && !std::thread::panicking() {
        panic!("it uses no object of the host: put it on the list of those without");
    }
}
