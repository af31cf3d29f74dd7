//! What of a migration's SQL can hurt, as far as the key words of its statements tell. Pure: what a function or a DO block does
//! is not seen, nor whether a table has rows. A plan knows more.

use serde::Serialize;

use crate::pg::statements::{Facts, Lock, Transaction};

use super::script::Script;

/// A kind of hazard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// DROP, TRUNCATE, DELETE or UPDATE of all rows.
    LosesData,
    /// A lock on a table that is there already, behind which readers or writers may wait.
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
    let mut all: Vec<Concern> =
        statements.filter_map(Result::ok).flat_map(|one| of(&one.statement.facts)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn of(facts: &Facts) -> Vec<Concern> {
    let concurrently = facts.verb.contains("CONCURRENTLY");
    let mut all = Vec::new();
    let mut add = |concern, is: bool| {
        if is {
            all.push(concern);
        }
    };
    add(Concern::LosesData, facts.loses.is_some());
    add(Concern::LocksTables, facts.lock == Lock::Strong && facts.table.is_some() && !concurrently);
    add(Concern::Concurrently, concurrently);
    add(Concern::NoTransaction, facts.transaction == Transaction::Forbidden && !concurrently);
    add(Concern::AddsEnumValue, facts.adds_enum_value.is_some());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::statements::split;

    #[test]
    fn statements_tell_what_can_hurt() {
        let check = |sql: &str, expected: &[Concern]| {
            let mut found: Vec<Concern> = split(sql).unwrap().iter().flat_map(|one| of(&one.facts)).collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, expected, "{sql}");
        };
        check("CREATE TABLE a (id int); INSERT INTO a VALUES (1)", &[]);
        check("DROP TABLE a", &[Concern::LosesData, Concern::LocksTables]);
        check("ALTER TABLE a ADD b int", &[Concern::LocksTables]);
        check("CREATE INDEX CONCURRENTLY i ON a (id)", &[Concern::Concurrently]);
        check("VACUUM a", &[Concern::LocksTables, Concern::NoTransaction]);
        check("ALTER TYPE m ADD VALUE 'x'", &[Concern::AddsEnumValue]);
        check("DELETE FROM a", &[Concern::LosesData]);
    }
}
