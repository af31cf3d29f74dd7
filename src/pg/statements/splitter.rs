//! Statements of a text that comes in chunks. The memory is bounded by the longest statement (twice that, and a
//! chunk); the data of a COPY is forgotten as it passes.

use super::Statement;
use super::cursor::Window;
use super::error::{LONGEST, LexError, Unterminated};
use super::machine::{Machine, Reader};
use super::normalise::Normaliser;
use super::position::Position;
use super::token::Ending;

/// A statement of a stream. Its ranges count from the beginning of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streamed {
    /// Where it is and what it is.
    pub statement: Statement,
    /// The text of `statement.range`; that of a COPY FROM STDIN ends at its semicolon.
    pub text: String,
}

impl Streamed {
    /// The statement without what surrounds it: what to send.
    #[must_use]
    pub fn body(&self) -> &str {
        let Statement { range, body, .. } = &self.statement;
        &self.text[body.start - range.start..body.end - range.start]
    }
}

impl Streamed {
    /// Take the text of the body out, without what surrounds it.
    #[must_use]
    pub fn take_body(&mut self) -> String {
        let Statement { range, body, .. } = &mut self.statement;
        let mut text = std::mem::take(&mut self.text);
        text.truncate(body.end - range.start);
        text.drain(..body.start - range.start);
        *range = body.clone();
        text
    }
}

/// A statement of this size is not copied, in bytes.
const LARGE: usize = 1 << 20;

fn too_long(statement: &Statement) -> LexError {
    let Statement { line, column, body, .. } = statement;
    LexError { line: *line, column: *column, offset: body.start, what: Unterminated::Statement }
}

/// Push chunks, pull statements until there are none, say when the text has ended, pull the rest.
///
/// It may hold back a finished statement until more text has come (what it has not understood is read again only
/// when twice as much of it is there), never beyond [`Splitter::finish`].
#[derive(Debug)]
pub struct Splitter<R = ()> {
    machine: Machine,
    reader: R,
    buffer: String,
    /// Offset of the buffer in the stream.
    base: usize,
    /// The length of the stream at which the next look is worth it.
    look_at: usize,
    /// The SQL of the COPY whose data passes.
    copying: Option<String>,
    ending: Ending,
}

impl Splitter {
    /// A splitter at the beginning of a text.
    #[must_use]
    pub fn new() -> Splitter {
        Splitter::reading_with(())
    }
}

impl Default for Splitter {
    fn default() -> Self {
        Splitter::new()
    }
}

impl<S: FnMut(&str)> Splitter<Normaliser<S>> {
    /// A splitter that gives `sink` the text's [normal form](super::normalise) beside the statements, piece by piece,
    /// the data of COPY included. It is complete when the last statement is pulled, and worth nothing after an error.
    pub fn normalising(sink: S) -> Splitter<Normaliser<S>> {
        Splitter::reading_with(Normaliser::new(sink))
    }
}

impl<R: Reader> Splitter<R> {
    fn reading_with(reader: R) -> Splitter<R> {
        Splitter {
            machine: Machine::default(),
            reader,
            buffer: String::new(),
            base: 0,
            look_at: 0,
            copying: None,
            ending: Ending::Open,
        }
    }

    /// Adds the next part of the text; it may end anywhere between two characters.
    pub fn push(&mut self, chunk: &str) {
        let done = self.machine.keep_from() - self.base;
        if done * 2 >= self.buffer.len() {
            self.buffer.drain(..done);
            self.base += done;
        }
        self.buffer.push_str(chunk);
    }

    /// Says that the text has ended.
    pub fn finish(&mut self) {
        self.ending = Ending::Final;
    }

    /// Does not hold back at the next [`Splitter::pull`]. The price is reading [`Splitter::unread`] bytes again.
    pub fn look_now(&mut self) {
        self.look_at = 0;
    }

    /// Bytes of the last token, which has not ended yet, or that were not looked at.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.base + self.buffer.len() - self.machine.at()
    }

    /// A `COPY … FROM STDIN;` was read, and what is pushed next is its data: push `\\.` and a newline instead, and the
    /// data need not pass through here.
    #[must_use]
    pub fn awaits_data(&self) -> bool {
        self.machine.copying().is_some()
    }

    /// Everything pushed was understood, and no statement is open: what comes next begins one.
    #[must_use]
    pub fn is_between_statements(&self) -> bool {
        self.unread() == 0 && self.machine.is_between_statements()
    }

    /// Bytes in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.buffer.len() + self.copying.as_ref().map_or(0, String::len)
    }

    /// The text from here to there leaves the buffer without being copied: a statement may be as large as memory allows.
    fn cut(&mut self, start: usize, end: usize) -> String {
        let rest = self.buffer[end - self.base..].to_owned();
        self.buffer.truncate(end - self.base);
        self.buffer.drain(..start - self.base);
        self.base = end;
        std::mem::replace(&mut self.buffer, rest)
    }

    /// The next statement, if it is known where it ends.
    ///
    /// # Errors
    /// After [`Splitter::finish`], if the text ends inside a quote or a comment; then again at every call.
    pub fn pull(&mut self) -> Result<Option<Streamed>, LexError> {
        let end = self.base + self.buffer.len();
        if self.ending == Ending::Open && end < self.look_at {
            return Ok(None);
        }
        let window = Window { text: &self.buffer, base: self.base, ending: self.ending };
        match self.machine.step(window, &mut self.reader)? {
            Some((statement, sql_end)) => {
                let start = statement.range.start;
                if sql_end - start > LONGEST {
                    return Err(too_long(&statement));
                }
                let text = match self.copying.take() {
                    Some(text) => text,
                    None if sql_end - start >= LARGE && statement.copy_data.is_none() => {
                        self.cut(start, sql_end)
                    }
                    None => window.slice(start, sql_end).to_owned(),
                };
                Ok(Some(Streamed { statement, text }))
            }
            None if self.copying.is_none() && end - self.machine.keep_from() > LONGEST => {
                let Position { line, column } = self.machine.begin(window);
                let offset = self.machine.keep_from();
                Err(LexError { line, column, offset, what: Unterminated::Statement })
            }
            None => {
                self.look_at = end + (end - self.machine.at()).max(1);
                if let (None, Some((start, sql_end))) = (&self.copying, self.machine.copying()) {
                    self.copying = Some(window.slice(start, sql_end).to_owned());
                }
                Ok(None)
            }
        }
    }
}
