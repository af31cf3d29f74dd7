//! The script of a restore in place after loading in one go has failed: the same steps as `restore::careful`, as SQL that
//! decides by itself, because everything is one transaction of psql.

use super::pipe::Piece;
use crate::engine::archive::{Archive, Entry};
use crate::engine::restore::RestoreError;
use crate::engine::restore::careful::{Path, Schemas, Steps, checks, functions_query, order};
use crate::pg::error::PgError;
use crate::pg::ident::Tidy;
use crate::pg::literal::Literal;
use crate::pg::session::Session;

/// What is read to write the script.
pub(super) struct Careful<'a> {
    pub(super) archive: &'a Archive,
    pub(super) schemas: &'a Schemas,
    pub(super) path: &'a Path,
    pub(super) server_version: i32,
}

impl Careful<'_> {
    /// The pieces, in order.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let ids: Vec<i32> = self.archive.entries.iter().map(|entry| entry.dump_id).collect();
        let steps = Steps::of(self.archive, &ids);
        let of = |entries: &[&Entry]| Piece::Entries(entries.iter().map(|entry| entry.dump_id).collect());
        let mut pieces = vec![
            Piece::Entries(steps.schemas),
            Piece::Entries(steps.before),
            Piece::Sql(self.give()),
            Piece::Sql(take_out()),
        ];
        pieces.extend(order::batches(&self.archive.entries, &steps.data).into_iter().map(Piece::Entries));
        pieces.push(Piece::Sql(put_back()));
        pieces.push(of(&steps.after));
        pieces.extend(steps.keys.iter().map(|entry| Piece::Sql(key(entry))));
        pieces.push(Piece::Entries(steps.policies));
        pieces.push(Piece::Entries(steps.privileges));
        pieces.extend(steps.views.iter().map(|view| Piece::Sql(self.refresh(view))));
        pieces.push(Piece::Entries(steps.last));
        pieces
    }

    /// Give functions a search_path, and keep which in a setting of the transaction.
    fn give(&self) -> String {
        let paths = self.schemas.names().filter_map(|schema| {
            let path = self.schemas.path(self.path, schema, "")?;
            Some(format!("({}, {})", Literal(schema), Literal(&path)))
        });
        let paths: Vec<String> = paths.collect();
        if paths.is_empty() {
            return "SELECT pg_catalog.set_config('pgkeel.given', '{}', true);\n".to_owned();
        }
        let given = format!(
            "({}) f (name, schema, owner, oid) JOIN (VALUES {}) v (schema, path) \
             ON v.schema OPERATOR(pg_catalog.=) f.schema::pg_catalog.text",
            functions_query(self.server_version),
            paths.join(", ")
        );
        format!(
            "SET LOCAL search_path = pg_catalog, pg_temp;\n\
             SELECT pg_catalog.set_config('pgkeel.given', \
               pg_catalog.format('{{%s}}', pg_catalog.string_agg(f.oid::pg_catalog.text, ',')), true) FROM {given};\n\
             SELECT pg_catalog.format('ALTER FUNCTION %s SET search_path = %s', f.name, v.path) FROM {given} \\gexec\n"
        )
    }

    /// A refresh by its owner has what the owner's policies let it read.
    fn refresh(&self, view: &Entry) -> String {
        let schema = view.namespace.as_deref().unwrap_or_default();
        let path = self.schemas.path(self.path, schema, "").unwrap_or_else(|| "''".to_owned());
        let refresh = view.definition.trim_end().trim_end_matches(';');
        // Since 17 the server sets a search_path of its own for it, with which this query may not run in any database.
        let fill = match self.server_version >= 170_000 {
            true => attempt(refresh, "OTHERS", &format!("{RAISE_SHORTAGE}NULL")),
            false => format!("{refresh};\n"),
        };
        format!(
            "SET LOCAL search_path = {path};\nSET LOCAL row_security = on;\n{fill}SET LOCAL row_security = off;\n"
        )
    }
}

/// Functions that have a search_path of ours lose it again.
pub(super) const TAKE_BACK: &str = "SET LOCAL search_path = pg_catalog, pg_temp;\n\
     SELECT pg_catalog.format('ALTER FUNCTION %s RESET search_path', oid::pg_catalog.regprocedure) \
     FROM pg_catalog.pg_proc WHERE oid OPERATOR(pg_catalog.=) \
       ANY (pg_catalog.current_setting('pgkeel.given')::pg_catalog.oid[]) \\gexec\n";

/// Take the CHECKs out, and keep in a setting of the transaction how they come back.
fn take_out() -> String {
    let checks = format!(
        "({}) c (kind, of, name, definition, comment, is_of_domain, bare)",
        checks::CHECKS.trim_end_matches(';')
    );
    format!(
        "SET LOCAL search_path = pg_catalog, pg_temp;\n\
         SELECT pg_catalog.set_config('pgkeel.checks', COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(\
           'at', c.at, \
           'add', pg_catalog.format('%s%s ADD CONSTRAINT %I %s', c.kind, c.of, c.name, c.definition), \
           'drop', pg_catalog.format('%s%s DROP CONSTRAINT %I', c.kind, c.of, c.name), \
           'note', CASE WHEN c.comment IS NOT NULL THEN pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s%s IS %L', c.name, \
             CASE WHEN c.is_of_domain THEN 'DOMAIN ' ELSE '' END, c.of, c.comment) END)) \
           , '[]')::pg_catalog.text, true) \
         FROM (SELECT c.*, pg_catalog.row_number() OVER () FROM {checks}) \
           c (kind, of, name, definition, comment, is_of_domain, bare, at);\n\
         SELECT c.drop FROM pg_catalog.json_to_recordset(pg_catalog.current_setting('pgkeel.checks')::pg_catalog.json) \
           AS c (at pg_catalog.int8, drop pg_catalog.text) ORDER BY c.at \\gexec\n"
    )
}

