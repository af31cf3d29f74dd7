//! Reads what is needed to bring the rows of a table back: its columns, key, sequences and triggers, in the copy of the
//! backup and in the live database. Reads catalogs only.

use crate::engine::restore::RestoreError;
use crate::pg::error::PgError;
use crate::pg::ident::{Ident, Tidy};
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

/// A foreign key of the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Of pg_constraint, in the copy.
    pub(super) oid: String,
    /// The table that has it.
    pub(super) table: String,
    pub(super) name: String,
    /// As ADD CONSTRAINT has it.
    pub(super) definition: String,
    /// The oid of the table that it refers to, in the copy.
    pub(super) to_oid: String,
    /// The table that it refers to.
    pub(super) to: String,
}

/// A table or sequence that pg_dump reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// As a pattern of pg_dump.
    pub(super) pattern: String,
    /// As SQL.
    pub(super) path: String,
    pub(super) is_sequence: bool,
    /// Its grants to others than the owner, as VALUES of role and privilege.
    pub(super) grants: Option<String>,
}

/// The grants of a relation `c`, as `Part` has them.
pub(super) const GRANTS: &str = "(SELECT string_agg(format('(%L, %L)', \
       CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type), ', ') \
     FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner)";

/// A table of the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its oid in the copy.
    pub(super) oid: String,
    pub(super) schema: String,
    pub(super) name: String,
    /// It is partitioned: its rows are those of its partitions. The rows of tables that inherit from another are their own.
    pub(super) is_root: bool,
    /// The oids in the copy of it and its partitions.
    pub(super) family: Vec<String>,
    /// The table that it is a partition of, and FOR VALUES.
    pub(super) attach: Option<(String, String)>,
    /// Partitions of it that are brought back as tables of their own.
    pub(super) without: Vec<String>,
    /// Foreign keys of it and its partitions to other tables.
    pub(super) keys: Vec<Key>,
    /// Its columns but generated ones, with their types; a domain as its base type.
    columns: Vec<(String, String)>,
    /// It and what is below it, as far as these hold rows, quoted.
    pub(super) filled: Vec<String>,
    /// It and its partitions, and the sequences of their defaults.
    pub(super) parts: Vec<Part>,
    /// Foreign keys of other tables that refer to it: the table, its name, the definition.
    pub(super) referring: Vec<(String, String, String)>,
}

impl Wanted {
    pub(super) fn path(&self) -> String {
        format!("{}.{}", Ident::new(&self.schema), Ident::new(&self.name))
    }

    /// The same for people.
    pub(super) fn tidy(&self) -> String {
        format!("{}.{}", Tidy(&self.schema), Tidy(&self.name))
    }
}

/// The live table of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    /// It is partitioned.
    pub(super) is_root: bool,
    pub(super) columns: Vec<Column>,
    /// It has columns that the backup does not have.
    pub(super) has_more: bool,
    /// Columns of the backup that it does not have, with their types.
    pub(super) lost: Vec<(String, String)>,
    /// Columns that have another type: the name, that of the backup, its own.
    pub(super) changed: Vec<(String, String, String)>,
    /// Unique and exclusion constraints besides the key.
    pub(super) uniques: Vec<Unique>,
    /// Foreign keys refer to it, or to a partition of it.
    pub(super) is_referenced: bool,
    /// One of them follows a changed value (ON UPDATE CASCADE, SET NULL, SET DEFAULT).
    pub(super) cascades: bool,
    /// The columns that identify a row, each with the operator of its index.
    pub(super) key: Vec<(Ident, String)>,
    /// Policies would apply to its owner.
    pub(super) is_forced: bool,
    pub(super) sequences: Vec<Sequence>,
    /// Triggers that would run, with the word after ENABLE that brings each back.
    pub(super) triggers: Vec<(String, &'static str)>,
    pub(super) owner: String,
}

/// The columns of a unique index or exclusion constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unique {
    /// Each with whether it is NOT NULL.
    pub(super) columns: Vec<(Ident, bool)>,
    /// It has expressions, or is for some rows.
    pub(super) is_odd: bool,
}

