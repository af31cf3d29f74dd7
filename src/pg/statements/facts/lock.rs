//! Which statements take a table lock stronger than ROW EXCLUSIVE. From the manual's "13.3.1. Table-Level Locks", from
//! the pages of the commands, and measured in `pg_locks`. What is not listed is strong.

use super::Lock;
use super::command::Command;
use super::head::Lexemes;

/// Neither tables nor their definitions, or only their rows.
static ROWS: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "COPY",
    "VALUES",
    "WITH",
    "TABLE",
    "(",
    "DO",
    "CALL",
    "EXECUTE",
    "PREPARE",
    "DEALLOCATE",
    "DECLARE",
    "FETCH",
    "MOVE",
    "CLOSE",
    "GRANT",
    "REVOKE",
    "SET",
    "RESET",
    "SHOW",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "LISTEN",
    "UNLISTEN",
    "NOTIFY",
    "CHECKPOINT",
    "DISCARD",
    "LOAD",
    "WAIT",
];

/// CREATE of what touches no existing table. TABLE is not here: a foreign key or PARTITION OF locks the other table.
/// Nor are STATISTICS and PUBLICATION: they take SHARE UPDATE EXCLUSIVE.
static CREATES: &[&str] = &[
    "ACCESS METHOD",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONVERSION",
    "DATABASE",
    "DOMAIN",
    "EVENT TRIGGER",
    "EXTENSION",
    "FOREIGN DATA WRAPPER",
    "FUNCTION",
    "GROUP",
    "LANGUAGE",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "OPERATOR",
    "PROCEDURE",
    "ROLE",
    "SEQUENCE",
    "SERVER",
    "SUBSCRIPTION",
    "TABLESPACE",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM",
    "TYPE",
    "USER MAPPING",
    "USER",
];

static ALTERS: &[&str] = &[
    "AGGREGATE",
    "COLLATION",
    "CONVERSION",
    "DATABASE",
    "DEFAULT PRIVILEGES",
    "EVENT TRIGGER",
    "FOREIGN DATA WRAPPER",
    "FUNCTION",
    "GROUP",
    "LANGUAGE",
    "LARGE OBJECT",
    "PROCEDURE",
    "ROLE",
    "ROUTINE",
    "SCHEMA",
    "SERVER",
    "SUBSCRIPTION",
    "SYSTEM",
    "TABLESPACE",
    "USER MAPPING",
    "USER",
];

/// DROP of what no table depends on.
static DROPS: &[&str] = &["DATABASE", "GROUP", "ROLE", "SUBSCRIPTION", "TABLESPACE", "USER MAPPING", "USER"];

/// COMMENT ON a table, or a part of one, takes SHARE UPDATE EXCLUSIVE.
static COMMENTED: &[&str] = &[
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONVERSION",
    "DATABASE",
    "DOMAIN",
    "EVENT",
    "EXTENSION",
    "FOREIGN DATA",
    "FUNCTION",
    "LANGUAGE",
    "LARGE",
    "OPERATOR",
    "PROCEDURE",
    "PUBLICATION",
    "ROLE",
    "ROUTINE",
    "SCHEMA",
    "SERVER",
    "SUBSCRIPTION",
    "TABLESPACE",
    "TEXT",
    "TYPE",
];

pub(super) fn of(command: &Command<'_>) -> Lock {
    let head = command.head;
    let rows = if command.is("CREATE") {
        match command.object {
            "VIEW" => !command.is("CREATE OR REPLACE"),
            // `CREATE SCHEMA s CREATE TABLE …` makes more than the schema.
            "SCHEMA" => !Lexemes::of(head.sql).skip(1).any(|lexeme| lexeme.is("CREATE")),
            object => CREATES.contains(&object),
        }
    } else if command.is("ALTER") {
        match command.object {
            // An enum's values are rows of a catalog; the attributes of a type may be columns of tables.
            "TYPE" => head
                .name(command.after)
                .is_some_and(|(_, at)| head.has_any(at, &["ADD VALUE", "RENAME VALUE"])),
            object => ALTERS.contains(&object),
        }
    } else if command.is("DROP") {
        match command.object {
            "FUNCTION" | "PROCEDURE" | "ROUTINE" | "AGGREGATE" => {
                !Lexemes::of(head.sql).any(|lexeme| lexeme.is("CASCADE"))
            }
            object => DROPS.contains(&object),
        }
    } else if command.is("COMMENT ON") {
        head.has_any(2, COMMENTED)
    } else if command.is("LOCK") {
        weak_lock_mode(command)
    } else {
        head.get(0).is_none() || command.is_any(ROWS)
    };
    if rows { Lock::Rows } else { Lock::Strong }
}

/// `LOCK … IN ACCESS SHARE MODE` and the two next ones.
fn weak_lock_mode(command: &Command<'_>) -> bool {
    let words: Vec<_> = Lexemes::of(command.head.sql).collect();
    let Some(at) = words.iter().position(|word| word.is("IN")) else { return false };
    let mode: Vec<_> = words[at + 1..].iter().map(|word| word.text.to_ascii_uppercase()).collect();
    let mode: Vec<_> = mode.iter().map(String::as_str).take_while(|word| *word != "MODE").collect();
    matches!(mode.as_slice(), ["ACCESS" | "ROW", "SHARE"] | ["ROW", "EXCLUSIVE"])
}
