//! The pictures in `docs/bench` of what `cargo bench -p benches -- --json FILE` wrote.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use benches::picture::{Lines, Series};
use benches::results::{Measured, Results};
use clap::Parser;

/// Draws cost by message size and cost by number of pairs into docs/bench.
#[derive(Parser)]
struct Arguments {
    /// What `cargo bench -p benches -- --json FILE` wrote.
    results: PathBuf,
    /// Where the pictures go.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench"))]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match draw(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn draw(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder)?;
    let results: Results = serde_json::from_str(&fs::read_to_string(&arguments.results)?)?;
    let caption = results.machine.caption();
    for measured in &results.workloads {
        let by_pairs = measured.id.starts_with("pairs");
        if by_pairs || ["send_receive", "round_trip", "streaming"].contains(&&*measured.id) {
            let name = format!("{}.svg", measured.id);
            write(folder, &name, &lines(measured, caption.to_vec()).draw())?;
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, picture: &str) -> Result<(), Box<dyn Error>> {
    let path = folder.join(name);
    fs::write(&path, format!("{picture}\n"))?;
    println!("{}", path.display());
    Ok(())
}

/// A workload's rows, as lines.
fn lines(measured: &Measured, caption: Vec<String>) -> Lines {
    let mut series: Vec<Series> = Vec::new();
    for row in &measured.rows {
        // A cell instead of a lock is a row of the tables; as a line it would hide that of the lock.
        let Some(time) = row.time.as_ref().filter(|_| !row.name.ends_with("RefCell")) else {
            continue;
        };
        let point = (row.at as f64, time.median);
        match series.iter_mut().find(|series| series.name == row.name) {
            Some(series) => series.points.push(point),
            None => series.push(Series {
                name: row.name.clone(),
                role: row.role.clone(),
                points: vec![point],
            }),
        }
    }
    for series in &mut series {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    Lines {
        title: measured.title.clone(),
        height: format!("nanoseconds a {}; beside each name, at its largest size", measured.unit),
        width: measured.axis.clone(),
        caption,
        series,
    }
}
