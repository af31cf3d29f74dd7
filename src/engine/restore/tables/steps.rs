//! Writes the steps that bring a table or its rows back, as SQL and as lines for a shell. Pure.

use super::shape::{Live, Sequence, Wanted};
use crate::engine::migrations::folder::sha256;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::shell;
use crate::pg::url::DatabaseUrl;

/// One step, in the live database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Run SQL, in one transaction.
    Sql(String),
    /// Copy rows in the copy into a table.
    Rows {
        /// The tables that hold them, each with its columns. Not a query: planning one can call code of the tables.
        from: Vec<String>,
        /// The table.
        stage: String,
        /// Its columns.
        columns: String,
    },
    /// Lock a live table and the one that the rows were copied into, and bring the rows over, in one transaction.
    Merge {
        /// Begins the transaction and locks.
        lock: String,
        /// The rest.
        sql: String,
    },
    /// Add a foreign key to a table that still exists, to the one that was created.
    Refer {
        /// The table that gets it.
        table: String,
        /// Its name.
        name: String,
        /// What it is, as ADD CONSTRAINT has it.
        definition: String,
        /// The table that was created.
        to: String,
    },
    /// Create these tables and sequences as they are in the copy, with rows and privileges.
    Create(Vec<String>),
    /// What a person should know.
    Remark(String),
}

/// The names of tables that are free in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// For the rows of the backup.
    pub(super) stage: String,
    /// For live rows that are replaced.
    pub(super) replaced: String,
}

/// A name that no two tables share, of at most 63 bytes.
pub(super) fn short(prefix: &str, name: &str) -> String {
    let whole = format!("{prefix}{name}");
    if whole.len() <= 63 {
        return whole;
    }
    let mut end = 56;
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{}", &whole[..end], &sha256(name.as_bytes())[..6])
}

/// The whole of it: what the table lost comes back, and no live row is lost.
pub(super) fn steps(wanted: &Wanted, live: Option<&Live>, names: &Names, rows: i64) -> Vec<Step> {
    match live {
        None => created(wanted),
        Some(live) => merged(wanted, live, names, rows),
    }
}

fn created(wanted: &Wanted) -> Vec<Step> {
    let mut steps = vec![
        Step::Sql(format!("CREATE SCHEMA IF NOT EXISTS {}", Ident::new(&wanted.schema))),
        Step::Create(wanted.parts.clone()),
    ];
    for (table, name, definition) in &wanted.referring {
        steps.push(Step::Refer {
            table: table.clone(),
            name: name.clone(),
            definition: definition.clone(),
            to: wanted.path(),
        });
    }
    steps
}

/// Add a foreign key where the table is there and has none of the name. Existing rows are not checked where they break it, or
/// where the query `unsafe_if` answers with rows, which runs after both tables are locked: the check is planned, and planning
/// can call code of the tables.
pub(super) fn refer(
    (table, to): (&str, &str),
    name: &str,
    definition: &str,
    unsafe_if: Option<&str>,
) -> String {
    let add = format!("ALTER TABLE {table} ADD CONSTRAINT {} {definition}", Ident::new(name));
    let not_valid = format!("EXECUTE {};", Literal(&format!("{add} NOT VALID")));
    let checked = format!(
        "BEGIN EXECUTE {}; EXCEPTION WHEN foreign_key_violation THEN {not_valid} END;",
        Literal(&add)
    );
    let add = match unsafe_if {
        None => checked,
        Some(query) => format!(
            "EXECUTE {}; IF EXISTS ({query}) THEN {not_valid} ELSE {checked} END IF;",
            Literal(&format!("LOCK TABLE {table}, {to} IN SHARE ROW EXCLUSIVE MODE"))
        ),
    };
    let body = format!(
        "BEGIN IF pg_catalog.to_regclass({}) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint \
           WHERE conrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass({}) \
             AND conname OPERATOR(pg_catalog.=) {}) THEN {add} END IF; END",
        Literal(table),
        Literal(table),
        Literal(name)
    );
    format!("DO {}", Literal(&body))
}

