//! Reads every row of tables that this session's role owns and to which policies apply because of FORCE ROW LEVEL SECURITY.

use std::collections::BTreeSet;

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::session::Session;

/// Those tables, by schema and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forced(BTreeSet<(String, String)>);

impl Forced {
    /// The tables of the database.
    ///
    /// # Errors
    /// What the server says.
    pub fn of(session: &mut Session) -> Result<Self, PgError> {
        let rows = session.catalog(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c \
               JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
             WHERE c.relrowsecurity AND c.relforcerowsecurity AND pg_catalog.row_security_active(c.oid) \
               AND pg_catalog.pg_has_role(c.relowner, 'USAGE')",
        )?;
        let cell = |row: &[Option<String>], column: usize| row.get(column).cloned().flatten();
        Ok(Self(rows.rows.iter().filter_map(|row| Some((cell(row, 0)?, cell(row, 1)?))).collect()))
    }

    /// Read rows of these tables. Where FORCE would make policies apply, in a transaction without it that is rolled back.
    ///
    /// # Errors
    /// What `read` says.
    pub fn read<T>(
        &self,
        session: &mut Session,
        tables: &[(&str, &str)],
        read: impl FnOnce(&mut Session) -> Result<T, PgError>,
    ) -> Result<T, PgError> {
        let forced: Vec<String> = tables
            .iter()
            .filter(|(schema, name)| self.0.contains(&((*schema).to_owned(), (*name).to_owned())))
            .map(|(schema, name)| {
                let table = format!("{}.{}", Ident::new(*schema), Ident::new(*name));
                format!("; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            })
            .collect();
        if forced.is_empty() {
            return read(session);
        }
        session.query(&format!("BEGIN READ WRITE{}", forced.concat()))?;
        let ended = read(session);
        let back = session.query("ROLLBACK");
        let read = ended?;
        back?;
        Ok(read)
    }
}
