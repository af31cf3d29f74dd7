//! Catalogs made of the facts of others: what stands on what is told by names.

use std::collections::HashMap;

use super::{Catalog, Fact, Hold, Id};

impl Catalog {
    /// A catalog of these facts, of the same server and role as another. A pair (the second is needed by the first) of which
    /// one end is not there is left out.
    #[must_use]
    pub fn assembled<'a>(
        &self,
        facts: Vec<Fact>,
        pairs: impl Iterator<Item = (&'a Id, &'a Id, Hold)>,
    ) -> Self {
        let mut edges = Vec::new();
        {
            let at: HashMap<&Id, usize> = facts.iter().enumerate().map(|(at, fact)| (&fact.id, at)).collect();
            for (from, to, hold) in pairs {
                if let (Some(from), Some(to)) = (at.get(from), at.get(to)) {
                    edges.push((*from, *to, hold));
                }
            }
        }
        Self::new(self.server, self.role.clone(), facts, &edges, self.unmodelled.clone())
    }

    /// The same catalog without the facts at these places.
    #[must_use]
    pub fn without(&self, gone: &dyn Fn(usize) -> bool) -> Self {
        let kept = self.facts().iter().enumerate().filter(|(at, _)| !gone(*at));
        self.assembled(kept.map(|(_, fact)| fact.clone()).collect(), self.pairs())
    }

    /// What stands on what: the second is needed by the first.
    pub fn pairs(&self) -> impl Iterator<Item = (&Id, &Id, Hold)> {
        self.facts().iter().enumerate().flat_map(move |(from, fact)| {
            self.needs(from).iter().map(move |(to, hold)| (&fact.id, &self.facts()[*to].id, *hold))
        })
    }
}
