//! The expected facts of a database as they are stored, one row per ledger: packed on the way in, one message on the way out.
//! The row stands for the whole database, other applications' objects included: their runs move it on as well.

use crate::engine::catalog::{Catalog, EXTRACTOR, Scope};
use crate::engine::ledger::Facts;
use crate::engine::ledger::rows::Place;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::lock::{Holder, holder_query};
use crate::pg::session::{Rows, Session};

/// What the row says of its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The extractor that read them.
    pub extractor: u32,
    /// The server's major version then.
    pub server_major: i32,
    /// The migrations that they account for, sorted.
    pub versions: Vec<String>,
    /// Why it is not sure that the migrations make them; nothing where it is.
    pub unproved: Option<String>,
    /// When they were stored last, as text, in UTC.
    pub stored_at: String,
    /// The last comparison with what there is.
    pub last_check: Option<LastCheck>,
}

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCheck {
    /// When, as text, in UTC.
    pub at: String,
    /// `none`, `differs`, `unknown`.
    pub result: String,
    /// How many objects differ.
    pub differences: Option<i64>,
    /// The role that asked.
    pub by: Option<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What it says of itself.
    pub about: About,
    /// The facts, packed.
    packed: Vec<u8>,
}

/// The answer to the one message: the row, who holds the migration lock, and whether a result may be recorded.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The row, if there is one.
    pub stored: Option<Stored>,
    /// Who runs something now.
    pub holder: Option<Holder>,
    /// Whether this role may write the row.
    pub writable: bool,
    /// Whether this role may not even read it.
    pub forbidden: bool,
}

impl Answer {
    /// What tells one state of the row from another, whatever comparisons have said meanwhile.
    pub fn facts(&self) -> Option<(&str, &[String])> {
        let about = &self.stored.as_ref()?.about;
        Some((&about.stored_at, &about.versions))
    }
}

/// Whether our tables are new enough.
pub fn is_there(facts: &Facts) -> bool {
    facts.our_versions.iter().any(|version| version == "20260103000000")
}

/// The compressed form of a catalog, after its fingerprint: where that is the same, it need not be unpacked.
pub fn pack(catalog: &Catalog) -> Vec<u8> {
    let mut packed = catalog.fingerprint(&ALL).into_bytes();
    packed.extend(zstd::encode_all(catalog.to_bytes().as_slice(), 3).expect("memory can be written"));
    packed
}

/// Everything is compared.
const ALL: Scope = Scope { owners: true, no_privileges: false };

/// How long a fingerprint is.
const FINGERPRINT: usize = 64;

impl Stored {
    /// The facts; nothing where another extractor wrote them, or they are damaged.
    pub fn catalog(&self) -> Option<Catalog> {
        (self.about.extractor == EXTRACTOR).then_some(())?;
        Catalog::from_bytes(&zstd::decode_all(self.packed.get(FINGERPRINT..)?).ok()?)
    }

    /// Whether they are those of this catalog.
    pub fn is(&self, catalog: &Catalog) -> bool {
        self.packed.get(..FINGERPRINT) == Some(catalog.fingerprint(&ALL).as_bytes())
    }
}

const ABOUT: &str = "e.extractor, e.server_major, pg_catalog.array_to_string(e.versions, E'\\n'), e.unproved, \
    pg_catalog.to_char(e.stored_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), \
    pg_catalog.to_char(e.checked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), e.check_result, \
    e.check_differences, e.checked_by";

/// How many columns that is.
const WIDTH: usize = 9;

fn about(rows: &Rows, row: usize, first: usize) -> Option<About> {
    let text = |column| rows.get(row, first + column).map(str::to_owned);
    let last_check = text(5).zip(text(6)).map(|(at, result)| LastCheck {
        at,
        result,
        differences: text(7).and_then(|count| count.parse().ok()),
        by: text(8),
    });
    Some(About {
        extractor: text(0)?.parse().ok()?,
        server_major: text(1)?.parse().ok()?,
        versions: text(2)?.lines().map(str::to_owned).collect(),
        unproved: text(3),
        stored_at: text(4).unwrap_or_default(),
        last_check,
    })
}

