//! Renders the check of the record that ends every transaction with the user's SQL, and holds what the record must contain.
//! It runs before COMMIT, in the same message, and fails with 22012 (division by zero) where something is missing: the
//! transaction then rolls back with the SQL that removed it. No name in it depends on the search_path.

use std::collections::{BTreeMap, BTreeSet};

use crate::pg::ident::Ident;
use crate::pg::literal::Literal;

use super::hold::Hold;
use super::owners::{Owned, Owners, Standing};
use super::rows::{Place, array, is};
use super::{Bookkeeping, LEDGER_TABLE, Ledger, Mark, Recorded, RecordedState};

/// The tables of the bookkeeping schema.
pub const OURS: [&str; 7] =
    ["operation", "last_operation", "migration", "environment", "seed", "expected", LEDGER_TABLE];

/// What a check found missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The ledger's table, or it is no ordinary table any more.
    Ledger,
    /// Rows of the ledger.
    Rows,
    /// The row of a migration that was rolled back is in the ledger again.
    Back,
    /// A table of the bookkeeping schema.
    Bookkeeping,
    /// Rows of the bookkeeping schema.
    Ours,
    /// Nothing is missing: a table cannot be read without running code of other roles.
    Unsafe,
}

impl Lost {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Rows => "ledger-rows",
            Self::Back => "ledger-row-added",
            Self::Bookkeeping => "bookkeeping",
            Self::Ours => "bookkeeping-rows",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What the record contains, as far as this run knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The ledger's versions, with the time of those that were there before the run.
    pub applied: BTreeMap<String, Option<String>>,
    /// The versions in our table, with the rows that were there before the run.
    pub recorded: BTreeMap<String, Option<Recorded>>,
    /// The environment mark.
    pub mark: Option<Mark>,
}

