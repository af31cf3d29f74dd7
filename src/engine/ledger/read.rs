//! Reads where a database stands in one message, the lock attempt included: what every `deploy` and
//! `status` pays. The message guesses that all tables are there; where the guess was wrong, its
//! first answer says what is there, and a second message asks for just that.

use crate::engine::marks;
use crate::pg::error::{PgError, PgFailure};
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::{Rows, Session};
use crate::pg::url::DatabaseUrl;

use super::{
    Applied, Bookkeeping, Facts, LEDGER_TABLE, LastOperation, Ledger, Mark, Recorded, RecordedState,
};

/// Whether the message also tries for the migration lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Only look.
    Leave,
    /// `pg_try_advisory_lock`, before anything is read; not through a pooler, which would keep it.
    Try,
    /// The same where a pooler was proved to keep its server connection for the session.
    TryThroughPooler,
}

/// The answer: the ledger, and whether the lock was had (`None`: not tried).
pub type Answer = (Ledger, Option<bool>);

/// Read everything.
///
/// # Errors
/// What the server says; a ledger that the role may not read is an error, a missing one is not.
pub fn read(session: &mut Session, bookkeeping: &Ident, lock: Lock) -> Result<Answer, PgError> {
    let mut sought = Sought { ledger: true, ours: true, identifier: true };
    let mut lock = lock;
    let mut had = None;
    loop {
        let (results, error) = match session.query_partly(&message(session, bookkeeping, lock, sought)) {
            Ok(results) => (results, None),
            Err((error, results)) => {
                session.query("ROLLBACK")?;
                (results, Some(error))
            }
        };
        // The lock outlives the transaction that took it: what follows is read under it.
        if lock != Lock::Leave {
            had = lock_answer(&results);
            if had == Some(true) {
                lock = Lock::Leave;
            }
        }
        let facts = results.iter().find(|rows| rows.columns.len() == FACTS).map(facts).transpose()?;
        match (error, facts) {
            (None, Some(facts)) => {
                let there = Sought::of(&facts, sought);
                // What was not there when the message was put together may be there by now.
                if (there.ledger && !sought.ledger) || (there.ours && !sought.ours) {
                    sought = there;
                    continue;
                }
                return Ok((parse(session, facts, results, sought)?, had));
            }
            (Some(error), Some(facts)) if error.failure() == PgFailure::NoSuchObject => {
                let there = Sought::of(&facts, sought);
                if there == sought {
                    return Err(error);
                }
                sought = there;
            }
            // Without facts, the right to ask for the cluster's identifier is what may be missing.
            (Some(error), None) if error.failure() == PgFailure::NoPrivilege && sought.identifier => {
                sought.identifier = false;
            }
            (Some(error), _) => return Err(error),
            (None, None) => return Err(unexpected("the facts about the database are missing")),
        }
    }
}

/// Whether the lock was had, where that was asked.
fn lock_answer(results: &[Rows]) -> Option<bool> {
    let answer =
        results.iter().find(|rows| rows.columns.len() == 1 && rows.columns[0].name == LOCK_COLUMN)?;
    Some(answer.get(0, 0) == Some("t"))
}

const LOCK_COLUMN: &str = "pgkeel_lock";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sought {
    ledger: bool,
    ours: bool,
    identifier: bool,
}

impl Sought {
    /// What the facts say is there.
    fn of(facts: &Facts, asked: Self) -> Self {
        Self { ledger: facts.has_ledger, ours: facts.bookkeeping == Bookkeeping::Present, ..asked }
    }
}

/// The SQL expression of the schema that holds the user's ledger: where Diesel's unqualified name
/// resolves, else where it would be created.
const LEDGER_SCHEMA: &str = "coalesce((SELECT n.nspname::text FROM pg_catalog.pg_class c \
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.oid = pg_catalog.to_regclass('__diesel_schema_migrations')), pg_catalog.current_schema()::text)";

/// The SQL expression of the lock's key, from database, bookkeeping schema and ledger schema. The
/// schema that the URL names counts before it exists: the key must not change when a run creates it.
fn lock_key(bookkeeping: &Ident, url: &DatabaseUrl) -> String {
    format!(
        "pg_catalog.hashtextextended(pg_catalog.concat_ws(pg_catalog.chr(1), 'pgkeel', \
         pg_catalog.current_database(), {}, coalesce({LEDGER_SCHEMA}, {})), 0)",
        Literal(bookkeeping.as_str()),
        Nullable(url.schema())
    )
}

/// The schemas that hold a ledger, where the search_path finds none: their names, separated by a control character. A
/// bookkeeping schema holds one of its own, which is no application's.
fn other_ledgers(bookkeeping: &Ident) -> String {
    format!(
        "CASE WHEN pg_catalog.to_regclass('{LEDGER_TABLE}') IS NULL THEN (\
         SELECT pg_catalog.string_agg(n.nspname::pg_catalog.text, pg_catalog.chr(1) ORDER BY n.nspname) \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.relname OPERATOR(pg_catalog.=) '{LEDGER_TABLE}'::pg_catalog.name \
         AND c.relpersistence OPERATOR(pg_catalog.<>) 't'::pg_catalog.\"char\" \
         AND n.nspname OPERATOR(pg_catalog.<>) {}::pg_catalog.name \
         AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class o \
         WHERE o.relnamespace OPERATOR(pg_catalog.=) n.oid AND o.relname OPERATOR(pg_catalog.=) \
         ANY (ARRAY['operation', 'migration', 'environment']::pg_catalog.name[])) OPERATOR(pg_catalog.<) 3) END",
        Literal(bookkeeping.as_str())
    )
}

