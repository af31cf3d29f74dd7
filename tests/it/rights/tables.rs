//! Plants in tables that pgkeel reads or writes, and that belong to the planter.

use crate::support::cluster::variable;

use super::cast::{Cast, Powers, Records, Runner, Stage};
use super::commands::RECORDS;
use super::evidence::Planter;
use super::report::Report;

/// A table of ours, a column of text in it, its column with a default, and its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) schema: &'static str,
    column: &'static str,
    default: &'static str,
    key: &'static str,
}

const LEDGER: &str = "__diesel_schema_migrations";

const fn table(
    schema: &'static str,
    name: &'static str,
    column: &'static str,
    default: &'static str,
    key: &'static str,
) -> Table {
    Table { name, schema, column, default, key }
}

pub(super) const TABLES: [Table; 7] = [
    table("public", LEDGER, "version", "run_on", "version"),
    table("pgkeel", LEDGER, "version", "run_on", "version"),
    table("pgkeel", "operation", "command", "started_at", "id"),
    table("pgkeel", "migration", "version", "changed_at", "ledger_schema, version"),
    table("pgkeel", "environment", "name", "set_at", "only_one"),
    table("pgkeel", "seed", "file", "applied_at", "ledger_schema, seed_set, file"),
    table("pgkeel", "expected", "ledger_schema", "stored_at", "ledger_schema"),
];

/// How code gets into a table. `{t}` is the table, `{s}` its schema, `{table}` its name, `{c}` a column of text, `{d}` a column with a default, `{k}` its key,
/// `{n}` begins names of the planter's own; `{f}(text)` is immutable, `{f}_time()`, `{f}_row()` and `{f}_do()` are functions
/// for defaults, triggers and rules. All report themselves.
pub(super) const KINDS: [(&str, &str); 16] = [
    (
        "row trigger",
        "CREATE TRIGGER x BEFORE INSERT OR UPDATE OR DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION {f}_row()",
    ),
    (
        "statement trigger",
        "CREATE TRIGGER x BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {t} EXECUTE FUNCTION {f}_row()",
    ),
    (
        "deferred trigger",
        "CREATE CONSTRAINT TRIGGER x AFTER INSERT OR UPDATE OR DELETE ON {t} DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION {f}_row()",
    ),
    (
        "rule",
        "CREATE RULE i AS ON INSERT TO {t} DO ALSO SELECT {f}_do(); \
         CREATE RULE u AS ON UPDATE TO {t} DO ALSO SELECT {f}_do(); \
         CREATE RULE d AS ON DELETE TO {t} DO ALSO SELECT {f}_do()",
    ),
    ("default", "ALTER TABLE {t} ALTER {d} SET DEFAULT {f}_time()"),
    ("column", "ALTER TABLE {t} ADD extra text DEFAULT {f}_do()::text"),
    ("check", "ALTER TABLE {t} ADD CONSTRAINT x CHECK ({f}({c}::text))"),
    (
        "domain",
        "CREATE DOMAIN {n}_domain AS varchar(200) CHECK ({f}(VALUE::text)); ALTER TABLE {t} ALTER {c} TYPE {n}_domain",
    ),
    ("generated", "ALTER TABLE {t} ADD extra boolean GENERATED ALWAYS AS ({f}({c}::text)) STORED"),
    (
        "policy",
        "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; ALTER TABLE {t} FORCE ROW LEVEL SECURITY; \
         CREATE POLICY x ON {t} USING ({f}({c}::text)) WITH CHECK ({f}({c}::text))",
    ),
    (
        "view",
        "CREATE SCHEMA {n}_hidden; ALTER TABLE {t} SET SCHEMA {n}_hidden; \
         CREATE VIEW {t} AS SELECT * FROM {n}_hidden.{table} WHERE {f}({c}::text)",
    ),
    (
        "child",
        "CREATE TABLE public.{n}_child (CHECK ({f}('a constant'))) INHERITS ({t}); \
         CREATE INDEX ON public.{n}_child (({f}('a constant')))",
    ),
    (
        "partitions",
        "CREATE SCHEMA {n}_hidden; ALTER TABLE {t} SET SCHEMA {n}_hidden; \
         CREATE TABLE {t} (LIKE {n}_hidden.{table} INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY LIST ({f}({c}::text)); \
         CREATE TABLE public.{n}_part PARTITION OF {t} DEFAULT; INSERT INTO {t} SELECT * FROM {n}_hidden.{table}",
    ),
    ("index", "CREATE INDEX ON {t} (({f}({c}::text))); CREATE INDEX ON {t} ({c}) WHERE {f}('a constant')"),
    ("statistics", "CREATE STATISTICS {s}.{n}_stat ON {c}, ({f}('a constant')) FROM {t}"),
    (
        "cascade",
        "CREATE TABLE public.{n}_hers AS SELECT {k} FROM {t}; \
         ALTER TABLE public.{n}_hers ADD FOREIGN KEY ({k}) REFERENCES {t} ({k}) ON UPDATE CASCADE ON DELETE CASCADE; \
         CREATE TRIGGER x BEFORE INSERT OR UPDATE OR DELETE ON public.{n}_hers FOR EACH ROW EXECUTE FUNCTION {f}_row(); \
         CREATE CONSTRAINT TRIGGER y AFTER INSERT OR UPDATE OR DELETE ON public.{n}_hers DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION {f}_row()",
    ),
];

