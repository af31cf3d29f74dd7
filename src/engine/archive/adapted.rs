//! A script of pg_dump as it streams by, adapted to the server that it goes to: without what only the server that was
//! dumped knows. It changes no other byte, and where statements end is the lexer's to say, so that a function's body, a
//! string and the rows of a COPY may hold any text.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, BufRead, BufReader, Read};

use crate::pg::attver::{ATTRIBUTE_VERSION, BEGINNINGS, Left, left_of};
use crate::pg::statements::{Splitter, Statement, Streamed, name, tokens};

/// A line longer than this goes by in pieces; all lines that are looked at are shorter.
const LONG: u64 = 1 << 16;

/// After so many lines a statement that is adapted has ended: only its three names, of 63 bytes, can have line ends.
const LOOKS: u32 = 200;

/// How far the head of a script goes at most: pg_dump's settings come first.
const HEAD: u64 = 1 << 16;

/// How many bytes the lexer may read twice, because lines in one function's body look like those that matter.
const REREAD: u64 = 1 << 30;

/// What the server knows, as far as scripts of other versions may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The names of its settings, in lower case. Where they are known, the head of a script sets no other: pg_dump and
    /// pg_restore write settings of their own version, such as `transaction_timeout` of 17.
    pub settings: Option<BTreeSet<String>>,
    /// It goes into a new database.
    pub new_database: Option<NewDatabase>,
}

/// What every new database has, and a script need not make: the schema public, which `pg_dump -n public` creates, its
/// comment, and plpgsql.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewDatabase {
    /// A superuser runs the script.
    OfSuperuser,
    /// Another role does, which may not set the comment on plpgsql.
    OfOrdinaryRole,
}

/// How the lines begin of the statements that are left out for a new database.
const OF_NEW_DATABASE: [&str; 4] = [
    "DROP SCHEMA IF EXISTS public;",
    "CREATE SCHEMA public;",
    "COMMENT ON SCHEMA public IS ",
    "COMMENT ON EXTENSION plpgsql IS ",
];

/// The adapted script.
pub struct Adapted<R> {
    script: BufReader<R>,
    known: Known,
    /// What is handed out next.
    ready: io::Cursor<Vec<u8>>,
    splitter: Splitter,
    state: State,
    /// So far there was nothing but settings.
    is_head: bool,
    /// The last piece ended inside of a line.
    goes_on: bool,
    /// What is not handed on yet, from the first line that may have to be adapted.
    held: Vec<u8>,
    /// Where that begins in what the lexer was given.
    held_at: usize,
    /// How many bytes were taken out of it.
    gone: usize,
    /// The lines that may have to be adapted.
    looked_at: VecDeque<Candidate>,
    bytes: u64,
    reread: u64,
}

/// A line that looks like the beginning of a statement that may have to be adapted.
struct Candidate {
    /// Where it begins in what the lexer was given.
    at: usize,
    /// After so many lines more it is none.
    looks: u32,
}

/// What goes by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Statements.
    Sql,
    /// The rows of a COPY.
    Rows,
    /// The rest, which is not looked at: the lexer would read too much twice.
    Done,
}

impl<R: Read> Adapted<R> {
    /// The script for a server that knows this.
    pub fn new(script: R, known: Known) -> Self {
        let is_head = known.settings.is_some();
        Self {
            script: BufReader::with_capacity(1 << 16, script),
            known,
            ready: io::Cursor::default(),
            splitter: Splitter::new(),
            state: State::Sql,
            is_head,
            goes_on: false,
            held: Vec::new(),
            held_at: 0,
            gone: 0,
            looked_at: VecDeque::new(),
            bytes: 0,
            reread: 0,
        }
    }