/// The row of the migration that is being run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own<'a> {
    /// There is none: seeds.
    None,
    /// Applied by this transaction.
    Applied(&'a str),
    /// Rolled back by this transaction.
    Undone(&'a str),
    /// Run statement by statement; this many have finished.
    Progress(&'a str, RecordedState, usize),
}

impl Known {
    /// What was read.
    pub fn of(ledger: &Ledger) -> Self {
        Self {
            applied: ledger
                .applied
                .iter()
                .map(|row| (row.version.clone(), Some(row.run_on.clone())))
                .collect(),
            recorded: ledger.recorded.iter().map(|row| (row.version.clone(), Some(row.clone()))).collect(),
            mark: ledger.mark.clone(),
        }
    }

    /// A migration was applied.
    pub fn apply(&mut self, version: &str) {
        self.applied.insert(version.to_owned(), None);
        self.recorded.entry(version.to_owned()).or_default();
    }

    /// A migration was rolled back.
    pub fn undo(&mut self, version: &str) {
        self.applied.remove(version);
    }

    /// All rows of this ledger were deleted, to begin again.
    pub fn emptied(&mut self) {
        self.applied.clear();
        self.recorded.clear();
    }

    /// A squashed migration was recorded for these.
    pub fn mark(&mut self, squashed: &str, others: &[String]) {
        self.apply(squashed);
        for version in others {
            self.applied.remove(version);
            self.recorded.remove(version);
        }
    }

    /// Keep of the ledger's rows those that are there. Returns whether one was missing.
    pub fn keep(&mut self, there: &BTreeSet<String>) -> bool {
        let before = self.applied.len();
        self.applied.retain(|version, _| there.contains(version));
        self.applied.len() < before
    }
}

impl Place {
    /// The check that the record is as it must be, one statement per kind of loss, each without its semicolon.
    pub fn look(&self, known: &Known, own: Own<'_>) -> Vec<(Lost, String)> {
        let mut all = vec![
            (Lost::Ledger, there(&self.ledger_schema, &[LEDGER_TABLE])),
            (Lost::Bookkeeping, there(&self.bookkeeping, &OURS)),
        ];
        let hold = self.hold_read();
        if hold.is_needed_to_read() {
            all.extend(hold.statements().map(|sql| (Lost::Unsafe, sql)));
        }
        let own_row = match own {
            Own::Applied(version) => Some(version),
            _ => None,
        };
        let leaves = |version: &&str| own != Own::Undone(version);
        let versions: Vec<&str> =
            known.applied.keys().map(String::as_str).filter(leaves).chain(own_row).collect();
        if !versions.is_empty() {
            all.push((Lost::Rows, self.rows_gone(&versions)));
        }
        if let Own::Undone(version) = own {
            let row = format!("SELECT FROM ONLY {} l WHERE {}", self.ledger(), is("l.version", version));
            all.push((Lost::Back, holds(&format!("NOT EXISTS ({row})"))));
        }
        let schema = is("m.ledger_schema", self.ledger_schema.as_str());
        let mut must = vec![format!(
            "EXISTS (SELECT FROM ONLY {}.operation o WHERE o.id OPERATOR(pg_catalog.=) {}::pg_catalog.int8)",
            self.bookkeeping, self.operation
        )];
        if known.mark.is_some() {
            must.push(format!("EXISTS (SELECT FROM ONLY {}.environment)", self.bookkeeping));
        }
        let recorded =
            known.recorded.len() + own_row.map_or(0, |own| usize::from(!known.recorded.contains_key(own)));
        if recorded > 0 {
            must.push(format!(
                "(SELECT pg_catalog.count(*) FROM ONLY {} m WHERE {schema}) OPERATOR(pg_catalog.>=) {recorded}",
                self.ours()
            ));
        }
        let state = |version: &str, state: RecordedState, more: &str| {
            format!(
                "EXISTS (SELECT FROM ONLY {} m WHERE {schema} AND {} AND {}{more})",
                self.ours(),
                is("m.version", version),
                is("m.state", state.as_str())
            )
        };
        match own {
            Own::Applied(version) => must.push(state(version, RecordedState::Applied, "")),
            Own::Undone(version) if known.recorded.contains_key(version) => {
                must.push(state(version, RecordedState::RolledBack, ""));
            }
            Own::Progress(version, partial, done) => must.push(state(
                version,
                partial,
                &format!(" AND m.statements_done OPERATOR(pg_catalog.=) {done}"),
            )),
            Own::Undone(_) | Own::None => {}
        }
        all.push((Lost::Ours, holds(&must.join(" AND "))));
        all
    }

    /// The tables that the check reads, to be held.
    pub fn hold_read(&self) -> Hold<'_> {
        let hold = self.hold(&[]).reads(&self.ledger_schema, LEDGER_TABLE);
        ["operation", "migration", "environment"]
            .into_iter()
            .fold(hold, |hold, table| hold.reads(&self.bookkeeping, table))
    }

    /// The check that SQL which is run as it is given does not empty the record of a database. A table that can neither be
    /// read without care nor be held must only be there.
    pub fn look_for_emptied(ledger: &Ledger, bookkeeping: &Ident, owners: &Owners) -> Vec<(Lost, String)> {
        let mut all = Vec::new();
        let mut filled = |lost: Lost, schema: &Ident, table: &str| {
            let is_it = |one: &&Owned| one.schema == schema.as_str() && one.table.as_deref() == Some(table);
            let is_held = match ledger.facts.owned.iter().find(is_it) {
                Some(one) if one.standing == Standing::Own => false,
                Some(one) if one.is_ours_to_lock && owners.accepts(one) => true,
                _ => return,
            };
            if is_held {
                let hold = owners.hold(bookkeeping).reads(schema, table);
                all.extend(hold.statements().map(|sql| (Lost::Unsafe, sql)));
            }
            all.push((lost, holds(&format!("EXISTS (SELECT FROM ONLY {schema}.{table})"))));
        };
        let mut present = Vec::new();
        if let (Some(schema), false) = (&ledger.facts.ledger_schema, ledger.applied.is_empty()) {
            let schema = Ident::new(schema);
            present.push((Lost::Ledger, there(&schema, &[LEDGER_TABLE])));
            filled(Lost::Rows, &schema, LEDGER_TABLE);
        }
        if ledger.facts.bookkeeping == Bookkeeping::Present {
            present.push((Lost::Bookkeeping, there(bookkeeping, &["operation", "migration", "environment"])));
            let full = [
                ("operation", ledger.last_operation.is_some()),
                ("migration", !ledger.recorded.is_empty()),
                ("environment", ledger.mark.is_some()),
            ];
            for (table, _) in full.iter().filter(|(_, is_full)| *is_full) {
                filled(Lost::Ours, bookkeeping, table);
            }
        }
        present.into_iter().chain(all).collect()
    }

    /// Returns the known versions that are missing from the ledger, then fails if there is one.
    fn rows_gone(&self, versions: &[&str]) -> String {
        format!(
            "WITH gone AS MATERIALIZED (SELECT k.version FROM pg_catalog.unnest({}::pg_catalog.text[]) k (version) \
             WHERE NOT EXISTS (SELECT FROM ONLY {} l WHERE l.version::pg_catalog.text OPERATOR(pg_catalog.=) k.version)) \
             SELECT version FROM gone UNION ALL SELECT (1 OPERATOR(pg_catalog./) \
             (pg_catalog.count(*) OPERATOR(pg_catalog.=) 0)::pg_catalog.int4)::pg_catalog.text FROM gone \
             HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0",
            array(versions),
            self.ledger()
        )
    }
}

/// Fails where the condition is false.
fn holds(condition: &str) -> String {
    format!("SELECT 1 OPERATOR(pg_catalog./) ({condition})::pg_catalog.int4")
}

/// Fails unless all of these are ordinary tables of the schema.
fn there(schema: &Ident, tables: &[&str]) -> String {
    format!(
        "SELECT 1 OPERATOR(pg_catalog./) (pg_catalog.count(*) OPERATOR(pg_catalog.=) {})::pg_catalog.int4 \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
         AND c.relname OPERATOR(pg_catalog.=) ANY ({}::pg_catalog.name[]) \
         AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog.\"char\"",
        tables.len(),
        Literal(schema.as_str()),
        array(tables)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_another_session_removed_is_no_longer_known() {
        let mut known = Known::default();
        known.apply("1");
        known.apply("2");
        assert!(!known.keep(&["1".to_owned(), "2".to_owned(), "3".to_owned()].into()));
        assert!(known.keep(&["2".to_owned()].into()));
        assert_eq!(known.applied.keys().collect::<Vec<_>>(), ["2"]);
    }
}
