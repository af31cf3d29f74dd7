//! Compares the rows of a restored database: counted, and on request their contents.

use std::collections::BTreeMap;

use super::parts::Parts;
use super::{BATCH, Compare, Compared, Relations};
use crate::engine::archive::{Digest, DigestSum};
use crate::engine::restore::expected::ExpectedTable;
use crate::engine::row_security::Forced;
use crate::engine::{Event, Observer};
use crate::pg::error::PgError;
use crate::pg::ident::{self, Ident};
use crate::pg::literal::Literal;
use crate::pg::session::{Incoming, Session};

/// Tables whose rows are compared together.
#[derive(Debug, Default)]
struct Group<'a> {
    rows: u64,
    tables: Vec<&'a ExpectedTable>,
}

impl Compare<'_> {
    /// The expected tables, by name; those that share a root by the root's name.
    fn groups<'a>(&'a self, parts: &'a Parts) -> BTreeMap<(&'a str, &'a str), Group<'a>> {
        let mut groups: BTreeMap<(&str, &str), Group<'_>> = BTreeMap::new();
        for table in &self.expected.tables {
            let group = groups.entry(self.key(parts, table)).or_default();
            group.rows += table.rows;
            // A table may be written in pieces.
            let is_there =
                group.tables.iter().any(|other| (&other.schema, &other.name) == (&table.schema, &table.name));
            if !is_there {
                group.tables.push(table);
            }
        }
        groups
    }

    /// The root's name, or the table's own.
    fn key<'a>(&'a self, parts: &'a Parts, table: &'a ExpectedTable) -> (&'a str, &'a str) {
        parts.root(&table.schema, &table.name).unwrap_or((&table.schema, &table.name))
    }

    pub(super) fn rows(
        &self,
        session: &mut Session,
        (there, forced, parts): (&Relations, &Forced, &Parts),
        found: &mut Compared,
        observer: &mut dyn Observer,
    ) -> Result<(), PgError> {
        let all: Vec<_> = self.groups(parts).into_iter().collect();
        let total = all.len() as u64;
        for (at, batch) in all.chunks(BATCH).enumerate() {
            observer
                .event(Event::Phase { what: format!("counting rows, table {} of {total}", at * BATCH + 1) });
            let mut counts = Vec::new();
            let mut tables = Vec::new();
            for ((schema, name), group) in batch {
                let (missing, members) = self.members(group, there, found);
                if missing {
                    continue;
                }
                if self.plans_nothing {
                    let own: Vec<_> =
                        members.iter().map(|table| (table.schema.as_str(), table.name.as_str())).collect();
                    forced.read(session, &own, |session| {
                        self.copied(session, (schema, name), (group, &members), (there, parts), found)
                    })?;
                    continue;
                }
                let one = |table: &&ExpectedTable| {
                    let condition = parts.condition(&table.schema, &table.name);
                    format!("(SELECT pg_catalog.count(*) FROM ONLY {} {condition})", named(table))
                };
                // A script has the rows of all partitions under the name of their root.
                let root = members.iter().find(|table| is_root(table, there, group));
                let counted: Vec<String> = match root {
                    Some(root) => vec![format!("(SELECT pg_catalog.count(*) FROM {})", named(root))],
                    None => members.iter().map(one).collect(),
                };
                counts.push(format!(
                    "SELECT {}, {}, {}",
                    Literal(&format!("{schema}.{name}")),
                    group.rows,
                    counted.join(" OPERATOR(pg_catalog.+) ")
                ));
                tables.extend(members.iter().map(|table| (table.schema.as_str(), table.name.as_str())));
            }
            if counts.is_empty() {
                continue;
            }
            let counted =
                forced.read(session, &tables, |session| session.query(&counts.join(" UNION ALL ")))?;
            for row in counted.iter().flat_map(|rows| &rows.rows) {
                let cell = |column: usize| row.get(column).and_then(Option::as_deref).unwrap_or_default();
                if cell(1) != cell(2) {
                    found.differences.push(format!(
                        "`{}` has {} rows instead of {}",
                        cell(0),
                        cell(2),
                        cell(1)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether one of the tables cannot be counted, and those that can.
    fn members<'a>(
        &self,
        group: &Group<'a>,
        there: &Relations,
        found: &mut Compared,
    ) -> (bool, Vec<&'a ExpectedTable>) {
        let mut missing = false;
        let mut members = Vec::new();
        for table in &group.tables {
            let (schema, name) = (&table.schema, &table.name);
            // A foreign file in another encoding: nobody knows what it is called.
            if schema.contains('\u{fffd}') || name.contains('\u{fffd}') {
                found
                    .notes
                    .push(format!("`{schema}.{name}` is not named in UTF-8: its rows were not counted"));
                missing = true;
            } else if !there.contains_key(&(schema.clone(), name.clone())) {
                found.differences.push(format!("table `{schema}.{name}` is missing"));
                missing = true;
            } else {
                members.push(*table);
            }
        }
        (missing, members)
    }

    /// Counts where nothing may be planned.
    fn copied(
        &self,
        session: &mut Session,
        (schema, name): (&str, &str),
        (group, members): (&Group<'_>, &[&ExpectedTable]),
        (there, parts): (&Relations, &Parts),
        found: &mut Compared,
    ) -> Result<(), PgError> {
        let mut counted = 0;
        for table in members {
            let kind = there.get(&(table.schema.clone(), table.name.clone())).map(String::as_str);
            // A partitioned table has no rows but those of its partitions.
            counted += if kind == Some("p") { 0 } else { copied(session, &named(table))? };
        }
        // The extension's own rows are in it, too.
        let has_more = members.iter().any(|table| !parts.condition(&table.schema, &table.name).is_empty());
        if counted != group.rows && !(has_more && counted > group.rows) {
            found.differences.push(format!("`{schema}.{name}` has {counted} rows instead of {}", group.rows));
        }
        Ok(())
    }

    /// Every row as pg_dump would write it again.
    pub(super) fn contents(
        &self,
        session: &mut Session,
        (there, forced, parts): (&Relations, &Forced, &Parts),
        found: &mut Compared,
        observer: &mut dyn Observer,
    ) -> Result<(), PgError> {
        // As pg_dump sets them (setup_connection).
        session.query(
            "SET DateStyle = ISO; SET IntervalStyle = postgres; SET extra_float_digits = 3; SET TimeZone = 'UTC'; \
             SET search_path = ''",
        )?;
        // The server converts nothing of it, and takes it for damaged if it is to be anything else.
        session.query(
            "SELECT set_config('client_encoding', 'SQL_ASCII', false) WHERE current_setting('server_encoding') = 'SQL_ASCII'",
        )?;
        for (name, value) in &self.expected.session {
            session.query(&format!("SET {} = {}", Ident::new(name), Literal(value)))?;
        }
        let groups = self.groups(parts);
        for (at, ((schema, name), group)) in groups.iter().enumerate() {
            let is_there =
                |table: &&ExpectedTable| there.contains_key(&(table.schema.clone(), table.name.clone()));
            if !group.tables.iter().all(is_there) {
                continue;
            }
            observer.event(Event::Phase {
                what: format!("comparing contents, table {} of {}: {name}", at + 1, groups.len()),
            });
            let mut expected = Digest::default();
            let mut sum = DigestSum::default();
            let mut why = None;
            for table in &group.tables {
                let Some(digest) = table.digest else {
                    why = Some((false, "has no digest: its contents were not compared"));
                    continue;
                };
                let condition = parts.condition(&table.schema, &table.name);
                // A query is planned.
                if self.plans_nothing && !condition.is_empty() {
                    why = Some((false, "belongs to an extension: its contents were not compared"));
                    continue;
                }
                let Some(copy) = copy(table, condition) else {
                    why = Some((true, "has columns that cannot be read"));
                    continue;
                };
                expected = expected.plus(digest);
                let mut add = |incoming: Incoming<'_>| {
                    if let Incoming::CopyRow(row) = incoming {
                        sum.add_line(row.strip_suffix(b"\n").unwrap_or(row));
                    }
                };
                forced.read(session, &[(&table.schema, &table.name)], |session| {
                    session.run(&copy, &mut add).map(drop).map_err(|failed| failed.error)
                })?;
            }
            match why {
                Some((true, why)) => found.differences.push(format!("`{schema}.{name}` {why}")),
                Some((false, why)) => found.notes.push(format!("`{schema}.{name}` {why}")),
                None if sum.finish() != expected => {
                    found.differences.push(format!("the contents of `{schema}.{name}` are not the same"));
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Whether it is a partitioned table for which rows were written.
fn is_root(table: &ExpectedTable, there: &Relations, group: &Group<'_>) -> bool {
    let kind = there.get(&(table.schema.clone(), table.name.clone())).map(String::as_str);
    kind == Some("p") && table.rows > 0 && group.rows > 0
}

fn named(table: &ExpectedTable) -> String {
    format!("{}.{}", Ident::new(&table.schema), Ident::new(&table.name))
}

/// The number of rows, by COPY: it plans nothing, so it evaluates nothing, and it refuses views.
fn copied(session: &mut Session, table: &str) -> Result<u64, PgError> {
    let mut rows = 0;
    session
        .run(&format!("COPY {table} TO STDOUT"), &mut |incoming| {
            rows += u64::from(matches!(incoming, Incoming::CopyRow(_)));
        })
        .map_err(|failed| failed.error)?;
    Ok(rows)
}

/// `None` where the columns are no list of names. With a condition, the query that pg_dump would write.
fn copy(table: &ExpectedTable, condition: &str) -> Option<String> {
    let columns = match table.columns.as_str() {
        "" | "()" => String::new(),
        columns => column_list(columns)?,
    };
    if condition.is_empty() {
        return Some(format!("COPY {} {columns} TO STDOUT", named(table)));
    }
    let columns = columns.trim_start_matches('(').trim_end_matches(')');
    Some(format!("COPY (SELECT {columns} FROM {} {condition}) TO STDOUT", named(table)))
}

/// A list of names as `quote_ident` writes them, once more by our own hand: a manifest may say anything.
fn column_list(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut names = Vec::new();
    loop {
        let mut name = String::new();
        if rest.starts_with('"') {
            let (quoted, after) = ident::quoted(rest)?;
            (name, rest) = (quoted, after);
        } else {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
            name.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if name.is_empty() {
            return None;
        }
        names.push(Ident::new(&name).to_string());
        if rest.is_empty() {
            return Some(format!("({})", names.join(", ")));
        }
        rest = rest.strip_prefix(", ")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_columns_is_names_and_nothing_else() {
        let check = |text: &str, list: Option<&str>| assert_eq!(column_list(text).as_deref(), list, "{text}");
        check("(id, \"Name\", \"a\"\"b, c\")", Some("(\"id\", \"Name\", \"a\"\"b, c\")"));
        check("(id)", Some("(\"id\")"));
        check("TO PROGRAM $$touch x$$ --", None);
        check("(id) TO PROGRAM 'x' --)", None);
        check("(id, )", None);
        check("(\"open)", None);
    }
}