    /// The next line, or a piece of a long one; more where one of them has to be adapted.
    fn next(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let mut line = Vec::new();
            self.script.by_ref().take(LONG).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                self.splitter.finish();
                self.pull();
                return Ok(self.let_go(usize::MAX));
            }
            self.bytes += line.len() as u64;
            let begins = !self.goes_on;
            self.goes_on = !line.ends_with(b"\n");
            let out = match self.state {
                State::Sql => self.sql(begins, line),
                State::Rows => self.row(begins, line),
                State::Done => line,
            };
            if !out.is_empty() {
                return Ok(out);
            }
        }
    }

    fn row(&mut self, begins: bool, line: Vec<u8>) -> Vec<u8> {
        if begins && (line == b"\\.\n" || line == b"\\.") {
            self.splitter.push("\\.\n");
            self.held_at += "\\.\n".len();
            self.state = State::Sql;
            self.look_now();
            // The COPY, which went by before its rows.
            self.pull();
        }
        line
    }

    fn sql(&mut self, begins: bool, line: Vec<u8>) -> Vec<u8> {
        self.is_head &= self.bytes <= HEAD;
        let alters = BEGINNINGS.iter().any(|word| line.starts_with(word.as_bytes()));
        let is_there = self.known.new_database.is_some()
            && OF_NEW_DATABASE.iter().any(|word| line.starts_with(word.as_bytes()));
        if begins && (alters || is_there || (self.is_head && line.starts_with(b"SET "))) {
            self.looked_at.push_back(Candidate { at: self.held_at + self.held.len(), looks: LOOKS });
        }
        let copies = begins && line.starts_with(b"COPY ") && line.ends_with(b" FROM stdin;\n");
        self.splitter.push(&same_length(&line));
        self.held.extend_from_slice(&line);
        if self.is_head || copies || !self.looked_at.is_empty() {
            self.look_now();
        }
        self.pull();
        for candidate in &mut self.looked_at {
            candidate.looks -= 1;
        }
        self.looked_at.retain(|candidate| candidate.looks > 0);
        let next = self.looked_at.front().map_or(usize::MAX, |candidate| candidate.at);
        self.let_go(next)
    }

    /// Hand on what is held before this place.
    fn let_go(&mut self, place: usize) -> Vec<u8> {
        let length = place.saturating_sub(self.held_at + self.gone).min(self.held.len());
        let kept = self.held.split_off(length);
        self.held_at += length + self.gone;
        self.gone = 0;
        std::mem::replace(&mut self.held, kept)
    }

    /// Look again at what the lexer has not understood yet, where that is worth it.
    fn look_now(&mut self) {
        self.reread += self.splitter.unread() as u64;
        if self.reread > REREAD.saturating_add(self.bytes.saturating_mul(2)) {
            self.looked_at.clear();
            self.state = State::Done;
        }
        self.splitter.look_now();
    }

    /// Take the statements that have ended. The lexer's only error is that the text ends too early.
    fn pull(&mut self) {
        while let Ok(Some(Streamed { statement, text })) = self.splitter.pull() {
            let body = &text[statement.body.start - statement.range.start..];
            let sets =
                |word: &str| body.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
            if self.looked_at.iter().any(|candidate| candidate.at == statement.body.start) {
                self.adapt(&statement);
            }
            self.looked_at.retain(|candidate| candidate.at >= statement.range.end);
            let is_setting = statement.is_empty() || statement.meta_command.is_some();
            self.is_head &= is_setting || sets("SET ") || sets("SELECT ") || sets("BEGIN");
        }
        if self.state == State::Sql && self.splitter.awaits_data() {
            self.state = State::Rows;
            self.looked_at.clear();
        }
    }

    /// Take out of a held statement what the server does not know; all of it with the end of its line.
    fn adapt(&mut self, statement: &Statement) {
        let start = statement.body.start - self.held_at - self.gone;
        let text = same_length(&self.held[start..]);
        let body = &text[..statement.body.len()];
        let mut end = statement.range.end - statement.body.start;
        end += usize::from(text[end..].starts_with('\n'));
        let left = if self.is_unknown(body) || self.is_there(body) { Left::Nothing } else { left_of(body) };
        let ranges = match left {
            Left::All => Vec::new(),
            Left::Nothing => std::iter::once(0..end).collect(),
            Left::Without(ranges) => ranges,
        };
        for range in ranges.into_iter().rev() {
            self.gone += range.len();
            self.held.drain(start + range.start..start + range.end);
        }
    }

    /// What the new database has already.
    fn is_there(&self, statement: &str) -> bool {
        let Some(of) = self.known.new_database else { return false };
        match tokens(statement)[..] {
            ["CREATE", "SCHEMA", "public"] | ["CREATE", "SCHEMA", "public", ";"] => true,
            ["DROP", "SCHEMA", "IF", "EXISTS", "public"] => true,
            ["DROP", "SCHEMA", "IF", "EXISTS", "public", ";"] => true,
            ["COMMENT", "ON", "SCHEMA", "public", "IS", "'standard public schema'", ..] => true,
            ["COMMENT", "ON", "EXTENSION", "plpgsql", "IS", ..] => of == NewDatabase::OfOrdinaryRole,
            _ => false,
        }
    }

    /// `SET name = value` of a setting that the server does not have; one of an extension has a dot in its name.
    fn is_unknown(&self, statement: &str) -> bool {
        let (Some(settings), true) = (&self.known.settings, self.is_head) else { return false };
        match tokens(statement)[..] {
            [set, setting, "=", ..] if set.eq_ignore_ascii_case("SET") => {
                name(setting).is_some_and(|name| !settings.contains(&name.to_lowercase()))
            }
            _ => false,
        }
    }
}

impl<R: Read> Read for Adapted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.ready.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        self.ready = io::Cursor::new(self.next()?);
        self.ready.read(buffer)
    }
}

/// A whole text without the options that the server wrote for itself.
#[must_use]
pub fn without_own_options(text: &str) -> String {
    if !text.contains(ATTRIBUTE_VERSION) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    match Adapted::new(text.as_bytes(), Known::default()).read_to_string(&mut out) {
        Ok(_) => out,
        // A text that the reader refuses stays as it is.
        Err(_) => text.to_owned(),
    }
}

