//! Puts statements into messages, and finds the way back from an error in a message to a place in
//! the file. Pure text.

use crate::pg::statements::{self, Lock, Streamed, excerpt, offset_of_character, position};

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

/// A part of a message that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Settings and BEGIN.
    Settings,
    /// The bookkeeping rows.
    Bookkeeping,
    /// The look whether an old transaction holds one of the tables.
    Queue,
}

/// Where in the script something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// The line, shortened around the place.
    pub line_text: String,
    /// What to print below it.
    pub caret: String,
}

/// Where an error belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the script.
    At(Spot),
    /// In a part of ours.
    Ours(Part),
    /// At COMMIT: a deferred constraint.
    Commit,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    Ours(Part),
    Theirs {
        /// Where its body begins in the message, and where in the script, in bytes.
        start: usize,
        offset: usize,
        line: u32,
        column: u32,
        /// Where the unbroken run of script text begins in the message that it is part of.
        run: usize,
    },
}

/// One message under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// The SQL to send.
    pub(super) text: String,
    marks: Vec<Mark>,
    run: Option<usize>,
    commits: bool,
}

impl Message {
    /// Text of ours: complete statements, each ending in `; `.
    pub(super) fn ours(&mut self, part: Part, sql: &str) {
        let count = statements::split(sql).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count());
        self.marks.extend(std::iter::repeat_n(Mark::Ours(part), count));
        self.text.push_str(sql);
        self.run = None;
    }

    /// A statement of the script, with the comments before it.
    pub(super) fn theirs(&mut self, streamed: Streamed) {
        let run = *self.run.get_or_insert(self.text.len());
        let statement = &streamed.statement;
        if !statement.is_empty() {
            self.marks.push(Mark::Theirs {
                start: self.text.len() + statement.body.start - statement.range.start,
                offset: statement.body.start,
                line: statement.line,
                column: statement.column,
                run,
            });
        }
        if streamed.text.len() > LARGE {
            // Moved, not copied: there may be no memory for two of them.
            let before = std::mem::replace(&mut self.text, streamed.text);
            self.text.insert_str(0, &before);
        } else {
            self.text.push_str(&streamed.text);
        }
    }

    /// Nothing more comes: the text ends as libpq takes it, so that it is not copied for that.
    pub(super) fn seal(&mut self) {
        self.text.push('\0');
    }

    /// The end: on a line of its own, because the script's last line may be a comment.
    pub(super) fn commit(&mut self) {
        self.text.push_str("\n;COMMIT");
        self.commits = true;
    }

    /// Whether it holds the COMMIT.
    pub(super) fn commits(&self) -> bool {
        self.commits
    }

    /// Where an error belongs, from PostgreSQL's position (in characters, from 1) or, where it gave
    /// none, from how many statements of the message had finished. `whole` is the script's text,
    /// where it is in memory.
    pub(super) fn place(&self, told: Option<usize>, finished: usize, whole: Option<&str>) -> Place {
        if let Some(told) = told {
            let at = offset_of_character(&self.text, told);
            let is_before = |mark: &&Mark| matches!(mark, Mark::Theirs { start, .. } if *start <= at);
            if let Some(mark) = self.marks.iter().rev().find(is_before) {
                return Place::At(self.spot(mark, at, whole));
            }
        }
        match self.marks.get(finished) {
            Some(mark @ Mark::Theirs { start, .. }) => Place::At(self.spot(mark, *start, whole)),
            Some(Mark::Ours(part)) => Place::Ours(*part),
            None => Place::Commit,
        }
    }

    fn spot(&self, mark: &Mark, at: usize, whole: Option<&str>) -> Spot {
        let Mark::Theirs { start, offset, line, column, run } = mark else {
            unreachable!("only marks of the script have a spot");
        };
        let inside = position(&self.text[*start..], at - start);
        let shown = match whole {
            Some(whole) => excerpt(whole, offset + at - start),
            None => excerpt(&self.text[*run..], at - run),
        };
        Spot {
            line: line + inside.line - 1,
            column: if inside.line == 1 { column + inside.column - 1 } else { inside.column },
            line_text: shown.line_text,
            caret: shown.caret,
        }
    }
}

/// A statement of this size is moved into the message, in bytes.
const LARGE: usize = 1 << 20;

