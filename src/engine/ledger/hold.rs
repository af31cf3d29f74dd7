//! Holds the tables of the record before a statement of ours plans over them or writes into them, and checks that what
//! PostgreSQL runs with such a statement is PostgreSQL's own or the session's: triggers, rules, defaults, and the
//! expressions of indexes and extended statistics, whose constant calls the planner evaluates. What is only read is read by
//! COPY TO, which plans nothing and runs nothing.
//!
//! ROW EXCLUSIVE keeps triggers, rules and foreign keys of others away (docs 13.3.1 "Table-Level Locks"), but not what a
//! table's owner can do at the same time: CREATE STATISTICS, INHERIT, CREATE INDEX CONCURRENTLY. So the tables of another role are
//! locked in SHARE UPDATE EXCLUSIVE mode, and their whole shape is checked.

use crate::pg::error::{PgError, PgFailure, Refused};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};

use crate::engine::fault;

use super::look::OURS;
use super::owners::{Owners, kind_word, roles};
use super::{Facts, LEDGER_TABLE};

/// Tables that one transaction holds.
#[derive(Debug, Clone)]
pub struct Hold<'a> {
    owners: &'a Owners,
    bookkeeping: &'a Ident,
    tables: Vec<Held<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    schema: &'a Ident,
    table: &'a str,
    /// Whether its owner is another role, so that its whole shape counts.
    whole: bool,
    /// Whether it is written. One that is only read needs no lock where its owner is the session's role or a superuser.
    writes: bool,
}

impl Owners {
    /// Nothing held yet.
    pub fn hold<'a>(&'a self, bookkeeping: &'a Ident) -> Hold<'a> {
        Hold { owners: self, bookkeeping, tables: Vec::new() }
    }
}

impl<'a> Hold<'a> {
    /// Also this table, to write into it.
    #[must_use]
    pub fn table(self, schema: &'a Ident, table: &'a str) -> Self {
        self.with(schema, table, true)
    }

    /// Also this table, to read it.
    #[must_use]
    pub fn reads(self, schema: &'a Ident, table: &'a str) -> Self {
        self.with(schema, table, false)
    }

    fn with(mut self, schema: &'a Ident, table: &'a str, writes: bool) -> Self {
        let whole = self.owners.others.iter().any(|(other, name)| other == schema.as_str() && name == table);
        self.tables.push(Held { schema, table, whole, writes });
        self
    }

