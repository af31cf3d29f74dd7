//! Questions to a person. Whoever asks has made sure that there is one.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout};

use super::Ui;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A line of text.
    Text(String),
    /// End of input: nobody wants to answer.
    End,
}

impl Ui {
    /// A yes/no question; anything but a yes is a no.
    pub(crate) fn confirm(&self, question: &str) -> io::Result<bool> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(matches!(answer, Answer::Text(text) if matches!(text.to_lowercase().as_str(), "y" | "yes")))
    }

    /// A question whose answer is a line. The terminal stays in its usual mode, so that Ctrl-C is a
    /// signal like everywhere else in the program.
    pub(crate) fn ask(&self, question: &str) -> io::Result<Answer> {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question}: ")?;
        stderr.flush()?;
        drop(stderr);
        let mut line = String::new();
        if !self.wait_for_line()? || io::stdin().read_line(&mut line)? == 0 {
            writeln!(io::stderr())?;
            return Ok(Answer::End);
        }
        Ok(Answer::Text(line.trim().to_owned()))
    }

    /// A terminal hands over whole lines, so what is readable is a line. `false`: Ctrl-C.
    fn wait_for_line(&self) -> io::Result<bool> {
        let stdin = io::stdin();
        loop {
            let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
            let ready = match nix::poll::poll(&mut fds, PollTimeout::from(100_u8)) {
                Err(nix::errno::Errno::EINTR) => 0,
                ready => ready?,
            };
            if (self.interrupted)() {
                return Ok(false);
            }
            if ready > 0 {
                return Ok(true);
            }
        }
    }
}
