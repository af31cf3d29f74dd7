//! The existing relation that a statement locks: the one to name when it waits. Which statements take such a lock is
//! `lock`'s to say; measured in `pg_locks` where the manual is silent.

use super::command::Command;
use super::head::{Head, Lexemes};

/// Relations that have names of their own in ALTER, DROP and COMMENT ON.
static RELATIONS: &[&str] = &["TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE", "INDEX"];

/// Parts of a relation: `CREATE POLICY p ON t`.
static PARTS: &[&str] = &["POLICY", "TRIGGER", "RULE"];

pub(super) fn of(command: &Command<'_>) -> Option<Vec<String>> {
    let head = command.head;
    let after = command.after;
    if command.acts("ALTER", RELATIONS) {
        let at = head.past(after, "IF EXISTS");
        // ALL is reserved: it is no name.
        return if head.has(at, "ALL") { None } else { only(head, at) };
    }
    if command.acts("DROP", RELATIONS) {
        return only(head, head.past(head.past(after, "CONCURRENTLY"), "IF EXISTS"));
    }
    if command.acts("CREATE", &["RULE"]) {
        return following(head, after, "TO");
    }
    if command.object == "INDEX" || PARTS.contains(&command.object) {
        return following(head, after, "ON");
    }
    if command.acts("CREATE", &["STATISTICS"]) {
        return following(head, after, "FROM");
    }
    if command.acts("CREATE", &["TABLE", "FOREIGN TABLE"]) {
        return parent(head, head.past(after, "IF NOT EXISTS"));
    }
    if command.object == "PUBLICATION" {
        let tables = ["FOR TABLE", "ADD TABLE", "SET TABLE", "DROP TABLE"];
        return if head.has_any(after + 1, &tables) { only(head, after + 3) } else { None };
    }
    if command.is("TRUNCATE") || command.is("LOCK") {
        return only(head, head.past(1, "TABLE"));
    }
    if command.is("REFRESH MATERIALIZED VIEW") {
        return only(head, head.past(3, "CONCURRENTLY"));
    }
    if command.is("REINDEX") {
        let (_, at) = head.parenthesis(1);
        let named = head.has_any(at, &["TABLE", "INDEX"]);
        return if named { only(head, head.past(at + 1, "CONCURRENTLY")) } else { None };
    }
    if command.is_any(&["CLUSTER", "VACUUM", "ANALYZE", "ANALYSE", "REPACK"]) {
        let (_, mut at) = head.parenthesis(1);
        // USING is reserved: it is no name.
        if head.has(at, "USING") {
            return None;
        }
        while head.has_any(at, &["FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"]) {
            at += 1;
        }
        return only(head, at);
    }
    if command.is("COMMENT ON") { commented(head) } else { None }
}

/// `[ONLY] n` or `ONLY (n)`.
fn only(head: &Head<'_>, at: usize) -> Option<Vec<String>> {
    let at = if head.has(at, "ONLY (") { at + 2 } else { head.past(at, "ONLY") };
    head.name(at).map(|(name, _)| name)
}

/// The name after the first `word` that is outside parentheses. Long lists of columns may stand before it.
fn following(head: &Head<'_>, from: usize, word: &str) -> Option<Vec<String>> {
    let mut depth = 0i32;
    let found = Lexemes::of(head.sql).skip(from).find(|lexeme| {
        depth += i32::from(lexeme.is_symbol("(")) - i32::from(lexeme.is_symbol(")"));
        depth == 0 && lexeme.is(word)
    })?;
    only(&Head::of(&head.sql[found.start..]), 1)
}

/// What a new table at `at` is a partition of, refers to or inherits from.
fn parent(head: &Head<'_>, at: usize) -> Option<Vec<String>> {
    let (new, at) = head.name(at)?;
    if head.has(at, "PARTITION OF") {
        return only(head, at + 2);
    }
    let named = Lexemes::of(head.sql).skip(at).filter(|lexeme| lexeme.is_any(&["REFERENCES", "INHERITS"]));
    let mut names = named.filter_map(|lexeme| {
        let rest = Head::of(&head.sql[lexeme.start..]);
        match lexeme.is("INHERITS") {
            true if rest.has(1, "(") => only(&rest, 2),
            true => None,
            false => only(&rest, 1),
        }
    });
    names.find(|name| *name != new)
}

/// `COMMENT ON TABLE n`, on a column of one, on a part of one.
fn commented(head: &Head<'_>) -> Option<Vec<String>> {
    if let Some(kind) = RELATIONS.iter().find(|kind| head.has(2, kind)) {
        return only(head, head.past(2, kind));
    }
    if head.has(2, "COLUMN") {
        let (mut name, _) = head.name(3)?;
        name.pop();
        return if name.is_empty() { None } else { Some(name) };
    }
    let part = head.has(2, "CONSTRAINT") || head.has_any(2, PARTS);
    if part && !head.has(4, "ON DOMAIN") { following(head, 3, "ON") } else { None }
}
