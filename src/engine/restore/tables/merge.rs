//! Writes the SQL that brings rows back into a table that is there: the backup's rows win, live rows that they replace are kept,
//! and no other live row is touched. Pure.

use super::shape::{Live, Sequence, Unique, Wanted};
use super::steps::{Names, Step};
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;

/// What brings rows over, in a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merge {
    /// The live table and the one that the rows were copied into, as LOCK TABLE names them.
    pub(super) locks: Vec<String>,
    /// Comes before all rows: no trigger runs for them.
    pub(super) off: String,
    /// Brings the rows over, and counts them.
    pub(super) merge: String,
    /// Comes after all rows.
    pub(super) on: String,
}

/// Begins a transaction that brings rows over.
pub(super) const BEGIN: &str = "BEGIN; SET LOCAL row_security = off; ";

/// Constraints are checked before tables are altered, which takes that no check is open.
pub(super) const CHECK: &str = "SET CONSTRAINTS ALL IMMEDIATE; ";

impl Merge {
    /// A transaction of its own.
    pub(super) fn alone(&self) -> String {
        let Self { locks, off, merge, on } = self;
        format!("{BEGIN}{}{off}{merge}{CHECK}{on}COMMIT", lock(locks))
    }
}

/// The table's path, where ONLY may not stand before it.
fn whole(table: &str) -> &str {
    table.strip_prefix("ONLY ").unwrap_or(table)
}

/// Lets readers go on, and keeps writers out.
pub(super) fn lock(tables: &[String]) -> String {
    format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE; ", tables.join(", "))
}

/// The steps that bring rows back into a table that is there.
pub(super) fn merged(wanted: &Wanted, live: &Live, names: &Names, rows: i64) -> Vec<Step> {
    let path = wanted.path();
    // The rows of tables that inherit from it are theirs.
    let table = if live.is_root { path.clone() } else { format!("ONLY {path}") };
    let schema = Ident::new(&wanted.schema);
    let stage = format!("{schema}.{}", Ident::new(&names.stage));
    let columns: Vec<String> = live.columns.iter().map(|column| column.name.to_string()).collect();
    let list = columns.join(", ");
    let typed: Vec<String> =
        live.columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect();
    let mut steps = vec![
        // Neither constraints nor what is generated: rows alone.
        Step::Sql(format!("CREATE TABLE {stage} ({}); {}", typed.join(", "), private(&stage))),
        Step::Rows {
            from: wanted.filled.iter().map(|one| format!("{one} ({list})")).collect(),
            stage: stage.clone(),
            columns: list.clone(),
        },
    ];
    for (column, kind) in &live.lost {
        steps.push(Step::Remark(format!(
            "the live table has no column `{column}` ({kind}): its values stay in the backup"
        )));
    }
    let merge = match live.key.is_empty() {
        true => without_key(&table, &stage, &columns),
        false => by_key(live, names, (&table, &stage, &schema), &columns),
    };
    let triggers = |verb: &dyn Fn(&(String, &'static str)) -> String| {
        let all = live.triggers.iter().map(|trigger| format!("ALTER TABLE {path} {}; ", verb(trigger)));
        all.collect::<String>()
    };
    let off = triggers(&|(name, _)| format!("DISABLE TRIGGER {}", Ident::new(name)));
    let on = triggers(&|(name, word)| format!("ENABLE {word}TRIGGER {}", Ident::new(name)));
    let force = |word: &str| match live.is_forced {
        true => format!("ALTER TABLE {path} {word} ROW LEVEL SECURITY; "),
        false => String::new(),
    };
    let (off, on) = (force("NO FORCE") + &off, on + &force("FORCE"));
    let sequences: String = live.sequences.iter().map(|sequence| moved(sequence, &table)).collect();
    steps.push(Step::Merge(Merge {
        locks: vec![table.clone(), stage.clone()],
        off,
        merge: format!(
            "SELECT 1 / (pg_catalog.count(*) OPERATOR(pg_catalog.=) {rows})::pg_catalog.int4 AS complete FROM {stage}; {merge}"
        ),
        on: format!("{on}{sequences}DROP TABLE {stage}; "),
    }));
    if !live.triggers.is_empty() {
        steps.push(Step::Remark("the table's own triggers do not run for these rows".to_owned()));
    }
    if live.key.is_empty() {
        steps.push(Step::Remark(format!(
            "{path} has no unique key: a row that was changed comes back beside the changed one"
        )));
    } else {
        let replaced = format!("{schema}.{}", Ident::new(&names.replaced));
        steps.push(Step::Remark(format!(
            "live rows that were replaced are kept in {replaced}; to remove them: DROP TABLE {replaced}"
        )));
    }
    steps
}

fn by_key(
    live: &Live,
    names: &Names,
    (table, stage, schema): (&str, &str, &Ident),
    columns: &[String],
) -> String {
    let list = columns.join(", ");
    let of = |alias: &str, names: &[String]| {
        names.iter().map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", ")
    };
    let same: Vec<String> = live.key.iter().map(|(key, is)| format!("l.{key} {is} b.{key}")).collect();
    let same = same.join(" AND ");
    let others: Vec<String> = live
        .columns
        .iter()
        .filter(|column| !live.key.iter().any(|(key, _)| *key == column.name) && !column.is_fixed)
        .map(|column| column.name.to_string())
        .collect();
    // A cast of a single value to text may be a function that somebody wrote for its type; one of a row never is.
    let differs = match others.is_empty() {
        true => "false".to_owned(),
        false => format!(
            "ROW({})::pg_catalog.text IS DISTINCT FROM ROW({})::pg_catalog.text",
            of("l", &others),
            of("b", &others)
        ),
    };
    let replaced = format!("{schema}.{}", Ident::new(&names.replaced));
    let set: Vec<String> = others.iter().map(|name| format!("{name} = b.{name}")).collect();
    let into = whole(table);
    let update = match set.is_empty() {
        true => String::new(),
        false => {
            let update = format!(
                "UPDATE {table} l SET {} FROM {stage} b WHERE {same} AND {differs}; ",
                set.join(", ")
            );
            in_any_order(&update, apart(live, (table, stage), &same, &others))
        }
    };
    format!(
        "SELECT (SELECT pg_catalog.count(*) FROM {stage} b WHERE NOT EXISTS (SELECT FROM {table} l WHERE {same})) AS inserted, \
           (SELECT pg_catalog.count(*) FROM {table} l JOIN {stage} b ON {same} WHERE {differs}) AS updated, \
           (SELECT pg_catalog.count(*) FROM {table} l WHERE NOT EXISTS (SELECT FROM {stage} b WHERE {same})) AS \"left\"; \
         CREATE TABLE {replaced} AS SELECT {} FROM {table} l JOIN {stage} b ON {same} WHERE {differs}; {}; {update}\
         INSERT INTO {into} ({list}) OVERRIDING SYSTEM VALUE SELECT {} FROM {stage} b \
           WHERE NOT EXISTS (SELECT FROM {table} l WHERE {same}); ",
        of("l", columns),
        private(&replaced),
        of("b", columns)
    )
}

