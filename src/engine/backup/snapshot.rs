//! One moment of the database, held: a transaction whose snapshot pg_dump and the manifest share, and a weak lock on every
//! table right after it. What MVCC does not keep (TRUNCATE, DROP, a rewrite) is thereby either before or after, never
//! between: it is looked at once more under the locks, and begun again if it moved. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::manifest::{Extension, Migrations, Snapshot};
use super::preflight::DUMPED;
use crate::engine::ledger::{LEDGER_TABLE, Ledger};
use crate::engine::prepared::{HOLDS, Prepared};
use crate::engine::properties::Properties;
use crate::engine::{Event, Observer, fault};
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::session::{Rows, Session};

/// How long a table's lock is waited for. Who waits for it longer makes everybody wait behind him.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(10);

/// How often it is begun again.
const ATTEMPTS: usize = 3;

/// Tables locked by one statement.
const BATCH: usize = 200;

/// A table, as the snapshot sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) oid: u32,
    pub(super) schema: String,
    pub(super) name: String,
    /// It holds rows of its own; a partitioned one has none.
    pub(super) has_rows: bool,
    /// `(id, "Name")`, as pg_dump writes them.
    pub(super) columns: String,
    pub(super) written: Option<u64>,
    /// Changes with TRUNCATE and rewrites, and with the columns.
    shape: String,
}

impl Table {
    fn quoted(&self) -> String {
        format!("{}.{}", Ident::new(&self.schema), Ident::new(&self.name))
    }
}

/// What was read in the snapshot.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// For `pg_dump --snapshot`.
    pub(super) exported: String,
    pub(super) moment: Snapshot,
    pub(super) tables: Vec<Table>,
    /// Schema and name.
    pub(super) sequences: BTreeSet<(String, String)>,
    pub(super) migrations: Migrations,
    pub(super) extensions: Vec<Extension>,
    pub(super) roles: Vec<String>,
    pub(super) large_objects: u64,
    pub(super) properties: Properties,
    pub(super) database_oid: u32,
    pub(super) database_bytes: i64,
    pub(super) settings: Vec<(String, String)>,
}

/// Why no moment could be held.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The server said no.
    #[error(transparent)]
    Pg(#[from] PgError),
    /// Somebody changes tables faster than we lock them.
    #[error("{table} was changed or dropped again and again while the backup began ({ATTEMPTS} attempts)")]
    Moving {
        /// The table, quoted.
        table: String,
    },
    /// Somebody holds a strong lock.
    #[error("a table could not be locked within {} s{}", LOCK_WAIT.as_secs(), by.as_ref().map(|by| format!(": {by}")).unwrap_or_default())]
    Locked {
        /// Which, and who, in words.
        by: Option<String>,
    },
}

/// Begin, and hold until the session's transaction ends.
///
/// # Errors
/// See `SnapshotError`.
pub(super) fn hold(
    session: &mut Session,
    ledger: &Ledger,
    observer: &mut dyn Observer,
) -> Result<View, SnapshotError> {
    // The server ends no session of ours that waits for pg_dump.
    session.query(&session.prelude())?;
    let mut fresh = session.another()?;
    for attempt in 1.. {
        match begin(session, &mut fresh)? {
            Begun::Held { exported, tables } => {
                return Ok(read(session, &mut fresh, ledger, exported, tables)?);
            }
            Begun::Moved { table } => {
                session.query("ROLLBACK")?;
                if attempt == ATTEMPTS {
                    return Err(SnapshotError::Moving { table });
                }
                let why = "it was changed or dropped while the backup began".to_owned();
                observer.event(Event::Retry { name: table, why, pause: Duration::ZERO });
            }
        }
    }
    unreachable!("the last attempt returns")
}

enum Begun {
    Held { exported: String, tables: Vec<Table> },
    Moved { table: String },
}