    /// Also these tables of the bookkeeping schema.
    #[must_use]
    pub fn ours(self, tables: &[&'a str]) -> Self {
        let schema = self.bookkeeping;
        tables.iter().fold(self, |hold, table| hold.table(schema, table))
    }

    /// The locks, until the end of the transaction.
    fn locks(&self) -> impl Iterator<Item = String> {
        [(false, "ROW EXCLUSIVE"), (true, "SHARE UPDATE EXCLUSIVE")].into_iter().filter_map(
            |(whole, mode)| {
                let names: Vec<String> = self
                    .tables
                    .iter()
                    .filter(|held| held.whole == whole && (whole || held.writes))
                    .map(|held| format!("ONLY {}.{}", held.schema, held.table))
                    .collect();
                (!names.is_empty()).then(|| format!("LOCK TABLE {} IN {mode} MODE", names.join(", ")))
            },
        )
    }

    /// The locks and the check, each without its semicolon.
    pub fn statements(&self) -> impl Iterator<Item = String> {
        self.locks().chain([self.check()]).chain(fault::inside("ledger-locked"))
    }

    /// Whether a table of another role is among them.
    pub fn is_needed_to_read(&self) -> bool {
        self.tables.iter().any(|held| held.whole)
    }

    /// Both, as SQL that ends in `; `.
    pub fn all(&self) -> String {
        self.statements().map(|sql| format!("{sql}; ")).collect()
    }

    /// The check, without its semicolon: fails (division by zero, 22012) where a table is not as it must be.
    fn check(&self) -> String {
        let is_whole = self.tables.iter().any(|held| held.whole);
        let count = self.tables.len();
        format!(
            "WITH RECURSIVE {roles}, {held} SELECT 1 OPERATOR(pg_catalog./) (pg_catalog.count(*) OPERATOR(pg_catalog.=) \
             {count})::pg_catalog.int4 FROM c WHERE {bookkeeping} AND {loose}{whole}",
            roles = self.roles(),
            held = self.held(),
            bookkeeping = self.schema_is_trusted(),
            loose = none_of(&LOOSE),
            whole =
                if is_whole { format!(" AND (NOT c.whole OR {})", none_of(&WHOLE)) } else { String::new() },
        )
    }

    fn roles(&self) -> String {
        let session: Vec<String> = self.owners.session.iter().map(|name| Literal(name).to_string()).collect();
        roles(&format!("ARRAY[{}]::pg_catalog.name[]", session.join(", ")), &self.owners.trusted)
    }

    /// The tables with their rows in pg_class, as two common table expressions.
    fn held(&self) -> String {
        let rows: Vec<String> = self
            .tables
            .iter()
            .map(|held| {
                let (schema, table) = (Literal(held.schema.as_str()), Literal(held.table));
                format!("({schema}::pg_catalog.name, {table}::pg_catalog.name, {})", held.whole)
            })
            .collect();
        let ours: Vec<String> = OURS.iter().map(|name| Literal(name).to_string()).collect();
        format!(
            "ours (oid) AS (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
             ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name \
             AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.name[])), \
             c AS (SELECT t.schema, t.name, t.whole, c.oid, c.relkind, c.relispartition, c.relowner, c.relhasrules, \
             c.relhastriggers FROM (VALUES {}) t (schema, name, whole) JOIN pg_catalog.pg_namespace n \
             ON n.nspname OPERATOR(pg_catalog.=) t.schema JOIN pg_catalog.pg_class c \
             ON c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relname OPERATOR(pg_catalog.=) t.name)",
            Literal(self.bookkeeping.as_str()),
            ours.join(", "),
            rows.join(", ")
        )
    }

    fn schema_is_trusted(&self) -> String {
        format!(
            "NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) \
             {}::pg_catalog.name AND n.nspowner OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM near))",
            Literal(self.bookkeeping.as_str())
        )
    }

    /// Hold, and write: one transaction, in one message.
    ///
    /// # Errors
    /// What the server says; `PgError::Refused` where they cannot be held.
    pub fn write(&self, session: &mut Session, rows: &str) -> Result<Vec<Rows>, PgError> {
        let sql = format!("{}BEGIN; {}{rows}; COMMIT", session.own_prelude(), self.all());
        session.query(&sql).map_err(|error| {
            if matches!(error, PgError::Server(_)) {
                drop(session.query("ROLLBACK"));
            }
            self.explained(session, error)
        })
    }

    /// The error of a transaction that has ended: an explanation, where the check failed.
    pub fn explained(&self, session: &mut Session, error: PgError) -> PgError {
        if said_no(&error) { PgError::Refused(Box::new(self.explain(session))) } else { error }
    }

    /// The same where another statement of the transaction may have failed: the error as it was, unless a table is unsafe.
    pub fn explained_if_found(&self, session: &mut Session, error: PgError) -> PgError {
        match said_no(&error).then(|| self.found(session)).flatten() {
            Some(row) => PgError::Refused(Box::new(self.refused(row))),
            None => error,
        }
    }

    /// Explains a failed check, after its transaction has ended.
    pub fn explain(&self, session: &mut Session) -> Refused {
        let row = self.found(session).unwrap_or_default();
        self.refused(row)
    }

    fn found(&self, session: &mut Session) -> Option<Vec<Option<String>>> {
        session.catalog(&self.explanation()).ok()?.rows.into_iter().next()
    }

    /// The query for what makes the tables unsafe.
    pub(super) fn explanation(&self) -> String {
        let each = |(code, found): &(&str, &str), whole: &str| {
            format!(
                "SELECT '{code}'::pg_catalog.text AS code, c.schema::pg_catalog.text AS schema, \
                 c.name::pg_catalog.text AS name, o.rolname::pg_catalog.text AS owner, \
                 f.object::pg_catalog.text AS object FROM c JOIN pg_catalog.pg_roles o \
                 ON o.oid OPERATOR(pg_catalog.=) c.relowner, LATERAL ({found}) f (object) WHERE {whole}"
            )
        };
        let loose = LOOSE.iter().map(|rule| each(rule, "true"));
        let whole = WHOLE.iter().map(|rule| each(rule, "c.whole"));
        let schema = format!(
            "SELECT 'schema'::pg_catalog.text, n.nspname::pg_catalog.text, NULL, o.rolname::pg_catalog.text, NULL \
             FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) n.nspowner \
             WHERE n.nspname OPERATOR(pg_catalog.=) {}::pg_catalog.name AND n.nspowner OPERATOR(pg_catalog.<>) \
             ALL (SELECT oid FROM near)",
            Literal(self.bookkeeping.as_str())
        );
        let all: Vec<String> = loose.chain(whole).chain([schema]).collect();
        format!("WITH RECURSIVE {}, {} {}", self.roles(), self.held(), all.join(" UNION ALL "))
    }

    pub(super) fn refused(&self, row: Vec<Option<String>>) -> Refused {
        let mut cells = row.into_iter();
        let mut cell = || cells.next().flatten().unwrap_or_default();
        let (code, schema, table, owner, object) = (cell(), cell(), cell(), cell(), cell());
        let name = format!("{schema}.{table}");
        let relation = format!("{}.{}", Ident::new(&schema), Ident::new(&table));
        let quoted = Ident::new(&object);
        let (what, remedy) = match code.as_str() {
            "schema" => return stranger(&format!("the schema `{schema}`"), &owner, &self.owners.session),
            "stranger" => return stranger(&format!("the table `{name}`"), &owner, &self.owners.session),
            "kind" => {
                let kind = kind_word(&object).unwrap_or("a partition of another table");
                (format!("`{name}` is {kind}"), String::new())
            }
            "rule" => {
                (format!("the table has the rule `{object}`"), format!("DROP RULE {quoted} ON {relation};"))
            }
            "trigger" => (
                format!("the table has the trigger `{object}`"),
                format!("DROP TRIGGER {quoted} ON {relation};"),
            ),
            "foreign key" => {
                let (of, key) = object.split_once(DROP).unwrap_or((&object, ""));
                (
                    format!("the foreign key {key} of {of} refers to the table"),
                    format!("ALTER TABLE {object};"),
                )
            }
            "kin" => {
                let (child, parent) = object.split_once(LEAVE).unwrap_or((&object, ""));
                (format!("{child} inherits from {parent}"), format!("ALTER TABLE {object};"))
            }
            "column" => (format!("its column `{object}` is not one of ours"), String::new()),
            "expression" => (format!("{object} is not one of ours"), String::new()),
            "index" => (format!("the index {object} has expressions"), format!("DROP INDEX {object};")),
            "statistics" => {
                (format!("the extended statistics {object} are on it"), format!("DROP STATISTICS {object};"))
            }
            _ => {
                return Refused {
                    what: "the tables of the migration record changed during the run, so nothing was written"
                        .into(),
                    remedy: "the same command again".into(),
                };
            }
        };
        let remedy = match remedy.as_str() {
            "" => format!("see what it is in psql: \\d+ {relation}"),
            remedy => format!("if it is not wanted: {remedy}"),
        };
        Refused {
            what: format!(
                "writing to `{name}`, a table of `{owner}`, could run code of other roles as `{}`: {what}",
                self.owners.session.first().map_or("", String::as_str)
            ),
            remedy,
        }
    }
}

