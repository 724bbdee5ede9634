//! Bytes per task, channel and handle, on a PC and on a Cortex-M3: `docs/bench/memory.md`.

use std::fmt::Write;
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use benches::memory::{Build, ROWS};
use clap::Parser;

/// Says how many bytes of a kernel are for what, and writes it to docs/bench/memory.md.
#[derive(Parser)]
struct Arguments {
    /// Only print.
    #[arg(long)]
    dry_run: bool,
}

fn main() -> ExitCode {
    // Whoever reads only the beginning, as `head` does, ends it.
    sigpipe::reset();
    let arguments = Arguments::parse();
    match table() {
        Ok(table) => {
            print!("{table}");
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/bench/memory.md");
            if !arguments.dry_run
                && let Err(error) = fs::write(path, table)
            {
                eprintln!("docs/bench/memory.md: {error}");
                return ExitCode::from(2);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            eprintln!("If a target is missing: rustup target add thumbv7m-none-eabi");
            ExitCode::from(2)
        }
    }
}

/// The table, in Markdown.
fn table() -> io::Result<String> {
    let version = Command::new("rustc").arg("-vV").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| io::Error::other("rustc does not say what it runs on"))?;
    let board = "thumbv7m-none-eabi";
    let builds = [
        Build { name: "PC", target: host.to_owned(), features: "" },
        Build { name: "Cortex-M3", target: board.to_owned(), features: "" },
        Build { name: "Cortex-M3, `small`", target: board.to_owned(), features: "small" },
    ];
    let folder = env::current_exe()?.with_file_name("memory-sizes");
    let sizes = builds.each_ref().map(|build| {
        eprintln!("building for {} {}", build.target, build.features);
        build.sizes(&folder)
    });
    let mut columns = Vec::new();
    for size in sizes {
        columns.push(size?);
    }

    let rustc = version.lines().next().unwrap_or_default();
    let mut text = format!(
        "# Memory\n\nBytes, as {rustc} lays them out. A ring's bytes come on top, as many as the kernel \
         is given.\nParts may come to a few bytes less or more than the whole: tables are rounded to words.\nWritten by `cargo run -p benches --bin memory`.\n\n|"
    );
    let names = builds.iter().map(|build| build.name);
    let heads: Vec<_> = ["what"].into_iter().chain(names).collect();
    for head in &heads {
        let _ = write!(text, " {head} |");
    }
    text += "\n|---|--:|--:|--:|\n";
    for (row, size) in ROWS {
        // Indents are not shown in a table otherwise.
        let indented = row.replace("  - ", "&emsp;&emsp;").replace("- ", "&emsp;");
        let _ = write!(text, "| {indented} |");
        for column in &columns {
            let size = size(column).map_or("-".to_owned(), |size| size.to_string());
            let _ = write!(text, " {size} |");
        }
        text += "\n";
    }
    Ok(text)
}