/// The update; where unique values stand in each other's way, once more after the rows have left theirs.
fn in_any_order(update: &str, (before, after): (String, String)) -> String {
    if before.is_empty() {
        return update.to_owned();
    }
    let body = format!(
        "BEGIN EXECUTE {}; EXCEPTION WHEN unique_violation OR exclusion_violation THEN EXECUTE {}; END",
        Literal(update),
        Literal(&format!("{before}{update}{after}"))
    );
    format!("DO {}; ", Literal(&body))
}

/// Where unique values changed places between rows, no order of updates works: the rows leave their values first. Returns the
/// statements before and after.
fn apart(live: &Live, (table, stage): (&str, &str), same: &str, others: &[String]) -> (String, String) {
    let is_other = |column: &Ident| others.iter().any(|name| *name == column.to_string());
    let uniques: Vec<&Unique> = live
        .uniques
        .iter()
        .filter(|unique| unique.is_odd || unique.columns.iter().any(|(column, _)| is_other(column)))
        .collect();
    if uniques.is_empty() {
        return (String::new(), String::new());
    }
    let row = |alias: &str, columns: &[String]| {
        let of: Vec<String> = columns.iter().map(|name| format!("{alias}.{name}")).collect();
        format!("ROW({})::pg_catalog.text", of.join(", "))
    };
    let moves = |columns: &[String]| {
        format!("{same} AND {} IS DISTINCT FROM {}", row("l", columns), row("b", columns))
    };
    // The change would reach the rows that refer to the values: the update fails instead, and nothing is lost.
    if live.cascades {
        return (String::new(), String::new());
    }
    let is_odd = uniques.iter().any(|unique| unique.is_odd);
    if !live.is_referenced && !live.has_more {
        // They are inserted again with all that is missing.
        let mut columns: Vec<String> = uniques
            .iter()
            .flat_map(|unique| &unique.columns)
            .map(|(column, _)| column.to_string())
            .filter(|column| others.contains(column))
            .collect();
        columns.sort();
        columns.dedup();
        let moves = if is_odd || columns.is_empty() { moves(others) } else { moves(&columns) };
        return (format!("DELETE FROM {table} l USING {stage} b WHERE {moves}; "), String::new());
    }
    let (mut before, mut after) = (String::new(), String::new());
    for unique in uniques {
        let columns: Vec<&(Ident, bool)> =
            unique.columns.iter().filter(|(column, _)| is_other(column)).collect();
        // One that may be NULL, if there is one.
        let Some((column, is_not_null)) = columns.iter().min_by_key(|(_, is_not_null)| *is_not_null) else {
            continue;
        };
        let path = whole(table);
        if *is_not_null {
            before.push_str(&format!("ALTER TABLE {path} ALTER COLUMN {column} DROP NOT NULL; "));
            after.push_str(&format!("ALTER TABLE {path} ALTER COLUMN {column} SET NOT NULL; "));
        }
        let all: Vec<String> = match unique.is_odd {
            true => others.to_vec(),
            false => columns.iter().map(|(column, _)| column.to_string()).collect(),
        };
        before.push_str(&format!(
            "UPDATE {table} l SET {column} = NULL FROM {stage} b WHERE {}; ",
            moves(&all)
        ));
    }
    (before, after)
}

