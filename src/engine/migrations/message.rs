//! Puts statements into messages, and finds the way back from an error in a message to a place in
//! the file. Pure text.

use crate::engine::ledger::look::Lost;
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
pub(crate) enum Part {
    /// Settings and BEGIN.
    Settings,
    /// The locks on the tables of the record, and the check that writing to them runs no code of other roles.
    Hold,
    /// The bookkeeping rows.
    Bookkeeping,
    /// The look whether an old transaction holds one of the tables.
    Queue,
    /// The deferred constraints, checked just before COMMIT.
    Constraints,
    /// The check that the record is as it must be.
    Look(Lost),
}

/// Our record is read and written by ourselves, whatever role the script has set, within no time limit of the script's, and
/// whole: a policy that applies is an error.
pub(crate) const OURSELVES: &str = "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
     SET LOCAL statement_timeout = 0; SET LOCAL row_security = off; ";

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
pub(crate) enum Place {
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

/// Rows of ours that come after the script.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OurRows<'a> {
    /// What holds their tables, as SQL that ends in `; `, or nothing.
    pub(crate) held: &'a str,
    /// The statements, as SQL that ends in `; `, or nothing.
    pub(crate) sql: &'a str,
}

/// One message under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The SQL to send.
    pub(crate) text: String,
    marks: Vec<Mark>,
    run: Option<usize>,
    /// Where the end begins, which is all ours, in bytes, and how many marks come before it.
    end: Option<(usize, usize)>,
    commits: bool,
}

impl Message {
    /// Text of ours: complete statements, each ending in `; `.
    pub(crate) fn ours(&mut self, part: Part, sql: &str) {
        let count = statements::split(sql).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count());
        self.marks.extend(std::iter::repeat_n(Mark::Ours(part), count));
        self.text.push_str(sql);
        self.run = None;
    }

    /// A statement of the script, with the comments before it.
    pub(crate) fn theirs(&mut self, streamed: Streamed) {
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

    /// The text of its one statement, which was moved into it, behind `head`.
    pub(super) fn taken_back(self, head: usize) -> String {
        let mut text = self.text;
        let sealed = text.len() - usize::from(text.ends_with('\0'));
        text.truncate(self.end.map_or(sealed, |(end, _)| end - END.len()));
        text.drain(..head);
        text
    }

    /// Nothing more comes: the text ends as libpq takes it, so that it is not copied for that.
    pub(crate) fn seal(&mut self) {
        self.text.push('\0');
    }

    /// The end, on a line of its own because the script's last line may be a comment: the deferred constraints under the
    /// script's path and role, so that no trigger of theirs runs after the check; then `rows`, the check, and COMMIT.
    pub(crate) fn end(&mut self, rows: OurRows<'_>, look: &[(Lost, String)]) {
        self.check(true, rows, look);
        self.text.push_str("COMMIT");
        self.commits = true;
    }

    /// The same without COMMIT, and without the constraints where more is to come.
    pub(crate) fn check(&mut self, constraints: bool, rows: OurRows<'_>, look: &[(Lost, String)]) {
        self.text.push_str(END);
        self.end = Some((self.text.len(), self.marks.len()));
        if constraints {
            self.ours(Part::Constraints, "SET CONSTRAINTS ALL IMMEDIATE; ");
        }
        self.ours(Part::Settings, OURSELVES);
        self.ours(Part::Hold, rows.held);
        self.ours(Part::Bookkeeping, rows.sql);
        for (lost, sql) in look {
            self.text.push_str(sql);
            self.text.push_str("; ");
            self.marks.push(Mark::Ours(Part::Look(*lost)));
        }
    }

    /// Whether it holds the COMMIT.
    pub(super) fn commits(&self) -> bool {
        self.commits
    }

    /// Whether the script's statements have finished, and what arrives belongs to the end.
    pub(crate) fn is_ending(&self, finished: usize) -> bool {
        self.end.is_some_and(|(_, marks)| finished >= marks)
    }

    /// Where an error belongs, from PostgreSQL's position (in characters, from 1) or, where it gave
    /// none, from how many statements of the message had finished. `whole` is the script's text,
    /// where it is in memory.
    pub(crate) fn place(&self, told: Option<usize>, finished: usize, whole: Option<&str>) -> Place {
        let at = told.map(|told| offset_of_character(&self.text, told));
        if let Some(at) = at.filter(|at| self.end.is_none_or(|(end, _)| *at < end)) {
            let is_before = |mark: &&Mark| matches!(mark, Mark::Theirs { start, .. } if *start <= at);
            if let Some(mark) = self.marks.iter().rev().find(is_before) {
                return Place::At(self.spot(mark, at, whole));
            }
        }
        match self.marks.get(finished) {
            Some(mark @ Mark::Theirs { start, .. }) => Place::At(self.spot(mark, *start, whole)),
            Some(Mark::Ours(Part::Constraints)) | None => Place::Commit,
            Some(Mark::Ours(part)) => Place::Ours(*part),
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

/// What separates the script from the end.
const END: &str = "\n;";

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
        message.end(OurRows::default(), &[(Lost::Ledger, "SELECT 2".into())]);
        message
    }

    /// What every message ends with.
    const END: &str = "\n;SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
                       SET LOCAL statement_timeout = 0; SET LOCAL row_security = off; SELECT 2; COMMIT";

    #[test]
    fn the_rows_come_first_and_a_last_comment_cannot_swallow_the_commit() {
        assert_eq!(
            build("SELECT 1 -- done", false).text,
            format!(
                "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); SELECT 1 -- done{END}"
            )
        );
    }

    #[test]
    fn the_short_lock_timeout_begins_with_the_first_strong_lock() {
        let text =
            build("UPDATE t SET a = 1;\nALTER TABLE t ADD b int;\nALTER TABLE t ADD c int;", false).text;
        assert_eq!(
            text,
            format!(
                "RESET ALL; SET lock_timeout = 30000; BEGIN; INSERT INTO l VALUES (1); UPDATE t SET a = 1;\
                 SET LOCAL lock_timeout = 500; \nALTER TABLE t ADD b int;\nALTER TABLE t ADD c int;{END}"
            )
        );
    }

    #[test]
    fn a_script_that_sets_its_own_lock_timeout_keeps_it() {
        assert!(
            !build("SET lock_timeout = '5s'; ALTER TABLE t ADD b int;", true)
                .text
                .contains("SET LOCAL lock_timeout")
        );
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
        // RESET, SET, BEGIN, INSERT are ours; then UPDATE, our SET LOCAL, ALTER, SELECT, and the end.
        let by_count = |finished| message.place(None, finished, Some(source));
        assert_eq!(by_count(3), Place::Ours(Part::Bookkeeping));
        assert_eq!(spot(Some(source), None, 4).0, 2);
        assert_eq!(by_count(5), Place::Ours(Part::Settings));
        assert_eq!(spot(Some(source), None, 7).1, 26);
        assert_eq!(by_count(8), Place::Commit);
        assert_eq!(by_count(12), Place::Ours(Part::Settings));
        assert_eq!(by_count(13), Place::Ours(Part::Look(Lost::Ledger)));
        assert_eq!(by_count(14), Place::Commit);
        let look = message.text.find("2; COMMIT").expect("in the message");
        let told = Some(message.text[..look].chars().count() + 1);
        assert_eq!(message.place(told, 13, Some(source)), Place::Ours(Part::Look(Lost::Ledger)));
    }
}
