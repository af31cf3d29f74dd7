//! Reads a catalog whole: one snapshot, an empty search_path, one query per kind of fact that there can be, in two
//! messages. It writes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::pg::error::{PgError, PgFailure};
use crate::pg::session::{Rows, Session};

use super::canonical::{canonical, flattened, values};
use super::phrase::prepared;
use super::probe::{self, Link, Object};
use super::{Catalog, Fact, Hold, Id, Kind, present, steady};

/// Stands for the value of an option that holds a secret: it is not read, only that it is set.
pub const SECRET: &str = "****";

/// How often a catalog is read that changes meanwhile.
const ATTEMPTS: usize = 3;

/// Tables of ours and of other migration tools: never a difference.
const LEDGERS: [&str; 2] = ["__diesel_schema_migrations", "_prisma_migrations"];

/// Why there is no catalog.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server said no.
    #[error("cannot read the catalog")]
    Pg(#[from] PgError),
    /// Somebody goes on changing it.
    #[error("the catalog of `{database}` was changed by others while it was read, {ATTEMPTS} times: {by}")]
    Unsteady {
        /// The database.
        database: String,
        /// Who ran DDL, as far as that can be seen.
        by: String,
    },
    /// Two facts have one name: a query is wrong.
    #[error("the catalog holds {0} twice: please report this")]
    Twice(String),
}

/// Read all of a database's catalog.
///
/// `pg_get_viewdef` and its like look past the snapshot (docs 9.26.8), so it is read again where the catalogs
/// hold something afterwards that the snapshot did not see.
///
/// # Errors
/// See `ReadError`.
pub fn read(session: &mut Session, bookkeeping: &str) -> Result<Catalog, ReadError> {
    read_into(session, bookkeeping, None)
}

/// Where each fact is in PostgreSQL's own catalogs: what has the same address at two moments is the same thing, whatever it
/// is called.
pub type Addresses = HashMap<Id, (u32, u32, i32)>;

/// The same, with the addresses.
///
/// # Errors
/// See `ReadError`.
pub fn read_with_addresses(
    session: &mut Session,
    bookkeeping: &str,
) -> Result<(Catalog, Addresses), ReadError> {
    let mut addresses = Addresses::new();
    let catalog = read_into(session, bookkeeping, Some(&mut addresses))?;
    Ok((catalog, addresses))
}

fn read_into(
    session: &mut Session,
    bookkeeping: &str,
    mut addresses: Option<&mut Addresses>,
) -> Result<Catalog, ReadError> {
    let begun = Instant::now();
    for _ in 0..ATTEMPTS {
        match read_once(session, bookkeeping, addresses.as_deref_mut()) {
            Ok(Some(catalog)) => return Ok(catalog),
            Ok(None) => {}
            // What was dropped under our hands: "cache lookup failed", "could not open relation", "does not exist".
            Err(ReadError::Pg(PgError::Server(error))) if is_gone(error.failure(), &error.0.sqlstate) => {}
            Err(error) => return Err(error),
        }
    }
    let since = begun.elapsed().as_secs_f64();
    let sql = format!(
        "SELECT current_database(), (SELECT string_agg(concat_ws(' ', 'process', pid, 'of', usename, \
         '(' || nullif(application_name, '') || ')'), ', ' ORDER BY pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
         AND query_start > clock_timestamp() - make_interval(secs => {since}))"
    );
    let who = session.catalog(&sql)?;
    let text = |column, none: &str| who.get(0, column).unwrap_or(none).to_owned();
    Err(ReadError::Unsteady {
        database: text(0, ""),
        by: text(1, "a session that has ended or cannot be seen"),
    })
}

