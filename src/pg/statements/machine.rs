//! Where statements end. It reads tokens from a window that may still grow and keeps only the state of the statement
//! it is in, so that the streaming splitter and `split` are one algorithm.

use super::cursor::{Cursor, Next, Token, Window};
use super::error::{LexError, Unterminated};
use super::facts::Facts;
use super::position::{Position, without_mark};
use super::token::{Ending, Kind};
use super::{CopyData, Statement};

/// Looks over the machine's shoulder: it may see each thing once, in order, as soon as it is read.
pub trait Reader {
    /// Something was read; `what` tells it to those who ask.
    fn read<'a>(&mut self, what: impl FnOnce() -> Read<'a>);
}

/// What the machine reads, but for white space and comments.
#[derive(Debug, Clone, Copy)]
pub enum Read<'a> {
    /// A token.
    Token(&'a str),
    /// The part of a string that goes on after a line break.
    Continuation(&'a str),
    /// A psql meta-command.
    Meta(&'a str),
    /// What follows the semicolon of a `COPY … FROM STDIN;` on its line.
    Rest(&'a str),
    /// A line of a COPY's data, with its line break.
    Data(&'a str),
    /// The line `\.` that ends them.
    DataEnd,
}

/// Nobody looks.
impl Reader for () {
    fn read<'a>(&mut self, _: impl FnOnce() -> Read<'a>) {}
}

#[derive(Debug, Default)]
pub(super) struct Machine {
    cursor: Cursor,
    item: Item,
    /// Line and column of the item's first byte.
    origin: Option<Position>,
    copy: Option<Copying>,
}

/// The statement that is being read.
#[derive(Debug, Default)]
struct Item {
    start: usize,
    /// First byte of the first token and end of the last one, once there is one.
    body: Option<(usize, usize)>,
    /// Open parentheses. A semicolon inside them ends nothing: `CREATE RULE … DO (a; b)`.
    depth: u32,
    shape: Shape,
}

/// What must be known of a statement to find its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shape {
    #[default]
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    /// `CREATE FUNCTION` or `CREATE PROCEDURE`: may have a body `BEGIN ATOMIC … END`.
    Routine,
    RoutineBegin,
    /// Inside the body, at the beginning of one of its statements: `END` closes the body only here. A CASE's END
    /// never follows a semicolon.
    AtomicStart,
    Atomic,
    Copy,
    CopyFrom,
    CopyFromStdin,
    Other,
}

impl Shape {
    fn after(self, token: Token, text: &str, depth: u32) -> Shape {
        let word = |keyword: &str| token.kind == Kind::Word && text.eq_ignore_ascii_case(keyword);
        match self {
            Shape::Start if word("CREATE") => Shape::Create,
            Shape::Start if word("COPY") => Shape::Copy,
            Shape::Create if word("OR") => Shape::CreateOr,
            Shape::CreateOr if word("REPLACE") => Shape::CreateOrReplace,
            Shape::Create | Shape::CreateOrReplace if word("FUNCTION") || word("PROCEDURE") => Shape::Routine,
            Shape::Routine | Shape::RoutineBegin if depth == 0 && word("BEGIN") => Shape::RoutineBegin,
            Shape::RoutineBegin if word("ATOMIC") => Shape::AtomicStart,
            Shape::Routine | Shape::RoutineBegin => Shape::Routine,
            Shape::AtomicStart if depth == 0 && word("END") => Shape::Other,
            Shape::AtomicStart | Shape::Atomic if depth == 0 && text == ";" => Shape::AtomicStart,
            Shape::AtomicStart | Shape::Atomic => Shape::Atomic,
            Shape::Copy if depth == 0 && word("FROM") => Shape::CopyFrom,
            Shape::Copy => Shape::Copy,
            // The grammar reads a wrong STDOUT here as STDIN (gram.y, copy_file_name).
            Shape::CopyFrom if word("STDIN") || word("STDOUT") => Shape::CopyFromStdin,
            Shape::CopyFromStdin => Shape::CopyFromStdin,
            _ => Shape::Other,
        }
    }

    fn is_atomic(self) -> bool {
        matches!(self, Shape::AtomicStart | Shape::Atomic)
    }
}

/// A finished `COPY … FROM STDIN;` whose data lines are being read.
#[derive(Debug)]
struct Copying {
    statement: Statement,
    /// Offset after the semicolon.
    sql_end: usize,
    /// Offset of the first data line, once the line of the semicolon has ended.
    data: Option<usize>,
}

/// A statement, and where its SQL ends: that is its whole range but for the data of a COPY.
pub(super) type Finished = (Statement, usize);

impl Machine {
    /// The next offset to be read. If the window ends before it can be decided what is here, more of it is needed.
    pub(super) fn at(&self) -> usize {
        self.cursor.at
    }

    /// From where on the window must be kept.
    pub(super) fn keep_from(&self) -> usize {
        if self.copy.is_some() { self.cursor.at } else { self.item.start }
    }

    /// The SQL of a COPY whose data is being read; the splitter puts it aside and forgets the data.
    pub(super) fn copying(&self) -> Option<(usize, usize)> {
        self.copy.as_ref().map(|copying| (copying.statement.range.start, copying.sql_end))
    }

    /// Nothing of a statement has been read yet, nor is data of one awaited.
    pub(super) fn is_between_statements(&self) -> bool {
        self.copy.is_none() && self.item.body.is_none()
    }

    /// The next statement. None: the window must grow, or the text has ended.
    pub(super) fn step(
        &mut self,
        window: Window<'_>,
        reader: &mut impl Reader,
    ) -> Result<Option<Finished>, LexError> {
        if self.copy.is_some() {
            return Ok(self.data(window, reader));
        }
        loop {
            let continues = self.cursor.continues_string();
            let token = match self.cursor.next(window) {
                Next::Token(token) => token,
                Next::More => return Ok(None),
                Next::End if window.ending == Ending::Open => return Ok(None),
                Next::End if self.item.start == window.end() => return Ok(None),
                Next::End => return Ok(self.close(window, None, reader)),
                Next::Unclosed(kind) => return Err(self.error(window, kind)),
            };
            if token.kind.is_trivia() {
                continue;
            }
            reader.read(|| {
                let text = window.slice(token.start, token.end);
                match token.kind {
                    Kind::Meta => Read::Meta(text),
                    kind if continues && kind.is_string() => Read::Continuation(text),
                    _ => Read::Token(text),
                }
            });
            match window.text.as_bytes()[token.start - window.base] {
                b'(' => self.item.depth += 1,
                b')' => self.item.depth = self.item.depth.saturating_sub(1),
                b';' if self.item.depth == 0 && !self.item.shape.is_atomic() => {
                    return Ok(self.close(window, Some(token), reader));
                }
                _ => {}
            }
            if self.item.shape != Shape::Other {
                let text = window.slice(token.start, token.end);
                self.item.shape = self.item.shape.after(token, text, self.item.depth);
            }
            let first = self.item.body.map_or(token.start, |(first, _)| first);
            self.item.body = Some((first, token.end));
            if token.kind == Kind::Meta {
                return Ok(self.close(window, Some(token), reader));
            }
        }
    }

    /// Ends the item after `last`: a semicolon, a meta-command, or nothing at the end of the text.
    fn close(
        &mut self,
        window: Window<'_>,
        last: Option<Token>,
        reader: &mut impl Reader,
    ) -> Option<Finished> {
        let item = std::mem::take(&mut self.item);
        let end = last.map_or(window.end(), |token| token.end);
        let here = last.map_or(window.end(), |token| token.start);
        let (first, body_end) = item.body.unwrap_or((here, here));
        let place = self.walk(window, item.start, first);
        self.origin = Some(place.after(window.slice(first, end)));
        self.item.start = end;
        let body = window.slice(first, body_end);
        let statement = Statement {
            range: item.start..end,
            body: first..body_end,
            line: place.line,
            column: place.column,
            facts: Facts::of(body),
            meta_command: last
                .filter(|token| token.kind == Kind::Meta)
                .map(|token| meta_name(window.slice(token.start, token.end)).to_owned()),
            copy_data: None,
        };
        if item.shape == Shape::CopyFromStdin && last.is_some_and(|token| token.kind != Kind::Meta) {
            self.copy = Some(Copying { statement, sql_end: end, data: None });
            return self.data(window, reader);
        }
        Some((statement, end))
    }

    /// Line and column of what is being read.
    pub(super) fn begin(&self, window: Window<'_>) -> Position {
        let first = self.item.body.map_or(self.item.start, |(first, _)| first);
        self.walk(window, self.item.start, first)
    }

    /// Line and column at `to`; the origin is that of `from`.
    fn walk(&self, window: Window<'_>, from: usize, to: usize) -> Position {
        let text = window.slice(from, to);
        let text = if from == 0 { without_mark(text) } else { text };
        self.origin.unwrap_or(Position::START).after(text)
    }

    fn error(&self, window: Window<'_>, kind: Kind) -> LexError {
        let offset = self.cursor.at;
        let Position { line, column } = self.walk(window, self.item.start, offset);
        let what = match kind {
            Kind::QuotedIdent => Unterminated::QuotedIdentifier,
            Kind::BlockComment => Unterminated::Comment,
            Kind::Dollar => {
                let tag = window.slice(offset, window.end()).split('$').nth(1).unwrap_or_default();
                Unterminated::DollarQuote(format!("${tag}$"))
            }
            _ => Unterminated::String,
        };
        LexError { line, column, offset, what }
    }

    /// Reads the lines of a COPY's data up to `\.`, or to the end of the text, as psql does.
    fn data(&mut self, window: Window<'_>, reader: &mut impl Reader) -> Option<Finished> {
        let mut copying = self.copy.take().expect("called while copying");
        loop {
            let from = self.cursor.at;
            let rest = window.slice(from, window.end());
            let (line, end) = match rest.as_bytes().iter().position(|byte| *byte == b'\n') {
                Some(length) => (&rest[..length], from + length + 1),
                None if window.ending == Ending::Open => {
                    self.copy = Some(copying);
                    return None;
                }
                None => (rest, window.end()),
            };
            self.cursor.at = end;
            self.origin = self.origin.map(|origin| origin.after(window.slice(from, end)));
            let Some(start) = copying.data else {
                reader.read(|| Read::Rest(line));
                copying.data = Some(end);
                continue;
            };
            let terminated = line.strip_suffix('\r').unwrap_or(line) == "\\.";
            reader.read(|| if terminated { Read::DataEnd } else { Read::Data(window.slice(from, end)) });
            if terminated || end == from || (window.ending == Ending::Final && end == window.end()) {
                self.cursor = Cursor::starting(end);
                self.item.start = end;
                let mut statement = copying.statement;
                statement.range.end = end;
                statement.copy_data =
                    Some(CopyData { range: start..if terminated { from } else { end }, terminated });
                return Some((statement, copying.sql_end));
            }
        }
    }
}

/// `\set` of `\set x 1`, `\!` of `\!ls`.
fn meta_name(command: &str) -> &str {
    let word = command[1..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let end = if word > 0 { 1 + word } else { command.chars().take(2).map(char::len_utf8).sum() };
    &command[..end]
}
