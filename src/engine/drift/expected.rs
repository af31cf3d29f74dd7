//! The expected facts of a database as they are stored, one row per ledger: packed on the way in, one message on the way out.
//! The row stands for the whole database, other applications' objects included: their runs move it on as well.

use crate::engine::catalog::{Catalog, EXTRACTOR, Scope};
use crate::engine::ledger::Facts;
use crate::engine::ledger::hold::Hold;
use crate::engine::ledger::read::READING;
use crate::engine::ledger::rows::Place;
use crate::engine::withheld::Withheld;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::lock::{Holder, holder_query};
use crate::pg::session::{Rows, Session};
use crate::pg::settings::OUR_PATH;

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

/// The columns of a row, without its facts.
const COLUMNS: &str = "ledger_schema, extractor, server_major, versions, unproved, stored_at, checked_at, check_result, \
    check_differences, checked_by";

/// How many columns that is.
const WIDTH: usize = 10;

type Row = Vec<Option<String>>;

/// The schema of the ledger, and what its row says.
fn about(row: &Row) -> Option<(String, About)> {
    let text = |column: usize| row.get(column).cloned().flatten();
    let without_zone = |time: String| time.trim_end_matches("+00").to_owned();
    let to_the_second = |time: String| time.split(['.', '+']).next().unwrap_or_default().to_owned();
    let last_check = text(6).zip(text(7)).map(|(at, result)| LastCheck {
        at: to_the_second(at),
        result,
        differences: text(8).and_then(|count| count.parse().ok()),
        by: text(9),
    });
    let about = About {
        extractor: text(1)?.parse().ok()?,
        server_major: text(2)?.parse().ok()?,
        versions: array_items(&text(3)?),
        unproved: text(4),
        stored_at: without_zone(text(5).unwrap_or_default()),
        last_check,
    };
    Some((text(0)?, about))
}

/// The rows of the table with these columns, by COPY, which runs no code of its owner; and the answer to a query before it.
fn copied(
    session: &mut Session,
    bookkeeping: &Ident,
    columns: &str,
    before: &str,
) -> Result<(Rows, Vec<Row>), PgError> {
    let sql = format!(
        "BEGIN; {}SET LOCAL search_path = {OUR_PATH}; {READING}{before}COPY {bookkeeping}.expected ({columns}) \
         TO STDOUT; COMMIT",
        session.local_limits()
    );
    let answers = session.query(&sql).inspect_err(|error| {
        if matches!(error, PgError::Server(_)) {
            drop(session.query("ROLLBACK"));
        }
    })?;
    let (mut first, mut rows) = (Rows::default(), Vec::new());
    for answer in answers {
        match answer.tag.starts_with("COPY") {
            true => rows = answer.rows,
            false if !answer.columns.is_empty() => first = answer,
            false => {}
        }
    }
    Ok((first, rows))
}

/// Read the row of a ledger, and who holds the migration lock, in one message.
///
/// # Errors
/// What the server says; that the role may not read the row is no error.
pub fn read(session: &mut Session, bookkeeping: &Ident, facts: &Facts) -> Result<Answer, PgError> {
    let holder = holder_query(facts.lock_key);
    let asked =
        |may: &str| format!("SELECT h.*, {may} FROM (SELECT) one LEFT JOIN LATERAL ({holder}) h ON true");
    let may = format!(
        "pg_catalog.has_table_privilege({}, 'UPDATE') AND NOT pg_catalog.pg_is_in_recovery() \
         AND NOT pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool",
        Literal(&format!("{bookkeeping}.expected"))
    );
    let mut forbidden = false;
    let columns = format!("{COLUMNS}, facts");
    let (answer, rows) = if is_there(facts) {
        match copied(session, bookkeeping, &columns, &format!("{}; ", asked(&may))) {
            Err(error) if is_forbidden(session, bookkeeping, &error) => {
                forbidden = true;
                (session.catalog(&asked("NULL"))?, Vec::new())
            }
            answered => answered?,
        }
    } else {
        (session.catalog(&asked("NULL"))?, Vec::new())
    };
    let schema = facts.ledger_schema.as_deref().unwrap_or("public");
    let stored = rows.iter().filter_map(stored_row).find(|(other, _)| other == schema).map(|(_, row)| row);
    let writable = stored.is_some() && answer.get(0, HOLDER) == Some("t");
    Ok(Answer { stored, holder: Holder::told(&answer, 0), writable, forbidden })
}

