//! Finds in the catalogs what is known to break a reload: functions without their own search_path where rows are loaded,
//! CHECK constraints that read tables, foreign keys that rows may break, partitions by a hash that is not stable. It reads
//! catalogs alone, and evaluates nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::bodies::{Named, Names, read, read_strings};
use super::{Finding, PG_CRON};
use crate::pg::error::PgError;
use crate::pg::session::{Rows, Session};

/// What evaluates an expression while rows are loaded or views filled, and the functions that the expression reaches by
/// dependencies: through operators, views and functions whose bodies are parsed. Before 15 it is the column that depends on
/// what generates it.
const HOLDERS: &str = "\
WITH RECURSIVE holder (kind, label, class, object, part) AS (
  SELECT 'g', pg_catalog.format('%s.%I', a.attrelid::pg_catalog.regclass, a.attname),
      s.class::pg_catalog.oid, s.object, s.part
    FROM pg_catalog.pg_attrdef d
      JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      CROSS JOIN LATERAL (VALUES ('pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, 0),
        ('pg_catalog.pg_class'::pg_catalog.regclass, d.adrelid, d.adnum::pg_catalog.int4)) s (class, object, part)
    WHERE a.attgenerated <> ''
  UNION ALL
  SELECT 'i', x.indexrelid::pg_catalog.regclass::pg_catalog.text,
      'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid, 0
    FROM pg_catalog.pg_index x WHERE x.indexprs IS NOT NULL OR x.indpred IS NOT NULL
  UNION ALL
  SELECT 'c', CASE WHEN c.conrelid <> 0
      THEN pg_catalog.format('CHECK constraint %I of table %s', c.conname, c.conrelid::pg_catalog.regclass)
      ELSE pg_catalog.format('CHECK constraint %I of domain %s', c.conname, c.contypid::pg_catalog.regtype) END,
      'pg_catalog.pg_constraint'::pg_catalog.regclass, c.oid, 0
    FROM pg_catalog.pg_constraint c WHERE c.contype = 'c' AND c.conparentid = 0
  UNION ALL
  SELECT 'p', c.oid::pg_catalog.regclass::pg_catalog.text, 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0
    FROM pg_catalog.pg_partitioned_table t JOIN pg_catalog.pg_class c ON c.oid = t.partrelid
    WHERE t.partexprs IS NOT NULL
  UNION ALL
  SELECT 'm', c.oid::pg_catalog.regclass::pg_catalog.text, 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid, 0
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite w ON w.ev_class = c.oid
    WHERE c.relkind = 'm' AND c.relispopulated
), reach (kind, label, class, object, part, sub) AS (
  SELECT kind, label, class, object, part, 0 FROM holder
  UNION
  SELECT r.kind, r.label, d.refclassid, d.refobjid, 0, 1
  FROM reach r
    CROSS JOIN LATERAL (
      SELECT r.class, r.object
        WHERE r.sub = 0 OR r.class IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
      UNION ALL
      SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, w.oid
        FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind = 'v'
        WHERE r.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND v.oid = r.object
    ) s (class, object)
    JOIN pg_catalog.pg_depend d ON d.classid = s.class AND d.objid = s.object AND d.deptype IN ('n', 'a', 'i')
      AND (r.sub = 1 OR d.objsubid = r.part)
  WHERE d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
    'pg_catalog.pg_class'::pg_catalog.regclass)
)
SELECT DISTINCT r.kind, r.label, r.object FROM reach r
WHERE r.sub = 1 AND r.class = 'pg_catalog.pg_proc'::pg_catalog.regclass ORDER BY 1, 2, 3";

/// Materialized views whose strings a function may run as SQL.
const VIEWS: &str = "\
SELECT c.oid::pg_catalog.regclass, pg_catalog.pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class c WHERE c.relkind = 'm' AND c.relispopulated ORDER BY 1";

/// Functions whose bodies are texts.
const FUNCTIONS: &str = "\
SELECT p.oid, n.nspname, p.proname, p.oid::pg_catalog.regprocedure, p.prosrc,
  p.prosqlbody IS NOT NULL OR EXISTS (
    SELECT FROM pg_catalog.unnest(p.proconfig) s (setting) WHERE pg_catalog.starts_with(s.setting, 'search_path='))
FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND l.lanname NOT IN ('c', 'internal')";