/// `schema.table`, `table`, each as it is or as an SQL name: its oid.
pub(super) fn find(there: &mut Session, text: &str) -> Result<String, RestoreError> {
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
    found.get(0, 2).map(str::to_owned).ok_or_else(none)
}

/// A table and its partitions. What inherits from it in another way is a table of its own.
fn family(oid: &str) -> String {
    format!(
        "family (oid) AS (SELECT {oid}::oid UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid \
           JOIN pg_class part ON part.oid = inhrelid AND part.relispartition)"
    )
}

/// What is known of a table of the copy.
pub(super) fn read(there: &mut Session, oid: &str) -> Result<Wanted, RestoreError> {
    let family_of = family(oid);
    let found = there.catalog(&format!(
        "SELECT n.nspname, c.relname, c.relkind = 'p', pg_get_expr(c.relpartbound, c.oid), \
           (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_inherits i JOIN pg_class p ON p.oid = inhparent \
              JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE inhrelid = c.oid AND c.relispartition) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = {oid}"
    ))?;
    let cell = |column| found.get(0, column).unwrap_or_default().to_owned();
    let (schema, name, is_root) = (cell(0), cell(1), cell(2) == "t");
    let attach = found.get(0, 4).map(|parent| (parent.to_owned(), cell(3)));
    let columns =
        columns(there, oid)?.into_iter().map(|column| (column.name.as_str().to_owned(), column.kind));
    let columns = columns.collect();
    let members =
        column(there.catalog(&format!("WITH RECURSIVE {family_of} SELECT oid FROM family ORDER BY 1"))?);
    let parts = there.catalog(&format!(
        "WITH RECURSIVE {family_of}, \
         used (oid) AS (SELECT oid FROM family UNION SELECT d.refobjid FROM family f \
           JOIN pg_attrdef a ON a.adrelid = f.oid \
           JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid \
             AND d.refclassid = 'pg_class'::regclass \
           JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S') \
         SELECT format('\"%s\".\"%s\"', replace(nspname, '\"', '\"\"'), replace(relname, '\"', '\"\"')), \
           format('%I.%I', nspname, relname), relkind = 'S', {GRANTS} \
         FROM used JOIN pg_class c ON c.oid = used.oid JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1"
    ))?;
    let part = |row| Part {
        pattern: parts.get(row, 0).unwrap_or_default().to_owned(),
        path: parts.get(row, 1).unwrap_or_default().to_owned(),
        is_sequence: parts.get(row, 2) == Some("t"),
        grants: parts.get(row, 3).map(str::to_owned),
    };
    let parts = (0..parts.rows.len()).map(part).collect();
    let filled = column(there.catalog(&format!(
        "WITH RECURSIVE {family_of} \
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
    let rows = there.catalog(&format!(
        "WITH RECURSIVE {family_of} \
         SELECT k.oid, format('%I.%I', n.nspname, c.relname), k.conname, pg_get_constraintdef(k.oid), k.confrelid, \
           format('%I.%I', rn.nspname, r.relname) \
         FROM pg_constraint k JOIN family f ON f.oid = k.conrelid JOIN pg_class c ON c.oid = k.conrelid \
           JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class r ON r.oid = k.confrelid \
           JOIN pg_namespace rn ON rn.oid = r.relnamespace \
         WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid NOT IN (SELECT oid FROM family) ORDER BY 2, 3"
    ))?;
    let text = |row, column| rows.get(row, column).unwrap_or_default().to_owned();
    let key = |row| Key {
        oid: text(row, 0),
        table: text(row, 1),
        name: text(row, 2),
        definition: text(row, 3),
        to_oid: text(row, 4),
        to: text(row, 5),
    };
    let keys = (0..rows.rows.len()).map(key).collect();
    Ok(Wanted {
        oid: oid.to_owned(),
        schema,
        name,
        is_root,
        family: members,
        attach,
        without: Vec::new(),
        keys,
        columns,
        filled,
        parts,
        referring,
    })
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
           AND pg_has_role(relowner, 'USAGE'), relkind = 'p', \
           EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid IN (\
             SELECT c.oid UNION ALL SELECT relid FROM pg_partition_tree(c.oid))), \
           EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confupdtype IN ('c', 'n', 'd') AND confrelid IN (\
             SELECT c.oid UNION ALL SELECT relid FROM pg_partition_tree(c.oid))) FROM pg_class c \
         WHERE c.oid = to_regclass({}) AND relkind IN ('r', 'p')",
        Literal(&wanted.path())
    ))?;
    let Some(oid) = found.get(0, 0).map(str::to_owned) else { return Ok(None) };
    let owner = found.get(0, 1).unwrap_or_default().to_owned();
    let is_forced = found.get(0, 2) == Some("t");
    let is = |column| found.get(0, column) == Some("t");
    let (is_root, is_referenced, cascades) = (is(3), is(4), is(5));
    let all = columns(here, &oid)?;
    let of = |column: &Column| wanted.columns.iter().find(|(name, _)| name == column.name.as_str());
    let has_more = all.iter().any(|column| of(column).is_none());
    let changed = all.iter().filter_map(|column| {
        let (name, there) = of(column).filter(|(_, there)| *there != column.kind)?;
        Some((name.clone(), there.clone(), column.kind.clone()))
    });
    let changed = changed.collect();
    let columns: Vec<Column> = all.iter().filter(|column| of(column).is_some()).cloned().collect();
    let has = |name: &str| columns.iter().any(|column| column.name.as_str() == name);
    let lost = wanted.columns.iter().filter(|(column, _)| !has(column)).cloned().collect();
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
    let (mut key, mut key_index) = (Vec::new(), None);
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
            key_index = Some(index.to_owned());
            break;
        }
    }
    let uniques = uniques(here, &oid, key_index.as_deref())?;
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
    Ok(Some(Live {
        is_root,
        columns,
        has_more,
        lost,
        changed,
        uniques,
        is_referenced,
        cascades,
        key,
        is_forced,
        sequences,
        triggers,
        owner,
    }))
}