/// Takes back what default privileges gave, and gives a policy no row, before the transaction ends: rows that the table's
/// policies hide are in here, too.
fn private(table: &str) -> String {
    let body = format!(
        "DECLARE grantee pg_catalog.oid; BEGIN FOR grantee IN SELECT DISTINCT a.grantee \
           FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a \
           WHERE c.oid OPERATOR(pg_catalog.=) {0}::pg_catalog.regclass \
             AND a.grantee OPERATOR(pg_catalog.<>) c.relowner LOOP \
           EXECUTE pg_catalog.format('REVOKE ALL ON TABLE %s FROM %s CASCADE', {0}::pg_catalog.regclass, \
             CASE WHEN grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' \
               ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END); END LOOP; END",
        Literal(table)
    );
    format!("DO {}; ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", Literal(&body))
}

/// As many equal rows as the backup has; rows that are there already are not doubled.
fn without_key(table: &str, stage: &str, columns: &[String]) -> String {
    let list = columns.join(", ");
    let text = |alias: &str| {
        let of: Vec<String> = columns.iter().map(|name| format!("{alias}.{name}")).collect();
        format!("ROW({})::pg_catalog.text", of.join(", "))
    };
    let missing = format!(
        "(SELECT s.*, pg_catalog.row_number() OVER (PARTITION BY {}) AS pgkeel_at, {} AS pgkeel_row FROM {stage} s) b \
         LEFT JOIN (SELECT {} AS pgkeel_row, pg_catalog.count(*) AS pgkeel_count FROM {table} t GROUP BY 1) l \
           ON l.pgkeel_row OPERATOR(pg_catalog.=) b.pgkeel_row \
         WHERE b.pgkeel_at OPERATOR(pg_catalog.>) COALESCE(l.pgkeel_count, 0)",
        text("s"),
        text("s"),
        text("t")
    );
    let b: Vec<String> = columns.iter().map(|name| format!("b.{name}")).collect();
    let into = whole(table);
    format!(
        "SELECT m.inserted, 0 AS updated, (SELECT pg_catalog.count(*) FROM {table}) OPERATOR(pg_catalog.-) \
           ((SELECT pg_catalog.count(*) FROM {stage}) OPERATOR(pg_catalog.-) m.inserted) AS \"left\" \
         FROM (SELECT pg_catalog.count(*) AS inserted FROM {missing}) m; \
         INSERT INTO {into} ({list}) OVERRIDING SYSTEM VALUE SELECT {} FROM {missing}; ",
        b.join(", ")
    )
}

/// Beyond what it gave here and in the backup, and beyond every value in the table.
fn moved(sequence: &Sequence, table: &str) -> String {
    let Sequence { path, column, descends, given } = sequence;
    let (most, far) = if *descends { ("LEAST", "min") } else { ("GREATEST", "max") };
    let given = given.map_or("NULL".to_owned(), |given| given.to_string());
    format!(
        "SELECT pg_catalog.setval({}, v.value, true) AS sequence FROM (SELECT {most}({given}::pg_catalog.int8, \
           pg_catalog.pg_sequence_last_value({}), \
           (SELECT pg_catalog.{far}({column})::pg_catalog.int8 FROM {table})) AS value) v WHERE v.value IS NOT NULL; ",
        Literal(path),
        Literal(path)
    )
}
