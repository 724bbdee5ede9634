//! Bytes of a kernel, by what they are for: as the compiler lays it out, on several machines.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Command;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// A machine, and what the kernel is built with for it.
pub struct Build {
    /// What its column is called.
    pub name: &'static str,
    /// The compiler's name of it.
    pub target: String,
    /// Features of postroom.
    pub features: &'static str,
}

/// How many bytes a type has, by its name.
pub struct Sizes(BTreeMap<String, u64>);

/// What bytes are for, and how to find out how many; `None` if the compiler does not say.
pub type Row = (&'static str, fn(&Sizes) -> Option<u64>);

/// The rows of the table.
pub const ROWS: &[Row] = &[
    ("a task, all in all", Sizes::task),
    ("- its slot in the table", |it| it.of("table::Slot<TASK>")),
    ("  - its handles", |it| it.of("handles::Handles")),
    ("- what it polls", |it| it.one("interests::Interests")),
    ("- its place among the timers", |it| it.one("timers::Timers")),
    ("- its place in lines", |it| it.one("waits::Waits")),
    ("a channel, without its ring's bytes", Sizes::channel),
    ("- its slot in the table", |it| Some(it.of("table::Slot<CHANNEL>")? - Sizes::RING)),
    ("- its name", |it| it.of("Names<9>")?.checked_sub(it.of("Names<8>")?)),
    ("a handle", |it| it.of("postroom::kernel::handles::Entry")),
    ("what is there but once", Sizes::rest),
    ("a kernel of 4 tasks, 8 channels of 256 bytes", |it| it.of("postroom::Kernel<4, 8, 256>")),
];

impl Build {
    /// Builds the library, and a few kernels of several sizes, and reads what the compiler says.
    ///
    /// # Errors
    /// What the system says, and what the compiler says if it does not know the target.
    pub fn sizes(&self, folder: &Path) -> io::Result<Sizes> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(FOLDER).args(["build", "--quiet", "--release", "--package", "postroom"]);
        cargo.args(["--lib", "--no-default-features", "--features", self.features]);
        cargo.args(["--target", &self.target, "--target-dir"]).arg(folder);
        said(&mut cargo)?;
        let built = folder.join(&self.target).join("release");
        let mut rustc = Command::new("rustc");
        // Only what may change with any compiler says how large a private type is.
        rustc.env("RUSTC_BOOTSTRAP", "1").arg("-Zprint-type-sizes");
        rustc.args(["--edition", "2024", "--crate-type", "lib", "--emit", "obj", "-o"]);
        rustc.arg(built.join("sizes.o")).args(["--target", &self.target, "-L"]);
        rustc.arg(built.join("deps")).arg("--extern");
        rustc.arg(format!("postroom={}", built.join("libpostroom.rlib").display()));
        rustc.arg(format!("{FOLDER}/memory/sizes.rs"));
        Ok(Sizes::read(&said(&mut rustc)?))
    }
}

/// What a command says; if it fails, that is the error.
fn said(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

impl Sizes {
    const RING: u64 = 256;

    /// Reads lines like ``print-type-size type: `NAME`: 24 bytes, alignment: 8 bytes``.
    fn read(text: &str) -> Self {
        let types = text.lines().filter_map(|line| {
            let (name, rest) = line.strip_prefix("print-type-size type: `")?.split_once("`: ")?;
            Some((name.to_owned(), rest.split_once(' ')?.0.parse().ok()?))
        });
        Self(types.collect())
    }

    /// The size of the type whose name ends so.
    fn of(&self, name: &str) -> Option<u64> {
        let name = name.replace("TASK", "postroom::kernel::task::Task");
        let name = name.replace("CHANNEL", "postroom::kernel::channel::Channel<256>");
        self.0.iter().find(|(full, _)| full.ends_with(&name)).map(|it| *it.1)
    }

    /// How much more of a table one task more needs.
    fn one(&self, table: &str) -> Option<u64> {
        self.of(&format!("{table}<5>"))?.checked_sub(self.of(&format!("{table}<4>"))?)
    }

    fn task(&self) -> Option<u64> {
        self.of("postroom::Kernel<5, 8, 256>")?.checked_sub(self.of("postroom::Kernel<4, 8, 256>")?)
    }

    fn channel(&self) -> Option<u64> {
        let more = self.of("postroom::Kernel<4, 9, 256>")?;
        more.checked_sub(self.of("postroom::Kernel<4, 8, 256>")? + Self::RING)
    }

    fn rest(&self) -> Option<u64> {
        let counted = 4 * self.task()? + 8 * (self.channel()? + Self::RING);
        self.of("postroom::Kernel<4, 8, 256>")?.checked_sub(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_lines_are_read() {
        let sizes = Sizes::read(
            "print-type-size type: `postroom::Kernel<4, 8, 256>`: 7152 bytes, alignment: 8 bytes\n\
             print-type-size     field `.tasks`: 1960 bytes\n\
             print-type-size type: `postroom::Kernel<5, 8, 256>`: 8056 bytes, alignment: 8 bytes\n",
        );
        assert_eq!((sizes.task(), sizes.channel()), (Some(904), None));
    }
}
