//! Ctrl-C as a value: a counter that a signal handler raises and the session polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts requests to stop. The first cancels the running statement, the second gives up waiting.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicUsize>);

impl Interrupt {
    /// Ask to stop; returns how often that was asked by now.
    pub fn raise(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How often it was asked to stop.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Whether it was asked to stop.
    pub fn is_raised(&self) -> bool {
        self.count() > 0
    }
}
