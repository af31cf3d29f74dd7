//! Where sequences stand in a dump: `SELECT pg_catalog.setval('…', n, called);`. A sequence moves on between the snapshot
//! and pg_dump's look at it, so what counts is what was written. Pure.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::manifest::SequenceState;
use crate::engine::archive::Entry;

const START: &[u8] = b"SELECT pg_catalog.setval('";

/// Longer than any such line: two names of 63 bytes, each byte doubled by its quotes.
const LONGEST: usize = 1024;

/// The state in an entry of a table of contents, if it is one of a sequence.
pub(super) fn of_entry(entry: &Entry) -> Option<SequenceState> {
    if entry.desc != "SEQUENCE SET" {
        return None;
    }
    let line = entry.definition.lines().find(|line| line.as_bytes().starts_with(START))?;
    let (_, last_value, is_called) = parse(line)?;
    let schema = entry.namespace.clone().unwrap_or_default();
    Some(SequenceState { schema, name: entry.tag.clone(), last_value, is_called })
}

/// Literal, value and flag of a line.
fn parse(line: &str) -> Option<(&str, i64, bool)> {
    let inside = line.strip_prefix("SELECT pg_catalog.setval('")?.strip_suffix(");")?;
    let (inside, is_called) = inside.rsplit_once(", ")?;
    let (literal, last_value) = inside.rsplit_once("', ")?;
    Some((literal, last_value.parse().ok()?, is_called == "true"))
}

/// Schema and name in `"S"."n"` or `s.n`, as they stand in a literal.
fn names(literal: &str) -> Option<(String, String)> {
    let text = literal.replace("''", "'");
    let mut names = Vec::new();
    let mut name = String::new();
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => name.extend(letters.next()),
            '"' => quoted = !quoted,
            '.' if !quoted => names.push(std::mem::take(&mut name)),
            letter => name.push(letter),
        }
    }
    names.push(name);
    let mut names = names.into_iter();
    Some((names.next()?, names.next()?))
}

/// Sees the lines of a script that passes through.
pub(super) struct Setvals<'a> {
    inner: &'a mut dyn Read,
    line: Vec<u8>,
    /// The line is another one.
    passed: bool,
    found: BTreeMap<(String, String), (i64, bool)>,
}

impl<'a> Setvals<'a> {
    pub(super) fn new(inner: &'a mut dyn Read) -> Self {
        Self { inner, line: Vec::new(), passed: false, found: BTreeMap::new() }
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
            let ends = part.last() == Some(&b'\n');
            if !self.passed {
                self.line.extend_from_slice(
                    &part[..part.len().min(LONGEST) - usize::from(ends && part.len() <= LONGEST)],
                );
                let seen = self.line.len().min(START.len());
                self.passed = self.line[..seen] != START[..seen] || self.line.len() > LONGEST;
            }
            if ends {
                if !self.passed {
                    self.take_line();
                }
                self.line.clear();
                self.passed = false;
            }
        }
    }

    fn take_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        if let Some((literal, value, is_called)) = parse(&line)
            && let Some(name) = names(literal)
        {
            self.found.insert(name, (value, is_called));
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
        let text = "x\nSELECT pg_catalog.setval('public.a_id_seq', 7, true);\n\
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
            let expected = [state("S.1", "it's \"q\"", -1, false), state("public", "a_id_seq", 7, true)];
            assert_eq!(input.finish(), expected, "{size}");
        }
    }
}