/// Read the row of a ledger, and who holds the migration lock, in one message.
///
/// # Errors
/// What the server says; that the role may not read the row is no error.
pub fn read(session: &mut Session, bookkeeping: &Ident, facts: &Facts) -> Result<Answer, PgError> {
    let holder = holder_query(facts.lock_key);
    let row = |stored: &str, may: &str, from: &str| {
        format!("SELECT h.*, {may}, {stored} FROM (SELECT) one {from} LEFT JOIN LATERAL ({holder}) h ON true")
    };
    let without = row("NULL", "NULL", "");
    let schema = facts.ledger_schema.as_deref().unwrap_or("public");
    let with = row(
        &format!("{ABOUT}, pg_catalog.encode(e.facts, 'hex')"),
        &format!(
            "pg_catalog.has_table_privilege('{table}', 'UPDATE') AND NOT pg_catalog.pg_is_in_recovery() \
             AND NOT pg_catalog.current_setting('transaction_read_only')::bool",
            table = format!("{bookkeeping}.expected").replace('\'', "''")
        ),
        &format!(
            "LEFT JOIN {bookkeeping}.expected e ON e.ledger_schema OPERATOR(pg_catalog.=) {}",
            Literal(schema)
        ),
    );
    let mut forbidden = false;
    let rows = if is_there(facts) {
        match session.catalog(&with) {
            Err(error) if error.failure() == PgFailure::NoPrivilege => {
                forbidden = true;
                session.catalog(&without)?
            }
            answered => answered?,
        }
    } else {
        session.catalog(&without)?
    };
    let stored = about(&rows, 0, HOLDER + 1).and_then(|about| {
        let packed = bytes(rows.get(0, HOLDER + 1 + WIDTH)?)?;
        Some(Stored { about, packed })
    });
    let writable = stored.is_some() && rows.get(0, HOLDER) == Some("t");
    Ok(Answer { stored, holder: Holder::told(&rows, 0), writable, forbidden })
}

/// How many columns the holder has.
const HOLDER: usize = 7;

/// The row without its facts: what `status` shows.
///
/// # Errors
/// What the server says; that there is no such table, or no right to read it, is none.
pub fn glance(session: &mut Session, bookkeeping: &Ident, facts: &Facts) -> Result<Option<About>, PgError> {
    if !is_there(facts) {
        return Ok(None);
    }
    let schema = facts.ledger_schema.as_deref().unwrap_or("public");
    let sql = format!(
        "SELECT {ABOUT} FROM {bookkeeping}.expected e WHERE e.ledger_schema OPERATOR(pg_catalog.=) {}",
        Literal(schema)
    );
    match session.catalog(&sql) {
        Err(error) if error.failure() == PgFailure::NoPrivilege => Ok(None),
        rows => Ok(about(&rows?, 0, 0)),
    }
}