fn is_gone(failure: PgFailure, sqlstate: &str) -> bool {
    let codes = ["XX000", "42P01", "42704", "42883", "3F000", "42703"];
    matches!(failure, PgFailure::Other | PgFailure::NoSuchObject) && codes.contains(&sqlstate)
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const SETTINGS: &str = "SET LOCAL search_path = pg_catalog, pg_temp; \
    SET LOCAL quote_all_identifiers = off; SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = 'ISO, YMD'; \
    SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; \
    SET LOCAL xmloption = 'content'; SET LOCAL TimeZone = 'UTC'; SET LOCAL row_security = off; SET LOCAL jit = off; \
    SET LOCAL enable_nestloop = on; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL join_collapse_limit = 1; \
    SET LOCAL from_collapse_limit = 1";

fn read_once(
    session: &mut Session,
    bookkeeping: &str,
    addresses: Option<&mut Addresses>,
) -> Result<Option<Catalog>, ReadError> {
    let first = asked(session, &questions(session.server_version(), &session.local_limits()));
    let read = first.and_then(|first| {
        let kinds: Vec<Kind> = present::kinds(first.get(OBJECTS).unwrap_or(&Rows::default()));
        Ok((first, asked(session, &of_kinds(&kinds, session.server_version()))?, kinds))
    });
    let (first, second, kinds) = match read {
        Ok(read) => read,
        Err(error) => {
            drop(session.query("ROLLBACK"));
            return Err(error.into());
        }
    };
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut next = || first.next().unwrap_or_default();
    let (snapshot, before, role) = (next(), next(), next());
    let (objects, depend, comments, others) = (next(), next(), next(), next());
    let mut reading = Reading::default();
    for kind in kinds {
        reading.take(kind, second.next().unwrap_or_default(), bookkeeping);
    }
    let after = second.next().unwrap_or_default();
    if after.rows != snapshot.rows && !steady::is_unchanged(session, &snapshot, &before)? {
        return Ok(None);
    }
    let links = probe::links(&depend);
    reading.leave_out_parts(&links);
    let left = probe::left_over(&objects, &links, &reading.known(), &reading.theirs);
    let comments = reading.comments_on_others(&comments);
    let mut unmodelled = probe::unmodelled(others);
    unmodelled.extend(probe::named(session, &left)?);
    unmodelled.extend(probe::comments(session, &comments)?);
    unmodelled.sort();
    let edges = reading.edges(&links);
    let role = role.get(0, 0).unwrap_or_default().to_owned();
    if let Some(addresses) = addresses {
        let all = reading.facts.iter().zip(&reading.first);
        *addresses = all.filter_map(|(fact, first)| Some((fact.id.clone(), (*first)?))).collect();
    }
    let catalog = Catalog::new(session.server_version(), role, reading.facts, &edges, unmodelled);
    if let Some(pair) = catalog.facts().windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(ReadError::Twice(pair[0].id.to_string()));
    }
    Ok(Some(catalog))
}

/// Where the answer of `objects.sql` is among those to the first message.
const OBJECTS: usize = 3;

/// The first message: what there is, and what depends on what.
fn questions(version: i32, limits: &str) -> String {
    let mut sql = format!(
        "{BEGIN}; {limits}{SETTINGS}; {}; {}; SELECT current_user",
        steady::SNAPSHOT,
        steady::counts()
    );
    for query in [
        include_str!("sql/objects.sql"),
        include_str!("sql/depend.sql"),
        include_str!("sql/comments.sql"),
        include_str!("sql/unmodelled.sql"),
    ] {
        sql.push_str(";\n");
        sql.push_str(&prepared(query, version));
    }
    sql
}

/// The second message: the facts; and afterwards who has begun and ended meanwhile.
fn of_kinds(kinds: &[Kind], version: i32) -> String {
    let mut sql = String::new();
    for kind in kinds {
        sql.push_str(&prepared(kind.sql(), version));
        sql.push_str(";\n");
    }
    format!("{sql}COMMIT; {}", steady::SNAPSHOT)
}

/// The answers that have columns.
fn asked(session: &mut Session, sql: &str) -> Result<Vec<Rows>, PgError> {
    Ok(session.query(sql)?.into_iter().filter(|rows| !rows.columns.is_empty()).collect())
}

