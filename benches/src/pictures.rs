//! The pictures in `docs/bench`: cost by message size, and by number of pairs.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::picture::{Lines, Series};
use crate::results::{Measured, Results};

/// Where they are kept.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench");

/// Draws what there is a picture for of a run, told as JSON, and returns where the pictures are.
///
/// # Errors
/// Those of reading the JSON, and of writing files.
pub fn draw(results: &str, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let results: Results = serde_json::from_str(results)?;
    let caption = results.machine.caption();
    fs::create_dir_all(folder)?;
    let mut drawn = Vec::new();
    for measured in &results.workloads {
        let by_pairs = measured.id.starts_with("pairs");
        if by_pairs || ["send_receive", "round_trip", "streaming"].contains(&&*measured.id) {
            let path = folder.join(format!("{}.svg", measured.id));
            fs::write(&path, format!("{}\n", lines(measured, caption.to_vec()).draw()))?;
            drawn.push(path);
        }
    }
    Ok(drawn)
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