/// What may be named without its schema. A function that pg_catalog has too is found there.
const NAMES: &str = "\
SELECT 'f', n.nspname, p.proname FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc q
    WHERE q.proname = p.proname AND q.pronamespace = 'pg_catalog'::pg_catalog.regnamespace)
UNION
SELECT 'r', n.nspname, c.relname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION
SELECT 't', n.nspname, t.typname FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND t.typcategory <> 'A'
  AND (t.typrelid = 0 OR c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type q
    WHERE q.typname = t.typname AND q.typnamespace = 'pg_catalog'::pg_catalog.regnamespace)";

/// Foreign keys that are not known to hold. Those of partitions follow their parent's.
const KEYS: &str = "\
SELECT pg_catalog.format('foreign key %I of table %s', c.conname, c.conrelid::pg_catalog.regclass),
  CASE WHEN NOT c.convalidated THEN 'is NOT VALID' ELSE 'has disabled triggers' END
FROM pg_catalog.pg_constraint c
WHERE c.contype = 'f' AND c.conparentid = 0
  AND (NOT c.convalidated OR EXISTS (
    SELECT FROM pg_catalog.pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgenabled IN ('D', 'R')))
ORDER BY 1";

/// Hash partitions by columns of types whose hash is of an oid, or of a collation's sort key.
const HASHES: &str = "\
WITH RECURSIVE part AS (
  SELECT t.partrelid, a.attname, a.atttypid AS type, pg_catalog.format_type(a.atttypid, a.atttypmod) AS named,
    NOT coalesce(l.collisdeterministic, true) AS sorted
  FROM pg_catalog.pg_partitioned_table t
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(t.partattrs::pg_catalog.int2[]),
      pg_catalog.unnest(t.partcollation::pg_catalog.oid[])) k (attnum, coll)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = k.attnum
    LEFT JOIN pg_catalog.pg_collation l ON l.oid = k.coll
  WHERE t.partstrat = 'h'
), inside AS (
  SELECT partrelid, attname, named, sorted, type FROM part
  UNION
  SELECT i.partrelid, i.attname, i.named, i.sorted, m.type
  FROM inside i JOIN pg_catalog.pg_type t ON t.oid = i.type
    LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (VALUES (t.typelem), (t.typbasetype), (r.rngsubtype), (a.atttypid)) m (type)
  WHERE m.type <> 0
)
SELECT DISTINCT i.partrelid::pg_catalog.regclass, pg_catalog.quote_ident(i.attname),
  CASE WHEN i.sorted THEN 'a text of a nondeterministic collation' ELSE 'a value of type ' || i.named END
FROM inside i JOIN pg_catalog.pg_type t ON t.oid = i.type
WHERE i.sorted OR t.typtype = 'e'
  OR (t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND t.typname ~ '^reg[a-z]+$')
ORDER BY 1, 2";

