//! The boards under `firmware`, in QEMU: the same bytes as in the simulation, a storm of interrupts,
//! a serial port.
//!
//! They need QEMU and the boards' targets. Where these cannot be had, a test says so and why, in a
//! line that begins with `SKIPPED`, and `.ci/run` fails.

mod board;
mod simulation;
mod sizes;

use board::{ALL, CORTEX_M3};
use postroom::Policy;
use simulation::{first_difference, simulate};
use sizes::measure;

/// What the program `schedules` runs: three seeds, and with each how many bytes the pipes hold;
/// two policies.
fn schedules() -> impl Iterator<Item = (Policy, usize)> {
    [(1, 7), (2, 30), (3, 64)].into_iter().flat_map(|(seed, capacity)| {
        [Policy::RoundRobin, Policy::Random(seed)].map(|policy| (policy, capacity))
    })
}

#[test]
fn a_new_user_sees_the_scenarios_of_the_simulation() {
    for board in ALL {
        let Some(run) = board.run("scenarios", &[], "") else { continue };
        assert!(run.success, "{}: {}", board.name, run.output);
        let simulated = simulate([(Policy::Priority, 64)].into_iter());
        assert_eq!(first_difference(&run.output, &simulated), None, "{}", board.name);
    }
}

#[test]
fn every_event_is_the_same_as_in_the_simulation() {
    let simulated = simulate(schedules());
    assert_eq!(simulated.matches("== ").count(), 8 * 3 * 2);
    for board in ALL {
        let Some(run) = board.run("schedules", &[], "") else { continue };
        assert!(run.success, "{}: {}", board.name, run.output);
        assert_eq!(first_difference(&run.output, &simulated), None, "{}", board.name);
    }
}

#[test]
fn one_event_that_differs_is_found() {
    let simulated = simulate(schedules());
    assert_eq!(first_difference(&simulated, &simulated), None);
    // One digit of the last copy; the last line is gone.
    let at = simulated.rfind("bytes: ").unwrap() + "bytes: ".len();
    let mut changed = simulated.clone();
    changed.replace_range(at..=at, "x");
    assert!(first_difference(&changed, &simulated).is_some());
    let short = simulated.trim_end().rsplit_once('\n').unwrap().0;
    assert!(first_difference(short, &simulated).is_some());
}

#[test]
fn a_hundred_thousand_interrupts_lose_no_byte_that_fitted_and_no_wake() {
    for board in ALL {
        let Some(run) = board.run("storm", &[], "") else { continue };
        // The board checks; this reads what it says.
        assert!(run.success, "{}: {}", board.name, run.output);
        assert!(run.output.starts_with("100000 interrupts: "), "{}", run.output);
        assert!(run.output.contains(" 0 wakes missed"), "{}", run.output);
    }
}

#[test]
fn the_serial_port_is_a_device_like_any_other() {
    let long = "forty-one bytes that no queue of a UART has room for\n".repeat(20);
    let lines = format!("Hello World!\n\n{long}why so serious?\nbye\n");
    let Some(run) = CORTEX_M3.run("echo", &[], &lines) else { return };
    assert!(run.success, "{}", run.output);
    assert_eq!(run.output, lines);
}

#[test]
fn a_line_of_any_length_comes_back_and_the_end_of_the_input_ends_the_program() {
    // The last 4 bytes of the first are a piece of their own, and no last line.
    let lines = ["x".repeat(64) + "bye", "y".repeat(63), "z".repeat(64), "long".repeat(300)];
    let lines = lines.join("\n");
    for (end, more) in
        [("\nbye\n", ""), ("\n", "\x04"), ("", "\x04"), ("ab", "\x04"), ("\nhalf", "\x04")]
    {
        let expected = format!("{lines}{end}");
        let Some(run) = CORTEX_M3.run("echo", &[], &format!("{expected}{more}")) else { return };
        assert!(run.success, "{end:?}: {}", run.output);
        assert_eq!(run.output, expected);
    }
}

/// The rows of the README's table, as `| program | board | flash | RAM |`: within a tenth, since
/// every compiler makes something else of it.
#[test]
fn programs_are_as_large_as_the_readme_says() {
    let readme = include_str!("../../README.md");
    let programs = [
        ("smallest", &["--features", "small"][..], "`smallest`, mailboxes and pipes alone"),
        ("smallest", &[], "`smallest`, every mechanism"),
        ("scenarios", &[], "`scenarios`"),
    ];
    for (program, features, row) in programs {
        let options = [&["--release"], features].concat();
        for board in ALL {
            let Some(file) = board.build(program, &options) else { continue };
            let size = measure(&file);
            if program == "smallest" {
                let run = board.run(program, &options, "").unwrap();
                assert!(run.success, "{}: {}", board.name, run.output);
            }
            if !features.is_empty() {
                assert!(size.ram < 2048, "{}: {size:?}", board.name);
            }
            let start = format!("| {row} | {} |", board.name);
            let Some(told) = readme.lines().find_map(|line| line.strip_prefix(&start)) else {
                panic!("the README has no row `{start}`; it has {size:?}");
            };
            let told: Vec<usize> =
                told.split('|').filter_map(|it| it.trim().replace(',', "").parse().ok()).collect();
            let near = |told: usize, measured| told.abs_diff(measured) <= told / 10;
            assert!(near(told[0], size.flash) && near(told[1], size.ram), "{start} {size:?}");
        }
    }
}
