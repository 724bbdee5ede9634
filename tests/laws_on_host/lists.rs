//! What the lists say, and that they are right about what can be known without running a test.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use crate::listed::{LISTED, Why};
use crate::no_object::{MODULES, OWN_DEVICES, TESTS, has_no_object};

/// The tests of the laws, but for those of the page, which run nothing.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/laws")).unwrap() {
        let path = file.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap();
        let source = fs::read_to_string(&path).unwrap();
        let lines = source.lines();
        let below = lines.clone().zip(lines.skip(1)).filter(|(above, _)| *above == "#[test]");
        let names = below.filter_map(|(_, line)| line.strip_prefix("fn ")?.split_once('('));
        tests.extend(names.map(|(name, _)| format!("{module}::{name}")));
    }
    tests.retain(|test| !test.starts_with("page::"));
    tests
}

#[test]
fn each_listed_test_is_one_of_the_laws_and_listed_once() {
    let (tests, mut seen) = (tests(), BTreeSet::new());
    let listed = LISTED.iter().flat_map(|(_, listed)| *listed);
    for test in listed.chain(OWN_DEVICES).chain(TESTS) {
        assert!(tests.contains(*test), "there is no test {test}");
        assert!(seen.insert(*test), "{test} is listed twice");
        assert!(MODULES.iter().all(|module| !test.starts_with(module)), "{test} is listed twice");
    }
}

#[test]
fn each_difference_is_a_row_of_the_readme() {
    let page = include_str!("../../README.md");
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.contains("_differs_") || line.contains("law_57_"))
        .collect();
    for (why, _) in LISTED {
        if let Why::Row(words) = why {
            let found = rows.iter().filter(|row| row.contains(&format!("| {words}"))).count();
            assert_eq!(found, 1, "rows that say: {words}");
        }
    }
}

#[test]
fn it_is_said_how_many_tests_are_where() {
    let tests = tests();
    let mut counts = BTreeMap::new();
    for (why, listed) in LISTED {
        *counts.entry(*why).or_insert(0) += listed.len();
    }
    let (listed, without): (usize, usize) =
        (counts.values().sum(), tests.iter().filter(|test| has_no_object(test)).count());
    let mut text = format!(
        "{} tests of the laws: {} hold on the host, {without} have no object there, {listed} do not \
         hold there, for these reasons:\n",
        tests.len(),
        tests.len() - listed - without,
    );
    for (why, count) in counts {
        text += &format!("{count:4} {why:?}\n");
    }
    // Past the test runner, which would keep it to itself.
    io::stderr().write_all(text.as_bytes()).unwrap();
}
