//! Puts a transactional migration into one message, and finds the way back from an error in that
//! message to a place in the file. Pure text.

use crate::pg::ident::Ident;
use crate::pg::statements::{self, Lock, Statement};

/// How long statements wait for locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockTimeouts {
    /// For statements that take a table lock stronger than ROW EXCLUSIVE, and all that follow them
    /// in the transaction, in milliseconds: a waiting ALTER TABLE blocks every reader behind it.
    pub strong_ms: u64,
    /// For plain DML before that, which waits for rows only, in milliseconds.
    pub rows_ms: u64,
}

impl Default for LockTimeouts {
    fn default() -> Self {
        Self { strong_ms: 500, rows_ms: 30_000 }
    }
}

/// One message, and the map back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The SQL to send.
    pub(crate) text: String,
    /// Byte ranges of the message that are bytes of the source: (start in message, start in source, length).
    segments: Vec<(usize, usize, usize)>,
    /// For each statement of the message, in order, its offset in the source; `None` is ours.
    statements: Vec<Option<usize>>,
}

/// Where in the source an error belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this byte of the source.
    At(usize),
    /// In our own rows, before the source.
    Bookkeeping,
    /// At COMMIT: a deferred constraint.
    Commit,
}

/// Build the message: settings, BEGIN, the bookkeeping rows **first**, the SQL, a newline (its last
/// line may be a comment), `;COMMIT`.
pub(crate) fn transactional(
    prelude: &str,
    rows: &str,
    role: Option<&Ident>,
    source: &str,
    all: &[Statement],
    timeouts: LockTimeouts,
) -> Message {
    let mut message = Message {
        text: String::with_capacity(source.len() + rows.len() + 512),
        segments: vec![],
        statements: vec![],
    };
    message.own(prelude);
    message.own(&format!("SET lock_timeout = {}; BEGIN; ", timeouts.rows_ms));
    message.own(rows);
    message.own("; ");
    if let Some(role) = role {
        message.own(&format!("SET LOCAL ROLE {role}; "));
    }
    let real: Vec<_> = all.iter().filter(|statement| !statement.is_empty()).collect();
    let own_timeout = real.iter().any(|s| s.facts.sets.as_deref() == Some("lock_timeout"));
    let strong = real.iter().position(|s| s.facts.lock == Lock::Strong).filter(|_| !own_timeout);
    let split_at = strong.map_or(0, |index| real[index].body.start);
    message.source(source, 0..split_at);
    let before = strong.unwrap_or(0);
    message.statements.extend(real[..before].iter().map(|s| Some(s.body.start)));
    if strong.is_some() {
        message.own(&format!("SET LOCAL lock_timeout = {}; ", timeouts.strong_ms));
    }
    message.source(source, split_at..source.len());
    message.statements.extend(real[before..].iter().map(|s| Some(s.body.start)));
    message.text.push_str("\n;COMMIT");
    message
}

impl Message {
    /// Text of ours: complete statements, each ending in `; `.
    fn own(&mut self, sql: &str) {
        let count = statements::split(sql).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count());
        self.statements.extend(std::iter::repeat_n(None, count));
        self.text.push_str(sql);
    }

    fn source(&mut self, source: &str, range: std::ops::Range<usize>) {
        self.segments.push((self.text.len(), range.start, range.len()));
        self.text.push_str(&source[range]);
    }

    /// Where an error belongs, from PostgreSQL's position (in characters, from 1) or, where it gave
    /// none, from how many statements had finished.
    pub(crate) fn place(&self, position: Option<usize>, finished: usize) -> Place {
        if let Some(position) = position {
            let offset = self
                .text
                .char_indices()
                .nth(position.saturating_sub(1))
                .map_or(self.text.len(), |(byte, _)| byte);
            let found = self
                .segments
                .iter()
                .find(|(start, _, length)| (*start..=start + length).contains(&offset) && *length > 0);
            if let Some((start, source, _)) = found {
                return Place::At(source + offset - start);
            }
        }
        match self.statements.get(finished) {
            Some(Some(offset)) => Place::At(*offset),
            Some(None) => Place::Bookkeeping,
            None => Place::Commit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(source: &str) -> Message {
        let all = statements::split(source).expect("the test's SQL lexes");
        transactional("RESET ALL; ", "INSERT INTO l VALUES (1)", None, source, &all, LockTimeouts::default())
    }

    #[test]
    fn the_rows_come_first_and_a_last_comment_cannot_swallow_the_commit() {
        assert_eq!(
            build("SELECT 1 -- done").text,
            "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); SELECT 1 -- done\n;COMMIT"
        );
    }

    #[test]
    fn the_short_lock_timeout_begins_with_the_first_strong_lock() {
        assert_eq!(
            build("UPDATE t SET a = 1;\nALTER TABLE t ADD b int;").text,
            "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); UPDATE t SET a = 1;\n\
             SET LOCAL lock_timeout = 500; ALTER TABLE t ADD b int;\n;COMMIT"
        );
    }

    #[test]
    fn a_file_that_sets_its_own_lock_timeout_keeps_it() {
        assert!(!build("SET lock_timeout = '5s'; ALTER TABLE t ADD b int;").text.contains("SET LOCAL"));
    }

    #[test]
    fn errors_find_their_way_back_to_the_file() {
        let source = "-- Größe\nUPDATE t SET a = 1;\nALTER TABLE t ADD b int;\nSELECT oops;";
        let message = build(source);
        let check = |needle: &str| {
            let byte = message.text.find(needle).expect("in the message");
            let position = message.text[..byte].chars().count() + 1;
            let expected = source.find(needle).expect("in the source");
            assert_eq!(message.place(Some(position), 0), Place::At(expected), "{needle}");
        };
        check("UPDATE");
        check("a = 1");
        check("ALTER");
        check("oops");
        // RESET, SET, BEGIN, INSERT are ours; then UPDATE, our SET LOCAL, ALTER, SELECT, COMMIT.
        let by_count = |finished| message.place(None, finished);
        assert_eq!(by_count(3), Place::Bookkeeping);
        assert_eq!(by_count(4), Place::At(source.find("UPDATE").expect("there")));
        assert_eq!(by_count(5), Place::Bookkeeping);
        assert_eq!(by_count(7), Place::At(source.find("SELECT").expect("there")));
        assert_eq!(by_count(8), Place::Commit);
    }
}
