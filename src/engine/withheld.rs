//! Finds the tables of pgkeel's own record that row-level security withholds from the role of a session. Sessions of ours
//! have `row_security = off`: a policy that applies makes a statement fail with 42501, which a missing grant does as well.
//! The server is asked which it was; a message's words decide nothing.

use std::fmt;

use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::{Ident, Tidy};
use crate::pg::literal::Literal;
use crate::pg::session::Session;

use super::ledger::LEDGER_TABLE;

/// What is withheld, and from which role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The role.
    pub role: String,
    /// The tables, at least one.
    pub tables: Vec<Table>,
}

/// A table of ours with policies that apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, qualified and quoted.
    pub name: String,
    /// Who owns it.
    pub owner: String,
    /// Whether policies apply to its owner as well.
    pub is_forced: bool,
}

impl Withheld {
    /// Ask why a statement failed; its transaction must have ended. Nothing where row-level security is not the reason, or
    /// where the server does not say.
    pub fn explain(session: &mut Session, bookkeeping: &Ident, error: &PgError) -> Option<Self> {
        (error.failure() == PgFailure::NoPrivilege).then(|| Self::ask(session, bookkeeping).ok()).flatten()?
    }

    /// The tables of ours that policies apply to for the role of this session.
    ///
    /// # Errors
    /// What the server says.
    pub fn ask(session: &mut Session, bookkeeping: &Ident) -> Result<Option<Self>, PgError> {
        // The user's search_path says which ledger is meant.
        let sql = format!(
            "BEGIN READ ONLY; {}SELECT current_user, n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), \
             c.relforcerowsecurity FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
             WHERE c.relrowsecurity AND (n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
             OR c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('{LEDGER_TABLE}')) \
             AND pg_catalog.row_security_active(c.oid) ORDER BY n.nspname, c.relname; COMMIT",
            session.local_settings(),
            Literal(bookkeeping.as_str())
        );
        let answers = session.query(&sql).inspect_err(|_| drop(session.query("ROLLBACK")))?;
        let rows = answers.into_iter().rfind(|rows| !rows.columns.is_empty()).unwrap_or_default();
        let text = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
        let table = |row| Table {
            name: format!("{}.{}", Tidy(&text(row, 1)), Tidy(&text(row, 2))),
            owner: text(row, 3),
            is_forced: text(row, 4) == "t",
        };
        let tables: Vec<_> = (0..rows.rows.len()).map(table).collect();
        Ok((!tables.is_empty()).then(|| Self { role: text(0, 0), tables }))
    }

    /// The ways on: statements to type, each with who may.
    pub fn remedies(&self) -> Vec<String> {
        let role = Tidy(&self.role);
        let mut ways = Vec::new();
        let owner = self.tables.first().map(|table| &table.owner);
        let one_owner = self.tables.iter().all(|table| Some(&table.owner) == owner && !table.is_forced);
        if let Some(owner) = owner.filter(|owner| one_owner && **owner != self.role) {
            ways.push(format!(
                "connect as `{owner}`, which owns them and which their policies do not apply to"
            ));
        }
        ways.push(format!("as a superuser: ALTER ROLE {role} BYPASSRLS;"));
        let disable: Vec<_> = self
            .tables
            .iter()
            .map(|table| format!("ALTER TABLE {} DISABLE ROW LEVEL SECURITY;", table.name))
            .collect();
        ways.push(format!("or as the owner of the tables: {}", disable.join(" ")));
        ways
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.tables.iter().map(|table| format!("`{}`", table.name)).collect();
        let role = &self.role;
        write!(
            f,
            "could not read the migration record: row-level security on {} applies to role `{role}`, and a part of the \
             record would look like the whole",
            names.join(", ")
        )
    }
}
