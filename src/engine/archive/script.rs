//! Reads a plain script of pg_dump (`-Fp`) as it streams by: is it complete, from where, which rows of which tables.
//! Where statements end is the lexer's to say, so that a function's body may hold any text; the data of COPY does not go
//! through it. It runs nothing and keeps no more than one statement.

use std::collections::BTreeSet;
use std::io::Read;

use super::data::read_file;
use super::evaluation::Evaluation;
use super::rows::Rows;
use super::{ArchiveError, Compression, Content};
use crate::pg::statements::{Splitter, Streamed, name, tokens};

/// What a plain script of pg_dump holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// It ends as pg_dump ends its scripts, every COPY of it ends too, and so does `\restrict`. A script that was cut
    /// anywhere is not complete, and psql would restore it without an error.
    pub complete: bool,
    /// The server's version, from `-- Dumped from database version`.
    pub server_version: Option<String>,
    /// pg_dump's version, from `-- Dumped by pg_dump version`.
    pub dump_version: Option<String>,
    /// Each `COPY … FROM stdin;` with its rows, in order.
    pub tables: Vec<ScriptTable>,
    /// How many INSERT commands there are (`pg_dump --inserts`).
    pub inserts: u64,
    /// The tables that they go into, with their schemas.
    pub inserted: BTreeSet<(Option<String>, String)>,
    /// The tables of which pg_dump wrote the rows, as its comments say, with their schemas. They may have none.
    pub dumped: BTreeSet<(String, String)>,
    /// It has `\restrict`, so that psql refuses meta-commands in it (CVE-2025-8714): psql must be patched too.
    pub restricted: bool,
    /// It makes objects.
    pub creates: bool,
    /// It has CREATE DATABASE (`pg_dump --create`).
    pub creates_database: bool,
    /// It has `\connect`: it leaves the database that it was started in.
    pub connects: bool,
    /// It has DROP without IF EXISTS (`pg_dump --clean`): in an empty database it ends there.
    pub drops: bool,
    /// The routines and operators that it gives to a role, with that role, where something that it runs may evaluate them.
    pub code: BTreeSet<(String, String)>,
    /// Its size in bytes, decoded.
    pub bytes: u64,
}

/// The rows of one COPY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptTable {
    /// The schema.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
    /// Its rows; the bytes include the line `\.`.
    pub content: Content,
}

/// The line near the end.
const COMPLETE: &[u8] = b"-- PostgreSQL database dump complete\n";
const SERVER: &[u8] = b"-- Dumped from database version ";
const DUMPER: &[u8] = b"-- Dumped by pg_dump version ";

const DATA: &[u8] = b"-- Data for Name: ";

/// A line longer than this goes to the lexer in pieces; all the lines that mean something here are shorter.
const LONG_LINE: usize = 1 << 20;

/// The server takes no statement of more than 1 GB.
const LONGEST_STATEMENT: usize = 1 << 30;

/// How many bytes the lexer may read twice, because a line in a function's body looks like a COPY.
const REREAD: u64 = 1 << 30;

/// Reads a whole script. That it is cut is no error but `complete: false`, unless its codec cannot decode it.
///
/// # Errors
/// If the codec finds it cut or damaged, if it is not as pg_dump writes scripts, if the input fails.
pub fn read(input: &mut dyn Read, compression: Compression) -> Result<Script, ArchiveError> {
    let mut scanner = Scanner::default();
    read_file(input, compression, &mut |piece| scanner.feed(piece))?;
    scanner.finish()
}

#[derive(Default)]
struct Scanner {
    script: Script,
    splitter: Splitter,
    /// The beginning of a line, or of the rest of a long one.
    line: Vec<u8>,
    /// What is in `line` goes on a line whose beginning the lexer has.
    is_rest: bool,
    /// The rows of the COPY that is being read.
    rows: Option<Rows>,
    /// Bytes of the statement that is being read.
    pending: usize,
    reread: u64,
    /// After `\restrict`: its key.
    key: Option<String>,
    said_complete: bool,
    evaluation: Evaluation,
}