/// A catalog's rows on the way to facts.
#[derive(Default)]
struct Reading {
    facts: Vec<Fact>,
    /// What is no fact because it belongs to an extension or to the record of migrations.
    theirs: HashSet<Object>,
    /// The first address of each fact, which is the one of comments.
    first: Vec<Option<(u32, u32, i32)>>,
    /// Where an address of PostgreSQL's own (catalog, row, column) ended up.
    places: HashMap<(u32, u32, i32), usize>,
}

/// What a query begins with: addresses, schema, name, own name.
const HEAD: usize = 4;

/// Addresses of ours, for what has none in PostgreSQL: that a sequence is owned, a table or an index attached.
const OWNED: u32 = 1;
const ATTACHED: u32 = 2;
const INDEX_ATTACHED: u32 = 3;
const RELATION: u32 = 1259;
const CONSTRAINT: u32 = 2606;

/// A value in the one text that it has: not what people wrote themselves.
fn said(kind: Kind, name: &str, value: String) -> Option<String> {
    let is_expression =
        matches!(name, "definition" | "expression" | "using" | "with_check" | "default" | "condition");
    let is_quoted = name == "comment" || matches!(kind, Kind::Function | Kind::Procedure);
    let value = if is_expression && !is_quoted { flattened(&value) } else { value };
    if name == "definition" && matches!(kind, Kind::View | Kind::MaterializedView) {
        return Some(values(&canonical(&value).unwrap_or(value)));
    }
    Some(if is_quoted { value } else { canonical(&value).unwrap_or(value) })
}

impl Reading {
    fn take(&mut self, kind: Kind, rows: Rows, bookkeeping: &str) {
        let names: Arc<[String]> = rows.columns.iter().skip(HEAD).map(|column| column.name.clone()).collect();
        for row in rows.rows {
            let mut row = row.into_iter();
            let mut word = || row.next().flatten().unwrap_or_default();
            let (addresses, schema, name, sub) = (word(), word(), word(), word());
            let fact = Fact::new(
                Id { kind, schema, name, sub },
                names.clone(),
                row.zip(names.iter()).map(|(value, name)| said(kind, name, value?)).collect(),
            );
            let mut addresses = addresses.split_ascii_whitespace().filter_map(address);
            if is_bookkeeping(&fact, bookkeeping) {
                self.theirs.extend(addresses.map(|(class, object, _)| (class, object)));
                continue;
            }
            let first = addresses.next();
            for address in first.into_iter().chain(addresses) {
                self.places.insert(address, self.facts.len());
            }
            self.first.push(first);
            self.facts.push(fact);
        }
    }

    /// What an extension made, and what hangs on the tables that keep the record of migrations.
    fn leave_out_parts(&mut self, links: &[Link]) {
        let object = |address: (u32, u32, i32)| (address.0, address.1);
        let mut gone: HashSet<usize> = HashSet::new();
        loop {
            let before = gone.len();
            for link in links.iter().filter(|link| matches!(link.kind, b'a' | b'i')) {
                if self.theirs.contains(&object(link.to))
                    && let Some(at) = self.places.get(&link.from)
                    && gone.insert(*at)
                {
                    self.theirs.insert(object(link.from));
                }
            }
            if gone.len() == before {
                break;
            }
        }
        for ((class, object, _), at) in &self.places {
            if matches!(*class, OWNED | ATTACHED | INDEX_ATTACHED)
                && self.theirs.contains(&(RELATION, *object))
            {
                gone.insert(*at);
            }
        }
        self.theirs.extend(links.iter().filter(|link| link.kind == b'e').map(|link| object(link.from)));
        if gone.is_empty() {
            return;
        }
        let mut place = vec![None; self.facts.len()];
        let mut kept = 0;
        for (at, place) in place.iter_mut().enumerate().filter(|(at, _)| !gone.contains(at)) {
            *place = Some(kept);
            self.facts.swap(at, kept);
            self.first.swap(at, kept);
            kept += 1;
        }
        self.facts.truncate(kept);
        self.first.truncate(kept);
        self.places = self.places.drain().filter_map(|(address, at)| Some((address, place[at]?))).collect();
    }