fn begin(session: &mut Session, fresh: &mut Session) -> Result<Begun, SnapshotError> {
    let results = session.query(&format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}SET LOCAL search_path = pg_catalog, pg_temp; \
         SET LOCAL lock_timeout = {}; SELECT pg_export_snapshot(); {TABLES}",
        session.local_limits(),
        LOCK_WAIT.as_millis(),
        TABLES = tables_query()
    ))?;
    let mut answers = results.into_iter().filter(|rows| !rows.columns.is_empty());
    let exported = answers.next().and_then(|rows| rows.get(0, 0).map(str::to_owned)).unwrap_or_default();
    let tables = parse_tables(&answers.next().unwrap_or_default());
    fault::point("backup-snapshot");
    for batch in tables.chunks(BATCH) {
        let names: Vec<_> = batch.iter().map(|table| format!("ONLY {}", table.quoted())).collect();
        match session.query(&format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "))) {
            Ok(_) => {}
            Err(error) if error.failure() == PgFailure::NoSuchObject => {
                let there = now(fresh)?;
                let gone = batch.iter().find(|table| !there.contains_key(&table.oid));
                return Ok(Begun::Moved { table: gone.unwrap_or(&batch[0]).quoted() });
            }
            Err(error) if error.failure() == PgFailure::LockTimeout => {
                return Err(SnapshotError::Locked { by: blocker(fresh)? });
            }
            Err(error) => return Err(error.into()),
        }
    }
    let there = now(fresh)?;
    match tables.iter().find(|table| there.get(&table.oid).is_none_or(|now| !now.is_same(table))) {
        Some(moved) => Ok(Begun::Moved { table: moved.quoted() }),
        None => Ok(Begun::Held { exported, tables }),
    }
}

impl Table {
    fn is_same(&self, other: &Self) -> bool {
        (&self.schema, &self.name, &self.shape) == (&other.schema, &other.name, &other.shape)
    }
}

/// The tables as they are now, by oid.
fn now(fresh: &mut Session) -> Result<BTreeMap<u32, Table>, PgError> {
    let tables = parse_tables(&fresh.catalog(&tables_query())?);
    Ok(tables.into_iter().map(|table| (table.oid, table)).collect())
}

