//! What a user can create and no fact describes. It goes over every catalog whose rows have an oid; ids come first, names
//! only for what is left. What is no part of a database's schema is outside: roles, tablespaces, `ALTER DATABASE … SET`,
//! `ALTER ROLE … SET`, replication origins, what a sequence has counted, statistics, grants in information_schema. What stands on a table of an extension
//! counts as the extension's.

use std::collections::{HashMap, HashSet};

use crate::pg::error::PgError;
use crate::pg::session::{Rows, Session};

use super::Unmodelled;

/// A row of a catalog: the catalog's oid and its own.
pub(super) type Object = (u32, u32);

/// A row of pg_depend: what, which column, on what, which column, how (docs 53.18).
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: (u32, u32, i32),
    pub(super) to: (u32, u32, i32),
    pub(super) kind: u8,
}

/// Read what `depend.sql` gives.
pub(super) fn links(depend: &Rows) -> Vec<Link> {
    let text = depend.rows.first().and_then(|row| row.first()?.as_deref()).unwrap_or_default();
    let link = |line: &str| {
        let mut words = line.split(' ');
        let mut number = || words.next()?.parse::<i64>().ok();
        let oid = |number: i64| u32::try_from(number).ok();
        let sub = |number: i64| i32::try_from(number).ok();
        let from = (oid(number()?)?, oid(number()?)?, sub(number()?)?);
        let to = (oid(number()?)?, oid(number()?)?, sub(number()?)?);
        Some(Link { from, to, kind: *words.next()?.as_bytes().first()? })
    };
    text.split(',').filter_map(link).collect()
}

/// What is neither known nor a part of something known, nor an extension's or ours nor a part of those.
pub(super) fn left_over(
    objects: &Rows,
    links: &[Link],
    known: &HashSet<Object>,
    theirs: &HashSet<Object>,
) -> Vec<Object> {
    let mut left: Vec<Object> = Vec::new();
    for row in &objects.rows {
        let Some(class) = row[0].as_deref().and_then(|text| text.parse().ok()) else { continue };
        let oids = row[2].as_deref().unwrap_or_default().split_ascii_whitespace();
        let all = oids.filter_map(|oid| Some((class, oid.parse().ok()?)));
        left.extend(all.filter(|object| !known.contains(object) && !theirs.contains(object)));
    }
    let unknown: HashSet<Object> = left.iter().copied().collect();
    let mut above: HashMap<Object, Vec<&Link>> = HashMap::new();
    for link in links {
        let object = (link.from.0, link.from.1);
        if unknown.contains(&object) {
            above.entry(object).or_default().push(link);
        }
    }
    let mut parts = Parts { known, theirs, above, found: HashMap::new() };
    left.retain(|object| parts.of(*object) == Whose::Nobodys);
    left
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// A fact describes it, or what it is an inner part of.
    Ours,
    /// Of an extension, or of the tables that keep the record of migrations.
    Theirs,
    Nobodys,
}

struct Parts<'a> {
    known: &'a HashSet<Object>,
    theirs: &'a HashSet<Object>,
    above: HashMap<Object, Vec<&'a Link>>,
    found: HashMap<Object, Whose>,
}

impl Parts<'_> {
    fn of(&mut self, object: Object) -> Whose {
        if self.theirs.contains(&object) {
            return Whose::Theirs;
        }
        if self.known.contains(&object) {
            return Whose::Ours;
        }
        if let Some(found) = self.found.get(&object) {
            return *found;
        }
        // Whoever comes back here on the way knows no more than this.
        self.found.insert(object, Whose::Nobodys);
        let mut whose = Whose::Nobodys;
        for link in self.above.get(&object).cloned().unwrap_or_default() {
            let is_inner = matches!(link.kind, b'i' | b'P' | b'S');
            if !is_inner && link.kind != b'a' {
                continue;
            }
            match self.of((link.to.0, link.to.1)) {
                Whose::Theirs => {
                    whose = Whose::Theirs;
                    break;
                }
                // Members of an operator family hang on it, and are its attributes.
                Whose::Ours if is_inner || matches!(object.0, AMOP | AMPROC | ENUM) => whose = Whose::Ours,
                _ => {}
            }
        }
        self.found.insert(object, whose);
        whose
    }
}

const AMOP: u32 = 2602;
const AMPROC: u32 = 2603;
const ENUM: u32 = 3501;

/// What they are called.
pub(super) fn named(session: &mut Session, left: &[Object]) -> Result<Vec<Unmodelled>, PgError> {
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = left.iter().map(|(class, oid)| format!("({class}, {oid})")).collect();
    let sql = format!(
        "SELECT i.type, i.identity FROM (VALUES {}) v (class, oid), pg_identify_object(v.class, v.oid, 0) i \
         WHERE i.identity !~ '(^|[^a-z])pg_temp(_[0-9]+)?[.]'",
        ids.join(", ")
    );
    Ok(unmodelled(session.catalog(&sql)?))
}

/// Comments that are on nothing whose fact has one.
pub(super) fn comments(session: &mut Session, left: &[(u32, u32, i32)]) -> Result<Vec<Unmodelled>, PgError> {
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = left.iter().map(|(class, oid, sub)| format!("({class}, {oid}, {sub})")).collect();
    let sql = format!(
        "SELECT 'comment', 'on ' || pg_describe_object(v.class, v.oid, v.sub) \
         FROM (VALUES {}) v (class, oid, sub) WHERE pg_describe_object(v.class, v.oid, v.sub) IS NOT NULL",
        ids.join(", ")
    );
    Ok(unmodelled(session.catalog(&sql)?))
}

/// Rows of kind and name.
pub(super) fn unmodelled(rows: Rows) -> Vec<Unmodelled> {
    let one = |mut row: Vec<Option<String>>| Unmodelled {
        kind: row[0].take().unwrap_or_default(),
        name: row[1].take().unwrap_or_default(),
    };
    rows.rows.into_iter().map(one).collect()
}