    fn known(&self) -> HashSet<Object> {
        self.places.keys().map(|(class, object, _)| (*class, *object)).collect()
    }

    /// Comments on what no fact describes, or on another part of it than the fact's comment is about. Those of columns are
    /// attributes of columns, views and types.
    fn comments_on_others(&self, rows: &Rows) -> Vec<(u32, u32, i32)> {
        let on = rows.rows.iter().filter_map(|row| address(row[0].as_deref()?));
        let is_other = |on: &(u32, u32, i32)| {
            if self.theirs.contains(&(on.0, on.1)) {
                return false;
            }
            if on.2 != 0 {
                return !self.places.contains_key(&(on.0, on.1, 0));
            }
            let Some(at) = self.places.get(on) else { return true };
            let fact = &self.facts[*at];
            // That of a constraint's index is an attribute of the constraint, that of NOT NULL one of the column.
            let is_index = fact.id.kind == Kind::Constraint && on.0 == RELATION;
            let is_not_null = fact.id.kind == Kind::Column && on.0 == CONSTRAINT;
            !is_index && !is_not_null && (self.first[*at] != Some(*on) || !fact.has_comment())
        };
        on.filter(is_other).collect()
    }

    fn place(&self, class: u32, object: u32, sub: i32) -> Option<usize> {
        let exact = self.places.get(&(class, object, sub));
        exact.or_else(|| self.places.get(&(class, object, 0)).filter(|_| sub != 0)).copied()
    }

    /// What depends on what: pg_depend, with the parts that it does not speak of.
    fn edges(&mut self, links: &[Link]) -> Vec<(usize, usize, Hold)> {
        // What an extension made stands for the extension.
        for Link { from, to, .. } in links.iter().filter(|link| link.kind == b'e') {
            if let Some(extension) = self.place(to.0, to.1, 0) {
                self.places.entry((from.0, from.1, 0)).or_insert(extension);
            }
        }
        // And what belongs to that: the array of its type, the type of its table's rows.
        for Link { from, to, .. } in links.iter().filter(|link| link.kind == b'i') {
            let above = self.place(to.0, to.1, 0);
            if let Some(extension) = above.filter(|at| self.facts[*at].id.kind == Kind::Extension) {
                self.places.entry((from.0, from.1, 0)).or_insert(extension);
            }
        }
        let mut edges = Vec::with_capacity(links.len());
        for Link { from, to, kind } in links.iter().filter(|link| link.kind != b'e') {
            let Some(target) = self.place(to.0, to.1, to.2) else { continue };
            let special = |class| {
                (from.0 == RELATION && from.2 == 0).then(|| self.places.get(&(class, from.1, 0))).flatten()
            };
            let target_kind = self.facts[target].id.kind;
            let source = match target_kind {
                Kind::Column if matches!(kind, b'a') && special(OWNED).is_some() => special(OWNED).copied(),
                Kind::Table if special(ATTACHED).is_some() => special(ATTACHED).copied(),
                Kind::Index | Kind::Constraint if special(INDEX_ATTACHED).is_some() => {
                    special(INDEX_ATTACHED).copied()
                }
                _ => self.place(from.0, from.1, from.2),
            };
            let hold = if matches!(kind, b'a' | b'i' | b'P' | b'S') { Hold::Auto } else { Hold::Normal };
            edges.extend(source.map(|source| (source, target, hold)));
        }
        let at: HashMap<&Id, usize> =
            self.facts.iter().enumerate().map(|(at, fact)| (&fact.id, at)).collect();
        self.contained(&at, &mut edges);
        self.inherited(&at, &mut edges);
        edges
    }