fn tables_query() -> String {
    // Generated columns are not written (docs 5.3 "Generated Columns"); pg_dump quotes as quote_ident does.
    format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind = 'r', \
         coalesce((SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' FROM pg_attribute a \
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), ''), \
         pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid), \
         concat_ws(' ', c.relfilenode, (SELECT hashtextextended(string_agg(concat_ws(' ', a.attnum, a.atttypid, \
         a.atttypmod, a.attisdropped, a.attgenerated, a.attname), ',' ORDER BY a.attnum), 0) FROM pg_attribute a \
         WHERE a.attrelid = c.oid AND a.attnum > 0)) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND {DUMPED} ORDER BY c.oid"
    )
}

fn parse_tables(rows: &Rows) -> Vec<Table> {
    let table = |at| {
        let text = |column| rows.get(at, column).unwrap_or_default().to_owned();
        Table {
            oid: text(0).parse().unwrap_or_default(),
            schema: text(1),
            name: text(2),
            has_rows: text(3) == "t",
            columns: text(4),
            written: text(5).parse().ok(),
            shape: text(6),
        }
    };
    (0..rows.rows.len()).map(table).collect()
}

/// Who holds the strongest lock on a table, in words.
fn blocker(fresh: &mut Session) -> Result<Option<String>, PgError> {
    let rows = fresh.catalog(&format!(
        "SELECT format('%I.%I', n.nspname, c.relname), format('pid %s (%s)', l.pid, \
         coalesce(nullif(a.application_name, ''), a.usename, 'unknown')), p.gid, p.owner, p.database, \
         extract(epoch FROM clock_timestamp() - p.prepared)::bigint \
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid LEFT JOIN pg_prepared_xacts p ON {HOLDS} \
         WHERE l.mode = 'AccessExclusiveLock' AND l.granted \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' \
         ORDER BY coalesce(p.prepared, a.xact_start) LIMIT 1"
    ))?;
    let text = |column| rows.get(0, column).map(str::to_owned);
    let Some(table) = text(0) else { return Ok(None) };
    let who = match text(2) {
        Some(gid) => {
            let age_s = text(5).and_then(|age| age.parse().ok()).unwrap_or_default();
            let (owner, database) = (text(3).unwrap_or_default(), text(4).unwrap_or_default());
            let prepared = Prepared { gid, owner, database, age_s };
            format!("{prepared}: {} or {} ends it", prepared.rollback(), prepared.commit())
        }
        None => text(1).unwrap_or_default(),
    };
    Ok(Some(format!("{table} is locked by {who}")))
}

fn read(
    session: &mut Session,
    fresh: &mut Session,
    ledger: &Ledger,
    exported: String,
    tables: Vec<Table>,
) -> Result<View, PgError> {
    let facts = &ledger.facts;
    let ledger_schema = facts.ledger_schema.clone().filter(|_| facts.has_ledger);
    let applied = match &ledger_schema {
        None => Vec::new(),
        Some(schema) => {
            let schema = Ident::new(schema);
            strings(
                session,
                &format!("SELECT version FROM {schema}.{LEDGER_TABLE} ORDER BY version COLLATE \"C\""),
            )?
        }
    };
    let one = rows(session, ONE)?;
    let text = |column| one.get(0, column).unwrap_or_default().to_owned();
    let micros = text(0).parse().unwrap_or_default();
    let extensions = rows(
        session,
        "SELECT e.extname, e.extversion, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 1",
    )?;
    let sequences = rows(
        session,
        &format!(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind = 'S' AND {DUMPED}"
        ),
    )?;
    let settings = rows(session, "SELECT name, reset_val FROM pg_settings WHERE name = 'lc_monetary'")?;
    // What pg_dump sets for its own session, or PGTZ and `DUMP_OPTIONS` for it.
    let fixed = [
        ("bytea_output", "hex"),
        ("DateStyle", "ISO"),
        ("IntervalStyle", "postgres"),
        ("extra_float_digits", "3"),
        ("TimeZone", "UTC"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let roles = strings(session, ROLES)?;
    Ok(View {
        exported,
        moment: Snapshot {
            at: DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default(),
            lsn: one.get(0, 1).map(str::to_owned),
            snapshot: text(2),
        },
        tables,
        sequences: pairs(&sequences).collect(),
        migrations: Migrations { ledger_schema, applied },
        extensions: extensions
            .rows
            .iter()
            .map(|row| {
                let cell = |column: usize| row[column].clone().unwrap_or_default();
                Extension { name: cell(0), version: cell(1), schema: cell(2) }
            })
            .collect(),
        roles,
        large_objects: text(3).parse().unwrap_or_default(),
        // It ends its transaction, and what it reads changes with no snapshot of ours.
        properties: Properties::read(fresh, &facts.database)?.unwrap_or_default(),
        database_oid: text(4).parse().unwrap_or_default(),
        database_bytes: text(5).parse().unwrap_or_default(),
        settings: fixed.into_iter().chain(pairs(&settings)).collect(),
    })
}

const ONE: &str = "SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint, \
     CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, pg_current_snapshot(), \
     (SELECT count(*) FROM pg_largeobject_metadata), (SELECT oid FROM pg_database WHERE datname = current_database()), \
     pg_database_size(current_database())";

/// Owners and grantees of what is in this database (docs 53.48 "pg_shdepend"); the first superuser is never listed there,
/// so that the owners of relations, schemas and functions are asked for, too.
const ROLES: &str = "WITH used (role) AS (\
     SELECT d.refobjid FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('o', 'a', 'r') \
     AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) \
     AND d.classid <> 'pg_extension'::regclass AND NOT EXISTS (SELECT FROM pg_depend e \
     WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e') \
     UNION SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend e \
     WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') \
     UNION SELECT n.nspowner FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public') \
     UNION SELECT p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend e \
     WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')) \
     SELECT DISTINCT r.rolname FROM used JOIN pg_roles r ON r.oid = used.role WHERE r.rolname !~ '^pg_' ORDER BY 1";

/// The rows of one query inside of the transaction.
fn rows(session: &mut Session, sql: &str) -> Result<Rows, PgError> {
    Ok(session.query(sql)?.pop().unwrap_or_default())
}

fn strings(session: &mut Session, sql: &str) -> Result<Vec<String>, PgError> {
    Ok(rows(session, sql)?.rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect())
}

fn pairs(rows: &Rows) -> impl Iterator<Item = (String, String)> + '_ {
    rows.rows.iter().map(|row| (row[0].clone().unwrap_or_default(), row[1].clone().unwrap_or_default()))
}