/// What may succeed on another day is not about the rows: the server's resources, an operator's intervention, the system, a
/// rollback by the server, a lock timeout (docs, appendix A "PostgreSQL Error Codes").
const RAISE_SHORTAGE: &str = "IF pg_catalog.left(SQLSTATE, 2) OPERATOR(pg_catalog.=) ANY ('{40,53,57,58}') \
     OR SQLSTATE OPERATOR(pg_catalog.=) '55P03' THEN RAISE; END IF; ";

/// Those of children first; NOT VALID where rows break one.
fn put_back() -> String {
    format!(
        "SET LOCAL search_path = pg_catalog, pg_temp;\n\
     DO $pgkeel$ DECLARE c pg_catalog.record; BEGIN \
     FOR c IN SELECT * FROM pg_catalog.json_to_recordset(pg_catalog.current_setting('pgkeel.checks')::pg_catalog.json) \
         AS c (at pg_catalog.int8, add pg_catalog.text, note pg_catalog.text) ORDER BY at DESC LOOP \
       BEGIN EXECUTE c.add; EXCEPTION WHEN OTHERS THEN {RAISE_SHORTAGE}EXECUTE pg_catalog.concat(c.add, ' NOT VALID'); END; \
       IF c.note IS NOT NULL THEN EXECUTE c.note; END IF; \
     END LOOP; END $pgkeel$;\n"
    )
}

/// A foreign key, NOT VALID where rows break it.
fn key(entry: &Entry) -> String {
    let add = entry.definition.trim_end().trim_end_matches(';');
    let other = format!("EXECUTE {}", Literal(&format!("{add} NOT VALID")));
    format!("SET LOCAL search_path = pg_catalog, pg_temp;\n{}", attempt(add, "foreign_key_violation", &other))
}

/// Run a statement, or another where this one fails so.
fn attempt(statement: &str, condition: &str, other: &str) -> String {
    let body = format!("BEGIN EXECUTE {}; EXCEPTION WHEN {condition} THEN {other}; END", Literal(statement));
    format!("DO {};\n", Literal(&body))
}

/// Schemas of the live database in which roles other than the trusted ones may create, now or while it is restored.
pub(super) fn open_schemas(session: &mut Session, trusted: &[String]) -> Result<Vec<String>, PgError> {
    let trusted: Vec<String> = trusted.iter().map(|role| Literal(role).to_string()).collect();
    let rows = session.catalog(&format!(
        "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(\
           COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a \
         WHERE a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND (a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid \
           OR NOT pg_catalog.pg_get_userbyid(CASE a.grantee WHEN 'pg_database_owner'::pg_catalog.regrole \
               THEN (SELECT datdba FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
               ELSE a.grantee END)::pg_catalog.text \
             OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.text[])))",
        trusted.join(", ")
    ))?;
    Ok(rows.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// Materialized views that the archive fills, and that are not filled in this database.
fn unfilled(session: &mut Session, archive: &Archive) -> Result<Vec<String>, RestoreError> {
    let rows = session.catalog(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c \
           JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         WHERE c.relkind OPERATOR(pg_catalog.=) 'm' AND NOT c.relispopulated ORDER BY 1, 2",
    )?;
    let named = (0..rows.rows.len()).filter_map(|row| Some((rows.get(row, 0)?, rows.get(row, 1)?)));
    let is_filled = |(schema, name): &(&str, &str)| {
        archive.entries.iter().any(|entry| {
            entry.desc == "MATERIALIZED VIEW DATA"
                && entry.tag == *name
                && entry.namespace.as_deref() == Some(schema)
        })
    };
    let note = |(schema, name): (&str, &str)| {
        let view = format!("{}.{}", Tidy(schema), Tidy(name));
        format!(
            "the materialized view `{schema}.{name}` is not filled; to see why: REFRESH MATERIALIZED VIEW {view};"
        )
    };
    Ok(named.filter(is_filled).map(note).collect())
}

/// Constraints that are NOT VALID in this database and were valid in the archive, and materialized views that are not filled.
pub(super) fn relaxed(session: &mut Session, archive: &Archive) -> Result<Vec<String>, RestoreError> {
    let rows = session.catalog(
        "SELECT c.conname, COALESCE(r.relname, t.typname), c.contype::pg_catalog.text, \
           pg_catalog.format('%s', COALESCE(c.conrelid::pg_catalog.regclass::pg_catalog.text, c.contypid::pg_catalog.regtype::pg_catalog.text)) \
         FROM pg_catalog.pg_constraint c \
           LEFT JOIN pg_catalog.pg_class r ON r.oid OPERATOR(pg_catalog.=) c.conrelid \
           LEFT JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) c.contypid \
         WHERE NOT c.convalidated AND c.contype OPERATOR(pg_catalog.=) ANY ('{c,f}') ORDER BY 1, 2",
    )?;
    let mut all = unfilled(session, archive)?;
    for row in 0..rows.rows.len() {
        let cell = |column| rows.get(row, column).unwrap_or_default();
        let tag = format!("{} {}", cell(1), cell(0));
        let was =
            archive.entries.iter().any(|entry| entry.tag == tag && entry.definition.contains("NOT VALID"));
        if !was {
            let kind = if cell(2) == "f" { "foreign key" } else { "constraint" };
            all.push(format!("rows break the {kind} `{}` of {}, which is NOT VALID now", cell(0), cell(3)));
        }
    }
    Ok(all)
}
