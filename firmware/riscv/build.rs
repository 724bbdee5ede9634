//! Programs are linked anew when the board's memory changes.

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
}
