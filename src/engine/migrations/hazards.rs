//! What of a migration's SQL can hurt, as far as the key words of its statements tell. Pure: what a function or a DO block does
//! is not seen, nor whether a table has rows. A plan knows more.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::pg::statements::{Facts, Lock, Transaction, name, tokens};

use super::script::Script;

/// A kind of hazard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// DROP, TRUNCATE, DELETE or UPDATE of all rows.
    LosesData,
    /// A lock on a table that was there before the migration, behind which readers or writers may wait.
    LocksTables,
    /// CREATE INDEX CONCURRENTLY and its like.
    Concurrently,
    /// What no transaction can hold.
    NoTransaction,
    /// A new value of an enum: it can be used once it is committed.
    AddsEnumValue,
}

impl Concern {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LosesData => "loses data",
            Self::LocksTables => "locks tables",
            Self::Concurrently => "CONCURRENTLY",
            Self::NoTransaction => "no transaction",
            Self::AddsEnumValue => "adds an enum value",
        }
    }
}

/// The concerns about a script, each once. What cannot be read has none here; it has findings.
pub fn concerns(script: &Script) -> Vec<Concern> {
    let Ok(statements) = script.body.statements() else { return Vec::new() };
    let mut made = BTreeSet::new();
    let mut all = BTreeSet::new();
    for one in statements.filter_map(Result::ok) {
        all.extend(of(&one.statement.facts, &made));
        made.extend(makes(one.body()));
    }
    all.into_iter().collect()
}

/// The name of a relation that a statement makes: nobody else can wait for it.
fn makes(sql: &str) -> Option<String> {
    const BEFORE: [&str; 13] = [
        "CREATE",
        "OR",
        "REPLACE",
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "MATERIALIZED",
        "TABLE",
        "SEQUENCE",
        "VIEW",
        "IF",
        "NOT",
        "EXISTS",
    ];
    let words = tokens(sql.get(..MAKING).unwrap_or(sql));
    let is = |word: &str, all: &[&str]| all.iter().any(|one| one.eq_ignore_ascii_case(word));
    let at = words.iter().position(|word| !is(word, &BEFORE))?;
    let makes = is(words.first()?, &["CREATE"])
        && words[..at].iter().any(|word| is(word, &["TABLE", "SEQUENCE", "VIEW"]));
    let mut last = at;
    while makes && words.get(last + 1) == Some(&".") {
        last += 2;
    }
    words.get(last).filter(|_| makes).and_then(|word| name(word))
}

/// The name stands in so many first bytes.
const MAKING: usize = 400;

fn of(facts: &Facts, made: &BTreeSet<String>) -> Vec<Concern> {
    let is_new =
        facts.table.as_ref().and_then(|parts| parts.last()).is_some_and(|table| made.contains(table));
    let concurrently = facts.verb.contains("CONCURRENTLY");
    let mut all = Vec::new();
    let mut add = |concern, is: bool| {
        if is {
            all.push(concern);
        }
    };
    add(Concern::LosesData, facts.loses.is_some());
    add(
        Concern::LocksTables,
        facts.lock == Lock::Strong && facts.table.is_some() && !is_new && !concurrently,
    );
    add(Concern::Concurrently, concurrently);
    add(Concern::NoTransaction, facts.transaction == Transaction::Forbidden && !concurrently);
    add(Concern::AddsEnumValue, facts.adds_enum_value.is_some());
    all
}

#[cfg(test)]
mod tests {
    use super::super::body::Body;
    use super::*;

    #[test]
    fn statements_tell_what_can_hurt() {
        let check = |sql: &str, expected: &[Concern]| {
            let script = Script {
                path: "up.sql".into(),
                body: Body::Text(sql.into()),
                checksum: String::new(),
                checksum_normalised: String::new(),
                is_empty: false,
                sets_lock_timeout: false,
                row_security: Default::default(),
            };
            assert_eq!(concerns(&script), expected, "{sql}");
        };
        check("CREATE TABLE a (id int); INSERT INTO a VALUES (1)", &[]);
        check(
            "CREATE TABLE IF NOT EXISTS app.a (id int); ALTER TABLE app.a ADD b int; CREATE INDEX ON a (b)",
            &[],
        );
        check("CREATE VIEW b AS SELECT 1; ALTER TABLE a ADD b int", &[Concern::LocksTables]);
        check("DROP TABLE a", &[Concern::LosesData, Concern::LocksTables]);
        check("ALTER TABLE a ADD b int", &[Concern::LocksTables]);
        check("CREATE INDEX CONCURRENTLY i ON a (id)", &[Concern::Concurrently]);
        check("VACUUM a", &[Concern::LocksTables, Concern::NoTransaction]);
        check("ALTER TYPE m ADD VALUE 'x'", &[Concern::AddsEnumValue]);
        check("DELETE FROM a", &[Concern::LosesData]);
    }
}