/// As text, each byte in its place: one of another encoding is as good as any letter.
fn same_length(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| 'x'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD_OF_18: &str = "--\n-- PostgreSQL database dump\n--\n\n\\restrict AbC\n\n-- Dumped by pg_dump version 18.6\n\n\
                              SET statement_timeout = 0;\nSET transaction_timeout = 0;\nSET client_encoding = 'UTF8';\n\
                              SELECT pg_catalog.set_config('search_path', '', false);\nSET my.own = 1;\nSET row_security = off;\n\n";

    fn adapted(script: &[u8], settings: Option<&[&str]>) -> Vec<u8> {
        let settings = settings.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let mut out = Vec::new();
        Adapted::new(script, Known { settings, new_database: None }).read_to_end(&mut out).unwrap();
        out
    }

    fn check(script: &str, adapted_to: &str) {
        assert_eq!(String::from_utf8(adapted(script.as_bytes(), None)).unwrap(), adapted_to);
    }

    #[test]
    fn a_setting_that_the_server_does_not_have_is_left_out_of_the_head() {
        let known: &[&str] = &["statement_timeout", "client_encoding", "row_security"];
        let body = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\nSET transaction_timeout = 0;\n$$;\n\
                    SET transaction_timeout = 0;\n";
        let script = format!("{HEAD_OF_18}{body}");
        let got = String::from_utf8(adapted(script.as_bytes(), Some(known))).unwrap();
        assert_eq!(got, script.replacen("SET transaction_timeout = 0;\n", "", 1));
        assert_eq!(adapted(script.as_bytes(), None), script.as_bytes());
    }

    #[test]
    fn what_every_new_database_has_is_not_made_once_more() {
        let body = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$\nCREATE SCHEMA public;\n$$;\n\
                    CREATE SCHEMA publication;\nCOMMENT ON SCHEMA public IS 'ours';\n";
        let made = "DROP SCHEMA IF EXISTS public;\nCREATE SCHEMA public;\nCOMMENT ON SCHEMA public IS 'standard public schema';\n";
        let comment = "COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL\nprocedural language';\n";
        let script = format!("{made}{comment}{body}");
        let check = |new_database, wanted: &str| {
            let mut out = String::new();
            let known = Known { settings: None, new_database };
            Adapted::new(script.as_bytes(), known).read_to_string(&mut out).unwrap();
            assert_eq!(out, wanted);
        };
        check(Some(NewDatabase::OfOrdinaryRole), body);
        check(Some(NewDatabase::OfSuperuser), &format!("{comment}{body}"));
        check(None, &script);
    }

    #[test]
    fn the_servers_own_options_are_left_out_and_nothing_else() {
        let table = "CREATE TABLE public.t (\n    i integer DEFAULT 'ALTER TABLE ONLY x\n\
                     ALTER TABLE ONLY public.t ALTER COLUMN i SET (pg_attver=1);\n'\n);\n\n\n";
        let own = "ALTER TABLE ONLY public.t ALTER COLUMN i SET (pg_attver=26496440);\n";
        let both =
            "ALTER TABLE ONLY public.\"T\nt\" ALTER COLUMN \"a\nb\" SET (pg_attver=7, n_distinct=-0.5);\n";
        let users = both.replace("pg_attver=7, ", "");
        let after = "\n\nALTER TABLE public.t OWNER TO o;\n\nCOPY public.t (i) FROM stdin;\n\
                     ALTER TABLE ONLY public.t ALTER COLUMN i SET (pg_attver=1);\n\\.\n\n\n\
                     CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $_$\n\
                     ALTER TABLE ONLY public.t ALTER COLUMN i SET (pg_attver=1);\n$_$;\n\n";
        check(&format!("{table}{own}{both}{own}{after}{own}"), &format!("{table}{users}{after}"));
    }

    #[test]
    fn a_script_without_them_stays_as_it_is_whatever_its_bytes() {
        let mut script =
            b"CREATE TABLE \"gr\xf6\xdfe\" (a int);\nALTER TABLE ONLY \"gr\xf6\xdfe\" ALTER COLUMN a SET "
                .to_vec();
        let begin = script.len();
        script.extend_from_slice(b"(pg_attver=1, n_distinct=2);\nINSERT INTO t VALUES ('\xff");
        script.extend(vec![b'x'; 300_000]);
        script.extend_from_slice(b"');\n");
        let mut expected = script.clone();
        expected.drain(begin + 1..begin + 1 + "pg_attver=1, ".len());
        script.extend_from_slice(b"ALTER TABLE ONLY t ALTER COLUMN a SET (pg_attver=1)");
        assert!(adapted(&script, None) == expected);
        check("", "");
        check("SELECT 1", "SELECT 1");
    }
}
