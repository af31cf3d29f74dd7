//! Prepared transactions: they hold locks without a session, survive a restart, and end only when a person types so. No
//! view of sessions shows them.

use std::fmt;

use crate::pg::error::{PgError, PgFailure};
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// A transaction that was prepared and neither committed nor rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The name that its PREPARE TRANSACTION gave it: any text.
    pub gid: String,
    /// Its role: only this one and superusers end it.
    pub owner: String,
    /// Its database: only a session in it ends it.
    pub database: String,
    /// Since when, in seconds.
    pub age_s: u64,
}

/// Its lock rows have no pid. One of them is the lock on its own transaction; the others have the same virtual transaction,
/// which is that of the session that prepared it, or after a restart of the server `-1/` and a number (docs 54.12
/// "pg_locks"). An SQL condition on `l` of pg_locks and `p` of pg_prepared_xacts.
pub(in crate::engine) const HOLDS: &str = "l.pid IS NULL AND EXISTS (SELECT FROM pg_catalog.pg_locks x \
     WHERE x.pid IS NULL AND x.locktype OPERATOR(pg_catalog.=) 'transactionid' \
     AND x.virtualtransaction OPERATOR(pg_catalog.=) l.virtualtransaction \
     AND x.transactionid OPERATOR(pg_catalog.=) p.transaction)";

impl Prepared {
    /// The statement that rolls it back.
    pub fn rollback(&self) -> String {
        format!("ROLLBACK PREPARED {};", OneLine(&self.gid))
    }

    /// The statement that commits it.
    pub fn commit(&self) -> String {
        format!("COMMIT PREPARED {};", OneLine(&self.gid))
    }

    /// What to type, where and as which role.
    pub fn remedy(&self) -> String {
        format!(
            "end the prepared transaction in database `{}` as `{}` or a superuser: `{}` (or `{}`); \
             `SELECT * FROM pg_prepared_xacts;` lists all",
            self.database,
            self.owner,
            self.rollback(),
            self.commit()
        )
    }
}

impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "prepared transaction {} (owner {}, database {}, prepared {} s ago)",
            OneLine(&self.gid),
            self.owner,
            self.database,
            self.age_s
        )
    }
}

/// A literal as a person types it, without a line break: a name may hold any character.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.chars().all(|c| !c.is_control() && c != '\\') {
            return write!(f, "'{}'", self.0.replace('\'', "''"));
        }
        let mut text = String::new();
        for character in Literal(self.0).to_string().chars() {
            match character {
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\r' => text.push_str("\\r"),
                other if other.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(other))),
                other => text.push(other),
            }
        }
        f.write_str(&text)
    }
}

/// The prepared transactions of these databases (oids): none of them ends with a session, and until then the database can be
/// neither renamed nor dropped.
///
/// # Errors
/// What the server says.
pub(in crate::engine) fn of_databases(
    session: &mut Session,
    databases: &str,
) -> Result<Vec<Prepared>, PgError> {
    let rows = session.catalog(&format!(
        "SELECT p.gid, p.owner, p.database, extract(epoch FROM clock_timestamp() - p.prepared)::bigint \
         FROM pg_prepared_xacts p JOIN pg_database d ON d.datname = p.database WHERE d.oid IN ({databases}) \
         ORDER BY p.prepared, p.gid"
    ))?;
    let one = |row| {
        let text = |column| rows.get(row, column).unwrap_or_default().to_owned();
        Prepared {
            gid: text(0),
            owner: text(1),
            database: text(2),
            age_s: text(3).parse().unwrap_or_default(),
        }
    };
    Ok((0..rows.rows.len()).map(one).collect())
}

/// Where a lock was not had in time, or a database is in use: the prepared transactions that may hold it become the error's
/// hint. The failed transaction must have ended.
pub(in crate::engine) fn explained(session: &mut Session, error: PgError) -> PgError {
    let databases = match error.failure() {
        PgFailure::LockTimeout => "SELECT oid FROM pg_database WHERE datname = current_database()",
        PgFailure::InUse => "SELECT oid FROM pg_database",
        _ => return error,
    };
    let PgError::Server(mut server) = error else { return error };
    // What failed says more than that this cannot be asked.
    let found = of_databases(session, databases).unwrap_or_default();
    if !found.is_empty() {
        server.0.hint = Some(found.iter().map(Prepared::remedy).collect::<Vec<_>>().join("\n"));
    }
    PgError::Server(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_typed_on_one_line() {
        let check = |gid: &str, literal: &str| assert_eq!(OneLine(gid).to_string(), literal);
        check("shop-1", "'shop-1'");
        check("it's \"mine\"", "'it''s \"mine\"'");
        check("a\\b", "E'a\\\\b'");
        check("two\nlines'", "E'two\\nlines'''");
        check("\u{1}", "E'\\u0001'");
    }
}
