//! The program on a terminal (a pty): what it asks, what a person types, how it ends.

use std::process::{Command, Stdio};

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

/// Longer than any answer takes, so that a hang is a failure.
const PATIENCE_MS: u64 = 20_000;

/// A run on a terminal.
pub(crate) struct Terminal {
    session: PtySession,
    seen: String,
}

impl Terminal {
    /// Start it.
    pub(crate) fn start(mut command: Command) -> Self {
        // The terminal's, not what the command was given for the usual run.
        command.stdin(Stdio::inherit()).env("TERM", "xterm").env("COLUMNS", "120").env("NO_COLOR", "1");
        Self { session: spawn_command(command, Some(PATIENCE_MS)).unwrap(), seen: String::new() }
    }

    /// Wait until it shows this text.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        let before = self.session.exp_string(text).unwrap_or_else(|e| panic!("{e}"));
        self.seen.push_str(&before);
        self.seen.push_str(text);
        self
    }

    /// Type a line.
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.session.send_line(line).unwrap();
        self
    }

    /// Press Ctrl and this key.
    pub(crate) fn presses_control(&mut self, key: char) -> &mut Self {
        self.session.send_control(key).unwrap();
        self
    }

    /// Wait for its end: everything it showed, and its exit code.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> (String, i32) {
        let rest = self.session.exp_eof().unwrap_or_else(|e| panic!("{e}"));
        self.seen.push_str(&rest);
        match self.session.process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (self.seen.replace('\r', ""), code),
            other => panic!("{other:?}: {}", self.seen),
        }
    }
}
