//! A live database and what it should be: the two sides of a drift.

use crate::engine::catalog::{Catalog, Fact, Scope};
use crate::engine::drift::ignore::without;

use super::Counting;
use crate::commands::compared::objects;

/// Where the other side of a comparison comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The stored facts.
    Stored,
    /// The stored facts, of which it is not sure that the migrations make them.
    Unproved {
        /// Why not.
        why: String,
        /// Why nothing better was to be had.
        no_replay: String,
        /// Since when they are kept, in UTC.
        since: String,
    },
    /// A replay, because nothing better was stored.
    Replay {
        /// Why the stored facts were not good enough.
        why: String,
    },
    /// What a person named.
    Source {
        /// What it is called.
        label: String,
    },
}

/// A live database, and what it should be.
#[derive(Debug)]
pub(crate) struct Sides {
    /// What should be.
    pub(crate) expected: Catalog,
    /// What is.
    pub(crate) live: Catalog,
    /// Where the first comes from.
    pub(crate) basis: Basis,
    /// What is compared.
    pub(crate) scope: Scope,
    /// How many objects were left out.
    pub(crate) ignored: usize,
    /// Both with what was left out, where anything was.
    whole: Option<(Catalog, Catalog)>,
}

impl Sides {
    pub(super) fn of(counting: &Counting, (expected, live): (Catalog, Catalog), basis: Basis) -> Self {
        let (counted, seen, ignored, whole) = match counting.rules.is_empty() {
            true => (expected, live, 0, None),
            false => {
                let (counted, _) = without(&expected, &counting.rules);
                let (seen, ignored) = without(&live, &counting.rules);
                (counted, seen, ignored, Some((expected, live)))
            }
        };
        // Who owns what is the shadow's own affair.
        let owners = counting.scope.owners && matches!(basis, Basis::Stored | Basis::Unproved { .. });
        Self {
            expected: counted,
            live: seen,
            basis,
            scope: Scope { owners, ..counting.scope },
            ignored,
            whole,
        }
    }

    /// Who owns what cannot be known from a replay: what is, is taken.
    pub(crate) fn own(&mut self) {
        self.expected = with_owners(&self.expected, &self.live);
        if let Some((expected, live)) = &mut self.whole {
            *expected = with_owners(expected, live);
        }
    }

    /// What should be, with what was left out.
    pub(crate) fn whole_expected(&self) -> &Catalog {
        self.whole.as_ref().map_or(&self.expected, |(expected, _)| expected)
    }

    /// What is, with what was left out.
    pub(crate) fn whole_live(&self) -> &Catalog {
        self.whole.as_ref().map_or(&self.live, |(_, live)| live)
    }

    /// How many objects differ, a table with its parts being one.
    pub(crate) fn objects(&self) -> usize {
        objects(&self.expected, &self.live, &self.scope)
    }
}

/// Who owns what cannot be known from a replay: in the shadow it is all ours.
pub(crate) fn with_owners(replayed: &Catalog, live: &Catalog) -> Catalog {
    let owned = |fact: &Fact| match live.fact(&fact.id) {
        Some(there) if fact.names().any(|name| name == "owner") => fact.with("owner", there.get("owner")),
        _ => fact.clone(),
    };
    replayed.assembled(replayed.facts().iter().map(owned).collect(), replayed.pairs())
}
