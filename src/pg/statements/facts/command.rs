//! The command a statement begins with: its action and, for CREATE, ALTER and DROP, the kind of object.

use super::head::{Head, option};

/// A statement whose beginning is understood.
pub(super) struct Command<'a> {
    pub(super) head: &'a Head<'a>,
    /// The kind of object of CREATE, ALTER, DROP; else empty.
    pub(super) object: &'static str,
    /// The place after action and object.
    pub(super) after: usize,
}

/// Longer phrases before those that they begin with.
static OBJECTS: &[&str] = &[
    "ACCESS METHOD",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONVERSION",
    "DATABASE",
    "DEFAULT PRIVILEGES",
    "DOMAIN",
    "EVENT TRIGGER",
    "EXTENSION",
    "FOREIGN DATA WRAPPER",
    "FOREIGN TABLE",
    "FUNCTION",
    "GROUP",
    "INDEX",
    "LANGUAGE",
    "LARGE OBJECT",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "OPERATOR",
    "OWNED",
    "POLICY",
    "PROCEDURE",
    "PUBLICATION",
    "ROLE",
    "ROUTINE",
    "RULE",
    "SCHEMA",
    "SEQUENCE",
    "SERVER",
    "STATISTICS",
    "SUBSCRIPTION",
    "SYSTEM",
    "TABLESPACE",
    "TABLE",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
    "USER MAPPING",
    "USER",
    "VIEW",
];

/// What may stand between CREATE and the object.
static MODIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "UNIQUE",
    "RECURSIVE",
    "TRUSTED",
    "PROCEDURAL",
    "DEFAULT",
    "CONSTRAINT",
];

/// Commands of more than one word; others show their first.
static PHRASES: &[&str] = &[
    "COMMIT PREPARED",
    "DISCARD ALL",
    "IMPORT FOREIGN SCHEMA",
    "PREPARE TRANSACTION",
    "REASSIGN OWNED",
    "REFRESH MATERIALIZED VIEW",
    "ROLLBACK PREPARED",
    "ROLLBACK TO",
    "SECURITY LABEL",
    "START TRANSACTION",
    "VACUUM FULL",
];

impl<'a> Command<'a> {
    pub(super) fn of(head: &'a Head<'a>) -> Command<'a> {
        let mut at = 1;
        if head.has_any(0, &["CREATE", "ALTER", "DROP"]) {
            loop {
                if let Some(object) = OBJECTS.iter().find(|object| head.has(at, object)) {
                    return Command { head, object, after: head.past(at, object) };
                }
                if !head.get(at).is_some_and(|lexeme| lexeme.is_any(MODIFIERS)) {
                    break;
                }
                at += 1;
            }
        }
        Command { head, object: "", after: 1 }
    }

    /// Whether it begins with these key words.
    pub(super) fn is(&self, phrase: &str) -> bool {
        self.head.has(0, phrase)
    }

    pub(super) fn is_any(&self, phrases: &[&str]) -> bool {
        self.head.has_any(0, phrases)
    }

    /// `action` and kind of object, modifiers between them aside: `CREATE UNIQUE INDEX` is CREATE of INDEX.
    pub(super) fn acts(&self, action: &str, objects: &[&str]) -> bool {
        self.is(action) && objects.contains(&self.object)
    }

    /// Whether CONCURRENTLY is said in one of the places that REINDEX and the index commands have for it.
    pub(super) fn is_concurrent(&self) -> bool {
        if self.is("REPACK") {
            return option(self.head.parenthesis(1).0, "CONCURRENTLY") == Some(true);
        }
        if self.is("REINDEX") {
            let (options, at) = self.head.parenthesis(1);
            return option(options, "CONCURRENTLY") == Some(true) || self.head.has(at + 1, "CONCURRENTLY");
        }
        self.is("REFRESH MATERIALIZED VIEW CONCURRENTLY")
            || self.object == "INDEX" && !self.is("ALTER") && self.head.has(self.after, "CONCURRENTLY")
    }

    /// For display.
    pub(super) fn verb(&self) -> String {
        let Some(first) = self.head.get(0) else { return String::new() };
        let mut verb = match PHRASES.iter().find(|phrase| self.is(phrase)) {
            Some(phrase) => (*phrase).to_owned(),
            None => first.text.chars().take(40).collect::<String>().to_uppercase(),
        };
        if !self.object.is_empty() {
            verb = format!("{verb} {}", self.object);
        }
        if self.is("LOCK") {
            verb.push_str(" TABLE");
        }
        if self.is("REINDEX") {
            let (_, at) = self.head.parenthesis(1);
            let target = ["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"];
            if let Some(target) = target.into_iter().find(|target| self.head.has(at, target)) {
                verb = format!("{verb} {target}");
            }
        }
        if self.is_concurrent() {
            verb.push_str(" CONCURRENTLY");
        }
        verb
    }

    /// The statement that EXPLAIN looks at, and whether ANALYZE runs it.
    pub(super) fn explained(&self) -> Option<(&'a str, bool)> {
        if !self.is("EXPLAIN") {
            return None;
        }
        let (options, mut at) = self.head.parenthesis(1);
        // `EXPLAIN (SELECT 1)` has no options.
        if options.first().is_some_and(|first| first.is_any(&["SELECT", "WITH", "VALUES", "TABLE"])) {
            at = 1;
        }
        let mut analyze = option(options, "ANALYZE").or(option(options, "ANALYSE")) == Some(true);
        while self.head.has_any(at, &["ANALYZE", "ANALYSE", "VERBOSE"]) {
            analyze |= !self.head.has(at, "VERBOSE");
            at += 1;
        }
        self.head.get(at).map(|inner| (&self.head.sql[inner.start..], analyze))
    }
}
