//! Reads what is needed to bring the rows of a table back: its columns, key, sequences and triggers, in the copy of the
//! backup and in the live database. Reads catalogs only.

use crate::engine::restore::RestoreError;
use crate::pg::error::PgError;
use crate::pg::ident::Ident;
use crate::pg::literal::Literal;
use crate::pg::session::{Rows, Session};
use crate::pg::statements::{name, tokens};

/// A column that both tables have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: Ident,
    /// GENERATED ALWAYS AS IDENTITY: no UPDATE can set it.
    pub(super) is_fixed: bool,
    /// Of the live table, a domain as its base type.
    pub(super) kind: String,
}

/// A sequence that a column takes its values from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence {
    /// Quoted, with its schema.
    pub(super) path: String,
    pub(super) column: Ident,
    pub(super) descends: bool,
    /// What it had given in the backup.
    pub(super) given: Option<i64>,
}

/// A table of the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) schema: String,
    pub(super) name: String,
    /// Its columns but generated ones.
    columns: Vec<String>,
    /// It and what is below it, as far as these hold rows, quoted.
    pub(super) filled: Vec<String>,
    /// It and its partitions, and the sequences of their defaults, quoted, as patterns of pg_dump.
    pub(super) parts: Vec<String>,
    /// Foreign keys of other tables that refer to it: the table, its name, the definition.
    pub(super) referring: Vec<(String, String, String)>,
}

impl Wanted {
    pub(super) fn path(&self) -> String {
        format!("{}.{}", Ident::new(&self.schema), Ident::new(&self.name))
    }
}

/// The live table of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) columns: Vec<Column>,
    /// Columns of the backup that it does not have.
    pub(super) lost: Vec<String>,
    /// The columns that identify a row, each with the operator of its index.
    pub(super) key: Vec<(Ident, String)>,
    /// Policies would apply to its owner.
    pub(super) is_forced: bool,
    pub(super) sequences: Vec<Sequence>,
    /// Triggers that would run, with the word after ENABLE that brings each back.
    pub(super) triggers: Vec<(String, &'static str)>,
    pub(super) owner: String,
}

/// `schema.table`, `table`, each as it is or as an SQL name.
pub(super) fn find(there: &mut Session, text: &str) -> Result<Wanted, RestoreError> {
    let none = || RestoreError::NoTable(text.to_owned());
    let parsed: Vec<String> =
        tokens(text).into_iter().filter(|token| *token != ".").filter_map(name).collect();
    let as_sql = match parsed.as_slice() {
        [table] => format!("OR relname = {}", Literal(table)),
        [schema, table] => format!("OR nspname = {} AND relname = {}", Literal(schema), Literal(table)),
        _ => String::new(),
    };
    let found = there.catalog(&format!(
        "SELECT nspname, relname, c.oid, {wanted} IN (relname::text, nspname || '.' || relname) AS is_exact \
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
         WHERE relkind IN ('r', 'p') AND ({wanted} IN (relname::text, nspname || '.' || relname) {as_sql}) \
         ORDER BY 4 DESC, nspname = 'public' DESC, nspname LIMIT 1",
        wanted = Literal(text)
    ))?;
    let cell = |column| found.get(0, column).map(str::to_owned).ok_or_else(none);
    let (schema, name, oid) = (cell(0)?, cell(1)?, cell(2)?);
    let columns = column(there.catalog(&format!(
        "SELECT attname FROM pg_attribute WHERE attrelid = {oid} AND attnum > 0 AND NOT attisdropped \
           AND attgenerated = '' ORDER BY attnum"
    ))?);
    let parts = column(there.catalog(&format!(
        "WITH RECURSIVE family (oid) AS (SELECT {oid}::oid \
           UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid), \
         used (oid) AS (SELECT oid FROM family UNION SELECT d.refobjid FROM family f \
           JOIN pg_attrdef a ON a.adrelid = f.oid \
           JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid \
             AND d.refclassid = 'pg_class'::regclass \
           JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S') \
         SELECT format('\"%s\".\"%s\"', replace(nspname, '\"', '\"\"'), replace(relname, '\"', '\"\"')) \
         FROM used JOIN pg_class c ON c.oid = used.oid JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1"
    ))?);
    let filled = column(there.catalog(&format!(
        "WITH RECURSIVE family (oid) AS (SELECT {oid}::oid \
           UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid) \
         SELECT format('%I.%I', nspname, relname) FROM family JOIN pg_class c ON c.oid = family.oid \
           JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' ORDER BY 1"
    ))?);
    let rows = there.catalog(&format!(
        "SELECT format('%I.%I', n.nspname, r.relname), conname, pg_get_constraintdef(c.oid) \
         FROM pg_constraint c JOIN pg_class r ON r.oid = conrelid JOIN pg_namespace n ON n.oid = r.relnamespace \
         WHERE contype = 'f' AND confrelid = {oid} AND conrelid <> {oid} AND conparentid = 0 ORDER BY 1, 2"
    ))?;
    let text = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
    let referring = (0..rows.rows.len()).map(|row| (text(row, 0), text(row, 1), text(row, 2))).collect();
    Ok(Wanted { schema, name, columns, filled, parts, referring })
}

fn column(rows: Rows) -> Vec<String> {
    rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect()
}

