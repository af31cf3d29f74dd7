//! Renders the record's rows again, from what a run holds of them, after a statement that no transaction could hold has
//! removed them. The SQL that was stored with a migration is not held, and stays lost.

use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::Session;

use super::look::Known;
use super::owners::Owners;
use super::rows::{Place, create_ledger};
use super::store::embedded_versions;
use super::{Facts, LEDGER_TABLE, Ledger, Mark, Recorded};

/// Write the ledger's rows again, as they were read.
///
/// # Errors
/// What the server says.
pub fn restore_ledger(
    session: &mut Session,
    ledger: &Ledger,
    bookkeeping: &Ident,
    owners: &Owners,
) -> Result<(), PgError> {
    let Some(schema) = &ledger.facts.ledger_schema else { return Ok(()) };
    let schema = Ident::new(schema);
    let place = Place {
        bookkeeping: bookkeeping.clone(),
        ledger_schema: schema,
        operation: 0,
        command: String::new(),
        owners: owners.clone(),
    };
    let prelude = session.own_prelude();
    let remains = session.query(&format!("{prelude}{}", place.remains()))?.pop().unwrap_or_default();
    let there = |column| remains.get(0, column) == Some("t");
    let mut all = Vec::new();
    place.add_ledger(
        &mut all,
        &Known::of(ledger),
        Missing { schema: !there(0), ledger: !there(1), ours: false },
    );
    // What it lost, this session has lost; a table that it makes again is its own.
    let hold = match there(1) {
        true => place.hold(&[]).table(&place.ledger_schema, LEDGER_TABLE).all(),
        false => String::new(),
    };
    session.query(&format!("BEGIN; {hold}{}; COMMIT", all.join("; "))).map(drop)
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The ledger's schema.
    pub schema: bool,
    /// The ledger's table.
    pub ledger: bool,
    /// Our tables were made again just now.
    pub ours: bool,
}

impl Place {
    /// The query for what is there: the ledger's schema, its table, how many tables of ours, and their schema.
    pub fn remains(&self) -> String {
        let is = |column: &str, name: &str| {
            format!("{column} OPERATOR(pg_catalog.=) {}::pg_catalog.name", Literal(name))
        };
        let tables = "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
                      ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE";
        let names: Vec<_> =
            super::look::OURS.iter().map(|name| format!("{}::pg_catalog.name", Literal(name))).collect();
        format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE {schema}), \
             EXISTS (SELECT {tables} {schema} AND {ledger}), \
             (SELECT pg_catalog.count(*) {tables} {ours} \
              AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[{names}])), \
             EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE {ours})",
            schema = is("n.nspname", self.ledger_schema.as_str()),
            ledger = is("c.relname", LEDGER_TABLE),
            ours = is("n.nspname", self.bookkeeping.as_str()),
            names = names.join(", "),
        )
    }

    /// The rows that are missing, as statements without a transaction.
    pub fn restored(&self, known: &Known, facts: &Facts, missing: Missing) -> String {
        let mut all = Vec::new();
        self.add_ledger(&mut all, known, missing);
        let ours = |table: &str| format!("{}.{table}", self.bookkeeping);

        let versions = embedded_versions();
        let versions = versions.iter().map(|version| format!("({})", Literal(version)));
        all.push(self.insert_missing(&ours(LEDGER_TABLE), "version", versions));
        let schema = Literal(self.ledger_schema.as_str());
        let run = format!(
            "({}, 'restored', {schema}, 'unknown', 'unknown', 0, {}, {})",
            self.operation,
            facts.backend_pid,
            Literal(env!("CARGO_PKG_VERSION"))
        );
        let columns = "id, command, ledger_schema, os_user, host, client_pid, backend_pid, tool_version";
        all.push(self.insert_missing(&ours("operation"), columns, [run].into_iter()));
        let last = "ledger_schema, id, command, started_at, os_user, host, client_pid, backend_pid";
        let row = format!(
            "({schema}, {}, 'restored', pg_catalog.clock_timestamp(), 'unknown', 'unknown', 0, {})",
            self.operation, facts.backend_pid
        );
        all.push(self.insert_missing(&ours("last_operation"), last, [row].into_iter()));
        if missing.ours {
            all.push(format!(
                "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, 'id')::pg_catalog.regclass, {})",
                Literal(&ours("operation")),
                self.operation
            ));
        }
        if let Some(Mark { name, database, system_identifier, set_by, set_at }) = &known.mark {
            let row = format!(
                "({}, {}, {}, {}, {}::pg_catalog.timestamptz)",
                Literal(name),
                Literal(database),
                Nullable(system_identifier.as_deref()),
                Literal(set_by),
                Literal(&format!("{set_at}+00"))
            );
            let columns = "name, database, system_identifier, set_by, set_at";
            all.push(self.insert_missing(&ours("environment"), columns, [row].into_iter()));
        }
        let recorded: Vec<_> = known.recorded.values().flatten().map(|row| self.recorded(row)).collect();
        if !recorded.is_empty() {
            let columns = "ledger_schema, version, name, state, transactional, checksum, checksum_normalised, \
                           normalisation, statements_done, statements_begun, statements_hash, duration_ms";
            all.push(self.insert_missing(&self.ours(), columns, recorded.into_iter()));
        }
        all.join("; ")
    }

    fn add_ledger(&self, all: &mut Vec<String>, known: &Known, missing: Missing) {
        if missing.schema {
            all.push(format!("CREATE SCHEMA {}", self.ledger_schema));
        }
        if missing.ledger {
            all.push(create_ledger(&self.ledger_schema));
        }
        if !known.applied.is_empty() {
            let rows = known.applied.iter().map(|(version, at)| match at {
                Some(at) => format!("({}, {}::pg_catalog.timestamp)", Literal(version), Literal(at)),
                None => format!("({}, CURRENT_TIMESTAMP)", Literal(version)),
            });
            all.push(self.insert_missing(&self.ledger(), "version, run_on", rows));
        }
    }

    fn recorded(&self, row: &Recorded) -> String {
        format!(
            "({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            Literal(self.ledger_schema.as_str()),
            Literal(&row.version),
            Literal(&row.name),
            Literal(row.state.as_str()),
            row.transactional,
            Literal(&row.checksum),
            Literal(&row.checksum_normalised),
            row.normalisation,
            row.statements_done,
            row.statements_begun,
            Nullable(row.statements_hash.as_deref()),
            row.duration_ms.map_or_else(|| "NULL".to_owned(), |ms| ms.to_string())
        )
    }

    fn insert_missing(&self, table: &str, columns: &str, rows: impl Iterator<Item = String>) -> String {
        let rows: Vec<_> = rows.collect();
        format!("INSERT INTO {table} ({columns}) VALUES {} ON CONFLICT DO NOTHING", rows.join(", "))
    }
}
