//! Room for locks: a transaction keeps one on every table, index and sequence that it makes, changes or drops, and all
//! transactions of a server share one table of them (docs 20.12 "max_locks_per_transaction").

use crate::engine::migrations::plan::{Plan, Step};
use crate::pg::error::PgError;
use crate::pg::session::Session;

/// How often a long transaction is asked how many locks it holds, in statements.
const EVERY: usize = 50;

/// A migration of which fewer locks are expected is not worth a question to the server.
const WORTH_ASKING: usize = 1_000;

/// The settings that make the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Room {
    per_transaction: usize,
    sessions: usize,
}

impl Room {
    fn read(session: &mut Session) -> Result<Self, PgError> {
        let rows = session.catalog(
            "SELECT current_setting('max_locks_per_transaction')::int, \
             current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int",
        )?;
        let number = |column| rows.get(0, column).and_then(|value| value.parse().ok()).unwrap_or(0);
        Ok(Self { per_transaction: number(0), sessions: number(1) })
    }

    fn locks(self) -> usize {
        self.per_transaction * self.sessions
    }
}

/// A migration that may need more locks than the server has room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tight {
    /// Its name.
    pub name: String,
    /// About how many it needs.
    pub needs: usize,
    room: Room,
}

impl std::fmt::Display for Tight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, needs, room } = self;
        write!(
            f,
            "migration `{name}` may need about {needs} locks in one transaction, and the server has room for about {} \
             (max_locks_per_transaction {} × (max_connections + max_prepared_transactions) {}): set \
             max_locks_per_transaction = {} in postgresql.conf and restart the server, or split the migration",
            room.locks(),
            room.per_transaction,
            room.sessions,
            (needs * 5 / 4).div_ceil(room.sessions.max(1))
        )
    }
}

/// The migrations of a plan for which there may be no room. Of small ones the server is not asked.
///
/// # Errors
/// What the server says.
pub fn tight(session: &mut Session, plan: &Plan) -> Result<Vec<Tight>, PgError> {
    let large: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.transactional && step.resume.is_none())
        .map(|step| (step.name.clone(), needs(step)))
        .filter(|(_, needs)| *needs >= WORTH_ASKING)
        .collect();
    if large.is_empty() {
        return Ok(Vec::new());
    }
    let room = Room::read(session)?;
    let tight = large.into_iter().filter(|(_, needs)| *needs > room.locks());
    Ok(tight.map(|(name, needs)| Tight { name, needs, room }).collect())
}

/// About how many locks a migration takes. What cannot be read fails where it is run.
fn needs(step: &Step) -> usize {
    // A lock takes a name, and a name some letters.
    if step.body.bytes() < WORTH_ASKING as u64 {
        return 0;
    }
    let Ok(statements) = step.body.statements() else { return 0 };
    statements
        .filter_map(Result::ok)
        .filter(|streamed| !streamed.statement.is_empty())
        .map(|streamed| of_statement(&streamed.statement.facts.verb, streamed.body()))
        .sum()
}

/// About how many locks a statement takes that none before it took.
fn of_statement(verb: &str, body: &str) -> usize {
    let upper = || body.to_ascii_uppercase();
    match verb {
        "CREATE TABLE" | "CREATE UNLOGGED TABLE" => {
            let text = upper();
            let count = |word: &str| text.matches(word).count();
            // The table, its TOAST table with an index, an index of each key, a sequence of each serial column.
            3 + count("PRIMARY KEY")
                + count("UNIQUE")
                + count("EXCLUDE")
                + count("SERIAL")
                + count(" AS IDENTITY")
        }
        "DROP TABLE" => 4 * (1 + body.matches(',').count()),
        _ if verb.starts_with("CREATE INDEX") || verb.starts_with("CREATE UNIQUE INDEX") => 1,
        _ if verb.starts_with("CREATE") && (verb.ends_with("VIEW") || verb.ends_with("SEQUENCE")) => 1,
        _ if verb.starts_with("DROP") => 1,
        _ => 0,
    }
}

/// Cuts a long transaction of ours, which need not be whole, where the server's room for locks comes to its end.
#[derive(Debug, Default)]
pub(in crate::engine) struct Cut {
    statements: usize,
    limit: Option<usize>,
}

impl Cut {
    /// One more statement has run: whether the transaction is to be committed now. Others need room as well: half of it is
    /// enough.
    ///
    /// # Errors
    /// What the server says.
    pub(in crate::engine) fn is_due(&mut self, session: &mut Session) -> Result<bool, PgError> {
        self.statements += 1;
        if !self.statements.is_multiple_of(EVERY) {
            return Ok(false);
        }
        // Inside of the transaction: without the catalog's own BEGIN.
        let ours = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks \
                    WHERE pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()";
        let number = |value: Option<String>| value.and_then(|value| value.parse().ok()).unwrap_or(0_usize);
        let limit = match self.limit {
            Some(limit) => limit,
            None => {
                let sql = "SELECT pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8 \
                           OPERATOR(pg_catalog.*) (pg_catalog.current_setting('max_connections')::pg_catalog.int8 \
                           OPERATOR(pg_catalog.+) pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8) \
                           OPERATOR(pg_catalog./) 2";
                *self.limit.insert(number(session.query_value(sql)?))
            }
        };
        Ok(number(session.query_value(ours)?) > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_expected_to_lock_what_it_makes_and_drops() {
        let check = |verb: &str, body: &str, locks| assert_eq!(of_statement(verb, body), locks, "{body}");
        check("CREATE TABLE", "CREATE TABLE t (id int)", 3);
        check("CREATE TABLE", "create table t (id bigserial primary key, x int unique)", 6);
        check("DROP TABLE", "DROP TABLE a, b", 8);
        check("CREATE INDEX", "CREATE INDEX ON t (x)", 1);
        check("INSERT", "INSERT INTO t VALUES (1)", 0);
    }

    #[test]
    fn the_warning_names_the_setting_and_its_value() {
        let room = Room { per_transaction: 64, sessions: 100 };
        let tight = Tight { name: "20260101000000_all".into(), needs: 10_000, room };
        assert!(
            tight.to_string().contains("set max_locks_per_transaction = 125 in postgresql.conf"),
            "{tight}"
        );
    }
}
