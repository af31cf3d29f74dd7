//! Cuts the given SQL into messages, and adds the check that it does not empty the migration record.

use std::ops::Range;

use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::look::Lost;
use crate::engine::migrations::message::OURSELVES;
use crate::engine::row_security::RowSecurity;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::Failed;
use crate::pg::statements::{self, Control, Statement, Transaction};

use super::policies::Policies;

/// One message to the server: the whole text in a transaction of ours, or one statement.
pub(super) struct Message {
    pub(super) sql: String,
    /// Where the user's text begins in it, and where that part begins in the whole.
    prefix: usize,
    start: usize,
    /// How long that part is.
    length: usize,
    /// Which of its statements are the user's.
    pub(super) theirs: Range<usize>,
    /// Whether it is a statement without a transaction of ours.
    pub(super) is_alone: bool,
    /// The parts of the check, and which statement of the message is the first of them.
    looks: (usize, Vec<Lost>),
    /// The statement alone, where it may end the transaction that the check needs.
    pub(super) bare: Option<String>,
    /// Whether it is one of several in a transaction of ours.
    pub(super) is_part: bool,
}

/// How many statements come before the parts of the check: the constraints, and four settings.
const BEFORE_LOOKS: usize = 5;

/// The check, as statements without a transaction; nothing where there is no record.
pub(super) fn check(look: &[(Lost, String)]) -> String {
    if look.is_empty() {
        return String::new();
    }
    let looks: String = look.iter().map(|(_, sql)| format!("{sql}; ")).collect();
    format!("SET CONSTRAINTS ALL IMMEDIATE; {OURSELVES}{looks}")
}

impl Message {
    /// The text is moved into a message that holds all of it: there may be no memory for two of them.
    pub(super) fn all(
        text: &mut String,
        real: &[&Statement],
        read_only: bool,
        settings: &str,
        (look, policies): (&[(Lost, String)], &Policies),
    ) -> Vec<Self> {
        let check = check(look);
        let lost = |first: usize| (first + BEFORE_LOOKS, look.iter().map(|(lost, _)| *lost).collect());
        let framed = |text: &mut String, head: String, end: &str| {
            let ours = count(&head);
            let theirs = ours..ours + real.len();
            let mut sql = std::mem::take(text);
            let length = sql.len();
            sql.insert_str(0, &head);
            sql.push_str(&format!("\n;{end}\0"));
            vec![Self {
                sql,
                prefix: head.len(),
                length,
                start: 0,
                is_alone: false,
                looks: lost(theirs.end),
                bare: None,
                is_part: false,
                theirs,
            }]
        };
        if read_only {
            // A query in front closes the window in which SET TRANSACTION READ WRITE would work. Older servers let
            // RESET open it again: what slips by is not kept.
            return framed(text, format!("BEGIN READ ONLY; {settings}SELECT 1; "), "ROLLBACK");
        }
        let is_set =
            |s: &&Statement| *policies == Policies::Off && RowSecurity::Off.before(s, "SET").is_some();
        if !real.iter().any(|s| s.facts.transaction == Transaction::Forbidden || controls(s)) {
            if real.iter().any(is_set) {
                return parts(text, real, is_set, (&format!("BEGIN; {settings}"), &check), lost);
            }
            return framed(text, format!("BEGIN; {settings}"), &format!("{check}COMMIT"));
        }
        let mut in_transaction = false;
        let mut all = Vec::with_capacity(real.len());
        for statement in real {
            let body = &text[statement.body.clone()];
            let alone = Self {
                sql: body.to_owned(),
                prefix: 0,
                length: body.len(),
                start: statement.body.start,
                theirs: 0..1,
                is_alone: true,
                looks: (0, Vec::new()),
                bare: None,
                is_part: false,
            };
            let verb = first_word(body);
            let facts = &statement.facts;
            all.push(match facts.control {
                _ if check.is_empty() => alone,
                // The check belongs into the transaction that it ends.
                Some(Control::Commit) if ["COMMIT", "END"].contains(&verb.as_str()) && in_transaction => {
                    let count = BEFORE_LOOKS + look.len();
                    Self {
                        sql: format!("{check}{body}"),
                        prefix: check.len(),
                        theirs: count..count + 1,
                        looks: lost(0),
                        ..alone
                    }
                }
                // Two statements of one message share a transaction (docs 55.2.2.1).
                None if !in_transaction && facts.transaction == Transaction::Any => Self {
                    sql: format!("{body}\n;{check}"),
                    looks: lost(1),
                    bare: ["DO", "CALL"].contains(&verb.as_str()).then(|| body.to_owned()),
                    ..alone
                },
                _ => alone,
            });
            if let Some(message) = all.last_mut().filter(|_| is_set(statement)) {
                message.set_around(statement);
            }
            in_transaction = match facts.control {
                Some(Control::Begin) => true,
                Some(Control::Commit | Control::Rollback) => false,
                Some(Control::Savepoint) | None => in_transaction,
            };
        }
        all
    }