/// The owner is not one that may be trusted with what we write.
pub fn stranger(what: &str, owner: &str, session: &[String]) -> Refused {
    let me = session.first().map_or("", String::as_str);
    Refused {
        what: format!("{what} is owned by `{owner}`, and `{me}` is not a member of that role"),
        remedy: format!(
            "if `{owner}` is to be trusted, put `trusted_owners = [\"{}\"]` into pgkeel.toml, or run: GRANT {} TO {};",
            owner.replace('\\', "\\\\").replace('"', "\\\""),
            Ident::new(owner),
            Ident::new(me)
        ),
    }
}

/// Separates table and constraint in what the query for foreign keys finds.
const DROP: &str = " DROP CONSTRAINT ";

/// Separates child and parent in what the query for inheritance finds.
const LEAVE: &str = " NO INHERIT ";

/// The condition that none of these queries finds anything.
fn none_of(rules: &[(&str, &str)]) -> String {
    let each: Vec<String> = rules.iter().map(|(_, found)| format!("NOT EXISTS ({found})")).collect();
    each.join(" AND ")
}

/// For every table.
const LOOSE: [(&str, &str); 7] = [
    (
        "kind",
        "SELECT c.relkind WHERE c.relkind OPERATOR(pg_catalog.<>) 'r'::pg_catalog.\"char\" OR c.relispartition",
    ),
    ("stranger", "SELECT NULL WHERE c.relowner OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM near)"),
    // It had another owner when it was read: its whole shape was not checked.
    (
        "owner",
        "SELECT NULL WHERE NOT c.whole AND c.relowner OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM own)",
    ),
    (
        "rule",
        "SELECT r.rulename FROM pg_catalog.pg_rewrite r WHERE c.relhasrules AND r.ev_class OPERATOR(pg_catalog.=) c.oid",
    ),
    (
        "trigger",
        "SELECT t.tgname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid \
         WHERE c.relhastriggers AND t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal \
         AND (c.whole OR p.proowner OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM own))",
    ),
    // What another table's foreign key does to its own rows fires that table's triggers. One between tables of ours does
    // nothing.
    (
        "foreign key",
        "SELECT pg_catalog.format('%I.%I DROP CONSTRAINT %I', on_schema.nspname, o.relname, k.conname) FROM pg_catalog.pg_constraint k \
         JOIN pg_catalog.pg_class o ON o.oid OPERATOR(pg_catalog.=) k.conrelid JOIN pg_catalog.pg_namespace on_schema \
         ON on_schema.oid OPERATOR(pg_catalog.=) o.relnamespace WHERE c.relhastriggers \
         AND k.contype OPERATOR(pg_catalog.=) 'f'::pg_catalog.\"char\" \
         AND (k.confrelid OPERATOR(pg_catalog.=) c.oid OR k.conrelid OPERATOR(pg_catalog.=) c.oid) AND CASE WHEN c.whole \
         THEN k.conrelid OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM ours) OR k.confrelid OPERATOR(pg_catalog.<>) ALL \
         (SELECT oid FROM ours) OR k.confupdtype OPERATOR(pg_catalog.<>) 'a'::pg_catalog.\"char\" \
         OR k.confdeltype OPERATOR(pg_catalog.<>) 'a'::pg_catalog.\"char\" \
         ELSE o.relowner OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM own) \
         AND k.conrelid OPERATOR(pg_catalog.<>) ALL (SELECT oid FROM ours) END",
    ),
    (
        "kin",
        "SELECT pg_catalog.format('%s NO INHERIT %s', i.inhrelid::pg_catalog.regclass, i.inhparent::pg_catalog.regclass) \
         FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) c.oid \
         OR (c.whole AND i.inhrelid OPERATOR(pg_catalog.=) c.oid)",
    ),
];

