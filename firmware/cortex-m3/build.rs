//! Programs are linked anew when the board's memory or its interrupts change.

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=device.x");
}
