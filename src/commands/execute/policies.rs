//! Whether policies filter what the given SQL reads and changes. SQL that only reads keeps the role's own setting; SQL
//! that may write runs with `row_security = off`, so that no row is left out silently.

use std::collections::BTreeSet;

use crate::engine::row_security::RowSecurity;
use crate::pg::literal::Literal;
use crate::pg::statements::{Statement, name, tokens};

/// How the SQL runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Policies {
    /// As the role's own setting says.
    AsSet,
    /// The same, unless one of these functions exists and is volatile: it may write.
    UnlessVolatile(BTreeSet<String>),
    /// A policy that applies raises an error.
    Off,
    /// Policies filter (`--row-security`).
    On,
}

impl Policies {
    /// Of the SQL that was given.
    pub(super) fn of(text: &str, real: &[&Statement], is_read_only: bool, are_wanted: bool) -> Self {
        // What the SQL sets itself holds.
        let sets = real.iter().any(|one| RowSecurity::of(one, &text[one.range.clone()]).is_on());
        match () {
            () if are_wanted => Self::On,
            () if is_read_only || sets => Self::AsSet,
            () if real.iter().any(|one| !is_reading(one, &text[one.body.clone()])) => Self::Off,
            () => {
                let called: BTreeSet<String> =
                    real.iter().flat_map(|one| called(&text[one.body.clone()])).collect();
                if called.is_empty() { Self::AsSet } else { Self::UnlessVolatile(called) }
            }
        }
    }

    /// What comes before the SQL, as text that ends in `; `; `set` is `SET` or `SET LOCAL`.
    pub(super) fn setting(&self, set: &str) -> String {
        match self {
            Self::AsSet => String::new(),
            Self::Off => format!("{set} row_security = off; "),
            Self::On => format!("{set} row_security = on; "),
            Self::UnlessVolatile(names) => {
                let names: Vec<String> = names.iter().map(|name| Literal(name).to_string()).collect();
                let is_local = set == "SET LOCAL";
                format!(
                    "SELECT pg_catalog.set_config('row_security', 'off', {is_local}) WHERE EXISTS (\
                     SELECT FROM pg_catalog.pg_proc p WHERE p.provolatile OPERATOR(pg_catalog.=) 'v' \
                     AND p.oid OPERATOR(pg_catalog.>=) 16384 \
                     AND p.proname OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.text[])); ",
                    names.join(", ")
                )
            }
        }
    }
}

/// Whether all statements only read, as far as their words say, and change neither the transaction nor a setting.
pub(super) fn reads(text: &str, real: &[&Statement]) -> bool {
    let is_plain = |one: &&Statement| one.facts.control.is_none() && one.facts.sets.is_none();
    real.iter().all(|one| is_plain(one) && is_reading(one, &text[one.body.clone()]))
}

/// Whether a statement changes no row, as far as its words say.
fn is_reading(statement: &Statement, body: &str) -> bool {
    const READING: [&str; 26] = [
        "SELECT",
        "VALUES",
        "TABLE",
        "WITH",
        "SHOW",
        "EXPLAIN",
        "COPY",
        "DECLARE",
        "FETCH",
        "MOVE",
        "CLOSE",
        "SET",
        "RESET",
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE",
        "DEALLOCATE",
        "DISCARD",
        "CHECKPOINT",
        "LISTEN",
    ];
    let words = tokens(body);
    let first = words.iter().find(|word| **word != "(").copied().unwrap_or_default().to_ascii_uppercase();
    if !READING.contains(&first.as_str()) || statement.facts.loses.is_some() {
        return false;
    }
    let is = |at: Option<&&str>, word: &str| at.is_some_and(|token| token.eq_ignore_ascii_case(word));
    // COPY … FROM writes; COPY (SELECT … FROM …) TO and COPY t TO read.
    let mut depth = 0usize;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if first == "COPY" && depth == 0 && word.eq_ignore_ascii_case("FROM") => return false,
            word if word.eq_ignore_ascii_case("UPDATE") => {
                let locks = at > 0
                    && (is(words.get(at - 1), "FOR")
                        || at > 2 && is(words.get(at - 1), "KEY") && is(words.get(at - 2), "NO"));
                if !locks {
                    return false;
                }
            }
            word if ["INSERT", "DELETE", "MERGE", "INTO"]
                .iter()
                .any(|one| word.eq_ignore_ascii_case(one)) =>
            {
                return false;
            }
            _ => {}
        }
    }
    true
}

/// The names that stand before a parenthesis.
fn called(body: &str) -> Vec<String> {
    let words = tokens(body);
    words.windows(2).filter(|pair| pair[1] == "(").filter_map(|pair| name(pair[0])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::statements::split;

    #[test]
    fn what_may_write_is_known_by_its_words() {
        let check = |sql: &str, reads: bool| {
            let all = split(sql).unwrap();
            assert_eq!(is_reading(&all[0], &sql[all[0].body.clone()]), reads, "{sql}");
        };
        check("SELECT * FROM t", true);
        check("(SELECT 1) UNION SELECT 2", true);
        check("SELECT * FROM t FOR UPDATE", true);
        check("SELECT * FROM t FOR NO KEY UPDATE", true);
        check("WITH x AS (SELECT 1) SELECT * FROM x", true);
        check("WITH x AS (UPDATE t SET a = 1 RETURNING 1) SELECT * FROM x", false);
        check("SELECT * INTO u FROM t", false);
        check("COPY t TO STDOUT", true);
        check("COPY (SELECT a FROM t) TO STDOUT", true);
        check("COPY t FROM '/x'", false);
        check("EXPLAIN SELECT 1", true);
        check("EXPLAIN ANALYZE DELETE FROM t WHERE a = 1", false);
        check("UPDATE t SET a = 1 WHERE b", false);
        check("DO $$ BEGIN END $$", false);
        check("CALL p()", false);
        check("CREATE TABLE u AS SELECT * FROM t", false);
        check("SHOW search_path", true);
        check("PREPARE p AS UPDATE t SET a = 1 WHERE b", false);
        check("EXECUTE p", false);
    }

    #[test]
    fn a_reading_text_asks_for_volatile_functions_only_where_it_calls_any() {
        let check = |sql: &str, expected| {
            let all = split(sql).unwrap();
            let real: Vec<&Statement> = all.iter().filter(|one| !one.is_empty()).collect();
            assert_eq!(Policies::of(sql, &real, false, false), expected, "{sql}");
        };
        check("SELECT 1 FROM t", Policies::AsSet);
        check("SELECT fill()", Policies::UnlessVolatile(BTreeSet::from(["fill".into()])));
        check("SELECT 1; UPDATE t SET a = 1 WHERE b", Policies::Off);
        check("SET row_security = on; UPDATE t SET a = 1 WHERE b", Policies::AsSet);
        check("-- pgkeel: row_security = on\nUPDATE t SET a = 1 WHERE b", Policies::AsSet);
    }
}
