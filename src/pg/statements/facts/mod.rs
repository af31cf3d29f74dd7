//! What a statement's key words say about it, without a parse tree: enough to choose time-outs, transactions and
//! questions. Every rule errs to the careful side; what a function or a DO block does inside is not seen.

mod command;
mod concurrent_index;
mod enum_value;
mod evidence;
mod head;
mod literal;
mod lock;
mod loss;
mod relation;
mod setting;
mod transaction;

#[cfg(test)]
mod tests;

pub use enum_value::{EnumValue, uses_value};
pub use evidence::{Evidence, Reindexed};

use command::Command;
use head::{Head, Lexemes};

/// The facts of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// For display: the command's name, mostly PostgreSQL's command tag, as in `CREATE INDEX CONCURRENTLY`.
    pub verb: String,
    /// The table locks that it takes.
    pub lock: Lock,
    /// Whether PostgreSQL runs it inside a transaction block.
    pub transaction: Transaction,
    /// What it does to the transaction around it.
    pub control: Option<Control>,
    /// The setting that SET or RESET changes, in lower case, under PostgreSQL's own name: `lock_timeout`, `role`,
    /// `session_authorization`, `search_path` for SET SCHEMA, `timezone`, `client_encoding` for SET NAMES; `all` for
    /// RESET ALL. SET TRANSACTION gives `transaction`, SET SESSION CHARACTERISTICS `session_characteristics`.
    pub sets: Option<String>,
    /// The data that it can destroy.
    pub loses: Option<Loss>,
    /// Present for CREATE INDEX CONCURRENTLY.
    pub concurrent_index: Option<ConcurrentIndex>,
    /// Present for ALTER TYPE … ADD VALUE: the new value cannot be used before COMMIT.
    pub adds_enum_value: Option<EnumValue>,
    /// The first name of a relation that exists before the statement and on which it takes a strong lock: a table, a
    /// view, a sequence, an index (whose table is locked too). None if it is not known, and if the lock is not strong.
    pub table: Option<Vec<String>>,
    /// For a statement that no transaction can hold: how to tell, after a run that died, whether it had finished.
    pub evidence: Option<Evidence>,
}

/// The strongest lock on tables that exist before the statement ("13.3.1. Table-Level Locks").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// At most ROW EXCLUSIVE: readers and writers go on.
    Rows,
    /// SHARE UPDATE EXCLUSIVE or stronger, or not known: while it waits, others may wait behind it.
    Strong,
}

/// Whether the statement can be in a transaction block, and so in a message with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// It can.
    Any,
    /// PostgreSQL refuses it with 25001 `active_sql_transaction`, always or for some of its objects.
    Forbidden,
}

/// Transaction control in the user's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// BEGIN, START TRANSACTION.
    Begin,
    /// COMMIT, END, PREPARE TRANSACTION, COMMIT PREPARED.
    Commit,
    /// ROLLBACK, ABORT, ROLLBACK PREPARED.
    Rollback,
    /// SAVEPOINT, RELEASE, ROLLBACK TO: they stay inside the transaction.
    Savepoint,
}

/// How data can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// DROP of any object, ALTER TABLE … DROP COLUMN, ALTER TYPE … DROP ATTRIBUTE.
    Drop,
    /// TRUNCATE.
    Truncate,
    /// DELETE without a WHERE of its own, also inside WITH, COPY, PREPARE or EXPLAIN ANALYZE.
    UnqualifiedDelete,
    /// UPDATE without a WHERE of its own, in the same places.
    UnqualifiedUpdate,
}

/// What CREATE INDEX CONCURRENTLY makes. Names as PostgreSQL reads them: unquoted, or folded to lower case; not cut to
/// 63 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcurrentIndex {
    /// The index is in the schema of its table. Without a name, PostgreSQL chooses one.
    pub name: Option<String>,
    /// The parts of the table's name.
    pub table: Vec<String>,
    /// Whether an index of that name, even an invalid one, makes it do nothing.
    pub if_not_exists: bool,
}

impl Facts {
    /// The facts of one statement, without its semicolon.
    pub(super) fn of(body: &str) -> Facts {
        // The bulk of long scripts needs no second look.
        if let Some(verb) = bulk(body) {
            return Facts::plain(verb, Lock::Rows);
        }
        let head = Head::of(body);
        let command = Command::of(&head);
        if let Some((inner, analyze)) = command.explained() {
            let inner = Facts::of(inner);
            let loses = if analyze { inner.loses } else { None };
            return Facts { loses, table: inner.table, ..Facts::plain("EXPLAIN", inner.lock) };
        }
        let (queried, loses) = loss::of(&command);
        let lock = lock::of(&command);
        let transaction = transaction::of(&command);
        Facts {
            verb: queried.map_or_else(|| command.verb(), str::to_owned),
            lock,
            transaction,
            control: transaction::control(&command),
            sets: setting::of(&command),
            loses,
            concurrent_index: concurrent_index::of(&command),
            adds_enum_value: enum_value::added(&command),
            table: if lock == Lock::Strong { relation::of(&command) } else { None },
            evidence: evidence::of(&command, transaction),
        }
    }

    fn plain(verb: &str, lock: Lock) -> Facts {
        Facts {
            verb: verb.to_owned(),
            lock,
            transaction: Transaction::Any,
            control: None,
            sets: None,
            loses: None,
            concurrent_index: None,
            adds_enum_value: None,
            table: None,
            evidence: None,
        }
    }
}

/// The verb of a statement about which nothing else is to be known. An INSERT, SELECT or VALUES that does not begin
/// with WITH cannot delete: "a data-modifying WITH must be at the top level" (7.8.4).
fn bulk(body: &str) -> Option<&'static str> {
    match Lexemes::of(body).next() {
        None => Some(""),
        Some(first) => ["INSERT", "SELECT", "VALUES"].into_iter().find(|verb| first.is(verb)),
    }
}