    /// Let it begin with what policies do, for it alone: two statements of a message are one transaction.
    pub(super) fn set(&mut self, statement: &Statement, policies: &Policies) {
        let is_free = statement.facts.transaction == Transaction::Any && statement.facts.control.is_none();
        if is_free && !matches!(statement.facts.verb.as_str(), "CALL" | "DO") {
            self.begin_with(&policies.setting("SET LOCAL"));
        }
    }

    /// Let it begin with these statements of ours.
    fn begin_with(&mut self, sql: &str) {
        let count = count(sql);
        self.sql.insert_str(0, sql);
        self.prefix += sql.len();
        self.theirs = self.theirs.start + count..self.theirs.end + count;
        self.looks.0 += count;
    }

    /// Let policies filter for it, which reads no row, and set what was set before.
    fn set_around(&mut self, statement: &Statement) {
        self.begin_with(&RowSecurity::Off.before(statement, "SET").unwrap_or_default());
        let after = RowSecurity::Off.after(statement, "SET").unwrap_or_default();
        self.sql.push_str(&format!("\n;{after}"));
    }

    /// The text that was moved into it.
    pub(super) fn taken_back(mut self) -> String {
        self.sql.truncate(self.prefix + self.length);
        self.sql.drain(..self.prefix);
        self.sql
    }

    /// What the check found missing, where it is what failed.
    pub(super) fn lost(&self, failed: &Failed) -> Option<Lost> {
        let (first, lost) = &self.looks;
        // Without the right to look, nothing is known to be lost.
        let is_check =
            matches!(failed.error, PgError::Server(_)) && failed.error.failure() != PgFailure::NoPrivilege;
        lost.get(failed.finished.checked_sub(*first)?).copied().filter(|_| is_check)
    }

    /// Where in the text it failed; `None`: at COMMIT.
    pub(super) fn offset_of(&self, failed: &Failed, real: &[&Statement]) -> Option<usize> {
        let told = match &failed.error {
            PgError::Server(server) => server.0.position,
            _ => None,
        };
        let offset = told.map(|character| statements::offset_of_character(&self.sql, character));
        match offset.filter(|offset| *offset <= self.prefix + self.length) {
            Some(offset) => Some(offset.saturating_sub(self.prefix) + self.start),
            None if self.is_alone => Some(self.start),
            None => {
                let mut mine = real.iter().filter(|s| s.body.start >= self.start);
                mine.nth(failed.finished.saturating_sub(self.theirs.start)).map(|s| s.body.start)
            }
        }
    }

    /// How the database stands after this one failed.
    pub(super) fn state_after(&self, real: &[&Statement], read_only: bool) -> String {
        let before = real.iter().filter(|s| s.body.start < self.start).count();
        match before {
            _ if read_only => "unchanged".into(),
            _ if self.is_part => "rolled back, nothing of it stays".into(),
            0 => "rolled back, nothing of it stays".into(),
            1 => "the statement before this one has run for itself".into(),
            n => format!("the {n} statements before this one have run, each for itself"),
        }
    }
}

/// How many statements a text of ours has.
fn count(sql: &str) -> usize {
    statements::split(sql).map_or(0, |all| all.iter().filter(|s| !s.is_empty()).count())
}

/// One transaction of several messages: before and after statements for which `is_set` holds, what policies do is set. The
/// text is copied: such a file holds definitions, not rows.
fn parts(
    text: &str,
    real: &[&Statement],
    is_set: impl Fn(&&Statement) -> bool,
    (head, check): (&str, &str),
    lost: impl Fn(usize) -> (usize, Vec<Lost>),
) -> Vec<Message> {
    let mut all: Vec<Message> = Vec::new();
    for (at, run) in real.chunk_by(|a, b| !is_set(a) && !is_set(b)).enumerate() {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let body = &text[first.body.start..last.body.end];
        let mut message = Message {
            sql: format!("{body}\n;"),
            prefix: 0,
            length: body.len(),
            start: first.body.start,
            theirs: 0..run.len(),
            is_alone: false,
            looks: (0, Vec::new()),
            bare: None,
            is_part: true,
        };
        if is_set(first) {
            message.set_around(first);
        }
        if at == 0 {
            message.begin_with(head);
        }
        all.push(message);
    }
    if let Some(message) = all.last_mut() {
        message.looks = lost(count(&message.sql));
        message.sql.push_str(&format!("{check}COMMIT"));
    }
    all
}

/// Whether it begins or ends a transaction; savepoints stay inside.
pub(super) fn controls(statement: &Statement) -> bool {
    statement.facts.control.is_some_and(|control| control != Control::Savepoint)
}

/// Whether it may write to the migration record: it names the ledger or the bookkeeping schema, and does more than read.
pub(super) fn writes_record(body: &str, bookkeeping: &str) -> bool {
    let tokens = statements::tokens(body);
    let names = |token: &&str| {
        statements::name(token).is_some_and(|name| name == LEDGER_TABLE || name == bookkeeping)
    };
    let writes = ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "ALTER", "DROP", "COPY"];
    let is_write = |token: &&str| writes.iter().any(|word| token.eq_ignore_ascii_case(word));
    tokens.iter().any(names) && tokens.iter().any(is_write)
}

fn first_word(body: &str) -> String {
    statements::tokens(body).first().map(|word| word.to_ascii_uppercase()).unwrap_or_default()
}
