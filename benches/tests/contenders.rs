//! What goes beyond one core, or beyond Rust, does its work.

use benches::workloads::ALL;

/// Those whose contenders need threads, processes or the system.
const BEYOND: [&str; 7] = ["exchange", "strings", "threads", "spsc", "host", "cat", "connect"];

#[test]
fn every_contender_does_its_work() {
    for id in BEYOND {
        let entry = ALL.iter().find(|entry| entry.id == id).unwrap();
        for contender in &mut (entry.make)().contenders {
            for times in [1, 2, 1_000] {
                (contender.run)(times);
            }
        }
    }
}