    /// The column of a child table stands on the parent's of the same name.
    fn inherited(&self, at: &HashMap<&Id, usize>, edges: &mut Vec<(usize, usize, Hold)>) {
        let mut above: HashMap<usize, Vec<usize>> = HashMap::new();
        for (from, to, _) in edges.iter() {
            let (child, parent) = (&self.facts[*from].id, &self.facts[*to].id);
            if parent.kind == Kind::Table && matches!(child.kind, Kind::Table | Kind::Partition) {
                let child = at.get(&child.of(Kind::Table)).copied();
                above.entry(child.unwrap_or(*from)).or_default().push(*to);
            }
        }
        for (from, fact) in self.facts.iter().enumerate() {
            if fact.id.kind != Kind::Column || !fact.is("_inherited") {
                continue;
            }
            let table = at.get(&fact.id.of(Kind::Table));
            for parent in table.and_then(|table| above.get(table)).into_iter().flatten() {
                let parent = &self.facts[*parent].id;
                let column = Id { kind: Kind::Column, sub: fact.id.sub.clone(), ..parent.clone() };
                edges.extend(at.get(&column).filter(|to| **to != from).map(|to| (from, *to, Hold::Auto)));
            }
        }
    }

    /// Things in their schema, columns in their table, and what has an address of ours.
    fn contained(&self, at: &HashMap<&Id, usize>, edges: &mut Vec<(usize, usize, Hold)>) {
        let schemas: HashMap<&str, usize> = self
            .facts
            .iter()
            .enumerate()
            .filter(|(_, fact)| fact.id.kind == Kind::Schema)
            .map(|(at, fact)| (fact.id.name.as_str(), at))
            .collect();
        for ((class, object, _), from) in &self.places {
            if *class == INDEX_ATTACHED {
                edges.extend(self.place(RELATION, *object, 0).map(|index| (*from, index, Hold::Auto)));
            }
        }
        for (from, fact) in self.facts.iter().enumerate() {
            let id = &fact.id;
            let mut needs = |kind, hold| edges.extend(at.get(&id.of(kind)).map(|to| (from, *to, hold)));
            match id.kind {
                Kind::Column | Kind::Constraint | Kind::Policy | Kind::PublicationTable => {
                    needs(Kind::Table, Hold::Auto);
                }
                Kind::Rule | Kind::Trigger => {
                    needs(Kind::Table, Hold::Auto);
                    needs(Kind::View, Hold::Auto);
                    needs(Kind::MaterializedView, Hold::Auto);
                }
                Kind::Partition => needs(Kind::Table, Hold::Auto),
                Kind::SequenceOwner => needs(Kind::Sequence, Hold::Auto),
                Kind::ExtensionGrants => {
                    let extension = Id::new(Kind::Extension, "", fact.text("_extension"), "");
                    edges.extend(at.get(&extension).map(|to| (from, *to, Hold::Auto)));
                    continue;
                }
                Kind::DomainConstraint => needs(Kind::Domain, Hold::Auto),
                _ => {}
            }
            edges.extend(schemas.get(id.schema.as_str()).map(|to| (from, *to, Hold::Normal)));
        }
    }
}

/// `class/object/column`; the last may be missing.
fn address(text: &str) -> Option<(u32, u32, i32)> {
    let mut parts = text.split('/');
    let (class, object) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((class, object, parts.next().map_or(Some(0), |sub| sub.parse().ok())?))
}

fn is_bookkeeping(fact: &Fact, bookkeeping: &str) -> bool {
    let id = &fact.id;
    let schema =
        if matches!(id.kind, Kind::Schema | Kind::PublicationSchema) { &id.name } else { &id.schema };
    let table = if id.kind == Kind::Index { fact.text("_table_name") } else { &id.name };
    let is_relation = !id.schema.is_empty() && id.kind != Kind::DefaultPrivileges;
    schema == bookkeeping || is_relation && LEDGERS.contains(&table)
}
