//! The catalog of one database as a value: facts, what they depend on, and what is not modelled. It takes no connection;
//! `read` makes it.

mod as_role;
mod assembled;
mod canonical;
mod compared;
pub mod id;
pub mod kind;
mod left_out;
mod not_null;
mod phrase;
mod present;
mod probe;
pub mod read;
mod steady;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use canonical::{flattened, readable};
use compared::compared;
pub use id::Id;
pub use kind::Kind;
use not_null::NotNulls;

/// Grows whenever a catalog read by an older version would compare differently, or lacks an attribute.
pub const EXTRACTOR: u32 = 5;

/// One thing in a database: what it is called, and everything about it that can differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is called.
    pub id: Id,
    /// The names of its attributes, the same for all facts of a kind. Those that begin with `_` help to write SQL and are
    /// not compared.
    names: Arc<[String]>,
    /// Their values in PostgreSQL's own text form; `None` is NULL, false or absent.
    values: Vec<Option<String>>,
}

impl Fact {
    pub(super) fn new(id: Id, names: Arc<[String]>, values: Vec<Option<String>>) -> Self {
        Self { id, names, values }
    }

    /// For tests beside other modules.
    #[cfg(test)]
    pub(in crate::engine) fn made(id: Id, names: Arc<[String]>, values: Vec<Option<String>>) -> Self {
        Self::new(id, names, values)
    }

    /// An attribute's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.names.iter().position(|known| known == name);
        debug_assert!(at.is_some(), "{:?} has no attribute `{name}`", self.id.kind);
        self.values.get(at?)?.as_deref()
    }

    /// An attribute's value, empty where it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Whether a flag is set: queries select it as `'t'` or NULL.
    pub fn is(&self, name: &str) -> bool {
        self.get(name) == Some("t")
    }

    pub(super) fn has_comment(&self) -> bool {
        self.attributes().any(|(name, value)| name == "comment" && value.is_some())
    }

    /// The lines of an attribute that is a list.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        self.text(name).lines()
    }

    /// The entries of a list whose fields are separated by tabs and escaped as in COPY (docs, COPY, "Text Format").
    pub fn entries(&self, name: &str) -> Vec<Vec<String>> {
        let lines = self.get(name).into_iter().flat_map(|text| text.split('\n'));
        lines.map(|line| line.split('\t').map(unescaped).collect()).collect()
    }

    /// All attributes that are compared, with their values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.names
            .iter()
            .zip(&self.values)
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// The names of the attributes in which two facts of a kind differ.
    pub fn differing<'a>(&'a self, other: &Self, scope: &Scope) -> Vec<&'a str> {
        if self.names == other.names && self.values == other.values {
            return Vec::new();
        }
        self.attributes()
            .filter(|(name, value)| {
                let kind = self.id.kind;
                scope.compares(name)
                    && may_differ(&compared(kind, name, *value), &compared(kind, name, other.get(name)))
            })
            .map(|(name, _)| name)
            .collect()
    }

    /// The names of all attributes, also of those that are not compared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The same fact with another value of one attribute.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut changed = self.clone();
        if let Some(at) = self.names.iter().position(|known| known == name) {
            changed.values[at] = value.map(str::to_owned);
        }
        changed
    }
}

/// Stands for what the role may not read: equal to anything.
pub(super) const UNREADABLE: &str = "(not readable)";

fn may_differ(one: &Option<Cow<'_, str>>, other: &Option<Cow<'_, str>>) -> bool {
    one != other && ![one, other].iter().any(|value| value.as_deref() == Some(UNREADABLE))
}

/// What the phrase `{{line …}}` of the queries wrote as one line, or one field of it.
pub(super) fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut rest = field.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                other => other.unwrap_or('\\'),
            },
            c => c,
        });
    }
    text
}

/// What is compared at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// Also who owns what.
    pub owners: bool,
    /// Leave grants and default privileges out.
    pub no_privileges: bool,
}

impl Scope {
    /// Whether this attribute is compared.
    pub fn compares(self, name: &str) -> bool {
        match name {
            "owner" => self.owners,
            "acl" | "column_acl" => !self.no_privileges,
            _ => true,
        }
    }

    /// Whether facts of this kind are.
    pub fn has(self, kind: Kind) -> bool {
        !(self.no_privileges && matches!(kind, Kind::DefaultPrivileges | Kind::ExtensionGrants))
    }
}

/// How firmly one fact holds on to another (docs 53.18, `pg_depend`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Hold {
    /// The other cannot be dropped before.
    Normal,
    /// Goes when the other is dropped, without a word.
    Auto,
}

/// An object that a user can create and that no fact describes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmodelled {
    /// In PostgreSQL's words, as in `text search parser`.
    pub kind: String,
    /// Its name, qualified.
    pub name: String,
}

