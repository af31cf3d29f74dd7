//! For a role without the right to create databases: drop what its schemas hold, in one
//! transaction, keeping extensions with their members, grants, default privileges, and our
//! bookkeeping. What only superusers own (text search parsers and templates, casts) stays as well.

use crate::engine::ledger::LEDGER_TABLE;
use crate::engine::ledger::rows::Place;
use crate::engine::prepared::explained;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// Empty the schemas that the role owns, and the ledger's. A schema that migrations can create
/// again is dropped; the others stay, emptied.
///
/// # Errors
/// What the server says; nothing is dropped then.
pub fn empty(session: &mut Session, place: &Place) -> Result<(), PgError> {
    let Place { bookkeeping, ledger_schema, .. } = place;
    let statements = session.catalog(&drops(bookkeeping, ledger_schema))?;
    let hold = place.hold(&["migration", "seed", "expected"]).table(ledger_schema, LEDGER_TABLE);
    let mut sql = format!(
        "{}SET lock_timeout = '30s'; BEGIN; SET LOCAL client_min_messages = warning; {}",
        session.own_prelude(),
        hold.all()
    );
    for statement in statements.rows.iter().filter_map(|row| row.first()?.as_ref()) {
        sql.push_str(statement);
        sql.push_str("; ");
    }
    let ours = format!("ledger_schema OPERATOR(pg_catalog.=) {}", Literal(ledger_schema.as_str()));
    sql.push_str(&format!(
        "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata \
           WHERE pg_catalog.pg_has_role(lomowner, 'USAGE'); \
         DELETE FROM {ledger_schema}.{LEDGER_TABLE}; \
         DELETE FROM {bookkeeping}.migration WHERE {ours}; \
         DELETE FROM {bookkeeping}.seed WHERE {ours}; \
         DELETE FROM {bookkeeping}.expected WHERE {ours}; COMMIT"
    ));
    session.query(&sql).map(drop).map_err(|error| {
        drop(session.query("ROLLBACK"));
        match hold.explained_if_found(session, error) {
            error @ PgError::Refused(_) => error,
            error => explained(session, error),
        }
    })
}

/// A kind of object that lives in a schema.
struct Kind {
    /// Its catalog.
    catalog: &'static str,
    /// What its columns begin with: `relname`, `relnamespace`, `relowner`.
    prefix: &'static str,
    /// The word after DROP, as an SQL expression.
    word: &'static str,
    /// What names the object there, as an SQL expression; `named` is its qualified name.
    name: &'static str,
    /// Which rows of the catalog.
    only: &'static str,
}

impl Kind {
    const fn plain(catalog: &'static str, prefix: &'static str, word: &'static str) -> Self {
        Self { catalog, prefix, word, name: "named", only: "true" }
    }
}

/// In the order in which they go.
const KINDS: &[Kind] = &[
    Kind {
        only: "relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND NOT relispartition \
               AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend d \
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.deptype IN ('a', 'i')))",
        ..Kind::plain(
            "pg_class",
            "rel",
            "CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' \
             WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END",
        )
    },
    Kind {
        name: "o.oid::regprocedure",
        // The constructors of a range type go with it.
        only: "NOT EXISTS (SELECT FROM pg_depend d \
                 WHERE d.classid = 'pg_proc'::regclass AND d.objid = o.oid AND d.deptype = 'i')",
        ..Kind::plain("pg_proc", "pro", "'ROUTINE'")
    },
    Kind {
        name: "format('%s USING %I', named, (SELECT amname FROM pg_am a WHERE a.oid = opfmethod))",
        ..Kind::plain("pg_opfamily", "opf", "'OPERATOR FAMILY'")
    },
    Kind {
        name: "format('%s USING %I', named, (SELECT amname FROM pg_am a WHERE a.oid = opcmethod))",
        ..Kind::plain("pg_opclass", "opc", "'OPERATOR CLASS'")
    },
    Kind { name: "o.oid::regoperator", ..Kind::plain("pg_operator", "opr", "'OPERATOR'") },
    Kind { only: "typtype IN ('e', 'd', 'r')", ..Kind::plain("pg_type", "typ", "'TYPE'") },
    Kind::plain("pg_collation", "coll", "'COLLATION'"),
    Kind::plain("pg_conversion", "con", "'CONVERSION'"),
    Kind::plain("pg_statistic_ext", "stx", "'STATISTICS'"),
    Kind::plain("pg_ts_config", "cfg", "'TEXT SEARCH CONFIGURATION'"),
    Kind::plain("pg_ts_dict", "dict", "'TEXT SEARCH DICTIONARY'"),
];

