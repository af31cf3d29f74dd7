//! Questions to a person. Whoever asks has made sure that there is one.

use std::io::{self, Write};

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
        if io::stdin().read_line(&mut line)? == 0 {
            writeln!(io::stderr())?;
            return Ok(Answer::End);
        }
        Ok(Answer::Text(line.trim().to_owned()))
    }
}
