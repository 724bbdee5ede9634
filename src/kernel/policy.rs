//! Who runs next. A policy sees only the set of ready tasks.

use super::{Priority, QUANTUM, ReadyQueue};

/// How the next task is chosen from those that are ready.
///
/// Wait queues do not depend on it: whoever waits for an object is woken by priority (law 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The highest priority first, round robin inside one (laws 15 and 16). A call that wakes a
    /// higher task is followed by a switch.
    #[default]
    Priority,
    /// All are equal, and each has its turn.
    RoundRobin,
    /// Each dispatch draws the task, and how many calls it may make, from this seed. The same
    /// seed draws the same lots.
    Random(u64),
}

impl Policy {
    /// The level at which a task of this priority stands in the ready queue.
    pub(crate) fn level(self, priority: Priority) -> u8 {
        match self {
            Self::Priority => priority.level(),
            Self::RoundRobin | Self::Random(_) => 0,
        }
    }

    /// The levels that come before that of this priority, as bits.
    pub(crate) fn above(self, priority: Priority) -> u32 {
        !(u32::MAX << self.level(priority))
    }

    /// Takes the next task out of the queue.
    pub(crate) fn pick<const TASKS: usize>(
        &mut self,
        ready: &mut ReadyQueue<TASKS>,
    ) -> Option<u16> {
        match self {
            Self::Priority | Self::RoundRobin => ready.pop(),
            Self::Random(state) => match ready.len() {
                0 => None,
                n => ready.take_nth(remainder(draw(state), n as u16)),
            },
        }
    }

    /// System calls that the next dispatch is worth.
    pub(crate) fn quantum(&mut self) -> u32 {
        match self {
            Self::Priority | Self::RoundRobin => QUANTUM,
            // Mostly short: a schedule is interesting where it cuts in.
            Self::Random(state) => 1 << remainder(draw(state), 6),
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `number % by`, in steps that a core of 32 bits can divide.
fn remainder(number: u64, by: u16) -> usize {
    let by = u32::from(by);
    let (high, low) = ((number >> 32) as u32, number as u32);
    let rest = ((high % by) << 16) | (low >> 16);
    ((((rest % by) << 16) | (low & 0xffff)) % by) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_draws_what_its_authors_publish() {
        // The first outputs for seed 1234567, from the reference implementation.
        let mut state = 1_234_567;
        let drawn: [u64; 3] = core::array::from_fn(|_| draw(&mut state));
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_remainder_is_that_of_the_division() {
        let mut state = 1;
        for by in [1, 2, 3, 10, 255, 256, 257, u16::MAX] {
            for number in [0, 1, u64::MAX, draw(&mut state), draw(&mut state)] {
                assert_eq!(remainder(number, by) as u64, number % u64::from(by));
            }
        }
    }

    #[test]
    fn every_ready_task_can_be_drawn() {
        let mut seen = [false; 3];
        for seed in 0..64 {
            let mut ready = ReadyQueue::<3>::new();
            (0..3).for_each(|task| ready.push(task, 0));
            let drawn = Policy::Random(seed).pick(&mut ready).unwrap();
            seen[usize::from(drawn)] = true;
        }
        assert_eq!(seen, [true; 3]);
    }
}
