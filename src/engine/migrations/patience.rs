//! How long a run tries again for a lock: exponential back-off with full jitter (Brooker,
//! "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), and a budget for the whole run
//! that counts waiting, not working.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::pg::error::{PgError, PgFailure};

/// The first pause is at most this long; each further one at most twice as long.
const FIRST: Duration = Duration::from_millis(250);

/// No pause is longer.
const LONGEST: Duration = Duration::from_secs(5);

/// What is left of the budget, and how long the next pause may be.
#[derive(Debug)]
pub(crate) struct Patience {
    budget: Duration,
    ceiling: Duration,
}

/// Whether waiting can help.
pub(crate) fn may_pass(error: &PgError) -> bool {
    matches!(error.failure(), PgFailure::LockTimeout | PgFailure::Deadlock)
}

impl Patience {
    pub(crate) fn new(budget: Duration) -> Self {
        Self { budget, ceiling: FIRST }
    }

    /// A migration went through: the next one begins with short pauses again.
    pub(crate) fn relax(&mut self) {
        self.ceiling = FIRST;
    }

    /// Count time that was spent waiting.
    pub(crate) fn spend(&mut self, waited: Duration) {
        self.budget = self.budget.saturating_sub(waited);
    }

    /// What is left of the budget.
    pub(crate) fn left(&self) -> Duration {
        self.budget
    }

    /// Whether the budget is spent.
    pub(crate) fn is_over(&self) -> bool {
        self.budget.is_zero()
    }

    /// How long to pause before the next attempt; `None`: the budget is spent.
    pub(crate) fn pause(&mut self) -> Option<Duration> {
        if self.is_over() {
            return None;
        }
        let pause = self.ceiling.mul_f64(random());
        self.ceiling = (self.ceiling * 2).min(LONGEST);
        self.spend(pause);
        Some(pause)
    }
}

/// A random number from 0 to 1: the standard library's hash keys are random, and jitter needs no more.
fn random() -> f64 {
    f64::from(u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit_and_end_with_the_budget() {
        let mut patience = Patience::new(Duration::from_secs(60));
        let mut total = Duration::ZERO;
        let mut count = 0;
        while let Some(pause) = patience.pause() {
            assert!(pause <= LONGEST, "{pause:?}");
            total += pause;
            count += 1;
        }
        assert!(total >= Duration::from_secs(60), "{total:?}");
        assert!(count >= 12, "{count}");
    }
}