impl Scanner {
    fn feed(&mut self, mut piece: &[u8]) -> Result<(), ArchiveError> {
        self.script.bytes += piece.len() as u64;
        while !piece.is_empty() {
            if let Some(rows) = &mut self.rows {
                let Some(used) = rows.feed(piece) else { return Ok(()) };
                piece = &piece[used..];
                self.end_of_rows()?;
                continue;
            }
            let end = memchr::memchr(b'\n', piece).map_or(piece.len(), |end| end + 1);
            self.line.extend_from_slice(&piece[..end]);
            piece = &piece[end..];
            if self.line.ends_with(b"\n") || self.line.len() > LONG_LINE {
                self.line()?;
            }
        }
        Ok(())
    }

    /// Gives the lexer a line, or a part of a long one, and reads what it means to us.
    fn line(&mut self) -> Result<(), ArchiveError> {
        let line = std::mem::take(&mut self.line);
        let whole = !self.is_rest && line.ends_with(b"\n");
        self.is_rest = !line.ends_with(b"\n");
        // psql knows commands in the midst of a line, and older ones run what is in backquotes behind this one
        // (CVE-2026-18408). Here no lexer of ours decides what is quoted.
        let out = memchr::memmem::find(&line, b"\\unrestrict");
        if out.is_some_and(|at| line[at..].contains(&b'`')) {
            return Err(self.not_ours("an \\unrestrict with a command in backquotes"));
        }
        self.pending += line.len();
        if self.pending > LONGEST_STATEMENT {
            return Err(self.not_ours("a statement of more than 1 GB"));
        }
        // Only the structure matters: bytes of another encoding are as good as any letter.
        self.splitter.push(&String::from_utf8_lossy(&line));
        let means_something = whole
            && (line == COMPLETE
                || line.starts_with(SERVER)
                || line.starts_with(DUMPER)
                || line.starts_with(DATA)
                // It begins on an earlier line where a name holds line breaks.
                || line.ends_with(b" FROM stdin;\n"));
        if means_something {
            self.look_now()?;
        }
        self.statements()?;
        if means_something && self.splitter.is_between_statements() {
            self.comment(&line);
        }
        if self.splitter.awaits_data() {
            if !line.ends_with(b" FROM stdin;\n") {
                return Err(self.not_ours("a COPY whose line does not end in FROM stdin"));
            }
            self.rows = Some(Rows::default());
        }
        // Its buffer is used again.
        self.line = line;
        self.line.clear();
        Ok(())
    }

    fn look_now(&mut self) -> Result<(), ArchiveError> {
        self.reread += self.splitter.unread() as u64;
        if self.reread > REREAD.saturating_add(self.script.bytes.saturating_mul(2)) {
            return Err(self.not_ours("too many lines in one function or string that look like COPY"));
        }
        self.splitter.look_now();
        Ok(())
    }

    /// Takes the statements that have ended.
    fn statements(&mut self) -> Result<(), ArchiveError> {
        // The lexer's only error is that the text ends too early, and it has not ended.
        while let Ok(Some(streamed)) = self.splitter.pull() {
            self.pending = self.splitter.unread();
            if streamed.statement.copy_from_stdin() {
                return Err(self.not_ours("a COPY that is not at the beginning of a line"));
            }
            self.statement(&streamed);
        }
        Ok(())
    }

    fn statement(&mut self, streamed: &Streamed) {
        if streamed.statement.is_empty() {
            return;
        }
        let body = streamed.body();
        match streamed.statement.meta_command.as_deref() {
            Some("\\restrict") => {
                self.script.restricted = true;
                self.key = argument(body);
            }
            // It comes after the line that says complete.
            Some("\\unrestrict") if self.key.is_some() && argument(body) == self.key => {
                self.key = None;
                return;
            }
            Some("\\connect" | "\\c") => self.script.connects = true,
            Some(_) => {}
            None => {
                let begins =
                    |word: &str| body.get(..word.len()).is_some_and(|b| b.eq_ignore_ascii_case(word));
                if begins("INSERT") {
                    self.script.inserts += 1;
                    let head = body.get(..400).unwrap_or(body);
                    self.script.inserted.extend(target("INTO", head));
                }
                if begins("DROP ") {
                    let head = body.get(..200).unwrap_or(body);
                    self.script.drops |= !tokens(head).iter().any(|word| word.eq_ignore_ascii_case("EXISTS"));
                }
                if begins("ALTER ") || begins("CREATE") {
                    self.evaluation.statement(body);
                }
                if begins("CREATE") {
                    self.script.creates = true;
                    let head = body.get(..200).unwrap_or(body);
                    let database =
                        tokens(head).get(1).is_some_and(|word| word.eq_ignore_ascii_case("DATABASE"));
                    self.script.creates_database |= database;
                }
            }
        }
        self.said_complete = false;
    }