const FACTS: usize = 18;

fn message(session: &Session, bookkeeping: &Ident, lock: Lock, sought: Sought) -> String {
    let schema = Literal(bookkeeping.as_str());
    let relation = |name: &str| {
        format!(
            "EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = b.oid AND c.relname = '{name}')"
        )
    };
    let identifier = if sought.identifier {
        "(SELECT system_identifier::text FROM pg_catalog.pg_control_system())"
    } else {
        "NULL::text"
    };
    let mut sql = format!("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; {}", session.local_settings());
    // First: what is read after it is read under it.
    let try_lock = format!("pg_catalog.pg_try_advisory_lock({})", lock_key(bookkeeping, session.url()));
    match lock {
        Lock::Leave => {}
        Lock::Try => sql.push_str(&format!(
            "SELECT CASE WHEN pg_catalog.pg_backend_pid() = {} THEN {try_lock} END AS {LOCK_COLUMN}; ",
            session.announced_pid()
        )),
        Lock::TryThroughPooler => sql.push_str(&format!("SELECT {try_lock} AS {LOCK_COLUMN}; ")),
    }
    sql.push_str(&format!(
        "SELECT pg_catalog.current_database(), session_user, pg_catalog.pg_backend_pid(), \
         pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery(), \
         {LEDGER_SCHEMA}, pg_catalog.to_regclass('{LEDGER_TABLE}') IS NOT NULL, \
         b.oid IS NOT NULL, {ours}, {foreign}, \
         coalesce(pg_catalog.pg_has_role(b.nspowner, 'MEMBER') AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles me, \
         pg_catalog.pg_roles own WHERE me.rolname IN (session_user, current_user) AND me.rolsuper \
         AND own.oid = b.nspowner AND NOT own.rolsuper), true), {identifier}, \
         {key}, {schema} = ANY (pg_catalog.current_schemas(false)) OR {schema} = ANY (\
         SELECT CASE name WHEN '$user' THEN current_user::text ELSE name END FROM (\
         SELECT pg_catalog.btrim(entry, ' \"') FROM pg_catalog.unnest(pg_catalog.string_to_array(\
         pg_catalog.current_setting('search_path'), ',')) entry) path (name)), \
         pg_catalog.strpos(pg_catalog.version(), 'linux') > 0, 1, \
         (SELECT pg_catalog.string_agg(one, pg_catalog.chr(10)) FROM pg_catalog.pg_db_role_setting s, \
         pg_catalog.unnest(s.setconfig) one WHERE s.setrole = 0 AND s.setdatabase = (SELECT oid \
         FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) \
         AND (pg_catalog.starts_with(one, '{read_only}=') OR pg_catalog.starts_with(one, '{name}='))), {others} \
         FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace b ON b.nspname = {schema}",
        read_only = marks::READ_ONLY,
        name = marks::NAME,
        ours = relation("operation"),
        foreign = relation(LEDGER_TABLE),
        key = lock_key(bookkeeping, session.url()),
        others = other_ledgers(bookkeeping),
    ));
    if sought.ledger {
        sql.push_str(&format!(
            "; SELECT version, pg_catalog.to_char(run_on, 'YYYY-MM-DD HH24:MI:SS') FROM {LEDGER_TABLE} ORDER BY version COLLATE \"C\""
        ));
    }
    if sought.ours {
        let time = |column: &str| {
            format!("pg_catalog.to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')")
        };
        sql.push_str(&format!(
            "; SELECT m.version, m.name, m.state, m.transactional, m.checksum, m.checksum_normalised, \
             m.normalisation, m.statements_done, m.statements_hash, m.operation_id, m.duration_ms, \
             m.up_sql IS NOT NULL, m.down_sql IS NOT NULL, o.command, m.statements_begun \
             FROM {bookkeeping}.migration m LEFT JOIN {bookkeeping}.operation o ON o.id = m.operation_id \
             WHERE m.ledger_schema = {LEDGER_SCHEMA} ORDER BY m.version COLLATE \"C\"; \
             SELECT name, database, system_identifier, set_by, {set_at} FROM {bookkeeping}.environment; \
             SELECT id, command, {started_at}, outcome, os_user, host, client_pid, backend_pid FROM {bookkeeping}.operation \
             WHERE ledger_schema = {LEDGER_SCHEMA} ORDER BY id DESC LIMIT 1; \
             SELECT version FROM {bookkeeping}.{LEDGER_TABLE}",
            set_at = time("set_at"),
            started_at = time("started_at"),
        ));
    }
    sql.push_str("; COMMIT");
    sql
}

