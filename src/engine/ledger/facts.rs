//! The query for where a session is and what of the record is there. Every name in it is qualified: it runs under the
//! search_path of the role, the database and the URL, which decides where the ledger is.

use crate::engine::marks;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::{Literal, Nullable};
use crate::pg::session::{Rows, Session};
use crate::pg::url::DatabaseUrl;

use super::read::unexpected;
use super::{Bookkeeping, Facts, LEDGER_TABLE, owners};

/// The SQL expression of the schema that holds the user's ledger: where Diesel's unqualified name
/// resolves, else where it would be created.
const LEDGER_SCHEMA: &str = "coalesce((SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_class c \
     JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
     WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('__diesel_schema_migrations')::pg_catalog.oid), \
     pg_catalog.current_schema()::pg_catalog.text)";

/// The SQL expression of the lock's key, from database, bookkeeping schema and ledger schema. The
/// schema that the URL names counts before it exists: the key must not change when a run creates it.
pub(super) fn lock_key(bookkeeping: &Ident, url: &DatabaseUrl) -> String {
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

/// The columns of the query.
pub(super) const FACTS: usize = 21;

/// The column that says whether the server is on Linux.
const LINUX: usize = 14;

/// The query; `identifier`: whether the cluster's is asked for.
pub(super) fn query(session: &Session, bookkeeping: &Ident, identifier: bool) -> String {
    let schema = Literal(bookkeeping.as_str());
    let relation = |name: &str| {
        format!(
            "EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace OPERATOR(pg_catalog.=) b.oid \
             AND c.relname OPERATOR(pg_catalog.=) '{name}'::pg_catalog.name)"
        )
    };
    let identifier = if identifier {
        "(SELECT k.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() k)"
    } else {
        "NULL::pg_catalog.text"
    };
    format!(
        "SELECT pg_catalog.current_database(), session_user, pg_catalog.pg_backend_pid(), \
         pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery(), \
         {LEDGER_SCHEMA}, pg_catalog.to_regclass('{LEDGER_TABLE}') IS NOT NULL, \
         b.oid IS NOT NULL, {ours}, {foreign}, \
         coalesce(pg_catalog.pg_has_role(b.nspowner, 'MEMBER') AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles me, \
         pg_catalog.pg_roles own WHERE me.rolname OPERATOR(pg_catalog.=) \
         ANY (ARRAY[session_user, current_user]::pg_catalog.name[]) AND me.rolsuper \
         AND own.oid OPERATOR(pg_catalog.=) b.nspowner AND NOT own.rolsuper), true), {identifier}, \
         {key}, {schema}::pg_catalog.name OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) \
         OR {schema}::pg_catalog.text OPERATOR(pg_catalog.=) ANY (\
         SELECT CASE WHEN path.name OPERATOR(pg_catalog.=) '$user'::pg_catalog.text THEN current_user::pg_catalog.text \
         ELSE path.name END FROM (SELECT pg_catalog.btrim(entry, ' \"') FROM pg_catalog.unnest(\
         pg_catalog.string_to_array(pg_catalog.current_setting('search_path'), ',')) entry) path (name)), \
         pg_catalog.strpos(pg_catalog.version(), 'linux') OPERATOR(pg_catalog.>) 0, \
         (SELECT pg_catalog.string_agg(one, pg_catalog.chr(10)) FROM pg_catalog.pg_db_role_setting s, \
         pg_catalog.unnest(s.setconfig) one WHERE s.setrole OPERATOR(pg_catalog.=) 0::pg_catalog.oid \
         AND s.setdatabase OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d \
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
         AND (pg_catalog.starts_with(one, '{read_only}=') OR pg_catalog.starts_with(one, '{name}='))), {others}, \
         current_user, {newest}, {owners}, (SELECT o.rolname FROM pg_catalog.pg_database d \
         JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) d.datdba \
         JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) session_user \
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND me.rolsuper AND NOT o.rolsuper) \
         FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace b ON b.nspname OPERATOR(pg_catalog.=) {schema}::pg_catalog.name",
        read_only = marks::READ_ONLY,
        name = marks::NAME,
        ours = relation("operation"),
        foreign = relation(LEDGER_TABLE),
        newest = relation("last_operation"),
        key = lock_key(bookkeeping, session.url()),
        others = other_ledgers(bookkeeping),
        owners = owners::query(bookkeeping),
    )
}

/// Whether these are the answer of `query`.
pub(super) fn are_facts(rows: &Rows) -> bool {
    rows.columns.len() == FACTS
}

/// PostgreSQL (14 and later) on Linux can always look whether its client lives: that need not be asked.
pub(super) fn checks_client(rows: &Rows, facts: &Facts) -> bool {
    facts.server_version >= 140_000 && rows.get(0, LINUX) == Some("t")
}

/// The answer, and whether our tables are of the newest form.
pub(super) fn parse(rows: &Rows) -> Result<(Facts, bool), PgError> {
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
    let facts = Facts {
        database: must(0)?,
        role: must(1)?,
        current_role: must(17)?,
        owned: text(19).map_or_else(Vec::new, |all| owners::parse(&all)),
        lesser_owner: text(20),
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
        is_stopped: text(15).is_some_and(|settings| marks::refuses(&settings)),
        other_ledgers: text(16)
            .map_or_else(Vec::new, |names| names.split('\u{1}').map(str::to_owned).collect()),
    };
    Ok((facts, yes(18)))
}
