//! Progress by indicatif: a spinner on a terminal, plain lines elsewhere, one every ten seconds
//! where nothing else is said.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Ui;

/// A silent log is killed by CI watchdogs.
const EVERY: Duration = Duration::from_secs(10);

/// Something that goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    ended: Arc<AtomicBool>,
}

impl Ui {
    /// Show that something goes on, until the value is dropped.
    pub(crate) fn progress(&self, what: &str) -> Progress {
        let terminal = io::stderr().is_terminal() && !self.manner.quiet;
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(
            ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.set_message(what.to_owned());
        // Shorter things need no spinner.
        bar.enable_steady_tick(Duration::from_millis(200));
        let ended = Arc::new(AtomicBool::new(false));
        if !terminal && !self.manner.quiet {
            plain_lines(what.to_owned(), Arc::clone(&ended));
        }
        Progress { bar, ended }
    }
}

fn plain_lines(what: String, ended: Arc<AtomicBool>) {
    use std::io::Write;
    let begin = Instant::now();
    std::thread::spawn(move || {
        let mut next = EVERY;
        while !ended.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(100));
            if begin.elapsed() >= next {
                next += EVERY;
                // A closed stderr must not stop the work.
                drop(writeln!(io::stderr(), "{what}: {} s", begin.elapsed().as_secs()));
            }
        }
    });
}

impl Progress {
    /// Print a line above the spinner.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        self.bar.finish_and_clear();
    }
}