/// Whether the role has no grant for the row. Where row-level security withholds it, that is an error of its own.
fn is_forbidden(session: &mut Session, bookkeeping: &Ident, error: &PgError) -> bool {
    error.failure() == PgFailure::NoPrivilege && Withheld::explain(session, bookkeeping, error).is_none()
}

/// How many columns the holder has.
const HOLDER: usize = 7;

/// A row with its facts.
fn stored_row(row: &Row) -> Option<(String, Stored)> {
    let (schema, about) = about(row)?;
    let packed = bytes(row.get(WIDTH)?.as_deref()?.strip_prefix("\\x")?)?;
    Some((schema, Stored { about, packed }))
}

/// The row without its facts: what `status` shows.
///
/// # Errors
/// What the server says; that there is no such table, or no right to read it, is none.
pub fn glance(session: &mut Session, bookkeeping: &Ident, facts: &Facts) -> Result<Option<About>, PgError> {
    if !is_there(facts) {
        return Ok(None);
    }
    let schema = facts.ledger_schema.as_deref().unwrap_or("public");
    match copied(session, bookkeeping, COLUMNS, "") {
        Err(error) if is_forbidden(session, bookkeeping, &error) => Ok(None),
        answered => {
            let rows = answered?.1;
            Ok(rows.iter().filter_map(about).find(|(other, _)| other == schema).map(|(_, about)| about))
        }
    }
}

/// The schemas of other ledgers in the same database.
///
/// # Errors
/// What the server says; that there is no such table, or no right to read it, is none.
pub fn others(session: &mut Session, bookkeeping: &Ident, mine: &str) -> Result<Vec<String>, PgError> {
    match copied(session, bookkeeping, "ledger_schema", "") {
        Ok((_, rows)) => {
            let mut all: Vec<String> = rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect();
            all.retain(|schema| schema != mine);
            all.sort();
            Ok(all)
        }
        Err(error) if error.failure() == PgFailure::NoSuchObject => Ok(Vec::new()),
        Err(error) if is_forbidden(session, bookkeeping, &error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// All rows, locked until the transaction ends that this begins.
///
/// # Errors
/// What the server says, `PgError::Refused`.
pub fn lock_all(session: &mut Session, place: &Place) -> Result<Vec<(String, Stored)>, PgError> {
    let hold = place.hold(&["expected"]);
    let schema = &place.bookkeeping;
    let sql = format!(
        "{}BEGIN; {}SELECT 1 FROM ONLY {schema}.expected FOR UPDATE; {READING}COPY {schema}.expected ({COLUMNS}, facts) \
         TO STDOUT",
        session.own_prelude(),
        hold.all()
    );
    let answers = session.query(&sql).map_err(|error| {
        if matches!(error, PgError::Server(_)) {
            drop(session.query("ROLLBACK"));
        }
        hold.explained(session, error)
    })?;
    let copied = answers.into_iter().find(|answer| answer.tag.starts_with("COPY")).unwrap_or_default();
    let mut all: Vec<_> = copied.rows.iter().filter_map(stored_row).collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(all)
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
         VALUES ({}, pg_catalog.decode('{hex}', 'hex'), {EXTRACTOR}, {}, ARRAY[{}]::pg_catalog.text[], {}, {}) \
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

/// Record what a comparison said; `hold` is of this table.
///
/// # Errors
/// What the server says, as where the role may not: it is for the caller to pass over.
pub fn record(
    session: &mut Session,
    hold: &Hold<'_>,
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
        "BEGIN; SET LOCAL search_path = {OUR_PATH}; SET LOCAL lock_timeout = '1s'; {}UPDATE {bookkeeping}.expected SET \
         checked_at = pg_catalog.clock_timestamp(), check_result = '{word}', check_differences = {count}, \
         checked_by = session_user WHERE ledger_schema OPERATOR(pg_catalog.=) {}; COMMIT",
        hold.all(),
        Literal(ledger_schema)
    );
    session.query(&sql).map(drop).inspect_err(|_| drop(session.query("ROLLBACK")))
}

/// The items of an array of texts, in PostgreSQL's text form (docs 8.15.6 "Array Input and Output Syntax").
fn array_items(text: &str) -> Vec<String> {
    let (mut all, mut item, mut quoted) = (Vec::new(), None::<String>, false);
    let mut rest = text.trim_start_matches('{').trim_end_matches('}').chars();
    while let Some(one) = rest.next() {
        let item_now = item.get_or_insert_default();
        match one {
            '"' => quoted = !quoted,
            '\\' => item_now.extend(rest.next()),
            ',' if !quoted => all.extend(item.replace(String::new())),
            other => item_now.push(other),
        }
    }
    all.extend(item);
    all
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    hex.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}
