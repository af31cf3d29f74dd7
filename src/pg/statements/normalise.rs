//! The text of a script without what does not matter, for checksums that survive reformatting.

use super::cursor::Window;
use super::error::LexError;
use super::machine::{Machine, Read, Reader};

/// The version of the algorithm below; it is stored beside each checksum and grows when a result changes.
///
/// 1: tokens as PostgreSQL's scanner has them, verbatim (no case folding, quoted text and bodies untouched), joined by
/// one blank; comments dropped, semicolons kept. A line break instead of the blank stands where it means something:
/// before a string that continues the last one (4.1.2.1), after a psql meta-command, around the data of a COPY, which
/// is verbatim.
pub const NORMALISATION: i32 = 1;

/// The same SQL in one canonical layout: editing white space or comments leaves it unchanged, anything else changes
/// it. The result is itself a script of the same meaning, and its own normal form. For a text that does not fit into
/// memory there is [`Splitter::normalising`](super::Splitter::normalising).
///
/// # Errors
/// If the text ends inside a quote or a comment.
pub fn normalise(text: &str) -> Result<String, LexError> {
    let mut out = String::with_capacity(text.len());
    let mut normaliser = Normaliser::new(|piece: &str| out.push_str(piece));
    let mut machine = Machine::default();
    while machine.step(Window::whole(text), &mut normaliser)?.is_some() {}
    Ok(out)
}

/// Writes the normal form of what a [`Splitter`](super::Splitter) reads, piece by piece, into its sink.
#[derive(Debug)]
pub struct Normaliser<S> {
    sink: S,
    /// The next token needs nothing before it: it begins the text or a line.
    fresh: bool,
    /// Nothing is written yet.
    first: bool,
}

impl<S: FnMut(&str)> Normaliser<S> {
    pub(super) fn new(sink: S) -> Normaliser<S> {
        Normaliser { sink, fresh: true, first: true }
    }
}

impl<S: FnMut(&str)> Reader for Normaliser<S> {
    fn read<'a>(&mut self, what: impl FnOnce() -> Read<'a>) {
        let what = what();
        let before = match what {
            Read::Rest(_) | Read::Data(_) | Read::DataEnd => "",
            // At the beginning of a text it would be a byte order mark, which is no token.
            Read::Token(text) if self.first && text.starts_with('\u{feff}') => " ",
            _ if self.fresh => "",
            Read::Continuation(_) => "\n",
            Read::Token(_) | Read::Meta(_) => " ",
        };
        let (text, after) = match what {
            Read::Token(text) | Read::Continuation(text) | Read::Data(text) => (text, ""),
            Read::Meta(text) => (text, "\n"),
            Read::Rest(text) => (text.trim(), "\n"),
            Read::DataEnd => ("\\.", "\n"),
        };
        for piece in [before, text, after] {
            if !piece.is_empty() {
                (self.sink)(piece);
            }
        }
        self.first = false;
        self.fresh = !matches!(what, Read::Token(_) | Read::Continuation(_));
    }
}