    /// A comment of pg_dump's own, which is in no statement.
    fn comment(&mut self, line: &[u8]) {
        let rest = |start: &[u8]| {
            let text = line.strip_prefix(start)?;
            Some(String::from_utf8_lossy(text).trim_end().to_owned())
        };
        if line == COMPLETE {
            self.said_complete = true;
        }
        self.script.dumped.extend(rest(DATA).as_deref().and_then(table_of_data));
        if let Some(version) = rest(SERVER) {
            self.script.server_version.get_or_insert(version);
        }
        if let Some(version) = rest(DUMPER) {
            self.script.dump_version.get_or_insert(version);
        }
    }

    /// The line `\.` has come: the lexer is told, and goes on with SQL.
    fn end_of_rows(&mut self) -> Result<(), ArchiveError> {
        let rows = self.rows.take().unwrap_or_default();
        self.splitter.push("\\.\n");
        self.splitter.look_now();
        self.said_complete = false;
        match self.splitter.pull() {
            Ok(Some(streamed)) if streamed.statement.copy_from_stdin() => {
                let (schema, name) = target("COPY", streamed.body())
                    .ok_or_else(|| self.not_ours("a COPY into something that is not a table"))?;
                self.script.tables.push(ScriptTable { schema, name, content: rows.content() });
                self.pending = 0;
                Ok(())
            }
            _ => Err(self.not_ours("a COPY whose data does not follow it")),
        }
    }

    fn finish(mut self) -> Result<Script, ArchiveError> {
        if self.rows.is_some() {
            return Ok(self.script);
        }
        if !self.line.is_empty() {
            self.line()?;
        }
        self.splitter.finish();
        loop {
            match self.splitter.pull() {
                Ok(Some(streamed)) => self.statement(&streamed),
                Ok(None) => break,
                // It ends inside of a quote or a comment.
                Err(_) => return Ok(self.script),
            }
        }
        self.script.complete = self.said_complete && self.key.is_none();
        self.script.code = self.evaluation.code();
        Ok(self.script)
    }

    fn not_ours(&self, why: &'static str) -> ArchiveError {
        ArchiveError::NotOurScript { offset: self.script.bytes, why }
    }
}

/// Schema and table of `NAME; Type: TABLE DATA; Schema: SCHEMA; Owner: OWNER`.
fn table_of_data(text: &str) -> Option<(String, String)> {
    let (name, rest) = text.rsplit_once("; Type: TABLE DATA; Schema: ")?;
    let (schema, _) = rest.rsplit_once("; Owner: ")?;
    Some((schema.to_owned(), name.to_owned()))
}

/// The first argument of a meta-command.
fn argument(command: &str) -> Option<String> {
    command.split_ascii_whitespace().nth(1).map(str::to_owned)
}

/// Schema and table of `COPY schema.table (…) FROM stdin;`, of `INSERT INTO schema.table VALUES …`: what follows the word.
fn target(word: &str, statement: &str) -> Option<(Option<String>, String)> {
    let tokens = tokens(statement);
    let at = tokens.iter().take(2).position(|token| token.eq_ignore_ascii_case(word))?;
    match tokens.get(at + 1..)? {
        [first, ".", second, ..] => Some((name(first), name(second)?)),
        [first, ..] => Some((None, name(first)?)),
        [] => None,
    }
}
