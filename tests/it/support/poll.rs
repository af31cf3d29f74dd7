//! Waiting: polls with a deadline, never a fixed sleep.

use std::thread;
use std::time::{Duration, Instant};

/// Waits until `done` says something, and panics after `seconds`.
#[track_caller]
pub(crate) fn until<T>(seconds: u64, what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(Instant::now() < deadline, "{what}: not within {seconds} s");
        thread::sleep(Duration::from_millis(10));
    }
}