impl Table {
    /// The functions of a kind in this table, as number `n` of its database.
    pub(super) fn functions(&self, planter: &Planter, n: usize, kind: &str) -> String {
        let function = format!("public.m{n}");
        let plant = format!("{kind} of {}.{}", self.schema, self.name);
        [
            planter.function(&plant, &format!("{function}(text)"), "boolean IMMUTABLE", "true"),
            planter.function(&plant, &format!("{function}_time()"), "timestamp", "'2026-01-01'"),
            planter.function(&plant, &format!("{function}_row()"), "trigger", "coalesce(NEW, OLD)"),
            planter.function(&plant, &format!("{function}_do()"), "integer", "1"),
        ]
        .concat()
    }

    /// The SQL that puts them into the table.
    pub(super) fn planted(&self, n: usize, sql: &str) -> String {
        let (place, name) = (format!("{}.{}", self.schema, self.name), format!("m{n}"));
        let words = [
            ("{t}", place.as_str()),
            ("{s}", self.schema),
            ("{table}", self.name),
            ("{c}", self.column),
            ("{d}", self.default),
            ("{k}", self.key),
            ("{f}", &format!("public.{name}")),
            ("{n}", &name),
        ];
        words.iter().fold(sql.to_owned(), |sql, (word, text)| sql.replace(word, text))
    }
}

fn meets(report: &mut Report, stage: &mut Stage<'_>, plant: &str) {
    for command in &RECORDS {
        let cell = stage.run(command);
        report.note(plant, command.name, &cell);
    }
}

/// Each kind in the ledger alone, then in all other tables at once. Half of them, by turns, unless all are asked for.
fn each_kind(cast: &Cast, turn: usize, title: &str) {
    let mut report = Report::new(title);
    let places = [("ledger", &TABLES[..1]), ("bookkeeping", &TABLES[1..])];
    for (at, kind) in KINDS.into_iter().enumerate() {
        for (index, (place, tables)) in places.into_iter().enumerate() {
            if variable("PGKEEL_LONG").is_none() && (at + index + turn) % 2 == 1 {
                continue;
            }
            let mut stage = cast.stage();
            let planter = stage.planter();
            for (n, table) in tables.iter().enumerate() {
                stage.plant(&(table.functions(&planter, n, kind.0) + &table.planted(n, kind.1)));
            }
            stage.share();
            // Only where its owner is trusted does it come to the shape of a table.
            stage.trust();
            meets(&mut report, &mut stage, &format!("{place}: {}", kind.0));
        }
    }
    report.judge();
}

#[test]
fn nothing_in_tables_of_the_database_s_owner_runs_as_superuser() {
    let cast = Cast::new(Powers::OwnsDatabase, Runner::Superuser, Records::Planter);
    each_kind(&cast, 0, "tables of the database's owner, as superuser");
}

#[test]
fn nothing_in_tables_of_a_lesser_role_runs_as_superuser() {
    let cast = Cast::new(Powers::MayCreate, Runner::Superuser, Records::Planter);
    each_kind(&cast, 1, "tables of a lesser role, as superuser");
}

#[test]
fn nothing_in_tables_of_a_lesser_role_runs_as_the_database_s_owner() {
    let cast = Cast::new(Powers::MayCreate, Runner::Owner, Records::Planter);
    each_kind(&cast, 0, "tables of a lesser role, as the database's owner");
}

#[test]
fn tables_of_a_lesser_role_that_is_not_trusted_are_read_and_not_written() {
    let mut report = Report::new("tables of a role that is not trusted");
    for runner in [Runner::Superuser, Runner::Owner] {
        let cast = Cast::new(Powers::MayCreate, runner, Records::Planter);
        let mut stage = cast.stage();
        let planter = stage.planter();
        for (n, table) in TABLES.iter().enumerate() {
            // A trigger runs when it is written, statistics already when it is read.
            for (more, kind) in [KINDS[0], KINDS[14]].into_iter().enumerate() {
                let n = n + more * TABLES.len();
                stage.plant(&(table.functions(&planter, n, kind.0) + &table.planted(n, kind.1)));
            }
        }
        stage.share();
        for command in &RECORDS {
            let cell = stage.run(command);
            let code = if command.name == "status" { 4 } else { 3 };
            assert_eq!(cell.code, code, "{}", cell.shown);
            report.note(&format!("{runner:?}"), command.name, &cell);
        }
    }
    report.judge();
}