/// Lowers the lock timeout in front of the first statement that takes a strong table lock, unless
/// the script sets its own.
#[derive(Debug)]
pub(super) struct Lowering {
    wanted: Option<u64>,
}

impl Lowering {
    pub(super) fn new(script_sets_its_own: bool, timeouts: LockTimeouts) -> Self {
        Self { wanted: (!script_sets_its_own).then_some(timeouts.strong_ms) }
    }

    /// What to put in front of this statement.
    pub(super) fn before(&mut self, streamed: &Streamed) -> Option<String> {
        if streamed.statement.is_empty() || streamed.statement.facts.lock != Lock::Strong {
            return None;
        }
        self.wanted.take().map(|ms| format!("SET LOCAL lock_timeout = {ms}; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::migrations::body::Body;

    fn build(source: &str, sets_its_own: bool) -> Message {
        let mut message = Message::default();
        message.ours(Part::Settings, "RESET ALL; SET lock_timeout = 30000; BEGIN; ");
        message.ours(Part::Bookkeeping, "INSERT INTO l VALUES (1); ");
        let mut lowering = Lowering::new(sets_its_own, LockTimeouts::default());
        for streamed in Body::Text(source.into()).statements().expect("no file") {
            let streamed = streamed.expect("the test's SQL lexes");
            if let Some(sql) = lowering.before(&streamed) {
                message.ours(Part::Settings, &sql);
            }
            message.theirs(streamed);
        }
        message.commit();
        message
    }

    #[test]
    fn the_rows_come_first_and_a_last_comment_cannot_swallow_the_commit() {
        assert_eq!(
            build("SELECT 1 -- done", false).text,
            "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); SELECT 1 -- done\n;COMMIT"
        );
    }

    #[test]
    fn the_short_lock_timeout_begins_with_the_first_strong_lock() {
        let text =
            build("UPDATE t SET a = 1;\nALTER TABLE t ADD b int;\nALTER TABLE t ADD c int;", false).text;
        assert_eq!(
            text,
            "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); UPDATE t SET a = 1;\
             SET LOCAL lock_timeout = 500; \nALTER TABLE t ADD b int;\nALTER TABLE t ADD c int;\n;COMMIT"
        );
    }

    #[test]
    fn a_script_that_sets_its_own_lock_timeout_keeps_it() {
        assert!(!build("SET lock_timeout = '5s'; ALTER TABLE t ADD b int;", true).text.contains("SET LOCAL"));
    }

    #[test]
    fn errors_find_their_way_back_to_the_file() {
        let source = "-- Größe\nUPDATE t SET a = 1;\nALTER TABLE t ADD b int; SELECT\n  oops;";
        let message = build(source, false);
        let spot = |whole, told, finished| match message.place(told, finished, whole) {
            Place::At(spot) => (spot.line, spot.column, spot.line_text, spot.caret),
            other => panic!("{other:?}"),
        };
        let check = |needle: &str, line: u32, column: u32| {
            let byte = message.text.find(needle).expect("in the message");
            let told = Some(message.text[..byte].chars().count() + 1);
            for whole in [Some(source), None] {
                let (got_line, got_column, text, caret) = spot(whole, told, 0);
                assert_eq!((got_line, got_column), (line, column), "{needle}");
                // The caret stands below the needle, also where a part of the line is shown only.
                assert!(text[caret.len() - 1..].starts_with(needle), "{needle}: {text:?} {caret:?}");
            }
        };
        check("UPDATE", 2, 1);
        check("a = 1", 2, 14);
        check("ALTER", 3, 1);
        check("SELECT", 3, 26);
        check("oops", 4, 3);
        // RESET, SET, BEGIN, INSERT are ours; then UPDATE, our SET LOCAL, ALTER, SELECT, COMMIT.
        let by_count = |finished| message.place(None, finished, Some(source));
        assert_eq!(by_count(3), Place::Ours(Part::Bookkeeping));
        assert_eq!(spot(Some(source), None, 4).0, 2);
        assert_eq!(by_count(5), Place::Ours(Part::Settings));
        assert_eq!(spot(Some(source), None, 7).1, 26);
        assert_eq!(by_count(8), Place::Commit);
    }
}