/// Its columns but generated ones.
fn columns(session: &mut Session, oid: &str) -> Result<Vec<Column>, PgError> {
    let rows = session.catalog(&format!(
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
    let one = |row| Column {
        name: Ident::new(rows.get(row, 0).unwrap_or_default()),
        is_fixed: rows.get(row, 1) == Some("t"),
        kind: rows.get(row, 2).unwrap_or_default().to_owned(),
    };
    Ok((0..rows.rows.len()).map(one).collect())
}

/// Unique indexes and exclusion constraints that are checked row by row.
fn uniques(here: &mut Session, oid: &str, key: Option<&str>) -> Result<Vec<Unique>, PgError> {
    let rows = here.catalog(&format!(
        "SELECT i.indexrelid, i.indexprs IS NOT NULL OR i.indpred IS NOT NULL, a.attname, a.attnotnull \
         FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, at) \
           LEFT JOIN pg_attribute a ON a.attrelid = {oid} AND a.attnum = k.attnum \
         WHERE i.indrelid = {oid} AND (indisunique OR indisexclusion) AND k.at <= i.indnkeyatts \
           AND i.indexrelid <> {}::oid ORDER BY 1, k.at",
        key.unwrap_or("0")
    ))?;
    let mut all: Vec<(&str, Unique)> = Vec::new();
    for row in 0..rows.rows.len() {
        let index = rows.get(row, 0).unwrap_or_default();
        if all.last().is_none_or(|(last, _)| *last != index) {
            let is_odd = rows.get(row, 1) == Some("t");
            all.push((index, Unique { columns: Vec::new(), is_odd }));
        }
        if let (Some((_, unique)), Some(name)) = (all.last_mut(), rows.get(row, 2)) {
            unique.columns.push((Ident::new(name), rows.get(row, 3) == Some("t")));
        }
    }
    Ok(all.into_iter().map(|(_, unique)| unique).collect())
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