fn merged(wanted: &Wanted, live: &Live, names: &Names, rows: i64) -> Vec<Step> {
    let table = wanted.path();
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
    for column in &live.lost {
        steps.push(Step::Remark(format!(
            "the live table has no column `{column}`: its values stay in the backup"
        )));
    }
    let merge = match live.key.is_empty() {
        true => without_key(&table, &stage, &columns),
        false => by_key(live, names, (&table, &stage, &schema), &columns),
    };
    let triggers = |verb: &dyn Fn(&(String, &'static str)) -> String| {
        let all = live.triggers.iter().map(|trigger| format!("ALTER TABLE {table} {}; ", verb(trigger)));
        all.collect::<String>()
    };
    let off = triggers(&|(name, _)| format!("DISABLE TRIGGER {}", Ident::new(name)));
    let on = triggers(&|(name, word)| format!("ENABLE {word}TRIGGER {}", Ident::new(name)));
    let force = |word: &str| match live.is_forced {
        true => format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY; "),
        false => String::new(),
    };
    let (off, on) = (force("NO FORCE") + &off, on + &force("FORCE"));
    let sequences: String = live.sequences.iter().map(|sequence| moved(sequence, &table)).collect();
    let lock = format!(
        "BEGIN; SET LOCAL row_security = off; LOCK TABLE {table}, {stage} IN SHARE ROW EXCLUSIVE MODE; "
    );
    let sql = format!(
        "SELECT 1 / (pg_catalog.count(*) OPERATOR(pg_catalog.=) {rows})::pg_catalog.int4 AS complete FROM {stage}; \
         {off}{merge}{on}{sequences}DROP TABLE {stage}; COMMIT"
    );
    steps.push(Step::Merge { lock, sql });
    if !live.triggers.is_empty() {
        steps.push(Step::Remark("the table's own triggers do not run for these rows".to_owned()));
    }
    if live.key.is_empty() {
        steps.push(Step::Remark(format!(
            "{table} has no unique key: a row that was changed comes back beside the changed one"
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
    let update = match set.is_empty() {
        true => String::new(),
        false => {
            format!("UPDATE {table} l SET {} FROM {stage} b WHERE {same} AND {differs}; ", set.join(", "))
        }
    };
    format!(
        "SELECT (SELECT pg_catalog.count(*) FROM {stage} b WHERE NOT EXISTS (SELECT FROM {table} l WHERE {same})) AS inserted, \
           (SELECT pg_catalog.count(*) FROM {table} l JOIN {stage} b ON {same} WHERE {differs}) AS updated, \
           (SELECT pg_catalog.count(*) FROM {table} l WHERE NOT EXISTS (SELECT FROM {stage} b WHERE {same})) AS \"left\"; \
         CREATE TABLE {replaced} AS SELECT {} FROM {table} l JOIN {stage} b ON {same} WHERE {differs}; {}; {update}\
         INSERT INTO {table} ({list}) OVERRIDING SYSTEM VALUE SELECT {} FROM {stage} b \
           WHERE NOT EXISTS (SELECT FROM {table} l WHERE {same}); ",
        of("l", columns),
        private(&replaced),
        of("b", columns)
    )
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
    format!(
        "SELECT m.inserted, 0 AS updated, (SELECT pg_catalog.count(*) FROM {table}) OPERATOR(pg_catalog.-) \
           ((SELECT pg_catalog.count(*) FROM {stage}) OPERATOR(pg_catalog.-) m.inserted) AS \"left\" \
         FROM (SELECT pg_catalog.count(*) AS inserted FROM {missing}) m; \
         INSERT INTO {table} ({list}) OVERRIDING SYSTEM VALUE SELECT {} FROM {missing}; ",
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

/// The steps as lines for a shell.
pub(super) fn by_hand(steps: &[Step], copy: &DatabaseUrl, live: &DatabaseUrl, name: &str) -> Vec<String> {
    let place = |url: &DatabaseUrl| shell::word(url.without_secrets().uri().expose());
    let psql = |url: &DatabaseUrl, sql: &str| {
        format!("psql -X -v ON_ERROR_STOP=1 -d {} -c {}", place(url), shell::word(sql))
    };
    let line = |step: &Step| match step {
        Step::Sql(sql) => psql(live, sql),
        Step::Refer { table, name, definition, to } => {
            psql(live, &refer((table, to), name, definition, None))
        }
        Step::Merge { lock, sql } => psql(live, &format!("{lock}{sql}")),
        Step::Rows { from, stage, columns } => {
            let reads: Vec<String> =
                from.iter().map(|one| shell::word(&format!("\\copy {one} TO STDOUT"))).collect();
            format!(
                "psql -X -v ON_ERROR_STOP=1 -d {} -c {} | {}",
                place(copy),
                reads.join(" -c "),
                psql(live, &format!("\\copy {stage} ({columns}) FROM STDIN"))
            )
        }
        Step::Create(parts) => {
            let tables: Vec<String> = parts.iter().map(|part| format!(" -t {}", shell::word(part))).collect();
            let file = shell::word(&format!("{name}.pgdump"));
            format!(
                "pg_dump -Fc -d {}{} -f {file} && pg_restore --single-transaction --exit-on-error -d {} {file}",
                place(copy),
                tables.concat(),
                place(live)
            )
        }
        Step::Remark(text) => format!("# {}", text.replace('\n', " ")),
    };
    steps.iter().map(line).collect()
}