/// What lives in no schema.
const ELSEWHERE: &[Kind] = &[
    Kind::plain("pg_publication", "pub", "'PUBLICATION'"),
    Kind::plain("pg_foreign_server", "srv", "'SERVER'"),
];

/// One query that renders every DROP. CASCADE is right here: all of it is to go; and as one takes
/// others along, IF EXISTS.
pub(crate) fn drops(bookkeeping: &Ident, ledger_schema: &Ident) -> String {
    drops_of(bookkeeping, ledger_schema, &[])
}

/// The same for these schemas alone; for all where none is named.
pub(crate) fn drops_of(bookkeeping: &Ident, ledger_schema: &Ident, schemas: &[String]) -> String {
    let names: Vec<String> = schemas.iter().map(|schema| Literal(schema).to_string()).collect();
    let chosen = match names.is_empty() {
        true => String::new(),
        false => format!("AND nspname::text = ANY (ARRAY[{}])", names.join(", ")),
    };
    let kept = Literal(bookkeeping.as_str());
    let ledger = Literal(ledger_schema.as_str());
    let no_member = |catalog: &str| {
        // Of a composite type, which is in pg_class too, an extension has the type.
        let composite = match catalog {
            "pg_class" => "OR e.classid = 'pg_type'::regclass AND e.objid = o.reltype AND o.relkind = 'c'",
            _ => "",
        };
        format!(
            "NOT EXISTS (SELECT FROM pg_depend e WHERE e.deptype = 'e' \
             AND (e.classid = '{catalog}'::regclass AND e.objid = o.oid {composite}))"
        )
    };
    let mut sql = format!(
        "WITH mine AS (\
           SELECT o.oid, nspname, nspname NOT IN ('public', {ledger}) \
             AND has_database_privilege(current_database(), 'CREATE') \
             AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = o.oid) AS again \
           FROM pg_namespace o \
           WHERE (pg_has_role(nspowner, 'USAGE') OR nspname IN ({ledger}, 'public')) \
             AND nspname NOT IN ('information_schema', {kept}) AND NOT starts_with(nspname, 'pg_') {chosen} AND {}) \
         SELECT statement FROM (SELECT 0, format('DROP SCHEMA %I CASCADE', nspname) FROM mine WHERE again",
        no_member("pg_namespace")
    );
    let in_schemas = KINDS.iter().map(|kind| {
        let named = format!("format('%s.%I', {0}namespace::regnamespace, {0}name)", kind.prefix);
        let mine = format!(
            "{0}namespace IN (SELECT oid FROM mine WHERE NOT again) AND {0}name <> '{LEDGER_TABLE}'",
            kind.prefix
        );
        (kind, named, mine)
    });
    // What lives in no schema belongs to none of those that are named.
    let elsewhere = if schemas.is_empty() { ELSEWHERE } else { &[] };
    let elsewhere =
        elsewhere.iter().map(|kind| (kind, format!("quote_ident({}name)", kind.prefix), "true".into()));
    for (step, (kind, named, mine)) in (1..).zip(in_schemas.chain(elsewhere)) {
        let Kind { catalog, prefix, word, name, only } = kind;
        sql.push_str(&format!(
            " UNION ALL SELECT {step}, format('DROP %s IF EXISTS %s CASCADE', {word}, {name}) \
              FROM {catalog} o, LATERAL {named} named \
              WHERE {mine} AND {only} AND pg_has_role({prefix}owner, 'USAGE') AND {}",
            no_member(catalog)
        ));
    }
    sql.push_str(") all_of_it (step, statement) ORDER BY step, statement");
    sql
}