/// A database's objects, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// As PQserverVersion: 150018 is 15.18; 0 for a catalog that stands for nothing at all.
    pub server: i32,
    /// Who read it.
    pub role: String,
    /// Sorted by their names.
    facts: Vec<Fact>,
    /// For each fact, what it depends on.
    needs: Vec<Vec<(usize, Hold)>>,
    /// For each fact, what depends on it.
    needed: Vec<Vec<(usize, Hold)>>,
    /// What is there and not described by any fact.
    pub unmodelled: Vec<Unmodelled>,
    not_nulls: NotNulls,
}

/// Something that differs between two catalogs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference<'a> {
    /// Only the other has it.
    Missing(&'a Fact),
    /// The other has it not.
    Extra(&'a Fact),
    /// Both have it, and it differs in these attributes.
    Other(&'a Fact, &'a Fact, Vec<&'a str>),
}

impl Difference<'_> {
    /// What it is about.
    pub fn id(&self) -> &Id {
        match self {
            Difference::Missing(fact) | Difference::Extra(fact) | Difference::Other(fact, ..) => &fact.id,
        }
    }
}

impl Catalog {
    /// From facts and pairs of their indexes, the second needed by the first.
    pub(super) fn new(
        server: i32,
        role: String,
        facts: Vec<Fact>,
        edges: &[(usize, usize, Hold)],
        unmodelled: Vec<Unmodelled>,
    ) -> Self {
        let mut order: Vec<usize> = (0..facts.len()).collect();
        order.sort_by(|a, b| facts[*a].id.cmp(&facts[*b].id));
        let mut place = vec![0; facts.len()];
        order.iter().enumerate().for_each(|(now, before)| place[*before] = now);
        let mut sorted: Vec<(usize, Fact)> =
            facts.into_iter().enumerate().map(|(before, fact)| (place[before], fact)).collect();
        sorted.sort_by_key(|(now, _)| *now);
        let mut catalog = Self {
            server,
            role,
            needs: vec![Vec::new(); sorted.len()],
            needed: vec![Vec::new(); sorted.len()],
            facts: sorted.into_iter().map(|(_, fact)| fact).collect(),
            unmodelled,
            not_nulls: NotNulls::default(),
        };
        for (from, to, hold) in edges {
            let (from, to) = (place[*from], place[*to]);
            if from != to {
                catalog.needs[from].push((to, *hold));
                catalog.needed[to].push((from, *hold));
            }
        }
        for list in catalog.needs.iter_mut().chain(&mut catalog.needed) {
            list.sort_unstable();
            list.dedup_by_key(|(to, _)| *to);
        }
        catalog
    }

    /// The same catalog with every fact changed; what depends on what stays.
    #[must_use]
    pub(super) fn mapped(&self, change: impl Fn(&Fact) -> Fact) -> Self {
        let facts = self.facts.iter().map(change).collect();
        Self::new(self.server, self.role.clone(), facts, &self.edges(), self.unmodelled.clone())
    }

    /// The same catalog, as if another role had read it.
    #[must_use]
    pub(super) fn read_by(self, role: &str) -> Self {
        Self { role: role.to_owned(), ..self }
    }

    /// The same catalog with one fact more, on which nothing stands yet.
    #[must_use]
    pub(super) fn with_fact(&self, fact: Fact) -> Self {
        let mut facts = self.facts.clone();
        facts.push(fact);
        Self::new(self.server, self.role.clone(), facts, &self.edges(), self.unmodelled.clone())
    }

    /// The same catalog where what stood on one thing stands on another.
    #[must_use]
    pub(super) fn moved(&self, what: impl Fn(&Id) -> bool, from: &Id, to: &Id) -> Self {
        let (Some(from), Some(to)) = (self.index(from), self.index(to)) else { return self.clone() };
        let mut edges = self.edges();
        for edge in edges.iter_mut().filter(|edge| edge.1 == from && what(&self.facts[edge.0].id)) {
            edge.1 = to;
        }
        Self::new(self.server, self.role.clone(), self.facts.clone(), &edges, self.unmodelled.clone())
    }

    fn edges(&self) -> Vec<(usize, usize, Hold)> {
        (0..self.facts.len())
            .flat_map(|from| self.needs[from].iter().map(move |to| (from, to.0, to.1)))
            .collect()
    }

    /// The same catalog, taken for one of another server version: what they say is then compared as it is.
    #[must_use]
    pub fn as_of(self, server: i32) -> Self {
        Self { server, ..self }
    }

    /// All facts, sorted by their names.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Where a fact is.
    pub fn index(&self, id: &Id) -> Option<usize> {
        self.facts.binary_search_by(|fact| fact.id.cmp(id)).ok()
    }

    /// The fact of this name.
    pub fn fact(&self, id: &Id) -> Option<&Fact> {
        self.index(id).map(|at| &self.facts[at])
    }

    /// What the fact at an index depends on.
    pub fn needs(&self, at: usize) -> &[(usize, Hold)] {
        &self.needs[at]
    }

    /// What depends on the fact at an index.
    pub fn needed(&self, at: usize) -> &[(usize, Hold)] {
        &self.needed[at]
    }

    /// The facts that depend on this one and are of a kind.
    pub fn parts<'a>(&'a self, id: &Id, kind: Kind) -> impl Iterator<Item = &'a Fact> {
        let on = self.index(id).map(|at| self.needed(at)).unwrap_or_default();
        on.iter().map(|(at, _)| &self.facts[*at]).filter(move |fact| fact.id.kind == kind)
    }

    /// The facts that this one depends on and are of a kind.
    pub fn hosts<'a>(&'a self, id: &Id, kind: Kind) -> impl Iterator<Item = &'a Fact> {
        let on = self.index(id).map(|at| self.needs(at)).unwrap_or_default();
        on.iter().map(|(at, _)| &self.facts[*at]).filter(move |fact| fact.id.kind == kind)
    }

    /// For each fact, where the other has the one of the same name.
    pub fn counterparts(&self, other: &Self) -> Vec<Option<usize>> {
        let mut at = 0;
        let find = |fact: &Fact| {
            while other.facts.get(at).is_some_and(|theirs| theirs.id < fact.id) {
                at += 1;
            }
            other.facts.get(at).filter(|theirs| theirs.id == fact.id).map(|_| at)
        };
        self.facts.iter().map(find).collect()
    }

    /// What differs, seen from this one: what is missing here, extra here, or other.
    pub fn differences<'a>(&'a self, other: &'a Self, scope: &Scope) -> Vec<Difference<'a>> {
        let mut found = Vec::new();
        let (mut mine, mut theirs) = (self.facts.iter().peekable(), other.facts.iter().peekable());
        loop {
            let order = match (mine.peek(), theirs.peek()) {
                (None, None) => return found,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(a), Some(b)) => a.id.cmp(&b.id),
            };
            let a = (order != std::cmp::Ordering::Greater).then(|| mine.next()).flatten();
            let b = (order != std::cmp::Ordering::Less).then(|| theirs.next()).flatten();
            match (a, b) {
                (Some(a), Some(b)) => {
                    let differing = a.differing(b, scope);
                    if !differing.is_empty() {
                        found.push(Difference::Other(a, b, differing));
                    }
                }
                (Some(a), None) if scope.has(a.id.kind) => found.push(Difference::Extra(a)),
                (None, Some(b)) if scope.has(b.id.kind) => found.push(Difference::Missing(b)),
                _ => {}
            }
        }
    }

    /// SHA-256 over everything that is compared, in hex.
    pub fn fingerprint(&self, scope: &Scope) -> String {
        let mut hash = Sha256::new();
        // Each text with its length, so that none runs into the next.
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        for fact in self.facts.iter().filter(|fact| scope.has(fact.id.kind)) {
            [fact.id.kind.noun(), &fact.id.schema, &fact.id.name, &fact.id.sub]
                .into_iter()
                .for_each(&mut text);
            for (name, value) in fact.attributes().filter(|(name, _)| scope.compares(name)) {
                if let Some(value) = compared(fact.id.kind, name, value) {
                    text(name);
                    text(&value);
                }
            }
            text("");
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A catalog as it is kept on disk: the names of attributes once per kind.
#[derive(Serialize, Deserialize)]
struct Kept {
    extractor: u32,
    server: i32,
    role: String,
    names: BTreeMap<Kind, Vec<String>>,
    facts: Vec<(Id, Vec<Option<String>>)>,
    edges: Vec<(usize, usize, Hold)>,
    unmodelled: Vec<Unmodelled>,
}

impl Catalog {
    /// As bytes that `from_bytes` reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let kept = Kept {
            extractor: EXTRACTOR,
            server: self.server,
            role: self.role.clone(),
            names: self.facts.iter().map(|fact| (fact.id.kind, fact.names.to_vec())).collect(),
            facts: self.facts.iter().map(|fact| (fact.id.clone(), fact.values.clone())).collect(),
            edges: self.edges(),
            unmodelled: self.unmodelled.clone(),
        };
        serde_json::to_vec(&kept).expect("facts are text")
    }

    /// What `to_bytes` wrote; `None` where another version did, or the bytes are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let kept: Kept =
            serde_json::from_slice(bytes).ok().filter(|kept: &Kept| kept.extractor == EXTRACTOR)?;
        let names: BTreeMap<Kind, Arc<[String]>> =
            kept.names.into_iter().map(|(kind, names)| (kind, names.into())).collect();
        let mut facts = Vec::with_capacity(kept.facts.len());
        for (id, values) in kept.facts {
            let names = names.get(&id.kind)?.clone();
            if names.len() != values.len() {
                return None;
            }
            facts.push(Fact::new(id, names, values));
        }
        let inside = |at: usize| at < facts.len();
        if !kept.edges.iter().all(|(from, to, _)| inside(*from) && inside(*to)) {
            return None;
        }
        Some(Self::new(kept.server, kept.role, facts, &kept.edges, kept.unmodelled))
    }
}
