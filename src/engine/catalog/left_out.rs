//! What two catalogs have and no plan can change: indexes that are not valid, and columns that a child declares itself.

use super::{Catalog, Fact, Kind, Unmodelled};

impl Catalog {
    /// The same catalog as something to get to from another: an index that is not valid is what a failed
    /// `CREATE INDEX CONCURRENTLY` left, which no statement makes and pg_dump passes over. One that both have stays.
    #[must_use]
    pub fn wanted_from(&self, old: &Self) -> Option<Self> {
        let is_left_out = |fact: &Fact| is_invalid(fact) && !old.fact(&fact.id).is_some_and(is_invalid);
        if !self.facts().iter().any(is_left_out) {
            return None;
        }
        let mut wanted = self.without(&|at| is_left_out(&self.facts()[at]));
        let names = self.facts().iter().filter(|fact| is_left_out(fact)).map(|fact| fact.id.path());
        wanted.unmodelled.extend(names.map(|name| Unmodelled { kind: "invalid index".into(), name }));
        wanted.unmodelled.sort();
        Some(wanted)
    }

    /// The columns of child tables that one declares itself and the other only inherits: they are the same but for what
    /// becomes of them when the parent loses them (`attislocal`, docs 53.7).
    pub fn declared_apart(&self, other: &Self) -> Vec<Unmodelled> {
        let is_child = |fact: &&Fact| fact.id.kind == Kind::Column && fact.is("_inherited");
        let differs = |fact: &&Fact| {
            other
                .fact(&fact.id)
                .is_some_and(|theirs| theirs.is("_inherited") && theirs.is("_local") != fact.is("_local"))
        };
        let named = |fact: &Fact| Unmodelled {
            kind: "own declaration".into(),
            name: format!("of the inherited column {}.{}", fact.id.path(), fact.id.own()),
        };
        self.facts().iter().filter(is_child).filter(differs).map(named).collect()
    }
}

fn is_invalid(fact: &Fact) -> bool {
    fact.id.kind == Kind::Index && fact.is("invalid")
}