/// For the tables of another role: all that an INSERT, an UPDATE, or the planner evaluates.
const WHOLE: [(&str, &str); 4] = [
    (
        "column",
        "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) a.atttypid \
         LEFT JOIN pg_catalog.pg_collation l ON l.oid OPERATOR(pg_catalog.=) a.attcollation \
         WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 \
         AND NOT a.attisdropped AND (y.typnamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid \
         OR l.collnamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid \
         OR a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog.\"char\")",
    ),
    // A function that is not PostgreSQL's own leaves a row in pg_depend; PostgreSQL's own can run SQL that a text gives
    // (query_to_xml), so that the expression must be a known one as well.
    (
        "expression",
        "SELECT pg_catalog.format('%s %s', e.kind, e.name) FROM (SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass::pg_catalog.oid, \
         d.oid, 'the default of column', a.attname, pg_catalog.pg_get_expr(d.adbin, d.adrelid) \
         FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) d.adrelid \
         AND a.attnum OPERATOR(pg_catalog.=) d.adnum WHERE d.adrelid OPERATOR(pg_catalog.=) c.oid \
         UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass::pg_catalog.oid, k.oid, 'the constraint', k.conname, \
         CASE WHEN k.contype OPERATOR(pg_catalog.=) 'c'::pg_catalog.\"char\" \
         THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END FROM pg_catalog.pg_constraint k \
         WHERE k.conrelid OPERATOR(pg_catalog.=) c.oid AND k.contype OPERATOR(pg_catalog.=) \
         ANY (ARRAY['c', 'x', 't']::pg_catalog.\"char\"[])) e (class, oid, kind, name, expression) \
         WHERE e.expression IS NULL OR e.expression OPERATOR(pg_catalog.<>) ALL (ARRAY['CURRENT_TIMESTAMP', 'SESSION_USER', \
         'clock_timestamp()', 'true', 'false', '0', 'only_one', \
         '(outcome = ANY (ARRAY[''done''::text, ''failed''::text, ''interrupted''::text]))', \
         '(state = ANY (ARRAY[''applied''::text, ''partial''::text, ''partial-down''::text, ''rolled-back''::text]))', \
         '(check_result = ANY (ARRAY[''none''::text, ''differs''::text, ''unknown''::text]))']::pg_catalog.text[]) \
         OR EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid OPERATOR(pg_catalog.=) e.class \
         AND x.objid OPERATOR(pg_catalog.=) e.oid AND NOT (x.refclassid OPERATOR(pg_catalog.=) \
         'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND x.refobjid OPERATOR(pg_catalog.=) c.oid))",
    ),
    (
        "index",
        "SELECT i.indexrelid::pg_catalog.regclass FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid \
         AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_opclass o \
         WHERE o.oid OPERATOR(pg_catalog.=) ANY (i.indclass::pg_catalog.oid[]) AND o.opcnamespace OPERATOR(pg_catalog.<>) \
         'pg_catalog'::pg_catalog.regnamespace::pg_catalog.oid))",
    ),
    (
        "statistics",
        "SELECT pg_catalog.format('%I.%I', n.nspname, s.stxname) FROM pg_catalog.pg_statistic_ext s \
         JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) s.stxnamespace \
         WHERE s.stxrelid OPERATOR(pg_catalog.=) c.oid",
    ),
];

/// The refusal to read a relation that is not an ordinary table.
pub(super) fn no_table(facts: &Facts) -> Option<Refused> {
    let (one, kind) = facts.owned.iter().find_map(|one| Some((one, one.other_kind()?)))?;
    Some(Refused {
        what: format!(
            "`{}`, which `{}` owns, is {kind}, where a table of the record must be",
            one.name(),
            one.owner
        ),
        remedy: format!(
            "see what it is in psql: \\d+ {}.{}",
            Ident::new(&one.schema),
            Ident::new(one.table.as_deref().unwrap_or(LEDGER_TABLE))
        ),
    })
}

/// Whether it may be a failed check.
pub fn said_no(error: &PgError) -> bool {
    error.failure() == PgFailure::DivisionByZero
}
