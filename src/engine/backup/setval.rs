//! Where sequences stand in a dump: `SELECT pg_catalog.setval('…', n, called);`. A sequence moves on between the snapshot
//! and pg_dump's look at it, so what counts is what was written. Pure.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::manifest::SequenceState;
use crate::engine::archive::Entry;

const START: &str = "SELECT pg_catalog.setval('";

/// Longer than any such statement: two names of 63 bytes, each byte doubled by its quotes.
const LONGEST: usize = 1024;

/// The state in an entry of a table of contents, if it is one of a sequence.
pub(super) fn of_entry(entry: &Entry) -> Option<SequenceState> {
    if entry.desc != "SEQUENCE SET" {
        return None;
    }
    // A name may hold line breaks.
    let statement = &entry.definition[entry.definition.find(START)?..];
    let (_, last_value, is_called) = parse(statement.trim_end())?;
    let schema = entry.namespace.clone().unwrap_or_default();
    Some(SequenceState { schema, name: entry.tag.clone(), last_value, is_called })
}

/// Literal, value and flag of a statement.
fn parse(line: &str) -> Option<(&str, i64, bool)> {
    let inside = line.strip_prefix(START)?.strip_suffix(");")?;
    let (inside, is_called) = inside.rsplit_once(", ")?;
    let (literal, last_value) = inside.rsplit_once("', ")?;
    Some((literal, last_value.parse().ok()?, is_called == "true"))
}

/// Schema and name in `"S"."n"` or `s.n`, as they stand in a literal; `None` where the text is something else.
fn names(literal: &str) -> Option<(String, String)> {
    let text = literal.replace("''", "'");
    let mut names = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_bare = letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$') || !letter.is_ascii();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => names.last_mut()?.extend(letters.next()),
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            letter if quoted || is_bare => names.last_mut()?.push(letter),
            _ => return None,
        }
    }
    let [schema, name] = <[String; 2]>::try_from(names).ok()?;
    (!quoted).then_some((schema, name))
}

/// Sees the statements of a script that passes through.
pub(super) struct Setvals<'a> {
    inner: &'a mut dyn Read,
    line: Vec<u8>,
    /// Statements that have begun, each with all that has come since: a name may hold line breaks, and a line that begins
    /// as a statement does.
    begun: Vec<Vec<u8>>,
    /// The line is another one.
    passed: bool,
    found: BTreeMap<(String, String), (i64, bool)>,
}

impl<'a> Setvals<'a> {
    pub(super) fn new(inner: &'a mut dyn Read) -> Self {
        Self { inner, line: Vec::new(), begun: Vec::new(), passed: false, found: BTreeMap::new() }
    }

    /// The states. A function's body may hold such a line, too: pg_dump writes the values behind all functions, so the
    /// last one of a name counts.
    pub(super) fn finish(self) -> Vec<SequenceState> {
        let state =
            |((schema, name), (last_value, is_called))| SequenceState { schema, name, last_value, is_called };
        self.found.into_iter().map(state).collect()
    }

    fn see(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = &part[..part.len().min(LONGEST + 1)];
            self.begun.iter_mut().for_each(|begun| begun.extend_from_slice(room));
            self.begun.retain(|begun| begun.len() <= LONGEST);
            if !self.passed {
                self.line.extend_from_slice(room);
                let seen = self.line.len().min(START.len());
                self.passed = self.line[..seen] != START.as_bytes()[..seen] || self.line.len() > LONGEST;
            }
            if part.last() == Some(&b'\n') {
                let line = std::mem::take(&mut self.line);
                if !std::mem::take(&mut self.passed) {
                    self.begun.push(line);
                }
                self.take_statement();
            }
        }
    }

    fn take_statement(&mut self) {
        let found = self.begun.iter().find_map(|begun| {
            let text = String::from_utf8_lossy(begun);
            let (literal, value, is_called) = parse(text.trim_end_matches('\n'))?;
            Some((names(literal)?, (value, is_called)))
        });
        if let Some((name, state)) = found {
            self.found.insert(name, state);
            self.begun.clear();
        }
    }
}

impl Read for Setvals<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.see(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_seen_however_the_script_is_cut_into_pieces() {
        // The second line is that of a function's body.
        let text = "x\nSELECT pg_catalog.setval('public.a_id_seq', 7, true);\n\
                    SELECT pg_catalog.setval('no, 1, true);\n\
                    SELECT pg_catalog.setval('\"s\nt\".\"n\nSELECT pg_catalog.setval(''x\"', 42, true);\n\
                    SELECT pg_catalog.setval('\"S.1\".\"it''s \"\"q\"\"\"', -1, false);\nSELECT 1;\n";
        for size in [1, 2, 7, 1000] {
            let mut input = text.as_bytes();
            let mut input = Setvals::new(&mut input);
            let mut buffer = vec![0; size];
            while input.read(&mut buffer).unwrap() > 0 {}
            let state = |schema: &str, name: &str, last_value, is_called| SequenceState {
                schema: schema.into(),
                name: name.into(),
                last_value,
                is_called,
            };
            let expected = [
                state("S.1", "it's \"q\"", -1, false),
                state("public", "a_id_seq", 7, true),
                state("s\nt", "n\nSELECT pg_catalog.setval('x", 42, true),
            ];
            assert_eq!(input.finish(), expected, "{size}");
        }
    }
}
