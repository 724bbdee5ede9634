//! Makes the broken systems: for each file of `bugs`, a copy of the sources with that bug in it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What a system is made of, from the workspace's root.
const SOURCES: [&str; 5] =
    ["src/kernel", "src/user", "src/view", "src/spsc.rs", "loom-tests/src/system"];

fn main() -> Result<()> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let root = PathBuf::from("..");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    println!("cargo::rerun-if-changed=bugs");
    let mut bugs: Vec<PathBuf> =
        fs::read_dir("bugs")?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    bugs.retain(|path| path.extension().is_some_and(|it| it == "patch"));
    bugs.sort();
    let (mut modules, mut list) = (String::new(), String::new());
    for path in bugs {
        let bug = Bug::read(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        let copy = out.join(&bug.name);
        if copy.exists() {
            fs::remove_dir_all(&copy)?;
        }
        for source in SOURCES {
            copy_tree(&root.join(source), &copy.join(source))?;
        }
        let Bug { name, model, report, .. } = &bug;
        // One that does not fit is told of by its own test: the models run without it.
        let system = match bug.plant(&copy).and_then(|()| bug.leave_its_theme(&copy)) {
            Ok(()) => {
                let system = copy.join("loom-tests/src/system/mod.rs");
                modules += &format!("#[path = {system:?}]\npub mod {name};\n");
                format!("Ok(|| {name}::models::named({model:?}))")
            }
            Err(why) => format!("Err({:?})", why.to_string()),
        };
        list += &format!(
            "    Bug {{ name: {name:?}, report: {report:?}, model: {model:?}, system: {system} }},\n"
        );
    }
    fs::write(
        out.join("broken.rs"),
        format!(
            "{modules}\n/// All of them.\npub fn all() -> Vec<Bug> {{\n    vec![\n{list}]\n}}\n"
        ),
    )?;
    Ok(())
}

/// A bug: a few lines on what it is, and a patch that puts it in.
struct Bug {
    name: String,
    /// The model that finds it.
    model: String,
    /// What the report says.
    report: String,
    text: String,
}

impl Bug {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|rest| rest.trim().to_string()).ok_or(format!("no line `{name} ...`"))
        };
        Ok(Self { name, model: field("Found by:")?, report: field("Reported as:")?, text })
    }

    /// Leaves no models in the copy but those of the theme that finds the bug.
    fn leave_its_theme(&self, copy: &Path) -> Result<()> {
        let list = copy.join("loom-tests/src/system/models/mod.rs");
        let (theme, _) = self.model.split_once("::").ok_or("a model is named THEME::PROPERTY")?;
        let of_it = |line: &&str| {
            let line = line.trim();
            let named = line.strip_prefix("pub mod ").or(line.strip_suffix("::MODELS,"));
            named.is_none_or(|rest| rest.trim_end_matches(';') == theme)
        };
        let text = fs::read_to_string(&list)?;
        let left: Vec<&str> = text.lines().filter(of_it).collect();
        Ok(fs::write(list, left.join("\n"))?)
    }

    /// Puts the bug into the copy.
    fn plant(&self, copy: &Path) -> Result<()> {
        let patch = self.text.find("--- a/").map(|at| &self.text[at..]);
        for patch in patch.ok_or("no patch in it")?.split("\n--- a/") {
            let patch =
                format!("--- a/{}\n", patch.trim_start_matches("--- a/").trim_end_matches('\n'));
            let patch = diffy::Patch::from_str(&patch)?;
            let file = patch.modified().and_then(|name| name.strip_prefix("b/"));
            let file = copy.join(file.ok_or("no file is named")?);
            let changed = diffy::apply(&fs::read_to_string(&file)?, &patch).map_err(|why| {
                format!("the code has changed under this bug; make it anew: {why}")
            })?;
            fs::write(&file, changed)?;
        }
        Ok(())
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    // Unit tests run where they are at home.
    fs::write(to, fs::read_to_string(from)?.replace("#[cfg(test)]", "#[cfg(any())]"))?;
    Ok(())
}
