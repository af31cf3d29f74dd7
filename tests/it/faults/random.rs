//! SIGKILL at a random moment: whatever the run was doing, the next one finishes.

use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::cluster::variable;

use super::shop::{Shop, Size};

/// SplitMix64 (Steele, Lea, Flood, 2014).
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Of this run, and the seed that brings it again as `PGKEEL_SEED`.
    pub(super) fn seeded() -> (Self, u64) {
        let seed = match variable("PGKEEL_SEED") {
            Some(seed) => seed.to_str().unwrap().parse().unwrap(),
            None => RandomState::new().hash_one(0_u8),
        };
        (Self(seed), seed)
    }

    pub(super) fn up_to(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.next() as f64 / u64::MAX as f64)
    }
}

/// How many of each kind.
pub(super) fn rounds() -> usize {
    if variable("PGKEEL_LONG").is_some() { 100 } else { 10 }
}

#[test]
fn a_run_that_is_killed_at_any_moment_is_finished_by_the_next() {
    let (mut random, seed) = Random::seeded();
    let whole = Shop::new(Size::Large);
    let begin = Instant::now();
    whole.project.run(&["deploy"]).exits(0);
    let usual = begin.elapsed();
    for round in 0..rounds() {
        let after = random.up_to(usual);
        let what = format!("PGKEEL_SEED={seed}, round {round}, killed after {} ms", after.as_millis());
        let shop = Shop::new(Size::Large);
        let mut child = shop
            .project
            .command(&["deploy"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        // No state to wait for: the moment is the case.
        thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
        shop.recovers(&what);
    }
}