/// The live table, if there is one.
pub(super) fn live(
    here: &mut Session,
    there: &mut Session,
    wanted: &Wanted,
) -> Result<Option<Live>, PgError> {
    let found = here.catalog(&format!(
        "SELECT c.oid, pg_get_userbyid(relowner), relrowsecurity AND relforcerowsecurity AND row_security_active(c.oid) \
           AND pg_has_role(relowner, 'USAGE') FROM pg_class c \
         WHERE c.oid = to_regclass({}) AND relkind IN ('r', 'p')",
        Literal(&wanted.path())
    ))?;
    let Some(oid) = found.get(0, 0).map(str::to_owned) else { return Ok(None) };
    let owner = found.get(0, 1).unwrap_or_default().to_owned();
    let is_forced = found.get(0, 2) == Some("t");
    let rows = here.catalog(&format!(
        "WITH RECURSIVE base (attnum, type, typmod) AS (\
           SELECT attnum, atttypid, atttypmod FROM pg_attribute WHERE attrelid = {oid} AND attnum > 0 \
           UNION ALL SELECT attnum, typbasetype, CASE typtypmod WHEN -1 THEN typmod ELSE typtypmod END \
             FROM base JOIN pg_type t ON t.oid = type WHERE typtype = 'd') \
         SELECT a.attname, a.attidentity = 'a', \
           (SELECT format_type(type, typmod) FROM base JOIN pg_type t ON t.oid = type \
            WHERE base.attnum = a.attnum AND typtype <> 'd') \
         FROM pg_attribute a WHERE attrelid = {oid} AND attnum > 0 AND NOT attisdropped AND attgenerated = '' \
         ORDER BY attnum"
    ))?;
    let mut columns = Vec::new();
    for row in 0..rows.rows.len() {
        let name = rows.get(row, 0).unwrap_or_default();
        if wanted.columns.iter().any(|column| column == name) {
            columns.push(Column {
                name: Ident::new(name),
                is_fixed: rows.get(row, 1) == Some("t"),
                kind: rows.get(row, 2).unwrap_or_default().to_owned(),
            });
        }
    }
    let has = |name: &str| columns.iter().any(|column| column.name.as_str() == name);
    let lost = wanted.columns.iter().filter(|column| !has(column)).cloned().collect();
    let keys = here.catalog(&format!(
        "SELECT i.indexrelid, a.attname, a.attnotnull, (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname) \
           FROM pg_opclass c JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3 \
             AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype \
           JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace \
           WHERE c.oid = (i.indclass::oid[])[k.at - 1]) \
         FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, at) \
           JOIN pg_attribute a ON a.attrelid = {oid} AND a.attnum = k.attnum \
         WHERE i.indrelid = {oid} AND indisunique AND indisvalid AND indimmediate AND indpred IS NULL AND indexprs IS NULL \
           AND k.at <= i.indnkeyatts ORDER BY indisprimary DESC, indnkeyatts, i.indexrelid, k.at"
    ))?;
    let mut key = Vec::new();
    for index in (0..keys.rows.len()).filter_map(|row| keys.get(row, 0)).collect::<Vec<_>>() {
        let of = (0..keys.rows.len()).filter(|row| keys.get(*row, 0) == Some(index)).collect::<Vec<_>>();
        let fits = |row: &usize| keys.get(*row, 2) == Some("t") && keys.get(*row, 1).is_some_and(has);
        if of.iter().all(fits) {
            let one = |row: &usize| {
                (
                    Ident::new(keys.get(*row, 1).unwrap_or_default()),
                    keys.get(*row, 3).unwrap_or("=").to_owned(),
                )
            };
            key = of.iter().map(one).collect();
            break;
        }
    }
    let sequences = sequences(here, there, &oid)?;
    let rows = here.catalog(&format!(
        "SELECT tgname, tgenabled FROM pg_trigger t WHERE tgrelid = {oid} AND NOT tgisinternal AND tgenabled <> 'D' \
           AND (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = {oid}) ORDER BY 1"
    ))?;
    let one = |row| {
        let word = match rows.get(row, 1) {
            Some("A") => "ALWAYS ",
            Some("R") => "REPLICA ",
            _ => "",
        };
        (rows.get(row, 0).unwrap_or_default().to_owned(), word)
    };
    let triggers = (0..rows.rows.len()).map(one).collect();
    Ok(Some(Live { columns, lost, key, is_forced, sequences, triggers, owner }))
}

fn sequences(here: &mut Session, there: &mut Session, oid: &str) -> Result<Vec<Sequence>, PgError> {
    let rows = here.catalog(&format!(
        "SELECT DISTINCT format('%I.%I', n.nspname, s.relname), a.attname, q.seqincrement < 0 FROM (\
           SELECT objid, refobjsubid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass \
             AND refobjid = {oid} AND deptype IN ('a', 'i') \
           UNION SELECT d.refobjid, f.adnum FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass \
             AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass WHERE f.adrelid = {oid}) u (seq, attnum) \
           JOIN pg_class s ON s.oid = u.seq AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace \
           JOIN pg_sequence q ON q.seqrelid = s.oid \
           JOIN pg_attribute a ON a.attrelid = {oid} AND a.attnum = u.attnum \
         WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND has_sequence_privilege(s.oid, 'UPDATE') \
         ORDER BY 1"
    ))?;
    let mut all = Vec::new();
    for row in 0..rows.rows.len() {
        let text = |column| rows.get(row, column).unwrap_or_default();
        let path = text(0).to_owned();
        let is_there = there.catalog(&format!(
            "SELECT 1 FROM pg_class WHERE oid = to_regclass({}) AND relkind = 'S'",
            Literal(&path)
        ))?;
        let given = match is_there.rows.is_empty() {
            true => None,
            false => there
                .query_value(&format!("SELECT last_value FROM {path} WHERE is_called"))?
                .and_then(|value| value.parse().ok()),
        };
        let column = Ident::new(text(1));
        all.push(Sequence { path, column, descends: text(2) == "t", given });
    }
    Ok(all)
}
