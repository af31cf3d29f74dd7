//! Writes the steps that bring a table or its rows back, as SQL and as lines for a shell. Pure.

use super::merge::{Merge, merged};
use super::shape::{Key, Live, Part, Wanted};
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
    /// Bring rows over from the table that they were copied into, in one transaction with other tables.
    Merge(Merge),
    /// Add a foreign key of the table that was created, to one that still exists.
    Key(Key),
    /// Make the table that was created a partition again.
    Attach {
        /// The partition.
        table: String,
        /// The partitioned table.
        parent: String,
        /// FOR VALUES.
        bound: String,
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
    Create(Vec<Part>),
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

impl Names {
    /// Where the rows of the backup are.
    pub(super) fn stage(&self, wanted: &Wanted) -> String {
        format!("{}.{}", Ident::new(&wanted.schema), Ident::new(&self.stage))
    }

    /// Where replaced rows are.
    pub(super) fn replaced(&self, wanted: &Wanted) -> String {
        format!("{}.{}", Ident::new(&wanted.schema), Ident::new(&self.replaced))
    }
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
/// `outside` are the foreign keys of a table that is created to tables that are not.
pub(super) fn steps(
    wanted: &Wanted,
    live: Option<&Live>,
    names: &Names,
    rows: i64,
    outside: &[Key],
) -> Vec<Step> {
    match live {
        None => created(wanted, outside),
        Some(live) => merged(wanted, live, names, rows),
    }
}

fn created(wanted: &Wanted, outside: &[Key]) -> Vec<Step> {
    let mut steps = vec![
        Step::Sql(format!("CREATE SCHEMA IF NOT EXISTS {}", Ident::new(&wanted.schema))),
        Step::Create(wanted.parts.clone()),
    ];
    steps.extend(wanted.attach.iter().map(|(parent, bound)| Step::Attach {
        table: wanted.path(),
        parent: parent.clone(),
        bound: bound.clone(),
    }));
    steps.extend(outside.iter().cloned().map(Step::Key));
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

/// Add a foreign key of a table that was created.
pub(super) fn add(key: &Key) -> String {
    format!("ALTER TABLE {} ADD CONSTRAINT {} {}", key.table, Ident::new(&key.name), key.definition)
}

/// Indexes and keys that the partition has of the partitioned table are found by their definitions.
pub(super) fn attach(table: &str, parent: &str, bound: &str) -> String {
    format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {table} {bound}")
}

/// The steps as lines for a shell.
pub(super) fn by_hand(steps: &[Step], copy: &DatabaseUrl, live: &DatabaseUrl, name: &str) -> Vec<String> {
    let place = |url: &DatabaseUrl| shell::word(url.without_secrets().uri().expose());
    let psql = |url: &DatabaseUrl, sql: &str| {
        format!("psql -X -v ON_ERROR_STOP=1 -d {} -c {}", place(url), shell::word(sql))
    };
    let is_partition = steps.iter().any(|step| matches!(step, Step::Attach { .. }));
    // pg_restore adds the keys with the table.
    let is_left_out = |step: &&Step| match step {
        Step::Rows { from, .. } => from.is_empty(),
        Step::Key(_) => true,
        _ => false,
    };
    let line = |step: &Step| match step {
        Step::Sql(sql) => psql(live, sql),
        Step::Refer { table, name, definition, to } => {
            psql(live, &refer((table, to), name, definition, None))
        }
        Step::Merge(merge) => psql(live, &merge.alone()),
        Step::Key(key) => psql(live, &add(key)),
        Step::Attach { table, parent, bound } => psql(live, &attach(table, parent, bound)),
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
            let tables: Vec<String> =
                parts.iter().map(|part| format!(" -t {}", shell::word(&part.pattern))).collect();
            let file = shell::word(&format!("{name}.pgdump"));
            let list = shell::word(&format!("{name}.list"));
            // A partition is attached once it has its own indexes.
            let (listed, by_list) = match is_partition {
                true => (
                    format!(
                        "pg_restore -l {file} | grep -v -e ' TABLE ATTACH ' -e ' INDEX ATTACH ' > {list} && "
                    ),
                    format!(" -L {list}"),
                ),
                false => (String::new(), String::new()),
            };
            format!(
                "pg_dump -Fc -d {}{} -f {file} && {listed}pg_restore --single-transaction --exit-on-error{by_list} -d {} {file}",
                place(copy),
                tables.concat(),
                place(live)
            )
        }
        Step::Remark(text) => format!("# {}", text.replace('\n', " ")),
    };
    steps.iter().filter(|step| !is_left_out(step)).map(line).collect()
}
