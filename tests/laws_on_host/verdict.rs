//! Where a test runs, and whether it is where the lists say.
//!
//! | the test | runs |
//! |---|---|
//! | is on no list | on the host, uses an object of it, and holds |
//! | has no object there | over the host, and uses nothing of it |
//! | is listed | on the host, in another process, and fails; here on the kernel's own objects |
//!
//! A test is known by the name of its thread, which the test runner gives it.

use std::cell::{Cell, OnceCell};
use std::env;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, RwLock, RwLockReadGuard};

use crate::listed::{LISTED, Why};
use crate::no_object::has_no_object;

/// Is set in the process that runs the listed tests to see them fail.
const TO_FAIL: &str = "POSTROOM_LAW_TO_FAIL";

enum Place {
    OnHost(#[expect(dead_code, reason = "it is held")] RwLockReadGuard<'static, ()>),
    WithoutObject,
    Listed,
    /// On the host, whatever comes of it.
    ToFail,
}

thread_local! {
    static PLACE: OnceCell<Place> = const { OnceCell::new() };
    static USED: Cell<bool> = const { Cell::new(false) };
}

/// Is held by tests on the host. A process that begins has for a moment all descriptors of the one
/// that begins it: what a test closes then is not closed yet.
static DESCRIPTORS: RwLock<()> = RwLock::new(());

/// What a process says that runs all listed tests on the host.
static FAILURES: LazyLock<String> = LazyLock::new(|| {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(TO_FAIL, "1").env("RUST_BACKTRACE", "0").env_remove("RUST_TEST_NOCAPTURE");
    let to_fail = LISTED.iter().filter(|(why, _)| !matches!(why, Why::NotRun(_)));
    command.arg("--exact").args(to_fail.flat_map(|(_, tests)| *tests));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let begun = {
        let _nobody = DESCRIPTORS.write().unwrap();
        command.spawn().unwrap()
    };
    String::from_utf8(begun.wait_with_output().unwrap().stdout).unwrap()
});

fn with_place<R>(f: impl FnOnce(&Place) -> R) -> R {
    PLACE.with(|place| {
        f(place.get_or_init(|| {
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            match LISTED.iter().find(|(_, tests)| tests.contains(&&*name)) {
                _ if env::var_os(TO_FAIL).is_some() => Place::ToFail,
                Some((Why::NotRun(_), _)) => Place::Listed,
                Some((why, _)) => {
                    see_that_it_failed(&name, *why);
                    Place::Listed
                }
                None if has_no_object(&name) => Place::WithoutObject,
                None => Place::OnHost(DESCRIPTORS.read().unwrap()),
            }
        }))
    })
}

fn see_that_it_failed(test: &str, why: Why) {
    let ended = |how: &str| FAILURES.lines().any(|line| line == format!("test {test} ... {how}"));
    assert!(!ended("ok"), "it holds on the host: take it off the list of {why:?}");
    assert!(ended("FAILED"), "it did not come to its end:\n{}", *FAILURES);
}

/// Whether plain names are the host's.
pub(crate) fn is_on_host() -> bool {
    with_place(|place| !matches!(place, Place::Listed))
}

/// Takes note that a test uses an object of the host.
pub(crate) fn uses_an_object() {
    USED.set(true);
    let may = with_place(|place| !matches!(place, Place::WithoutObject));
    assert!(may, "it uses an object of the host: take it off the list of those without");
}

/// Takes note that a test has devices of its own.
pub(crate) fn has_devices_of_its_own() {
    let is_listed = with_place(|place| matches!(place, Place::WithoutObject));
    assert!(is_listed, "it has devices of its own: put it on the list of those without an object");
}

/// Takes note that a kernel goes. No test makes one first that uses nothing, and then one that does.
pub(crate) fn ends() {
    let needs_one = with_place(|place| matches!(place, Place::OnHost(_)));
    if needs_one && !USED.get() && !std::thread::panicking() {
        panic!("it uses no object of the host: put it on the list of those without");
    }
}
