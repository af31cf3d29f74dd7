//! Which statements PostgreSQL refuses in a transaction block (every caller of `PreventInTransactionBlock`), and which
//! of them are transaction control.

use super::command::Command;
use super::head::{Head, Lexemes, option};
use super::{Control, Transaction};

pub(super) fn of(command: &Command<'_>) -> Transaction {
    let head = command.head;
    let forbidden = command.acts("CREATE", &["DATABASE", "TABLESPACE"])
        || command.acts("DROP", &["DATABASE", "TABLESPACE", "SUBSCRIPTION"])
        || command.acts("ALTER", &["SYSTEM"])
        || command.is_any(&["VACUUM", "DISCARD ALL", "COMMIT PREPARED", "ROLLBACK PREPARED"])
        || command.object == "INDEX" && command.is_concurrent()
        || command.is("REINDEX") && (command.is_concurrent() || reindexes_many(head))
        || command.is("CLUSTER") && clusters_all(head)
        || command.is("REPACK") && (command.is_concurrent() || repacks_all(head))
        || command.acts("ALTER", &["TABLE"]) && detaches_concurrently(head.sql)
        || command.acts("ALTER", &["DATABASE"]) && head.has(command.after + 1, "SET TABLESPACE")
        || command.acts("CREATE", &["SUBSCRIPTION"]) && creates_slot(head.sql)
        || command.acts("ALTER", &["SUBSCRIPTION"]) && refreshes(command);
    if forbidden { Transaction::Forbidden } else { Transaction::Any }
}

pub(super) fn control(command: &Command<'_>) -> Option<Control> {
    let rollback_to = || {
        let at = command.head.past(command.head.past(1, "WORK"), "TRANSACTION");
        command.head.has(at, "TO")
    };
    if command.is_any(&["BEGIN", "START TRANSACTION"]) {
        Some(Control::Begin)
    } else if command.is_any(&["COMMIT", "END", "PREPARE TRANSACTION"]) {
        Some(Control::Commit)
    } else if command.is_any(&["SAVEPOINT", "RELEASE"]) || command.is("ROLLBACK") && rollback_to() {
        Some(Control::Savepoint)
    } else if command.is_any(&["ROLLBACK", "ABORT"]) {
        Some(Control::Rollback)
    } else {
        None
    }
}

fn reindexes_many(head: &Head<'_>) -> bool {
    let (_, at) = head.parenthesis(1);
    head.has_any(at, &["DATABASE", "SYSTEM", "SCHEMA"])
}

/// `CLUSTER` alone, or with nothing but options.
fn clusters_all(head: &Head<'_>) -> bool {
    let (_, at) = head.parenthesis(1);
    head.get(head.past(at, "VERBOSE")).is_none()
}

/// `REPACK` and `REPACK USING INDEX`, with options or without them. Like CLUSTER, it may also be of a partitioned table, which
/// the key words do not show.
fn repacks_all(head: &Head<'_>) -> bool {
    let (_, at) = head.parenthesis(1);
    head.get(at).is_none() || head.has(at, "USING INDEX")
}

/// `DETACH PARTITION p CONCURRENTLY`. It is the only action of its ALTER TABLE, so CONCURRENTLY is its last word.
fn detaches_concurrently(sql: &str) -> bool {
    let detach = Lexemes::of(sql).skip_while(|lexeme| !lexeme.is("DETACH"));
    detach.last().is_some_and(|lexeme| lexeme.is("CONCURRENTLY"))
}

/// `connect = false` implies `create_slot = false`.
fn creates_slot(sql: &str) -> bool {
    let options = last_options(sql);
    option(&options, "create_slot").or(option(&options, "connect")) != Some(false)
}

fn refreshes(command: &Command<'_>) -> bool {
    let at = command.after + 1;
    let head = command.head;
    if head.has(at, "SET (") {
        let (options, _) = head.parenthesis(at + 1);
        return option(options, "failover").or(option(options, "two_phase")).is_some();
    }
    let options = last_options(head.sql);
    head.has(at, "REFRESH")
        || head.has_any(at, &["SET PUBLICATION", "ADD PUBLICATION", "DROP PUBLICATION"])
            && option(&options, "refresh") != Some(false)
}

/// What stands in the parenthesis after the last WITH.
fn last_options(sql: &str) -> Vec<super::head::Lexeme<'_>> {
    let lexemes: Vec<_> = Lexemes::of(sql).collect();
    let at = lexemes.iter().rposition(|lexeme| lexeme.is("WITH"));
    let options = at.and_then(|at| lexemes.get(at + 2..)).unwrap_or_default();
    options.iter().copied().take_while(|lexeme| !lexeme.is_symbol(")")).collect()
}