fn unexpected(what: &str) -> PgError {
    PgError::Unexpected(what.to_owned())
}

fn facts(rows: &Rows) -> Result<Facts, PgError> {
    let text = |column| rows.get(0, column).map(str::to_owned);
    let must = |column| text(column).ok_or_else(|| unexpected("a fact about the database is NULL"));
    let number = |column| must(column)?.parse().map_err(|_| unexpected("a number was expected"));
    let number64 = |column| must(column)?.parse().map_err(|_| unexpected("a number was expected"));
    let yes = |column| rows.get(0, column) == Some("t");
    let bookkeeping = match (yes(7), yes(8), yes(9)) {
        (false, ..) => Bookkeeping::Absent,
        (true, true, _) => Bookkeeping::Present,
        (true, false, true) => Bookkeeping::Foreign,
        (true, false, false) => Bookkeeping::Empty,
    };
    Ok(Facts {
        database: must(0)?,
        role: must(1)?,
        backend_pid: number(2)?,
        server_version: number(3)?,
        standby: yes(4),
        ledger_schema: text(5),
        has_ledger: yes(6),
        bookkeeping,
        trusted: yes(10),
        system_identifier: text(11),
        lock_key: number64(12)?,
        bookkeeping_in_path: yes(13),
        our_versions: Vec::new(),
        is_stopped: text(16).is_some_and(|settings| marks::refuses(&settings)),
        other_ledgers: text(17)
            .map_or_else(Vec::new, |names| names.split('\u{1}').map(str::to_owned).collect()),
    })
}

fn parse(session: &mut Session, facts: Facts, results: Vec<Rows>, sought: Sought) -> Result<Ledger, PgError> {
    session.set_server_pid(facts.backend_pid);
    // PostgreSQL (14 and later) on Linux can always look whether its client lives: that need not be asked.
    if facts.server_version >= 140_000
        && results.iter().any(|rows| rows.columns.len() == FACTS && rows.get(0, 14) == Some("t"))
    {
        session.assume_client_check();
    }
    let mut results = results
        .into_iter()
        .skip_while(|rows| rows.columns.len() != FACTS)
        .skip(1)
        .filter(|rows| !rows.columns.is_empty());
    let mut next = || results.next().ok_or_else(|| unexpected("a result is missing"));
    let mut facts = facts;
    let applied =
        if sought.ledger { next()?.rows.into_iter().map(applied_row).collect() } else { Vec::new() };
    let (mut recorded, mut mark, mut last_operation) = (Vec::new(), None, None);
    if sought.ours {
        recorded = next()?.rows.iter().map(|row| recorded_row(row)).collect::<Result<_, _>>()?;
        mark = next()?.rows.into_iter().next().map(mark_row);
        last_operation = next()?.rows.into_iter().next().map(operation_row);
        facts.our_versions = next()?.rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect();
    }
    Ok(Ledger { facts, applied, recorded, mark, last_operation })
}

fn applied_row(row: Vec<Option<String>>) -> Applied {
    let mut cells = row.into_iter().map(Option::unwrap_or_default);
    let mut cell = || cells.next().unwrap_or_default();
    Applied { version: cell(), run_on: cell() }
}

fn recorded_row(row: &[Option<String>]) -> Result<Recorded, PgError> {
    let text = |i: usize| row.get(i).and_then(|cell| cell.clone());
    let must = |i: usize| text(i).unwrap_or_default();
    let yes = |i: usize| text(i).as_deref() == Some("t");
    Ok(Recorded {
        version: must(0),
        name: must(1),
        state: RecordedState::parse(&must(2))
            .ok_or_else(|| unexpected("a newer pgkeel recorded a state that this one does not know"))?,
        transactional: yes(3),
        checksum: must(4),
        checksum_normalised: must(5),
        normalisation: must(6).parse().unwrap_or_default(),
        statements_done: must(7).parse().unwrap_or_default(),
        statements_hash: text(8),
        operation_id: text(9).and_then(|id| id.parse().ok()),
        duration_ms: text(10).and_then(|ms| ms.parse().ok()),
        has_up: yes(11),
        has_down: yes(12),
        command: text(13),
        statements_begun: must(14).parse().unwrap_or_default(),
    })
}

fn mark_row(row: Vec<Option<String>>) -> Mark {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    Mark {
        name: cell().unwrap_or_default(),
        database: cell().unwrap_or_default(),
        system_identifier: cell(),
        set_by: cell().unwrap_or_default(),
        set_at: cell().unwrap_or_default(),
    }
}

fn operation_row(row: Vec<Option<String>>) -> LastOperation {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    LastOperation {
        id: cell().and_then(|id| id.parse().ok()).unwrap_or_default(),
        command: cell().unwrap_or_default(),
        started_at: cell().unwrap_or_default(),
        outcome: cell(),
        os_user: cell().unwrap_or_default(),
        host: cell().unwrap_or_default(),
        client_pid: cell().and_then(|pid| pid.parse().ok()),
        backend_pid: cell().and_then(|pid| pid.parse().ok()),
    }
}