/// Look at the database of this session, whose search_path is pg_catalog.
///
/// # Errors
/// What the server says.
pub(crate) fn reload(session: &mut Session) -> Result<Vec<Finding>, PgError> {
    let pinned = format!("SELECT extname FROM pg_catalog.pg_extension WHERE extname = '{PG_CRON}'");
    let answers = session.query(&format!("{HOLDERS}; {VIEWS}; {KEYS}; {HASHES}; {pinned}"))?;
    let mut answers = answers.into_iter().filter(|rows| !rows.columns.is_empty());
    let mut next = || answers.next().unwrap_or_default();
    let (holders, views, keys, hashes, pinned) = (next(), next(), next(), next(), next());
    let mut findings = Vec::new();
    if !holders.rows.is_empty() || !views.rows.is_empty() {
        let answers = session.query(&format!("{FUNCTIONS}; {NAMES}"))?;
        let mut answers = answers.into_iter().filter(|rows| !rows.columns.is_empty());
        let functions = functions(&answers.next().unwrap_or_default());
        let names = names(&answers.next().unwrap_or_default());
        findings.extend(Bodies::new(&functions, &names).of(&holders));
        findings.extend((0..views.rows.len()).filter_map(|row| {
            let named = read_strings(views.get(row, 1)?, &names);
            Some(Finding::text_needs_search_path(views.get(row, 0)?, &named.unqualified?))
        }));
    }
    let text = |rows: &Rows, row: usize, column| rows.get(row, column).unwrap_or_default().to_owned();
    findings.extend(
        (0..keys.rows.len()).map(|row| Finding::unproven_key(&text(&keys, row, 0), &text(&keys, row, 1))),
    );
    findings.extend((0..hashes.rows.len()).map(|row| {
        Finding::unstable_hash(&text(&hashes, row, 0), &text(&hashes, row, 1), &text(&hashes, row, 2))
    }));
    findings.extend((0..pinned.rows.len()).map(|row| Finding::pinned_extension(&text(&pinned, row, 0))));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// A function with a text as its body.
struct Function {
    schema: String,
    name: String,
    /// `public.f(integer)`.
    signature: String,
    body: String,
    /// It runs under a search_path of its own, or its body was parsed when it was made.
    is_bound: bool,
}

fn functions(rows: &Rows) -> BTreeMap<String, Function> {
    let text = |row: usize, column| rows.get(row, column).unwrap_or_default().to_owned();
    let one = |row: usize| {
        let function = Function {
            schema: text(row, 1),
            name: text(row, 2),
            signature: text(row, 3),
            body: text(row, 4),
            is_bound: rows.get(row, 5) == Some("t"),
        };
        (text(row, 0), function)
    };
    (0..rows.rows.len()).map(one).collect()
}

fn names(rows: &Rows) -> Names {
    let mut names = Names::default();
    for row in 0..rows.rows.len() {
        let text = |column| rows.get(row, column).unwrap_or_default().to_owned();
        let all = match rows.get(row, 0) {
            Some("f") => &mut names.functions,
            Some("r") => &mut names.relations,
            _ => &mut names.types,
        };
        all.entry(text(2)).or_default().insert(text(1));
    }
    names
}

/// What bodies name, each read once.
struct Bodies<'a> {
    functions: &'a BTreeMap<String, Function>,
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
    named: BTreeMap<&'a str, Named>,
}

impl<'a> Bodies<'a> {
    fn new(functions: &'a BTreeMap<String, Function>, names: &Names) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (oid, function) in functions {
            by_name.entry(&function.name).or_default().push(oid);
        }
        let named = functions.iter().map(|(oid, function)| (oid.as_str(), read(&function.body, names)));
        Self { functions, by_name, named: named.collect() }
    }

    fn of(&self, holders: &Rows) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut told = BTreeSet::new();
        for row in 0..holders.rows.len() {
            let text = |column| holders.get(row, column).unwrap_or_default();
            let (kind, label, oid) = (text(0), text(1), text(2));
            let place = match kind {
                "g" => format!("generated column {label}"),
                "i" => format!("index {label}"),
                "m" => format!("materialized view {label}"),
                "p" => format!("partitioned table {label}"),
                _ => label.to_owned(),
            };
            for (reached, is_free) in self.reached(oid) {
                let Some(function) = self.functions.get(reached) else { continue };
                let Some(named) = self.named.get(reached) else { continue };
                if let Some(what) = named.unqualified.as_ref().filter(|_| is_free)
                    && told.insert(reached)
                {
                    let schemas: Vec<&str> = named.schemas.iter().map(String::as_str).collect();
                    findings.push(Finding::needs_search_path(&function.signature, what, &schemas, &place));
                }
                if kind == "c"
                    && let Some((_, table)) = named.reads.first()
                {
                    findings.push(Finding::check_reads_tables(label, &function.signature, table));
                }
            }
        }
        findings
    }

    /// A function, and those that it calls, each with whether it runs under the session's search_path.
    fn reached(&self, oid: &str) -> BTreeMap<&'a str, bool> {
        let mut reached = BTreeMap::new();
        let mut open: Vec<(&'a str, bool)> = Vec::new();
        open.extend(
            self.functions.get_key_value(oid).map(|(oid, function)| (oid.as_str(), !function.is_bound)),
        );
        while let Some((oid, is_free)) = open.pop() {
            match reached.get(oid) {
                Some(was_free) if *was_free || !is_free => continue,
                _ => reached.insert(oid, is_free),
            };
            let calls = self.named.get(oid).map(|named| &named.calls).into_iter().flatten();
            for (schema, name) in calls {
                for oid in self.by_name.get(name.as_str()).into_iter().flatten() {
                    let Some(function) = self.functions.get(*oid) else { continue };
                    if schema.as_ref().is_none_or(|schema| function.schema == *schema) {
                        open.push((oid, is_free && !function.is_bound));
                    }
                }
            }
        }
        reached
    }
}
