//! Runs whose objects are the system's: on one core, or with a process for each task.

use std::io;

use postroom::scenario::{Scenario, Stage};
use postroom::{Executor, Host, Policy};

use super::super::Failure;
use super::super::console::Console;
use super::super::outside::{Away, Directory, Namespace, Outside};
use super::super::processes;
use super::{Log, Options, Played, Verdict, machine, not_started};

/// Runs a scenario to its end on one core, with objects of the system.
pub(super) fn play(
    scenario: &Scenario,
    log: Log<'_>,
    policy: Policy,
    stage: Stage<'_>,
) -> Result<Played, Failure> {
    let trouble = |error: io::Error| Failure::new(format_args!("cannot set up the run"), &error);
    let directory = Directory::new(|| ()).map_err(trouble)?;
    let host = Host::new().map_err(trouble)?;
    let devices = Outside::new(host, std::process::id(), true, directory.opened(), |_| ());
    let kernel = machine(devices, log);
    let namespace = Namespace::new(&*kernel);
    let mut executor = Executor::with_policy(&*kernel, policy);
    let mut crew = Away { crew: &mut executor, directory: &directory, namespace: &namespace };
    let verdict = match (scenario.start)(&mut crew, stage) {
        Err(error) => not_started(error),
        Ok(()) => Verdict::of(executor.run()),
    };
    Ok(Played::new(verdict, &kernel))
}

/// Runs a scenario to its end, with a process for each task.
pub(super) fn play_processes(
    scenario: &Scenario,
    options: &Options,
    console: &Console,
    stage: Stage<'_>,
) -> Result<Played, Failure> {
    let numbers = [
        ("--capacity", options.capacity),
        ("--messages", options.messages),
        ("--items", options.items),
        ("--workers", options.workers),
    ];
    let mut arguments = vec!["run".to_owned(), options.scenario.clone()];
    arguments.extend(numbers.iter().flat_map(|(name, n)| [(*name).to_owned(), n.to_string()]));
    arguments.extend(options.ordered.then(|| "--ordered".to_owned()));
    arguments.extend(options.strace.then(|| "--strace".to_owned()));
    let ended = processes::parent(scenario, &arguments, console, stage)?;
    let verdict = match ended.failure {
        None => Verdict::Done,
        Some(reason) if ended.is_deadlock => Verdict::Deadlock(reason),
        Some(reason) => Verdict::Failed(reason),
    };
    let (cost, ticks, partly_counted) = (ended.cost, ended.ticks, ended.partly_counted);
    Ok(Played { verdict, cost, events: None, ticks, partly_counted })
}
