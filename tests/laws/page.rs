//! The page of laws and the tests agree: no promise without a test, and no test without a promise.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

type Laws = BTreeSet<u32>;

/// The numbers on the page: each stands at the beginning of its line, as `**31. `.
fn promised() -> Laws {
    let page = include_str!("../../docs/laws.md");
    let numbers = page.lines().filter_map(|line| line.strip_prefix("**")?.split_once(". "));
    numbers.filter_map(|(number, _)| number.parse().ok()).collect()
}

/// The numbers in the names of the tests, as `fn law_31_` right after `#[test]`.
fn tested() -> io::Result<Laws> {
    let mut laws = Laws::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws"))? {
        let source = fs::read_to_string(file?.path())?;
        let lines = source.lines().map(str::trim);
        let tests = lines.clone().zip(lines.skip(1)).filter(|(above, _)| *above == "#[test]");
        let names = tests.filter_map(|(_, line)| line.strip_prefix("fn law_")?.split_once('_'));
        laws.extend(names.filter_map(|(number, _)| number.parse::<u32>().ok()));
    }
    Ok(laws)
}

#[test]
fn every_law_has_a_test_that_names_it() {
    let untested = Vec::from_iter(&promised() - &tested().unwrap());
    assert!(untested.is_empty(), "laws without a test: {untested:?}");
}

#[test]
fn every_test_that_names_a_law_names_one_of_the_page() {
    let unknown = Vec::from_iter(&tested().unwrap() - &promised());
    assert!(unknown.is_empty(), "tests of laws that the page does not have: {unknown:?}");
}
