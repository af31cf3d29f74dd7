//! Progress by indicatif: a spinner on a terminal, plain lines elsewhere, one every ten seconds
//! where nothing else is said.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Ui;

/// A silent log is killed by CI watchdogs.
const EVERY: Duration = Duration::from_secs(10);

/// Something that goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    what: String,
    /// What the next plain line says.
    line: Arc<Mutex<String>>,
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
        let line = Arc::new(Mutex::new(what.to_owned()));
        if !terminal && !self.manner.quiet {
            plain_lines(Arc::clone(&line), Arc::clone(&ended));
        }
        Progress { what: what.to_owned(), line, bar, ended }
    }
}

fn plain_lines(line: Arc<Mutex<String>>, ended: Arc<AtomicBool>) {
    use std::io::Write;
    let begin = Instant::now();
    std::thread::spawn(move || {
        let mut next = EVERY;
        while !ended.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(100));
            if begin.elapsed() >= next {
                next += EVERY;
                // A closed stderr must not stop the work.
                let what = line.lock().map(|line| line.clone()).unwrap_or_default();
                drop(writeln!(io::stderr(), "{what}: {} s", begin.elapsed().as_secs()));
            }
        }
    });
}

impl Progress {
    /// So many bytes of so many are done.
    pub(crate) fn bytes(&self, done: u64, total: u64) {
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        self.phase(&format!("{percent} % of {}", indicatif::HumanBytes(total)));
    }

    /// How it is getting on, behind what it is.
    pub(crate) fn phase(&self, how: &str) {
        let text = format!("{}: {how}", self.what);
        self.bar.set_message(text.clone());
        if let Ok(mut line) = self.line.lock() {
            *line = text;
        }
    }

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