/// The schemas of other ledgers in the same database.
///
/// # Errors
/// What the server says; that there is no such table, or no right to read it, is none.
pub fn others(session: &mut Session, bookkeeping: &Ident, mine: &str) -> Result<Vec<String>, PgError> {
    let sql = format!(
        "{}SELECT ledger_schema FROM {bookkeeping}.expected WHERE ledger_schema OPERATOR(pg_catalog.<>) {} ORDER BY 1",
        session.prelude(),
        Literal(mine)
    );
    match session.query(&sql) {
        Ok(mut answers) => {
            let rows = answers.pop().unwrap_or_default().rows;
            Ok(rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect())
        }
        Err(error) if matches!(error.failure(), PgFailure::NoSuchObject | PgFailure::NoPrivilege) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// All rows, locked until the transaction ends that this begins.
///
/// # Errors
/// What the server says.
pub fn lock_all(session: &mut Session, bookkeeping: &Ident) -> Result<Vec<(String, Stored)>, PgError> {
    let sql = format!(
        "{}BEGIN; SELECT e.ledger_schema, {ABOUT}, pg_catalog.encode(e.facts, 'hex') \
         FROM {bookkeeping}.expected e ORDER BY 1 FOR UPDATE",
        session.prelude()
    );
    let answers = session.query(&sql)?;
    let rows = answers.into_iter().rfind(|rows| !rows.columns.is_empty()).unwrap_or_default();
    let of_row = |at: usize| {
        let packed = bytes(rows.get(at, WIDTH + 1)?)?;
        Some((rows.get(at, 0)?.to_owned(), Stored { about: about(&rows, at, 1)?, packed }))
    };
    Ok((0..rows.rows.len()).filter_map(of_row).collect())
}

/// What is stored anew.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The facts.
    pub catalog: &'a Catalog,
    /// The migrations that they account for.
    pub versions: &'a [String],
    /// Why it is not sure that these make them.
    pub unproved: Option<&'a str>,
}

/// The statement that stores the row of a ledger. What the last comparison said stays.
pub fn store(place: &Place, ledger_schema: &str, expected: Expected<'_>) -> String {
    let versions: Vec<String> = expected.versions.iter().map(|one| Literal(one).to_string()).collect();
    let hex: String = pack(expected.catalog).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "INSERT INTO {}.expected (ledger_schema, facts, extractor, server_major, versions, unproved, operation_id) \
         VALUES ({}, pg_catalog.decode('{hex}', 'hex'), {EXTRACTOR}, {}, ARRAY[{}]::text[], {}, {}) \
         ON CONFLICT (ledger_schema) DO UPDATE SET facts = EXCLUDED.facts, extractor = EXCLUDED.extractor, \
         server_major = EXCLUDED.server_major, versions = EXCLUDED.versions, unproved = EXCLUDED.unproved, \
         operation_id = EXCLUDED.operation_id, stored_at = pg_catalog.clock_timestamp()",
        place.bookkeeping,
        Literal(ledger_schema),
        expected.catalog.server / 10_000,
        versions.join(", "),
        Nullable(expected.unproved),
        place.operation
    )
}

/// The statement after which the facts do not account for a version any more.
pub fn forget(place: &Place, version: &str) -> String {
    format!(
        "UPDATE {}.expected SET versions = pg_catalog.array_remove(versions, {}) \
         WHERE ledger_schema OPERATOR(pg_catalog.=) {}",
        place.bookkeeping,
        Literal(version),
        Literal(place.ledger_schema.as_str())
    )
}

/// What a comparison said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing differs.
    None,
    /// So many objects do.
    Differs(usize),
    /// It cannot be known.
    Unknown,
}

/// Record what a comparison said.
///
/// # Errors
/// What the server says, as where the role may not: it is for the caller to pass over.
pub fn record(
    session: &mut Session,
    bookkeeping: &Ident,
    ledger_schema: &str,
    found: Found,
) -> Result<(), PgError> {
    let (word, count) = match found {
        Found::None => ("none", "0".to_owned()),
        Found::Differs(count) => ("differs", count.to_string()),
        Found::Unknown => ("unknown", "NULL".to_owned()),
    };
    // A deploy that is about to write the row must not be waited for.
    let sql = format!(
        "BEGIN; SET LOCAL lock_timeout = '1s'; UPDATE {bookkeeping}.expected SET \
         checked_at = pg_catalog.clock_timestamp(), check_result = '{word}', check_differences = {count}, \
         checked_by = session_user WHERE ledger_schema OPERATOR(pg_catalog.=) {}; COMMIT",
        Literal(ledger_schema)
    );
    session.query(&sql).map(drop).inspect_err(|_| drop(session.query("ROLLBACK")))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    hex.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}
